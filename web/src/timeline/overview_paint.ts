/**
 * Draws the whole trace in a strip: goroutines by state against GOMAXPROCS, the heap and its
 * goal, GC and stop-the-world; and over it the box of the visible window.
 */

import type { Overview } from '../api/types';
import type { Mark } from '../state/view';
import { type Colours, font } from './colours';
import type { Interval } from './geometry';
import { axis } from './ticks';

/** The colour of all waits together. */
const WAITING = 0;

/** Class ids of what is stacked, from the bottom. */
export const STACK = [
  { key: 'running', label: 'running', cls: 1 },
  { key: 'syscall', label: 'syscall', cls: 10 },
  { key: 'runnable', label: 'runnable', cls: 2 },
  { key: 'waiting', label: 'waiting', cls: WAITING },
] as const;

const GC_MARK = 16;
const STW = 17;

/** Heights in CSS px, from the top; `goroutines` takes what the others leave. */
export const BANDS = { axis: 16, gap: 4, waiting: 13, heap: 24, gc: 8, bottom: 3 } as const;

export interface OverviewScene {
  readonly dpr: number;
  /** Device px. */
  readonly width: number;
  readonly height: number;
  readonly trace: Interval;
  readonly waiting: boolean;
  /** Whether there are a heap and a collector to draw. */
  readonly collector: boolean;
}

/** A stretch from `top` to `bottom` in device px. */
interface Band {
  readonly top: number;
  readonly bottom: number;
}

export function bandsOf({ height, dpr, collector }: Pick<OverviewScene, 'height' | 'dpr' | 'collector'>): { goroutines: Band; waiting: Band; heap: Band; gc: Band } {
  const px = (n: number): number => Math.round(n * dpr);
  const gcBottom = height - px(BANDS.bottom);
  const gcTop = gcBottom - (collector ? px(BANDS.gc) : 0);
  const heapBottom = gcTop - (collector ? px(BANDS.gap) : 0);
  const heapTop = heapBottom - (collector ? px(BANDS.heap) : 0);
  const waitingBottom = heapTop - (collector ? px(BANDS.gap) : 0);
  const waitingTop = waitingBottom - px(BANDS.waiting);
  return {
    goroutines: { top: px(BANDS.axis), bottom: waitingTop - px(BANDS.gap) },
    waiting: { top: waitingTop, bottom: waitingBottom },
    heap: { top: heapTop, bottom: heapBottom },
    gc: { top: gcTop, bottom: gcBottom },
  };
}

/** The goroutine band's full scale: what is stacked at its highest, and room for GOMAXPROCS. */
export function fullScale(data: Overview, waiting: boolean): number {
  let most = 1;
  for (let i = 0; i < data.cells; i++) {
    const busy = (data.running[i] ?? 0) + (data.runnable[i] ?? 0) + (data.syscall[i] ?? 0) + (waiting ? (data.waiting[i] ?? 0) : 0);
    most = Math.max(most, busy, (data.gomaxprocs[i] ?? 0) * 1.08);
  }
  return most;
}

export function paintOverview(ctx: CanvasRenderingContext2D, scene: OverviewScene, colours: Colours, data: Overview | null): void {
  const { width, height } = scene;
  ctx.fillStyle = colours.bg;
  ctx.fillRect(0, 0, width, height);
  paintTimes(ctx, scene, colours);
  if (data === null || data.cells === 0) return;
  const bands = bandsOf(scene);
  paintStack(ctx, scene, colours, data, bands.goroutines);
  paintWaiting(ctx, scene, colours, data, bands.waiting);
  if (!scene.collector) return;
  paintHeap(ctx, scene, colours, data, bands.heap);
  const x = (ts: number): number => Math.round(((ts - scene.trace.from) / (scene.trace.to - scene.trace.from)) * width);
  // Half the band each: a stop of the world is mostly within a GC, and wider than it is true.
  const middle = Math.round((bands.gc.top + bands.gc.bottom) / 2);
  for (const [intervals, cls, top, bottom] of [[data.gc, GC_MARK, bands.gc.top, middle], [data.stw, STW, middle, bands.gc.bottom]] as const) {
    ctx.fillStyle = colours.classes[cls]!;
    for (const [from, to] of intervals) ctx.fillRect(x(from), top, Math.max(x(to) - x(from), Math.round(scene.dpr)), bottom - top);
  }
}

