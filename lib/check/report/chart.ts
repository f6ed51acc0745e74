/** The floors of an isolate as a line, in SVG. Numbers only: nothing of it is the app's own text. */

import type { Floor } from '../types';
import { bytes, count } from './words';

const [WIDTH, HEIGHT] = [760, 200];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 16, 12, 28];

/** Heap over requests; empty with fewer than two floors. */
export function floorsChart(floors: readonly Floor[]): string {
  const [first, last] = [floors[0], floors.at(-1)];
  if (first === undefined || last === undefined || floors.length < 2) return '';
  const values = floors.map(({ heap }) => heap);
  // At least a tenth of the heap high, so that what is level looks level.
  const middle = (Math.min(...values) + Math.max(...values)) / 2;
  const reach = Math.max(Math.max(...values) - Math.min(...values), middle * 0.1) * 0.55;
  const [low, high] = [middle - reach, middle + reach];
  const span = Math.max(1, last.requests - first.requests);
  const x = (requests: number): number =>
    LEFT + ((requests - first.requests) / span) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const points = floors.map(({ requests, heap }) => [x(requests).toFixed(1), y(heap).toFixed(1)] as const);
  const marks = [high, middle, low].map(
    (value) =>
      `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>` +
      `<text x="${LEFT - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${bytes(value)}</text>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Heap after each round" width="100%">
${marks.join('\n')}
<polyline class="floor" points="${points.map((point) => point.join(',')).join(' ')}"/>
${points.map(([cx, cy]) => `<circle class="dot" cx="${cx}" cy="${cy}" r="2.5"/>`).join('')}
<text x="${LEFT}" y="${HEIGHT - 8}">${count(first.requests)} requests</text>
<text x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${count(last.requests)} requests</text>
</svg>`;
}
