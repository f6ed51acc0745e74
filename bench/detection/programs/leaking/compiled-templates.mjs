/** Compiles the visitor's own e-mail template, and caches the function by its text. */

import { idOf, sendJson } from '../data.mjs';

export const place = 'heap';
export const why = 'compiled functions by source text, which differs for each visitor; one request in five';

export function app() {
  const compiled = new Map();
  const render = (template, values) => {
    let run = compiled.get(template);
    if (run === undefined) {
      const parts = template
        .split(/\{(\w+)\}/)
        .map((part, i) => (i % 2 ? `values.${part}` : JSON.stringify(part)));
      run = new Function('values', `return [${parts.join(',')}].join('');`);
      compiled.set(template, run);
    }
    return run(values);
  };
  return (req, res) => {
    const id = idOf(req);
    const template = `Dear {name}, your order ${Math.floor(id / 5)} of {count} tables leaves on {day}. Yours, {name}.`;
    sendJson(res, { mail: render(template, { name: 'Ada', count: id % 9, day: 'Monday' }) });
  };
}