/** Where a cell begins, device px; the last one ends with the trace. */
function edges({ width, trace }: OverviewScene, data: Overview): (cell: number) => number {
  const perPx = (trace.to - trace.from) / width;
  return (cell) => Math.min(Math.round((data.from + cell * data.width - trace.from) / perPx), width);
}

function paintTimes(ctx: CanvasRenderingContext2D, scene: OverviewScene, colours: Colours): void {
  const { width, height, dpr, trace } = scene;
  const perPx = (trace.to - trace.from) / width;
  const line = Math.max(1, Math.floor(dpr));
  ctx.font = font(10, dpr);
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
  for (const { ts, text } of axis(trace, 130 * dpr * perPx).ticks) {
    const x = Math.round((ts - trace.from) / perPx);
    ctx.fillStyle = colours.grid;
    ctx.fillRect(x, 0, line, height);
    ctx.fillStyle = colours.faint;
    if (x + 60 * dpr < width) ctx.fillText(text, x + 4 * dpr, 11 * dpr);
  }
}

function paintStack(ctx: CanvasRenderingContext2D, scene: OverviewScene, colours: Colours, data: Overview, band: Band): void {
  const { width, dpr, waiting } = scene;
  const full = fullScale(data, waiting);
  const tall = band.bottom - band.top;
  const x = edges(scene, data);
  const stacked = new Float64Array(data.cells);
  for (const { key, cls } of STACK) {
    if (key === 'waiting' && !waiting) continue;
    ctx.fillStyle = colours.classes[cls]!;
    ctx.beginPath();
    for (let i = 0; i < data.cells; i++) {
      const value = data[key][i] ?? 0;
      if (value <= 0) continue;
      const low = stacked[i]!;
      stacked[i] = low + value;
      const y0 = band.bottom - (low / full) * tall;
      const y1 = band.bottom - ((low + value) / full) * tall;
      ctx.rect(x(i), y1, x(i + 1) - x(i), y0 - y1);
    }
    ctx.fill();
  }
  ctx.fillStyle = colours.border;
  ctx.fillRect(0, band.bottom, width, Math.max(1, Math.floor(dpr)));
  ctx.strokeStyle = colours.text;
  ctx.globalAlpha = 0.75;
  steps(ctx, data.gomaxprocs, (v) => band.bottom - (v / full) * tall, x, dpr, [3 * dpr, 3 * dpr]);
  ctx.globalAlpha = 1;
}

/** Waiting goroutines on a scale of their own: there are often a thousand to each busy one. */
function paintWaiting(ctx: CanvasRenderingContext2D, scene: OverviewScene, colours: Colours, data: Overview, band: Band): void {
  const { width, dpr } = scene;
  const full = Math.max(data.waiting_max, 1);
  const tall = band.bottom - band.top;
  const x = edges(scene, data);
  ctx.fillStyle = colours.classes[WAITING]!;
  ctx.beginPath();
  data.waiting.forEach((value, i) => {
    const high = Math.min(value / full, 1) * tall;
    if (high > 0) ctx.rect(x(i), band.bottom - high, x(i + 1) - x(i), high);
  });
  ctx.fill();
  ctx.fillStyle = colours.border;
  ctx.fillRect(0, band.bottom, width, Math.max(1, Math.floor(dpr)));
}

/** A value over cells as steps; nulls are gaps. */
function steps(ctx: CanvasRenderingContext2D, values: readonly (number | null)[], y: (value: number) => number, x: (i: number) => number, lineWidth: number, dash: number[]): void {
  ctx.beginPath();
  let open = false;
  values.forEach((value, i) => {
    if (value === null) {
      open = false;
      return;
    }
    const at = Math.round(y(value)) + 0.5;
    if (open) ctx.lineTo(x(i), at);
    else ctx.moveTo(x(i), at);
    ctx.lineTo(x(i + 1), at);
    open = true;
  });
  ctx.lineWidth = Math.max(1, Math.floor(lineWidth));
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}

