/**
 * A value over time → the least and the largest value under each device pixel.
 *
 * A pixel in which the value changes has both, so that what is drawn of neighbours joins.
 */

import type { CurveTile, StepTile } from './decode';
import { CELLS, type Interval, type TimeScale } from './geometry';

/** What one row shows: a pair per device px; NaN where there is no value. */
export class CurvePixels {
  readonly least: Float64Array;
  readonly most: Float64Array;

  constructor(private readonly scale: TimeScale) {
    this.least = new Float64Array(Math.ceil(scale.width)).fill(NaN);
    this.most = new Float64Array(this.least.length).fill(NaN);
  }

  /** The part of a tile within `[from, to)`; `level` and `x` are the tile's own. */
  add(tile: CurveTile, level: number, x: number, part: Interval): void {
    const from = Math.max(part.from, this.scale.from);
    const to = Math.min(part.to, this.scale.to);
    if (from >= to) return;
    if (tile.form === 'steps') {
      for (let i = Math.max(0, lastAt(tile.ts, from)); i < tile.ts.length && tile.ts[i]! < to; i++) {
        const value = tile.value[i]!;
        this.spread(Math.max(tile.ts[i]!, from), Math.min(tile.ts[i + 1] ?? to, to), value, value);
      }
      return;
    }
    const cell = 2 ** level;
    const origin = x * cell * CELLS;
    const first = Math.max(0, Math.floor((from - origin) / cell));
    const last = Math.min(CELLS, Math.ceil((to - origin) / cell));
    for (let i = first; i < last; i++) this.spread(Math.max(origin + i * cell, from), Math.min(origin + (i + 1) * cell, to), tile.least[i]!, tile.most[i]!);
  }

  private spread(from: number, to: number, low: number, high: number): void {
    if (Number.isNaN(low)) return;
    const { least, most, scale } = this;
    const first = Math.max(0, Math.floor(scale.x(from)));
    const last = Math.min(least.length, Math.max(Math.ceil(scale.x(to)), first + 1));
    for (let x = first; x < last; x++) {
      // NaN is neither less nor more.
      if (!(least[x]! <= low)) least[x] = low;
      if (!(most[x]! >= high)) most[x] = high;
    }
  }
}

/** The last point at or before a time; -1 before the first. */
function lastAt(ts: Float64Array, time: number): number {
  let low = 0;
  let high = ts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ts[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

/** What a curve is at a time: a value from a moment on, or what a cell has. */
export type CurveAt = { readonly least: number; readonly most: number; readonly start: number; readonly end: number; readonly point: boolean };

/** The value at a time; null where there is none. `end`: that of the trace. */
export function curveAt(tile: CurveTile, level: number, x: number, ts: number, end: number): CurveAt | null {
  if (tile.form === 'steps') return stepAt(tile, ts, end);
  const cell = 2 ** level;
  const i = Math.floor(ts / cell) - x * CELLS;
  const [least, most] = [tile.least[i] ?? NaN, tile.most[i] ?? NaN];
  const start = (x * CELLS + i) * cell;
  return Number.isNaN(least) ? null : { least, most, start, end: Math.min(start + cell, end), point: least === most };
}

function stepAt({ ts, value }: StepTile, time: number, end: number): CurveAt | null {
  const i = lastAt(ts, time);
  const now = value[i] ?? NaN;
  return Number.isNaN(now) || time > end ? null : { least: now, most: now, start: ts[i]!, end: ts[i + 1] ?? end, point: true };
}

/** The values at the bottom and the top of a row: zero is always within, so that areas tell the truth. */
export function extentOf({ least, most }: { readonly least: number; readonly most: number }): { readonly low: number; readonly high: number } {
  const low = Math.min(0, least);
  const high = Math.max(0, most);
  return { low, high: high > low ? high : low + 1 };
}
