/** What plateau's plugins for Fastify share. */

/** What `register` takes itself, and hands to the plugin with its own options. */
export const REGISTER_OPTIONS: readonly string[] = [
  'prefix',
  'logLevel',
  'logSerializers',
  'errorHandler',
  'encapsulate',
];

/**
 * What the package fastify-plugin does, without the dependency: the plugin is for the instance that it is registered on,
 * and not confined to a context of its own.
 */
export function asPlugin(plugin: object, name: string): void {
  Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: name,
    [Symbol.for('plugin-meta')]: { name, fastify: '>=4' },
  });
}
