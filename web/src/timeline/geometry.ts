/**
 * Time and pixels: the arithmetic of the visible window.
 *
 * Times are nanoseconds since the start of the trace as f64, exact up to 2^53 ns (104 days).
 * Horizontal positions are device pixels, so that everything drawn lands on whole pixels.
 */

/** A half-open interval of trace time, in ns. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The narrowest window, in ns: about ten one-nanosecond ticks across the screen. */
export const NARROWEST = 10;

/** Cells per tile; see docs/http-api.md. */
export const CELLS = 512;

/**
 * Maps time to device pixels of one area.
 *
 * The origin sits on the pixel grid of the current zoom, so panning moves every
 * edge by the same whole number of pixels and nothing shimmers.
 */
export class TimeScale {
  readonly from: number;
  readonly to: number;
  /** ns per device pixel. */
  readonly perPx: number;
  readonly width: number;

  constructor(view: Interval, width: number) {
    this.width = Math.max(1, width);
    this.perPx = (view.to - view.from) / this.width;
    this.from = Math.round(view.from / this.perPx) * this.perPx;
    this.to = this.from + this.width * this.perPx;
  }

  x(ts: number): number {
    return (ts - this.from) / this.perPx;
  }

  ts(x: number): number {
    return this.from + x * this.perPx;
  }
}

/**
 * The tile level for a scale: cells are one to two device pixels wide.
 *
 * Cells are never narrower than a pixel, so nearest-neighbour scaling shows each of them.
 */
export function levelFor(perPx: number): number {
  return Math.max(0, Math.ceil(Math.log2(perPx) - 1e-9));
}

/** The length of one tile at a level, in ns. */
export function tileSpan(level: number): number {
  return CELLS * 2 ** level;
}

/** The inclusive range of tile numbers that touch an interval at a level. */
export function tileRange(level: number, view: Interval): { first: number; last: number } {
  const span = tileSpan(level);
  return { first: Math.floor(view.from / span), last: Math.max(Math.floor(view.from / span), Math.ceil(view.to / span) - 1) };
}

/** The tile at a coarser level that contains tile `x` of `level`. */
export function ancestorX(x: number, level: number, coarser: number): number {
  return Math.floor(x / 2 ** (coarser - level));
}

/** The share of a window that may lie beyond an end of the trace. */
const BEYOND = 0.15;

/**
 * Keeps a window useful: not narrower than `NARROWEST`, not much wider than the
 * trace, and over it but for a little air.
 */
export function clampView(view: Interval, trace: Interval): Interval {
  const duration = Math.max(trace.to - trace.from, 1);
  const wanted = view.to - view.from;
  const width = Math.min(Math.max(wanted, NARROWEST), Math.max(duration * 1.2, NARROWEST));
  let from = wanted === width ? view.from : (view.from + view.to) / 2 - width / 2;
  const lowest = Math.min(trace.from, trace.to - width) - width * BEYOND;
  const highest = Math.max(trace.from, trace.to - width) + width * BEYOND;
  if (from < lowest) from = lowest;
  if (from > highest) from = highest;
  return { from, to: from + width };
}

/** Zooms by `factor` (below one: closer) so that `anchor` stays under its pixel. */
export function zoomAt(view: Interval, anchor: number, factor: number, trace: Interval): Interval {
  const width = view.to - view.from;
  const widest = Math.max((trace.to - trace.from) * 1.2, NARROWEST);
  const next = Math.min(Math.max(width * factor, NARROWEST), widest);
  const share = (anchor - view.from) / width;
  const from = anchor - share * next;
  return clampView({ from, to: from + next }, trace);
}

/** Moves the window by `delta` ns and keeps its width. */
export function panBy(view: Interval, delta: number, trace: Interval): Interval {
  const width = view.to - view.from;
  const from = view.from + delta;
  return clampView({ from, to: from + width }, trace);
}

/** A window of the same width around `ts`. */
export function centred(view: Interval, ts: number, trace: Interval): Interval {
  const width = view.to - view.from;
  return clampView({ from: ts - width / 2, to: ts + width / 2 }, trace);
}

/** A window that shows an interval with air on both sides (`air` is the share of its length). */
export function fitting(part: Interval, trace: Interval, air = 0.15): Interval {
  const length = Math.max(part.to - part.from, 1);
  const middle = (part.from + part.to) / 2;
  const width = Math.max(length * (1 + 2 * air), NARROWEST);
  return clampView({ from: middle - width / 2, to: middle + width / 2 }, trace);
}

/**
 * Between two windows, `t` from 0 to 1: the width moves in log space and the
 * window slides so that zooming looks even.
 */
export function between(a: Interval, b: Interval, t: number): Interval {
  const wa = a.to - a.from;
  const wb = b.to - b.from;
  const ratio = wb / wa;
  if (Math.abs(ratio - 1) < 1e-9) {
    const from = a.from + (b.from - a.from) * t;
    return { from, to: from + wb };
  }
  const width = wa * ratio ** t;
  // The fixed point of the zoom a → b stays fixed, whatever t is.
  const progress = (width - wa) / (wb - wa);
  const from = a.from + (b.from - a.from) * progress;
  return { from, to: from + width };
}

/** The mouse wheel as a zoom factor: mice (100 a notch) and touchpads (1–10) feel alike. */
export function wheelFactor(delta: number): number {
  return 2 ** (Math.sign(delta) * Math.log2(1 + Math.abs(delta)) * 0.06);
}

/** The nearest of `edges` within `reach` ns of `ts`, or `ts` itself. */
export function snapTo(ts: number, edges: Iterable<number>, reach: number): number {
  let best = ts;
  let distance = reach;
  for (const edge of edges) {
    const d = Math.abs(edge - ts);
    if (d <= distance) {
      distance = d;
      best = edge;
    }
  }
  return best;
}
