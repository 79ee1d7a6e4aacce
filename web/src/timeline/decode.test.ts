import { describe, expect, test } from 'vitest';
import { decodeFrame, type ExactTile, laneNumber, laneOfKey, type StripTile, type Texts } from './decode';
import { CELLS } from './geometry';
import { encodeFrame, type TileSpec } from './testing/frames';

const EXACT: TileSpec = {
  kind: 4,
  row: 17,
  level: 12,
  x: -3,
  payload: {
    form: 'exact',
    spans: [
      { start: 0.5, end: 10, cls: 1, label: 1, row: 100 },
      { start: 10, end: 2 ** 53, cls: 4, row: 101 },
      { start: 2 ** 53, end: 2 ** 53, cls: 22, label: 2, row: 2 ** 32 - 1 },
    ],
    marks: [
      { ts: 3, kind: 1, label: 2 },
      { ts: 4, kind: 2 },
    ],
  },
};
const STRIP: TileSpec = {
  kind: 6,
  depth: 2,
  row: 4_000_000_000,
  level: 40,
  x: 2 ** 40 + 5,
  payload: { form: 'strip', classes: new Map([[22, new Uint8Array(CELLS).fill(9)], [1, new Uint8Array(CELLS).fill(7)]]), logs: new Uint8Array(CELLS).fill(3) },
};
const FRAME = encodeFrame({ viewport: 12, last: true, tiles: [EXACT, { kind: 0, level: 3, x: 0, payload: { form: 'empty' } }, STRIP], texts: [[1, 'running'], [2, 'größer ▾']] });

describe('decodeFrame', () => {
  const texts: Texts = new Map();
  const frame = decodeFrame(FRAME, texts);

  test('header and texts', () => {
    expect(frame).toMatchObject({ last: true, viewport: 12 });
    expect([...texts]).toEqual([[1, 'running'], [2, 'größer ▾']]);
  });

  test('exact', () => {
    const { lane, level, x, tile } = frame.tiles[0]!;
    expect([lane, level, x]).toEqual([laneOfKey('go:17'), 12, -3]);
    const t = tile as ExactTile;
    expect([...t.start]).toEqual([0.5, 10, 2 ** 53]);
    expect([...t.end]).toEqual([10, 2 ** 53, 2 ** 53]);
    expect([...t.cls]).toEqual([1, 4, 22]);
    expect([...t.row]).toEqual([100, 101, 2 ** 32 - 1]);
    expect([...t.label]).toEqual([1, 0, 2]);
    expect([...t.markTs]).toEqual([3, 4]);
    expect([...t.markKind]).toEqual([1, 2]);
    expect([...t.markLabel]).toEqual([2, 0]);
    expect(t.texts.get(1)).toBe('running');
  });

  test('empty', () => expect(frame.tiles[1]).toMatchObject({ lane: 0, level: 3, x: 0, tile: { form: 'empty' } }));

  test('strip', () => {
    const { lane, x, level, tile } = frame.tiles[2]!;
    expect([lane, level, x]).toEqual([laneOfKey('regions:4000000000:2'), 40, 2 ** 40 + 5]);
    const t = tile as StripTile;
    expect([...t.classes]).toEqual([1, 22]);
    expect([t.shares[0], t.shares[CELLS], t.logs[5], t.samples[5]]).toEqual([7, 9, 3, 0]);
  });

  test('payloads are views of the frame, not copies', () => expect((frame.tiles[0]!.tile as ExactTile).start.buffer).toBe(FRAME));
});

describe('a damaged frame is refused with its place', () => {
  test.each([
    ['empty', new ArrayBuffer(0), /byte 0: not a tile frame/],
    ['foreign', new Uint8Array(64).buffer, /byte 0: not a tile frame/],
    ['of another version', patched(4, 9), /byte 4: version 9/],
    ['of an unknown form', patched(35, 7), /byte 35: form 7/],
  ])('%s', (_, buffer, message) => expect(() => decodeFrame(buffer, new Map())).toThrow(message));

  test('cut anywhere', () => {
    for (let cut = 0; cut < FRAME.byteLength; cut += 13) expect(() => decodeFrame(FRAME.slice(0, cut), new Map())).toThrow(/^tile frame, byte \d+/);
  });
});

function patched(at: number, value: number): ArrayBuffer {
  const copy = FRAME.slice(0);
  new Uint8Array(copy)[at] = value;
  return copy;
}

test.each([
  ['gc', laneNumber(0, 0, 0)],
  ['stw', laneNumber(1, 0, 0)],
  ['proc:7', laneNumber(2, 0, 7)],
  ['regions:5:3', laneNumber(6, 3, 5)],
  ['procranges:4294967295', laneNumber(11, 0, 4294967295)],
  ['threadoff:2', laneNumber(13, 0, 2)],
  ['counter:1', laneNumber(14, 0, 1)],
  ['nonsense:1', null],
  ['go:x', null],
])('lane %s is number %s', (key, lane) => expect(laneOfKey(key)).toBe(lane));
