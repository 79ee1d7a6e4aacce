/**
 * Strips → texels: every cell stacks the shares of its classes, so that each pixel
 * keeps the true proportion of what is under it (invariant 8).
 *
 * A texel row on the border of two classes is their blend by coverage. Time in which
 * the lane does not exist stays transparent. Exact spans too narrow to draw one by one
 * are first summed into the same strips.
 */

import type { ExactTile, StripTile } from './decode';
import { CELLS } from './geometry';

/** The classes of docs/http-api.md. */
export const CLASSES = 26;

/**
 * The stacking order from the bottom: what runs, what could run, then what waits.
 * It is fixed, so a lane's colours keep their places.
 */
const ORDER = [1, 12, 13, 10, 11, 2, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 4, 5, 6, 3, 7, 8, 9, 14, 15, 0];
const RANK = new Uint8Array(32);
ORDER.forEach((cls, i) => {
  RANK[cls] = i;
});

/** Colours of the classes, by id, and of the marks, as r, g, b triples. */
export interface RasterPalette {
  readonly rgb: Uint8Array;
  readonly log: readonly [number, number, number];
  readonly sample: readonly [number, number, number];
}

/** "#rrggbb" (or "#rgb") as three bytes. */
export function rgbOf(colour: string): [number, number, number] {
  const hex = /^#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])/i.exec(colour.trim())?.[1];
  if (hex === undefined) throw new Error(`colour ${JSON.stringify(colour)} is not #rrggbb`);
  const long = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex;
  const n = parseInt(long, 16);
  return [(n >> 16) & 255, (n >> 8) & 255, n & 255];
}

/** The palette of `colours`, indexed by class id. */
export function rasterPalette(colours: readonly string[], log: string, sample: string): RasterPalette {
  const rgb = new Uint8Array(32 * 3);
  for (let c = 0; c < 32; c++) rgb.set(rgbOf(colours[c] ?? colours[0] ?? '#888888'), c * 3);
  return { rgb, log: rgbOf(log), sample: rgbOf(sample) };
}

/**
 * Draws a strip into `out`: `CELLS` × `height` texels, row-major from the top, RGBA.
 *
 * `least`: rows that a cell fills when anything is in it. Zero keeps the proportion; lanes of
 * rare events (stop the world) keep a tick, or a short one could not be seen from afar.
 */
export function rasterStrip(out: Uint8ClampedArray, height: number, strip: StripTile, palette: RasterPalette, least = 0): void {
  out.fill(0);
  const { classes, shares } = strip;
  const order = Array.from(classes.keys()).sort((a, b) => (RANK[classes[a]!] ?? 0) - (RANK[classes[b]!] ?? 0));
  const count = order.length;
  const planes = order.map((i) => shares.subarray(i * CELLS, (i + 1) * CELLS));
  const reds = order.map((i) => palette.rgb[classes[i]! * 3]!);
  const greens = order.map((i) => palette.rgb[classes[i]! * 3 + 1]!);
  const blues = order.map((i) => palette.rgb[classes[i]! * 3 + 2]!);
  const packed = order.map((_, k) => pack(reds[k]!, greens[k]!, blues[k]!, 255));
  const texels = new Uint32Array(out.buffer, out.byteOffset, CELLS * height);
  const bottom = (height - 1) * CELLS;
  for (let cell = 0; cell < CELLS; cell++) {
    let sum = 0;
    let present = -1;
    for (let k = 0; k < count; k++) {
      const share = planes[k]![cell]!;
      if (share === 0) continue;
      sum += share;
      present = present === -1 ? k : -2;
    }
    if (sum === 0) continue;
    // Each share is rounded by itself: a full cell may add up to 255 ± its classes.
    const scale = Math.max(height / (sum > 255 || 255 - sum <= count ? sum : 255), least / sum);
    let at = bottom + cell;
    if (present >= 0 && sum * scale >= height - 1e-6) {
      const colour = packed[present]!;
      for (; at >= 0; at -= CELLS) texels[at] = colour;
      continue;
    }
    let filled = 0;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (let k = 0; k < count && at >= 0; k++) {
      let part = planes[k]![cell]! * scale;
      if (part === 0) continue;
      const r = reds[k]!;
      const g = greens[k]!;
      const b = blues[k]!;
      if (filled > 0 && filled + part >= 1 - 1e-6) {
        const used = 1 - filled;
        texels[at] = pack(red + r * used, green + g * used, blue + b * used, 255);
        at -= CELLS;
        part -= used;
        filled = red = green = blue = 0;
      }
      for (const colour = packed[k]!; part >= 1 - 1e-6 && at >= 0; part--, at -= CELLS) texels[at] = colour;
      if (part > 1e-6) {
        red += r * part;
        green += g * part;
        blue += b * part;
        filled += part;
      }
    }
    if (at >= 0 && filled > 1e-3) texels[at] = pack(red / filled, green / filled, blue / filled, filled * 255);
  }
  rasterMarks(out, height, strip, palette);
}

