/** One chart, drawn by uPlot, with a legend of its own and a table that says the same. */

import uPlot from 'uplot';
import { bytes } from '../format';
import { byId, changes, make, setText } from './dom';
import type { Point } from './series';
import { tableIn } from './tables';

/** One line of a chart. */
export interface Line {
  name: string;
  /** The colour: a variable of the style, without its dashes. */
  ink: string;
  value(point: Point): number | null;
  /** Where it is drawn, if that is not its value: on top of others. */
  drawn?(point: Point): number | null;
  format(value: number): string;
  width?: number;
  filled?: boolean;
  dashed?: boolean;
  /** Goes by the scale on the right. */
  right?: boolean;
}

const HEIGHT = 240;
const AXIS = 72;
/** Steps of a scale of bytes. */
const BINARY = Array.from({ length: 50 }, (_, i) => 2 ** i);
const MINUTES = 60;
/** Rows of the table: no more than somebody would read, spread over the time. */
const ROWS = 30;

export class Chart {
  readonly #name: string;
  readonly #lines: Line[];
  readonly #host: HTMLElement;
  readonly #values: HTMLElement[];
  readonly #details: HTMLDetailsElement;
  readonly #fill: (rows: string[][]) => void;
  readonly #announced = changes();
  #plot: uPlot | undefined;
  #points: Point[] = [];
  /** A value that the scale has to reach. */
  #reach = 0;

  constructor(name: string, lines: Line[]) {
    this.#name = name;
    this.#lines = lines;
    this.#host = byId(`${name}-chart`);
    this.#host.setAttribute('role', 'img');
    this.#values = lines.map(() => make('b', ''));
    byId(`${name}-legend`).append(
      ...lines.map((line, i) => {
        const swatch = make('i', 'swatch');
        swatch.style.background = `var(--${line.ink})`;
        return make('span', '', swatch, `${line.name} `, this.#values[i] as HTMLElement);
      }),
    );
    this.#details = document.querySelector(`details[data-table="${name}"]`) as HTMLDetailsElement;
    const table = make('div', 'wide');
    table.tabIndex = 0;
    table.setAttribute('role', 'region');
    table.setAttribute('aria-label', `${name} as a table`);
    this.#details.append(table);
    this.#fill = tableIn(table, [{ name: 'time', text: true }, ...lines], 'Nothing was seen yet.');
    this.#details.addEventListener('toggle', () => this.#showTable());
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#host);
  }

  show(points: Point[], reach = 0): void {
    this.#points = points;
    this.#reach = reach;
    if (this.#plot === undefined) this.redraw();
    else this.#plot.setData(this.#data());
    this.#showLegend();
    this.#showTable();
  }

  /** Draws it anew, as in other colours. */
  redraw(): void {
    this.#plot?.destroy();
    this.#plot = new uPlot(this.#options(), this.#data(), this.#host);
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(100, this.#host.clientWidth), height: HEIGHT };
  }

  #data(): uPlot.AlignedData {
    const columns = this.#lines.map((line) => this.#points.map(line.drawn ?? line.value));
    return [this.#points.map(({ at }) => at), ...columns] as uPlot.AlignedData;
  }

  #options(): uPlot.Options {
    const axis = {
      stroke: ink('quiet'),
      grid: { stroke: ink('line'), width: 1 },
      ticks: { stroke: ink('line'), width: 1 },
    };
    const [left, right] = [this.#lines.find((line) => !line.right), this.#lines.find((line) => line.right)];
    const values = (line: Line | undefined) => (_: uPlot, ticks: number[]) =>
      ticks.map((tick) => line?.format(tick) ?? '');
    // Up to the most there is, and to what it has to reach, from zero: a floor is judged by its height.
    const range = (reaching: boolean) => (_: uPlot, __: number, most: number) =>
      [0, Math.max(most || 0, reaching ? this.#reach : 0, 1e-3) * 1.08] as uPlot.Range.MinMax;
    const scales: uPlot.Scales = { x: { time: true }, y: { range: range(true) } };
    const axes: uPlot.Axis[] = [
      {
        ...axis,
        space: 80,
        values: (_, ticks, __, ___, step) => ticks.map((tick) => time(tick, step < MINUTES)),
      },
      { ...axis, size: AXIS, values: values(left), ...(left?.format === bytes ? { incrs: BINARY } : {}) },
    ];
    if (right !== undefined) {
      scales.right = { range: range(false) };
      axes.push({
        ...axis,
        size: AXIS,
        side: 1,
        scale: 'right',
        grid: { show: false },
        values: values(right),
      });
    }
    return {
      ...this.#size(),
      scales,
      axes,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      series: [
        {},
        ...this.#lines.map((line) => ({
          scale: line.right ? 'right' : 'y',
          stroke: ink(line.ink),
          width: line.width ?? 1.5,
          points: { show: false },
          spanGaps: true,
          ...(line.filled ? { fill: ink(line.ink) } : {}),
          ...(line.dashed ? { dash: [6, 4] } : {}),
        })),
      ],
      hooks: { setCursor: [() => this.#showLegend()] },
    };
  }

  /** The values where the pointer is, or else the newest. */
  #showLegend(): void {
    const pointed = this.#plot?.cursor.idx;
    const point = this.#points[pointed ?? -1] ?? this.#points.at(-1);
    this.#lines.forEach((line, i) => {
      setText(this.#values[i] as HTMLElement, say(line, point));
    });
    const newest = this.#points.at(-1);
    const label = this.#lines.map((line) => `${line.name} ${say(line, newest)}`).join(', ');
    if (this.#announced(label)) this.#host.setAttribute('aria-label', `Chart, ${this.#name}. Now: ${label}`);
  }

  #showTable(): void {
    if (!this.#details.open) return;
    const every = Math.max(1, Math.ceil(this.#points.length / ROWS));
    const rows = this.#points
      .filter((_, i) => (this.#points.length - 1 - i) % every === 0)
      .reverse()
      .map((point) => [time(point.at), ...this.#lines.map((line) => say(line, point))]);
    this.#fill(rows);
  }
}

function say(line: Line, point: Point | undefined): string {
  const value = point === undefined ? null : line.value(point);
  return value === null ? '–' : line.format(value);
}

function time(at: number, seconds = true): string {
  const text = new Date(at * 1000).toLocaleTimeString('en-GB');
  return seconds ? text : text.slice(0, 5);
}

/** A colour as the style has it now. */
function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
