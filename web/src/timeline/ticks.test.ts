import { describe, expect, test } from 'vitest';
import { axis, instantText, lengthText, niceStep, wallText } from './ticks';

const plain = (text: string): string => text.replace(/\u2009/g, ' ');

test.each([
  [0.2, 1],
  [1, 1],
  [1.1, 2],
  [3, 5],
  [5, 5],
  [6, 10],
  [101, 200],
  [5e8, 5e8],
  [5.1e8, 1e9],
])('a step of at least %d is %d', (least, step) => expect(niceStep(least)).toBe(step));

test.each([
  [1_234_567_890, 1e6, '1.234 s'],
  [1_234_567_890, 1e3, '1.234 567 s'],
  [1_234_567_890, 1, '1.234 567 890 s'],
  [12_345_678_901, 1e9, '12 s'],
  [250_000, 1000, '250 µs'],
  [250_000, 50, '250.00 µs'],
  [-1500, 100, '−1.5 µs'],
  [3, 1, '3 ns'],
])('%d with a step of %d reads %s', (ts, step, text) => expect(plain(instantText(ts, step))).toBe(text));

test.each([
  [0, '0 ns'],
  [1, '1 ns'],
  [999, '999 ns'],
  [12_340, '12.34 µs'],
  [1_234_567_890, '1.235 s'],
])('a length of %d reads %s', (ns, text) => expect(plain(lengthText(ns))).toBe(text));

describe('axis', () => {
  test.each([
    [{ from: 0, to: 1e9 }, 1e8],
    [{ from: 1e9, to: 1.001e9 }, 60_000],
    [{ from: 1_234_567_890, to: 1_234_567_900 }, 0.7],
    [{ from: -5000, to: 5000 }, 900],
    [{ from: 86_400e9, to: 86_400e9 + 40 }, 3],
  ])('%o: labels differ, increase and lie inside', (view, spacing) => {
    const { ticks, step, anchor } = axis(view, spacing);
    expect(step).toBeGreaterThanOrEqual(spacing);
    expect(ticks.length).toBeGreaterThan(2);
    expect(new Set(ticks.map((t) => t.text)).size).toBe(ticks.length);
    for (const { ts } of ticks) {
      expect(ts).toBeGreaterThanOrEqual(view.from);
      expect(ts).toBeLessThanOrEqual(view.to);
      expect(Number.isInteger(ts)).toBe(true);
    }
    if (anchor !== null) expect(anchor.ts).toBeLessThanOrEqual(view.from);
  });

  test('one ns apart, the axis counts from an anchor', () => {
    const { ticks, step, anchor } = axis({ from: 1_234_567_890, to: 1_234_567_900 }, 0.9);
    expect(step).toBe(1);
    expect(anchor).toEqual({ ts: 1_234_567_000, text: '1.234 567 s'.replace(/ /g, '\u2009') });
    expect(plain(ticks[0]!.text)).toBe('+890 ns');
  });

  test('far out there is no anchor', () => expect(axis({ from: 0, to: 1e9 }, 1e8).anchor).toBeNull());

  test('minor ticks divide a step into whole ns', () => {
    for (let spacing = 1; spacing < 1e9; spacing *= 1.7) {
      const { step, parts } = axis({ from: 0, to: spacing * 10 }, spacing);
      expect(Number.isInteger(step / parts)).toBe(true);
    }
  });
});

test('the wall clock carries seconds and keeps its digits', () => {
  const wall = { ts: 1000, sec: 1_763_922_000, nsec: 999_999_999 };
  expect(plain(wallText(1001, 1, wall))).toMatch(/:\d\d\.000 000 000$/);
  expect(wallText(1000, 60e9, wall)).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(wallText(1000, 2e8, wall)).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/);
  expect(plain(wallText(0, 1, wall))).toMatch(/\.999 998 999$/);
});
