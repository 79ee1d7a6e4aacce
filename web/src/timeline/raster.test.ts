import { describe, expect, test } from 'vitest';
import type { ExactTile, StripTile } from './decode';
import { CELLS } from './geometry';
import { firstEndingAfter, rasterPalette, rasterStrip, rgbOf, stripOfSpans } from './raster';

const COLOURS = Array.from({ length: 23 }, (_, c) => `#${(c * 10).toString(16).padStart(2, '0')}0000`);
const PALETTE = rasterPalette(COLOURS, '#00ff00', '#0000ff');
const H = 20;

function strip(cells: Readonly<Record<number, Readonly<Record<number, number>>>>): StripTile {
  const ids = [...new Set(Object.values(cells).flatMap((c) => Object.keys(c).map(Number)))].sort((a, b) => a - b);
  const shares = new Uint8Array(ids.length * CELLS);
  for (const [cell, of] of Object.entries(cells)) for (const [cls, share] of Object.entries(of)) shares[ids.indexOf(Number(cls)) * CELLS + Number(cell)] = share;
  const zero = new Uint8Array(CELLS);
  return { form: 'strip', bytes: 0, classes: Uint8Array.from(ids), shares, transitions: zero, logs: zero, samples: zero };
}

function raster(tile: StripTile, least = 0): Uint8ClampedArray {
  const out = new Uint8ClampedArray(CELLS * H * 4);
  rasterStrip(out, H, tile, PALETTE, least);
  return out;
}

const texel = (out: Uint8ClampedArray, cell: number, row: number): number[] => [...out.subarray((row * CELLS + cell) * 4, (row * CELLS + cell) * 4 + 4)];

/** Filled rows of a cell, and the mean of the first channel over them, by coverage. */
function filled(out: Uint8ClampedArray, cell: number): { rows: number; red: number } {
  let rows = 0;
  let red = 0;
  for (let row = 0; row < H; row++) {
    const [r = 0, , , a = 0] = texel(out, cell, row);
    rows += a / 255;
    red += (r * a) / 255;
  }
  return { rows, red: red / Math.max(rows, 1e-9) };
}

describe('rasterStrip', () => {
  test.each([
    [{ 1: 255 }, 20, 10],
    [{ 1: 128, 4: 127 }, 20, 25],
    [{ 1: 64, 4: 191 }, 20, 32.5],
    [{ 1: 128 }, 10, 10],
    [{ 1: 1 }, 20 / 255, 10],
    [{ 1: 100, 2: 100, 4: 57 }, 20, 20.6],
  ])('%o fills %d rows with the true mixture', (shares, rows, red) => {
    const got = filled(raster(strip({ 3: shares as Record<number, number> })), 3);
    expect(got.rows).toBeCloseTo(rows, 0);
    expect(Math.abs(got.red - red)).toBeLessThan(2.5);
  });

  test('running is at the bottom, waiting above it', () => {
    const out = raster(strip({ 0: { 4: 128, 1: 127 } }));
    expect(texel(out, 0, H - 1)).toEqual([10, 0, 0, 255]);
    expect(texel(out, 0, 0)).toEqual([40, 0, 0, 255]);
  });

  test('where nothing exists it is transparent', () => expect(texel(raster(strip({ 0: { 1: 255 } })), 1, 5)).toEqual([0, 0, 0, 0]));

  test('rounding of a full cell leaves no hole', () => expect(filled(raster(strip({ 0: { 1: 84, 2: 84, 4: 85 } })), 0).rows).toBeCloseTo(20, 5));

  test('shares above the whole do not spill', () => expect(filled(raster(strip({ 0: { 1: 255, 2: 1 } })), 0).rows).toBeCloseTo(20, 5));

  test('a floor keeps rare events visible, and empty cells empty', () => {
    const out = raster(strip({ 0: { 17: 1 } }), 6);
    expect(filled(out, 0).rows).toBeCloseTo(6, 1);
    expect(filled(out, 1).rows).toBe(0);
  });

  test('logs are at the top, samples at the bottom', () => {
    const tile = strip({ 0: { 1: 255 }, 1: { 1: 255 } });
    const out = raster({ ...tile, logs: Uint8Array.from({ length: CELLS }, (_, i) => (i === 0 ? 200 : 0)), samples: Uint8Array.from({ length: CELLS }, (_, i) => (i === 1 ? 200 : 0)) });
    expect(texel(out, 0, 0)[1]).toBeGreaterThan(180);
    expect(texel(out, 0, H - 1)[1]).toBe(0);
    expect(texel(out, 1, H - 1)[2]).toBeGreaterThan(150);
    expect(texel(out, 1, 0)[2]).toBe(0);
  });
});

