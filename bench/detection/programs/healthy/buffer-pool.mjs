/** Renders pages into Buffers from a pool that grows to what it needs. */

import { idOf, product } from '../data.mjs';

export const why = 'the pool takes Buffers of 256 KB as bursts need them, 64 at most, and keeps them';
export const traffic = {
  connections: 50,
  phases: [
    { seconds: 10, rate: 100 },
    { seconds: 10, rate: 500 },
  ],
};

export function app() {
  const free = [];
  return (req, res) => {
    const buffer = free.pop() ?? Buffer.alloc(262_144);
    const length = buffer.write(
      JSON.stringify(Array.from({ length: 5 }, (_, i) => product(idOf(req) + i, 500))),
    );
    // The database takes its time.
    setTimeout(() => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
      res.end(buffer.subarray(0, length), () => {
        if (free.length < 64) free.push(buffer);
      });
    }, 15);
  };
}
