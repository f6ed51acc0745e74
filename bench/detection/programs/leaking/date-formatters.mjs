/** Makes a date format per visitor and keeps it, as they are slow to make. */

import { idOf, sendJson } from '../data.mjs';

export const place = 'native';
// V8 is told an estimate of what ICU takes.
export const alsoRight = ['external'];
export const why =
  'Intl.DateTimeFormat objects, tens of kilobytes of ICU each, stay in a Map; one request in ten';
const ZONES = ['Europe/Berlin', 'Europe/Vienna', 'America/Lima', 'Asia/Tokyo'];

export function app() {
  const formats = new Map();
  return (req, res) => {
    const id = idOf(req);
    const key = `${Math.floor(id / 10)}`;
    let format = formats.get(key);
    if (format === undefined) {
      format = new Intl.DateTimeFormat('en-GB', {
        timeZone: ZONES[id % 4],
        dateStyle: 'full',
        timeStyle: 'long',
      });
      formats.set(key, format);
    }
    sendJson(res, { id, leaves: format.format(new Date(1_790_000_000_000 + id * 1000)) });
  };
}
