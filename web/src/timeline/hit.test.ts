import { describe, expect, test } from 'vitest';
import type { ExactTile, StripTile } from './decode';
import { CELLS } from './geometry';
import { cellOf, spanIn } from './hit';

const TILE: ExactTile = {
  form: 'exact',
  bytes: 0,
  start: Float64Array.of(0, 10, 50),
  end: Float64Array.of(10, 40, 60),
  cls: Uint8Array.of(1, 4, 2),
  label: Uint32Array.of(1, 0, 9),
  row: Uint32Array.of(7, 8, 9),
  markTs: new Float64Array(),
  markLabel: new Uint32Array(),
  markKind: new Uint8Array(),
  texts: new Map([[1, 'running']]),
};

describe('spanIn', () => {
  test.each([
    [0, 0, 7],
    [9.9, 0, 7],
    [10, 0, 8],
    [45, 0, null],
    [44, 5, 8],
    [47, 5, 9],
    [60, 0, null],
    [61, 2, 9],
    [-1, 2, 7],
    [-3, 2, null],
  ])('at %d with a slack of %d: row %s', (ts, slack, row) => expect(spanIn(TILE, ts, slack)?.row ?? null).toBe(row));

  test('tells class, label and extent', () => expect(spanIn(TILE, 5, 0)).toEqual({ class: 1, label: 'running', start: 0, end: 10, row: 7 }));
});

test('a cell tells its shares, most first', () => {
  const plane = (share: number): number[] => Array.from({ length: CELLS }, (_, i) => (i === 3 ? share : 0));
  const tile: StripTile = {
    form: 'strip',
    bytes: 0,
    classes: Uint8Array.of(1, 4, 7),
    shares: Uint8Array.from([...plane(51), ...plane(204), ...plane(0)]),
    transitions: Uint8Array.from(plane(4)),
    logs: new Uint8Array(CELLS),
    samples: new Uint8Array(CELLS),
  };
  expect(cellOf(tile, 3)).toEqual({ shares: [[4, 0.8], [1, 0.2]], transitions: 15 });
  expect(cellOf(tile, 4)).toEqual({ shares: [], transitions: 0 });
});
