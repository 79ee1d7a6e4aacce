import { describe, expect, test } from 'vitest';
import { CurvePixels, curveAt, extentOf } from './curve';
import type { BandTile, StepTile } from './decode';
import { CELLS, TimeScale } from './geometry';

const steps = (points: readonly (readonly [number, number])[]): StepTile => ({
  form: 'steps',
  bytes: 0,
  ts: Float64Array.from(points, ([ts]) => ts),
  value: Float64Array.from(points, ([, value]) => value),
});

/** A band whose cell `i` reaches from `i` to `2 i`; nothing before cell 4. */
const BAND: BandTile = {
  form: 'band',
  bytes: 0,
  least: Float64Array.from({ length: CELLS }, (_, i) => (i < 4 ? NaN : i)),
  most: Float64Array.from({ length: CELLS }, (_, i) => (i < 4 ? NaN : 2 * i)),
};

const shown = (pixels: CurvePixels): string => Array.from(pixels.least, (low, i) => (Number.isNaN(low) ? '-' : low === pixels.most[i] ? `${low}` : `${low}..${pixels.most[i]}`)).join(' ');

describe('pixels of a value', () => {
  test.each<[string, (readonly [number, number])[], string]>([
    ['a value holds until the next, and to the end', [[0, 1], [40, 2]], '1 1 1 1 2 2 2 2 2 2'],
    ['a pixel in which it changes has both', [[0, 1], [45, 2]], '1 1 1 1 1..2 2 2 2 2 2'],
    ['a pixel has the least and the most of many', [[0, 5], [31, 9], [33, 1], [36, 4]], '5 5 5 1..9 4 4 4 4 4 4'],
    ['nothing before the first', [[50, 3]], '- - - - - 3 3 3 3 3'],
    ['nothing where there is no value', [[0, 3], [30, NaN], [70, 4]], '3 3 3 - - - - 4 4 4'],
    ['what entered before holds', [[-500, 7], [90, 8]], '7 7 7 7 7 7 7 7 7 8'],
  ])('%s', (_, points, want) => {
    const pixels = new CurvePixels(new TimeScale({ from: 0, to: 100 }, 10));
    pixels.add(steps(points), 0, 0, { from: 0, to: 100 });
    expect(shown(pixels)).toBe(want);
  });

  test('cells of a band are joined to pixels', () => {
    const pixels = new CurvePixels(new TimeScale({ from: 0, to: 16 }, 8));
    pixels.add(BAND, 0, 0, { from: 0, to: 16 });
    expect(shown(pixels)).toBe('- - 4..10 6..14 8..18 10..22 12..26 14..30');
  });

  test('only the part that was asked for is drawn', () => {
    const pixels = new CurvePixels(new TimeScale({ from: 0, to: 100 }, 10));
    pixels.add(steps([[0, 1]]), 0, 0, { from: 20, to: 40 });
    expect(shown(pixels)).toBe('- - 1 1 - - - - - -');
  });
});

describe('the value at a time', () => {
  const tile = steps([[10, 1], [40, NaN], [60, 2]]);
  test.each<[number, ReturnType<typeof curveAt>]>([
    [5, null],
    [10, { least: 1, most: 1, start: 10, end: 40, point: true }],
    [45, null],
    [99, { least: 2, most: 2, start: 60, end: 99, point: true }],
    [120, null],
  ])('of steps at %i', (ts, want) => expect(curveAt(tile, 0, 0, ts, 99)).toEqual(want));

  test('of a band', () => {
    expect(curveAt(BAND, 2, 0, 21, 9999)).toEqual({ least: 5, most: 10, start: 20, end: 24, point: false });
    expect(curveAt(BAND, 2, 0, 3, 9999)).toBeNull();
  });
});

test.each([
  [0, 0, 0, 1],
  [5, 9, 0, 9],
  [-4, -2, -4, 0],
  [-4, 6, -4, 6],
])('zero is within %i to %i', (least, most, low, high) => expect(extentOf({ least, most })).toEqual({ low, high }));
