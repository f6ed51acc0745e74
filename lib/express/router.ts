/** Of Express's router, 4's and 5's, what is needed to take a middleware out of it. */

// biome-ignore lint/suspicious/noExplicitAny: of Express nothing is imported, and it may be of any version
type Any = any;

/**
 * Takes `middleware` out of the router of `app` where that hands it every request (`app.use(middleware)`), and returns
 * whether it did. The list of layers is replaced and not changed: requests under way count their way through the one that
 * they began with. Does nothing where `isLike` says that a layer before it is of the same kind.
 */
export function leaveRouter(app: Any, middleware: object, isLike: (other: object) => boolean): boolean {
  // Express 4 throws when it is asked for `router`.
  const router = Object.hasOwn(app, '_router') ? app._router : app.router;
  const stack: Any = router?.stack;
  if (!Array.isArray(stack)) return false;
  const at = stack.findIndex((layer) => layer?.handle === middleware && takesAll(layer));
  if (at < 0 || stack.slice(0, at).some((layer) => isLike(layer?.handle))) return false;
  const rest = stack.toSpliced(at, 1);
  router.stack = rest;
  return router.stack === rest;
}

/** Whether a layer of a router is for every path. */
function takesAll({ route, slash, regexp }: Any): boolean {
  return route === undefined && (slash === true || regexp?.fast_slash === true);
}
