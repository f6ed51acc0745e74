/** The handlers of the row `request`. */

import { EventEmitter } from 'node:events';
import { trackListeners } from 'plateau';
import { requestScope, serverClasses } from 'plateau/express';

/** What each contender adds to an Express app, for `measureRequests`. */
export function preparationOf(contender) {
  return (app, answer) => {
    const bus = new EventEmitter().setMaxListeners(0);
    if (contender === 'scope+tracker') app.use(requestScope());
    if (contender === 'scope+tracker, no classes') app.use(requestScope({ classes: false }));
    if (contender === 'middleware') app.use((_req, _res, next) => next());
    app.get('/products/:id', handlerOf(contender, bus, answer));
    return contender === 'bare+classes' ? serverClasses(app) : undefined;
  };
}

function handlerOf(contender, bus, answer) {
  switch (contender) {
    case 'bare':
    case 'bare+classes':
    case 'middleware':
      return (_req, res) => answer(res);
    case 'by hand':
      return (_req, res) => {
        const listener = () => res.write('price');
        bus.on('price', listener);
        res.on('close', () => bus.off('price', listener));
        answer(res);
      };
    case 'scope+tracker':
    case 'scope+tracker, no classes':
      return (req, res) => {
        trackListeners(bus, { until: req.scope }).on('price', () => res.write('price'));
        answer(res);
      };
    default:
      throw new Error(`no contender is called ${contender}`);
  }
}
