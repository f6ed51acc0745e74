/** What the requests, or the responses, of an Express application inherit from: `app.request` and `app.response`. */

/**
 * The prototype that all of them have in common with those of the application that this one is mounted in, given their
 * own prototype; `undefined` where they are not Express's.
 */
export function applicationPrototype(own: object | null): object | undefined {
  let outermost: object | undefined;
  // An application that is mounted in another inherits from its requests and responses.
  for (let each = own; each !== null; each = Object.getPrototypeOf(each)) {
    if (!Object.hasOwn(each, 'app')) break;
    outermost = each;
  }
  return outermost;
}
