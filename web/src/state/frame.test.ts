import { expect, test } from 'vitest';
import { fitted, framed, panned, within } from './frame';
import type { Interval } from './view';

const WHOLE: Interval = { from: 0, to: 1_000_000 };
const at = (from: number, to: number): Interval => ({ from, to });

test.each([
  [at(-50, 50), at(0, 100)],
  [at(999_990, 1_000_090), at(999_900, 1_000_000)],
  [at(-5, 2_000_000), WHOLE],
  [at(10, 20), at(10, 20)],
])('within(%o)', (interval, expected) => expect(within(interval, WHOLE)).toEqual(expected));

test('fitted leaves a margin, and a point has room', () => {
  expect(fitted(at(1000, 2000), WHOLE)).toEqual(at(900, 2100));
  const point = fitted(at(500, 500), WHOLE);
  expect(point.to - point.from).toBeGreaterThan(10);
  expect((point.from + point.to) / 2).toBeCloseTo(500);
});

test('panned moves only when it must', () => {
  expect(panned(at(1000, 2000), 1500, WHOLE)).toEqual(at(1000, 2000));
  expect(panned(at(1000, 2000), 1990, WHOLE)).toEqual(at(1490, 2490));
  expect(panned(at(1000, 2000), 5000, WHOLE)).toEqual(at(4500, 5500));
});

test('framed keeps the zoom when the span is visible, else changes it', () => {
  expect(framed(at(1000, 2000), at(1100, 1200), WHOLE)).toEqual(at(1000, 2000));
  expect(framed(at(1000, 2000), at(5000, 5100), WHOLE)).toEqual(at(4550, 5550));
  const near = framed(WHOLE, at(5000, 5010), WHOLE);
  expect(near).toEqual(at(4945, 5065));
  const far = framed(at(0, 10), at(5000, 6000), WHOLE);
  expect(far).toEqual(at(4900, 6100));
});
