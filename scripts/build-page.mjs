/**
 * Puts the page of the dashboard together: its script with the chart library, its style and its markup become the module
 * `page:dashboard`, so that the published package has them inside and the page loads nothing.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { Failure, root } from './project.mjs';

const folder = join(root, 'lib/dashboard/page');
const NAME = 'page:dashboard';
const RESOLVED = `\0${NAME}`;

/** @returns {import('rolldown').Plugin} */
export function dashboardPage() {
  return {
    name: 'dashboard-page',
    resolveId: (source) => (source === NAME ? RESOLVED : null),
    async load(id) {
      if (id !== RESOLVED) return null;
      const parts = await renderPage();
      return Object.entries(parts)
        .map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};\n`)
        .join('');
    },
  };
}

async function renderPage() {
  const chart = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');
  const style = [chart, join(folder, 'page.css')].map(read).join('\n');
  const script = await bundleScript();
  if (/<\/script|<!--/i.test(script)) throw new Failure('the script of the dashboard would end its element');
  // Functions: a replacement of `$&` in the script would be taken for a pattern.
  const html = read(join(folder, 'index.html'))
    .replace('/* style */', () => style)
    .replace('/* script */', () => script);
  return { html, scriptHash: sha256(script), styleHash: sha256(style) };
}

async function bundleScript() {
  const bundle = await rolldown({
    cwd: folder,
    input: './client.ts',
    platform: 'browser',
    tsconfig: join(folder, 'tsconfig.json'),
    transform: { target: 'es2022' },
    onLog(level, log) {
      throw new Failure(`bundling the dashboard (${level}): ${log.message}`);
    },
  });
  try {
    const { output } = await bundle.generate({ format: 'iife', minify: true });
    // Minifying takes comments out, which of a license it must not.
    return `${licenseOf('uplot')}\n${output[0].code.trim()}`;
  } finally {
    await bundle.close();
  }
}

/**
 * Puts the license of each package that is bundled at its beginning.
 *
 * @returns {import('rolldown').Plugin}
 */
export function bundledLicenses() {
  return {
    name: 'bundled-licenses',
    transform(code, id) {
      const name = /[\\/]node_modules[\\/]([\w-]+)[\\/]/.exec(id)?.[1];
      return name === undefined ? null : { code: `${licenseOf(name)}\n${code}`, map: null };
    },
  };
}

/**
 * The license of a package, as a comment that stays.
 *
 * @param {string} name
 */
function licenseOf(name) {
  const folder = join(root, 'node_modules', name);
  const file = ['LICENSE', 'LICENSE.txt', 'LICENSE.md'].map((each) => join(folder, each)).find(existsSync);
  if (file === undefined) throw new Failure(`${name} has no license that could be put beside it`);
  return `/*! ${name}\n\n${read(file).trim().replaceAll('*/', '* /')}\n*/`;
}

/** @param {string} path */
function read(path) {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}

/**
 * A source as a policy names it.
 *
 * @param {string} text
 */
function sha256(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