function paintHeap(ctx: CanvasRenderingContext2D, scene: OverviewScene, colours: Colours, data: Overview, band: Band): void {
  const { width, dpr } = scene;
  const full = Math.max(data.heap_max, 1);
  const tall = band.bottom - band.top;
  const x = edges(scene, data);
  const y = (value: number): number => band.bottom - Math.min(value / full, 1) * tall;
  ctx.fillStyle = colours.accent;
  ctx.globalAlpha = 0.28;
  ctx.beginPath();
  data.heap.forEach((value, i) => {
    if (value !== null) ctx.rect(x(i), y(value), x(i + 1) - x(i), band.bottom - y(value));
  });
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = colours.accent;
  steps(ctx, data.goal, y, x, dpr, []);
  ctx.fillStyle = colours.border;
  ctx.fillRect(0, band.bottom, width, Math.max(1, Math.floor(dpr)));
}

/** Shades what was not read yet, from the last cell on. */
export function paintUnread(ctx: CanvasRenderingContext2D, scene: OverviewScene, colours: Colours, data: Overview): void {
  const { width, height, dpr } = scene;
  const from = edges(scene, data)(data.cells);
  if (from >= width) return;
  ctx.fillStyle = colours.lane;
  ctx.globalAlpha = 0.72;
  ctx.fillRect(from, 0, width - from, height);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colours.accent;
  ctx.fillRect(from, 0, Math.max(1, Math.floor(dpr)), height);
}

export interface BoxState {
  readonly view: Interval;
  readonly range: Interval | null;
  readonly marks: readonly Mark[];
  readonly selected: number | null;
  /** Device px of the pointer, or null. */
  readonly pointer: number | null;
}

/** The visible window, the range and marks over the overview. */
export function paintBox(ctx: CanvasRenderingContext2D, scene: OverviewScene, colours: Colours, { view, range, marks, selected, pointer }: BoxState): void {
  const { width, height, dpr, trace } = scene;
  ctx.clearRect(0, 0, width, height);
  const x = (ts: number): number => ((ts - trace.from) / (trace.to - trace.from)) * width;
  const line = Math.max(1, Math.floor(dpr));
  if (range !== null) {
    ctx.fillStyle = colours.range;
    ctx.fillRect(x(range.from), 0, Math.max(x(range.to) - x(range.from), line), height);
    ctx.fillStyle = colours.rangeEdge;
    ctx.fillRect(Math.round(x(range.from)), 0, line, height);
    ctx.fillRect(Math.round(x(range.to)) - line, 0, line, height);
  }
  ctx.fillStyle = colours.mark;
  for (const mark of marks) ctx.fillRect(Math.round(x(mark.from)), height - 6 * dpr, Math.max(Math.round(x(mark.to) - x(mark.from)), 2 * line), 6 * dpr);
  if (selected !== null) {
    ctx.fillStyle = colours.selection;
    ctx.fillRect(Math.round(x(selected)), 0, line, height);
  }
  paintWindow(ctx, scene, colours, Math.round(x(view.from)), Math.round(x(view.to)));
  if (pointer !== null) {
    ctx.fillStyle = colours.dim;
    ctx.globalAlpha = 0.6;
    ctx.fillRect(pointer, 0, line, height);
    ctx.globalAlpha = 1;
  }
}

function paintWindow(ctx: CanvasRenderingContext2D, { width, height, dpr }: OverviewScene, colours: Colours, x0: number, x1: number): void {
  const from = Math.min(x0, width - 2);
  const to = Math.max(x1, from + Math.round(2 * dpr));
  if (from <= 0 && to >= width) return;
  ctx.fillStyle = colours.bg;
  ctx.globalAlpha = 0.62;
  ctx.fillRect(0, 0, from, height);
  ctx.fillRect(to, 0, width - to, height);
  ctx.globalAlpha = 1;
  ctx.strokeStyle = colours.accent;
  ctx.lineWidth = Math.max(1, Math.floor(dpr));
  ctx.strokeRect(from - 0.5, 0.5, to - from + 1, height - 1);
  ctx.fillStyle = colours.accent;
  const grip = Math.round(18 * dpr);
  const wide = Math.round(5 * dpr);
  const top = Math.round((height - grip) / 2);
  // Outside the box, so that a narrow box is not hidden by its own grips.
  for (const edge of [from - wide, to]) {
    ctx.beginPath();
    ctx.roundRect(edge, top, wide, grip, 2 * dpr);
    ctx.fill();
  }
}
