import { describe, expect, test } from 'vitest';
import { between, CELLS, clampView, fitting, type Interval, levelFor, NARROWEST, panBy, snapTo, tileRange, tileSpan, TimeScale, wheelFactor, zoomAt } from './geometry';

const TRACE: Interval = { from: 0, to: 1e12 };

describe('levelFor', () => {
  test.each([
    [0.01, 0],
    [1, 0],
    [1.5, 1],
    [2, 1],
    [1000, 10],
    [1024, 10],
    [1025, 11],
  ])('%d ns per pixel → level %d', (perPx, level) => expect(levelFor(perPx)).toBe(level));

  test('cells are one to two pixels wide, so no cell is skipped', () => {
    for (let perPx = 1; perPx < 1e7; perPx *= 1.37) {
      const width = 2 ** levelFor(perPx) / perPx;
      expect(width).toBeGreaterThanOrEqual(1 - 1e-9);
      expect(width).toBeLessThan(2);
    }
  });
});

describe('tileRange', () => {
  test.each<[Interval, number, number, number]>([
    [{ from: 0, to: 512 }, 0, 0, 0],
    [{ from: 0, to: 513 }, 0, 0, 1],
    [{ from: -1, to: 1 }, 0, -1, 0],
    [{ from: 1024, to: 1024 }, 0, 2, 2],
    [{ from: 1e9, to: 2e9 }, 20, 1, 3],
  ])('%o at level %d → %d…%d', (view, level, first, last) => expect(tileRange(level, view)).toEqual({ first, last }));

  test('a tile is 512 cells of 2^level ns', () => expect(tileSpan(14)).toBe(CELLS * 16384));
});

describe('TimeScale', () => {
  test('panning moves every edge by whole pixels', () => {
    const edges = [123_456, 789_012, 345_678.5];
    for (let from = 0; from < 5000; from += 137.3) {
      const a = new TimeScale({ from, to: from + 1e6 }, 1337);
      const b = new TimeScale({ from: from + 4321.7, to: from + 4321.7 + 1e6 }, 1337);
      const moves = edges.map((ts) => Math.round(a.x(ts) * 1024) / 1024 - Math.round(b.x(ts) * 1024) / 1024);
      for (const move of moves) expect(Math.abs(move - Math.round(move))).toBeLessThan(0.01);
    }
  });

  test('stays within half a pixel of the window it was given', () => {
    const scale = new TimeScale({ from: 1e12 + 3.3, to: 1e12 + 203.3 }, 1600);
    expect(Math.abs(scale.from - (1e12 + 3.3)) / scale.perPx).toBeLessThanOrEqual(0.51);
    expect(scale.ts(scale.x(1e12 + 100))).toBeCloseTo(1e12 + 100, 3);
  });
});

describe('zoomAt', () => {
  test('keeps the anchor under its pixel through a long zoom in and out', () => {
    let view: Interval = { from: 2e11, to: 7e11 };
    const anchor = 345_678_901_234;
    const share = (anchor - view.from) / (view.to - view.from);
    for (let i = 0; i < 60; i++) view = zoomAt(view, anchor, 0.7, TRACE);
    expect(view.to - view.from).toBeGreaterThan(NARROWEST);
    for (let i = 0; i < 60; i++) {
      expect((anchor - view.from) / (view.to - view.from)).toBeCloseTo(share, 3);
      view = zoomAt(view, anchor, 1 / 0.7, TRACE);
    }
    // Back where it began, to a thousandth of a pixel.
    expect(Math.abs(view.from - 2e11)).toBeLessThan(5e11 / 1e6);
    expect(Math.abs(view.to - 7e11)).toBeLessThan(5e11 / 1e6);
  });

  test('stops at ten ns and at a little more than the trace', () => {
    expect(zoomAt({ from: 5, to: 25 }, 10, 1e-6, TRACE)).toSatisfy((v: Interval) => Math.abs(v.to - v.from - NARROWEST) < 1e-9);
    expect(zoomAt({ from: 0, to: 1e12 }, 5e11, 100, TRACE)).toSatisfy((v: Interval) => v.to - v.from === 1.2e12);
  });
});

describe('clampView', () => {
  test.each<[Interval, number]>([
    [{ from: -9e12, to: -8.9e12 }, -1.5e10],
    [{ from: 5e12, to: 5.1e12 }, 9.15e11],
    [{ from: 4e11, to: 5e11 }, 4e11],
    [{ from: 3e11, to: 3e11 + 1.1e12 }, 1.65e11],
    [{ from: -3e11, to: -3e11 + 1.1e12 }, -2.65e11],
  ])('%o begins at %d: little of it lies beyond the trace', (view, from) => {
    const got = clampView(view, TRACE);
    expect(got.from).toBeCloseTo(from, 0);
    expect(got.to - got.from).toBeCloseTo(view.to - view.from, 0);
  });

  test('panBy keeps the width', () => expect(panBy({ from: 10, to: 110 }, 40, TRACE)).toEqual({ from: 50, to: 150 }));
  test('fitting leaves air on both sides', () => expect(fitting({ from: 1000, to: 2000 }, TRACE, 0.1)).toEqual({ from: 900, to: 2100 }));
});

describe('between', () => {
  const a = { from: 0, to: 1000 };
  const b = { from: 400, to: 410 };
  test('begins and ends exactly', () => {
    expect(between(a, b, 0)).toEqual(a);
    expect(between(a, b, 1).from).toBeCloseTo(400);
    expect(between(a, b, 1).to).toBeCloseTo(410);
  });
  test('never leaves the union of both, and narrows evenly', () => {
    let ratio = 0;
    for (let t = 0.1; t < 1; t += 0.1) {
      const v = between(a, b, t);
      expect(v.from).toBeGreaterThanOrEqual(0);
      expect(v.to).toBeLessThanOrEqual(1000);
      const now = Math.log(v.to - v.from);
      if (ratio !== 0) expect(ratio - now).toBeCloseTo(Math.log(100) / 10, 5);
      ratio = now;
    }
  });
  test('slides when the widths are equal', () => expect(between({ from: 0, to: 10 }, { from: 20, to: 30 }, 0.5)).toEqual({ from: 10, to: 20 }));
});

test('the wheel zooms out downwards, in upwards, and evenly', () => {
  expect(wheelFactor(100)).toBeGreaterThan(1.2);
  expect(wheelFactor(100) * wheelFactor(-100)).toBeCloseTo(1);
  expect(wheelFactor(1000) / wheelFactor(100)).toBeLessThan(1.3);
});

test.each<[number, number[], number, number]>([
  [100, [90, 108], 10, 108],
  [100, [80, 120], 10, 100],
  [100, [], 10, 100],
  [100, [110], 10, 110],
])('%d snaps among %o within %d to %d', (ts, edges, reach, to) => expect(snapTo(ts, edges, reach)).toBe(to));