function exact(spans: readonly (readonly [number, number, number])[], marks: readonly (readonly [number, number])[] = []): ExactTile {
  return {
    form: 'exact',
    bytes: 0,
    start: Float64Array.from(spans, (s) => s[0]),
    end: Float64Array.from(spans, (s) => s[1]),
    cls: Uint8Array.from(spans, (s) => s[2]),
    label: new Uint32Array(spans.length),
    row: new Uint32Array(spans.length),
    markTs: Float64Array.from(marks, (m) => m[0]),
    markLabel: new Uint32Array(marks.length),
    markKind: Uint8Array.from(marks, (m) => m[1]),
    texts: new Map(),
  };
}

const share = (tile: StripTile, cls: number, cell: number): number => {
  const at = [...tile.classes].indexOf(cls);
  return at < 0 ? 0 : tile.shares[at * CELLS + cell]!;
};

describe('stripOfSpans', () => {
  const tile = exact([[0, 100, 1], [100, 104, 2], [104, 160, 4], [900, 100_000, 7]], [[105, 1], [150, 2], [150, 2], [1e9, 1]]);

  test('each cell holds the part of it that a class covers', () => {
    const got = stripOfSpans(tile, 0, 16);
    expect([...got.classes]).toEqual([1, 2, 4, 7]);
    expect(share(got, 1, 5)).toBe(255);
    expect([share(got, 1, 6), share(got, 2, 6), share(got, 4, 6)]).toEqual([64, 64, 128]);
    expect(share(got, 4, 9)).toBe(255);
    expect(share(got, 4, 10)).toBe(0);
    expect(share(got, 7, 56)).toBe(Math.round((12 / 16) * 255));
    expect(share(got, 7, 511)).toBe(255);
  });

  test('time is neither lost nor invented, whatever the cell', () => {
    for (const cell of [1, 7, 16, 64, 256]) {
      const got = stripOfSpans(tile, 0, cell);
      const sum = Array.from({ length: CELLS }, (_, i) => share(got, 1, i) / 255).reduce((a, b) => a + b) * cell;
      expect(Math.abs(sum - Math.min(100, cell * CELLS))).toBeLessThan(cell / 2);
    }
  });

  test('a span of no length is still there', () => expect(share(stripOfSpans(exact([[40, 40, 3]]), 0, 16), 3, 2)).toBe(1));

  test('marks are counted in their cells', () => {
    const got = stripOfSpans(tile, 0, 16);
    expect([got.logs[6], got.samples[9], got.logs[9]]).toEqual([1, 2, 0]);
  });

  test('starts are counted as transitions', () => expect(stripOfSpans(tile, 0, 16).transitions[6]).toBe(2));

  test('begins in the middle of a span', () => expect(share(stripOfSpans(tile, 2000, 2), 7, 0)).toBe(255));
});

test.each([
  [-1, 0],
  [0, 0],
  [9.9, 0],
  [10, 1],
  [29, 2],
  [30, 3],
])('the first of 10, 20, 30 that ends after %d is number %d', (ts, i) => expect(firstEndingAfter(Float64Array.of(10, 20, 30), ts)).toBe(i));

test.each([
  ['#102030', [16, 32, 48]],
  ['#fff', [255, 255, 255]],
  ['#0b173066', null],
])('colour %s is %o', (text, rgb) => (rgb === null ? expect(() => rgbOf(text)).toThrow(/not #rrggbb/) : expect(rgbOf(text)).toEqual(rgb)));
