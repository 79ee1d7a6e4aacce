import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CELLS } from './geometry';
import { encodeFrame, type TileSpec } from './testing/frames';
import { laneOfKey } from './decode';
import { type Prefetch, runsOf, Tiles } from './tiles';

/** A socket that records requests and says what the test makes it say. */
class FakeSocket {
  static readonly OPEN = 1;
  static last: FakeSocket;
  readyState = 0;
  binaryType = '';
  readonly sent: { viewport: number; level: number; lanes: [string, number, number][] }[] = [];
  onopen = (): void => undefined;
  onclose = (): void => undefined;
  onmessage = (_: { data: unknown }): void => undefined;

  constructor() {
    FakeSocket.last = this;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  open(): void {
    this.readyState = 1;
    this.onopen();
  }
  close(): void {
    this.readyState = 3;
    this.onclose();
  }
  answer(viewport: number, tiles: readonly TileSpec[], last = true): void {
    this.onmessage({ data: encodeFrame({ viewport, last, tiles }) });
  }
}

const GO1 = laneOfKey('go:1')!;
const empty = (level: number, x: number): TileSpec => ({ kind: 4, row: 1, level, x, payload: { form: 'empty' } });
const exact = (level: number, x: number): TileSpec => ({ kind: 4, row: 1, level, x, payload: { form: 'exact', spans: [{ start: 0, end: 9, cls: 1 }] } });
const strip = (level: number, x: number): TileSpec => ({ kind: 4, row: 1, level, x, payload: { form: 'strip', classes: new Map([[1, new Uint8Array(CELLS).fill(255)]]) } });

let plan: Prefetch[] = [];
let changes = 0;

function tiles(): Tiles {
  plan = [];
  changes = 0;
  const made = new Tiles('ws://test', () => changes++, () => plan);
  FakeSocket.last.open();
  return made;
}

/** One frame that wants tiles of go:1. */
function frame(t: Tiles, level: number, xs: readonly number[], now: number): void {
  t.begin(level);
  const slots = t.lane(GO1);
  for (const x of xs) if (!t.find(slots, level, x).final) t.want('go:1', GO1, x);
  t.flush(now);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('asking', () => {
  test('all that a frame misses in one request, as runs', () => {
    const t = tiles();
    frame(t, 14, [3, 4, 5, 8], 0);
    expect(FakeSocket.last.sent).toEqual([{ viewport: 1, level: 14, lanes: [['go:1', 3, 5], ['go:1', 8, 8]] }]);
    expect(t.missing).toBe(4);
  });

  test('what is on its way is not asked for again', () => {
    const t = tiles();
    frame(t, 14, [3, 4], 0);
    frame(t, 14, [3, 4], 100);
    frame(t, 14, [4], 200);
    expect(FakeSocket.last.sent).toHaveLength(1);
  });

  test('a new view asks for all of its tiles, since it supersedes the old request', () => {
    const t = tiles();
    frame(t, 14, [3, 4], 0);
    frame(t, 14, [4, 5], 100);
    expect(FakeSocket.last.sent[1]).toEqual({ viewport: 2, level: 14, lanes: [['go:1', 4, 5]] });
  });

  test('requests keep a pace, and the last one is not lost', () => {
    const t = tiles();
    vi.setSystemTime(0);
    frame(t, 14, [1], 0);
    frame(t, 14, [2], 5);
    frame(t, 14, [3], 10);
    expect(FakeSocket.last.sent).toHaveLength(1);
    vi.advanceTimersByTime(100);
    expect(FakeSocket.last.sent.map((r) => r.lanes[0]![1])).toEqual([1, 3]);
  });

  test('what the server left out is not asked for forever', () => {
    const t = tiles();
    frame(t, 14, [3, 4], 0);
    FakeSocket.last.answer(1, [strip(14, 3)]);
    frame(t, 14, [3, 4], 100);
    expect(t.missing).toBe(0);
    expect(FakeSocket.last.sent).toHaveLength(1);
  });

  test('after a reconnect everything missing is asked for again', () => {
    const t = tiles();
    frame(t, 14, [3], 0);
    FakeSocket.last.close();
    vi.advanceTimersByTime(300);
    FakeSocket.last.open();
    frame(t, 14, [3], 500);
    expect(FakeSocket.last.sent).toMatchObject([{ level: 14, lanes: [['go:1', 3, 3]] }]);
  });

  test('neighbours come when nothing else is asked for', () => {
    const t = tiles();
    plan = [{ level: 14, lanes: [{ key: 'go:1', lane: GO1, xs: [2, 3, 4] }] }];
    frame(t, 14, [3], 0);
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.last.sent).toHaveLength(1);
    FakeSocket.last.answer(1, [strip(14, 3)]);
    frame(t, 14, [3], 2000);
    vi.advanceTimersByTime(1000);
    expect(FakeSocket.last.sent[1]!.lanes).toEqual([['go:1', 2, 2], ['go:1', 4, 4]]);
  });
});

describe('finding', () => {
  test.each<[string, TileSpec[], number, number, [string, number, number, boolean] | null]>([
    ['nothing', [], 10, 3, null],
    ['the tile itself', [strip(10, 3), strip(12, 0)], 10, 3, ['strip', 10, 3, true]],
    ['the finest coarser strip as a stand-in', [strip(14, 0), strip(11, 1)], 10, 3, ['strip', 11, 1, false]],
    ['an exact tile above answers for good', [strip(11, 1), exact(20, 0)], 10, 3, ['exact', 20, 0, true]],
    ['an empty tile above answers for good', [empty(15, 0)], 10, 3, ['empty', 15, 0, true]],
    ['a negative place has negative ancestors', [exact(12, -1)], 10, -3, ['exact', 12, -1, true]],
    ['a neighbour does not count', [exact(12, 1)], 10, 3, null],
    ['a finer tile does not count', [exact(9, 6)], 10, 3, null],
  ])('%s', (_, there, level, x, want) => {
    const t = tiles();
    FakeSocket.last.answer(0, there);
    const { tile, level: at, x: place, final } = t.find(t.lane(GO1), level, x);
    expect(tile === null ? null : [tile.form, at, place, final]).toEqual(want);
  });

  test('a frame that cannot be read is reported and the rest goes on', () => {
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const t = tiles();
    FakeSocket.last.onmessage({ data: new ArrayBuffer(8) });
    FakeSocket.last.answer(0, [exact(12, 0)]);
    expect(errors).toHaveBeenCalledWith(expect.stringMatching(/^tile frame, byte 0/));
    expect(t.find(t.lane(GO1), 12, 0).final).toBe(true);
  });
});

test.each<[number[], [number, number][]]>([
  [[], []],
  [[5], [[5, 5]]],
  [[-2, -1, 0, 2, 3, 9], [[-2, 0], [2, 3], [9, 9]]],
])('%o as runs is %o', (xs, runs) => expect(runsOf(xs)).toEqual(runs));
