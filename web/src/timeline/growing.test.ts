import { expect, test } from 'vitest';
import { axisEnd } from './growing';

test('the axis ends where the trace is expected to', () => {
  expect(axisEnd(0, 100, 0.25)).toBe(400);
  // It holds still while that is about right,
  expect(axisEnd(400, 200, 0.45)).toBe(400);
  expect(axisEnd(400, 200, 0.55)).toBe(400);
  // moves when it is not,
  expect(axisEnd(400, 200, 0.25)).toBe(800);
  expect(axisEnd(800, 200, 0.5)).toBe(400);
  // is never shorter than what was read,
  expect(axisEnd(400, 410, 0.9)).toBeCloseTo(455.6, 1);
  // and ends with it.
  expect(axisEnd(400, 390, 1)).toBe(390);
  expect(axisEnd(0, 0, 0)).toBe(0);
});