/** A texel as the bytes r, g, b, a in memory (little endian, as every browser's machine is). */
function pack(r: number, g: number, b: number, a: number): number {
  return ((a << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
}

/** Logs as a notch at the top, CPU samples as a tick at the bottom; stronger where there are more. */
function rasterMarks(out: Uint8ClampedArray, height: number, strip: StripTile, palette: RasterPalette): void {
  if (strip.logs === noMarks && strip.samples === noMarks) return;
  // One among cells without any stands out; where every cell has one they are a shade over the states.
  const alone = Math.max(2, Math.round(height / 3.5));
  const among = Math.max(1, Math.round(height / 8));
  for (let cell = 0; cell < CELLS; cell++) {
    const logs = strip.logs[cell]!;
    const samples = strip.samples[cell]!;
    if (logs > 0) {
      const single = isAlone(strip.logs, cell);
      mix(out, height, cell, 0, single ? alone : among, single ? 0.95 : density(logs), palette.log);
    }
    if (samples > 0) {
      const single = isAlone(strip.samples, cell);
      mix(out, height, cell, height - (single ? alone : among), height, single ? 0.95 : density(samples), palette.sample);
    }
  }
}

const isAlone = (marks: Uint8Array, cell: number): boolean => (marks[cell - 1] ?? 0) === 0 && (marks[cell + 1] ?? 0) === 0;

/** Never opaque: marks in every cell are a shade over the states, not a beam. */
const density = (count: number): number => Math.min(0.75, 0.5 + 0.08 * Math.log2(count));

function mix(out: Uint8ClampedArray, height: number, cell: number, from: number, to: number, share: number, colour: readonly [number, number, number]): void {
  for (let row = Math.max(0, from); row < Math.min(height, to); row++) {
    const at = (row * CELLS + cell) * 4;
    const under = out[at + 3]! === 0 ? 0 : 1 - share;
    for (let i = 0; i < 3; i++) out[at + i] = under === 0 ? colour[i]! : out[at + i]! * under + colour[i]! * share;
    out[at + 3] = Math.max(out[at + 3]!, share * 255);
  }
}

/** Sums of `stripOfSpans`; all zero between calls. */
const coverage = new Float32Array(32 * CELLS);
const seen = new Uint8Array(32);
const changes = new Uint32Array(CELLS);

/**
 * Sums the spans of an exact tile into the cells `[from, from + CELLS · cell)`.
 *
 * The result has the form of a strip that the server would send for that tile.
 */
export function stripOfSpans(tile: ExactTile, from: number, cell: number): StripTile {
  const to = from + cell * CELLS;
  const { start, end, cls } = tile;
  for (let i = firstEndingAfter(end, from); i < start.length; i++) {
    const begin = start[i]!;
    const stop = end[i]!;
    if (begin >= to) break;
    const c = cls[i]! & 31;
    seen[c] = 1;
    const a = Math.max(0, (begin - from) / cell);
    const b = Math.min(CELLS, (stop - from) / cell);
    const first = Math.min(CELLS - 1, Math.floor(a));
    const last = Math.min(CELLS - 1, Math.floor(b));
    const base = c * CELLS;
    if (begin >= from) changes[first]!++;
    if (first === last) {
      coverage[base + first]! += Math.max(b - a, 1e-4);
      continue;
    }
    coverage[base + first]! += first + 1 - a;
    if (last > first + 1) coverage.fill(1, base + first + 1, base + last);
    coverage[base + last]! += b - last;
  }
  const ids: number[] = [];
  for (let c = 0; c < 32; c++) if (seen[c] === 1) ids.push(c);
  const shares = new Uint8Array(ids.length * CELLS);
  ids.forEach((c, k) => {
    const sums = coverage.subarray(c * CELLS, (c + 1) * CELLS);
    for (let x = 0; x < CELLS; x++) {
      const share = sums[x]!;
      if (share > 0) shares[k * CELLS + x] = Math.min(255, Math.max(1, Math.round(share * 255)));
    }
    sums.fill(0);
  });
  const transitions = new Uint8Array(CELLS);
  for (let x = 0; x < CELLS; x++) if (changes[x]! > 0) transitions[x] = Math.ceil(Math.log2(1 + changes[x]!));
  seen.fill(0);
  changes.fill(0);
  return { form: 'strip', bytes: 0, classes: Uint8Array.from(ids), shares, transitions, ...marksOf(tile, from, cell) };
}

const noMarks = new Uint8Array(CELLS);

function marksOf(tile: ExactTile, from: number, cell: number): { logs: Uint8Array; samples: Uint8Array } {
  if (tile.markTs.length === 0) return { logs: noMarks, samples: noMarks };
  const logs = new Uint8Array(CELLS);
  const samples = new Uint8Array(CELLS);
  tile.markTs.forEach((ts, i) => {
    const x = Math.floor((ts - from) / cell);
    if (x < 0 || x >= CELLS) return;
    const plane = tile.markKind[i] === 1 ? logs : samples;
    plane[x] = Math.min(255, plane[x]! + 1);
  });
  return { logs, samples };
}

/** The first span that ends after `ts` (spans of a lane do not overlap and are in order). */
export function firstEndingAfter(end: Float64Array, ts: number): number {
  let low = 0;
  let high = end.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (end[middle]! > ts) high = middle;
    else low = middle + 1;
  }
  return low;
}
