/**
 * Binary tile frames → tiles (docs/http-api.md, "WS api/ws").
 *
 * Payloads are views into the received buffer: decoding copies nothing but texts.
 */

import { CELLS } from './geometry';

/** Nothing in it; nothing finer to ask for. */
export interface EmptyTile {
  readonly form: 'empty';
  readonly bytes: number;
}

/** All spans and marks that touch the tile, with their true extents. */
export interface ExactTile {
  readonly form: 'exact';
  readonly bytes: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly label: Uint32Array;
  readonly row: Uint32Array;
  readonly cls: Uint8Array;
  readonly markTs: Float64Array;
  readonly markLabel: Uint32Array;
  /** 1 log, 2 CPU sample. */
  readonly markKind: Uint8Array;
  /** What the labels mean. */
  readonly texts: Texts;
}

/** Shares of classes per cell; `shares` holds one plane of cells per class, classes ascending. */
export interface StripTile {
  readonly form: 'strip';
  readonly bytes: number;
  readonly classes: Uint8Array;
  readonly shares: Uint8Array;
  /** ⌈log2(1 + transitions)⌉ per cell. */
  readonly transitions: Uint8Array;
  readonly logs: Uint8Array;
  readonly samples: Uint8Array;
}

/** Texts by id, as one connection numbers them. */
export type Texts = Map<number, string>;

/** The points of a value within the tile, and the one that it enters with; each holds until the next. NaN is none. */
export interface StepTile {
  readonly form: 'steps';
  readonly bytes: number;
  readonly ts: Float64Array;
  readonly value: Float64Array;
}

/** The least and the largest value in each cell; NaN where there is none. */
export interface BandTile {
  readonly form: 'band';
  readonly bytes: number;
  readonly least: Float64Array;
  readonly most: Float64Array;
}

export type CurveTile = StepTile | BandTile;

export type Tile = EmptyTile | ExactTile | StripTile | CurveTile;

/** Whether a tile says all that finer ones could. */
export const isLeaf = (tile: Tile): boolean => tile.form !== 'strip' && tile.form !== 'band';

/** A tile and where it belongs. */
export interface PlacedTile {
  readonly lane: number;
  readonly level: number;
  readonly x: number;
  readonly tile: Tile;
}

/** One frame of the socket. */
export interface Frame {
  readonly last: boolean;
  readonly viewport: number;
  readonly tiles: readonly PlacedTile[];
}

const MAGIC = 0x4c495447; // "GTIL"
const HEADER = 32;
const TILE_HEADER = 24;
/** What a tile costs besides its payload, for the cache's account. */
const OVERHEAD = 160;

const KINDS = ['gc', 'stw', 'proc', 'thread', 'go', 'group', 'regions', 'task', 'tasktype', 'all', 'goranges', 'procranges', 'procoff', 'threadoff', 'counter'];

/** A lane as a number: kind, depth and row, as in a tile's header. */
export function laneNumber(kind: number, depth: number, row: number): number {
  return kind * 2 ** 40 + depth * 2 ** 32 + row;
}

/** A lane key ("go:17", "regions:17:0") as that number; null when it is not a key. */
export function laneOfKey(key: string): number | null {
  const [name = '', row = '0', depth = '0'] = key.split(':');
  const kind = KINDS.indexOf(name);
  return kind < 0 || !/^\d+$/.test(row) || !/^\d+$/.test(depth) ? null : laneNumber(kind, Number(depth), Number(row));
}

const padded = (n: number): number => (n + 7) & ~7;

/** Decodes a frame and adds its texts to the connection's. Throws an error that says what is wrong and where. */
export function decodeFrame(buffer: ArrayBuffer, texts: Texts): Frame {
  const view = new DataView(buffer);
  if (buffer.byteLength < HEADER || view.getUint32(0, true) !== MAGIC) throw new Error('tile frame, byte 0: not a tile frame');
  const version = view.getUint16(4, true);
  if (version !== 1) throw new Error(`tile frame, byte 4: version ${version}; reload the page`);
  const tileCount = view.getUint32(12, true);
  const textCount = view.getUint32(16, true);
  let at = HEADER;
  const tiles: PlacedTile[] = [];
  for (let i = 0; i < tileCount; i++) {
    if (at + TILE_HEADER > buffer.byteLength) throw new Error(`tile frame, byte ${at}: cut in tile ${i} of ${tileCount}`);
    const payload = padded(view.getUint32(at + 16, true));
    const begin = at + TILE_HEADER;
    if (begin + payload > buffer.byteLength) throw new Error(`tile frame, byte ${at}: payload of ${payload} bytes is cut`);
    tiles.push({
      lane: laneNumber(view.getUint8(at), view.getUint8(at + 1), view.getUint32(at + 4, true)),
      level: view.getUint8(at + 2),
      x: view.getInt32(at + 12, true) * 2 ** 32 + view.getUint32(at + 8, true),
      tile: decodeTile(buffer, view, at, begin, payload, texts),
    });
    at = begin + payload;
  }
  if (textCount > 0) decodeTexts(buffer, view, view.getUint32(20, true), textCount, texts);
  return { last: (view.getUint16(6, true) & 1) !== 0, viewport: view.getUint32(8, true), tiles };
}

function decodeTile(buffer: ArrayBuffer, view: DataView, header: number, begin: number, payload: number, texts: Texts): Tile {
  const form = view.getUint8(header + 3);
  const extra = view.getUint32(header + 20, true);
  switch (form) {
    case 0:
      return { form: 'empty', bytes: OVERHEAD };
    case 1:
      return decodeExact(buffer, view, begin, begin + payload, extra, texts);
    case 2:
      return decodeStrip(buffer, begin, begin + payload, extra);
    case 3: {
      const [ts, value] = columns(buffer, begin, begin + payload, extra);
      return { form: 'steps', bytes: OVERHEAD + payload, ts, value };
    }
    case 4: {
      const [least, most] = columns(buffer, begin, begin + payload, CELLS);
      return { form: 'band', bytes: OVERHEAD + payload, least, most };
    }
    default:
      throw new Error(`tile frame, byte ${header + 3}: form ${form} is not known`);
  }
}

function decodeExact(buffer: ArrayBuffer, view: DataView, begin: number, end: number, n: number, texts: Texts): ExactTile {
  let at = begin;
  const take = (bytes: number): number => {
    const here = at;
    at += padded(bytes);
    if (at > end) throw new Error(`tile frame, byte ${here}: exact tile is cut`);
    return here;
  };
  // Only the two u32 columns together are a multiple of eight; they are not padded one by one.
  const start = new Float64Array(buffer, take(n * 8), n);
  const stop = new Float64Array(buffer, take(n * 8), n);
  const both = take(n * 8);
  const label = new Uint32Array(buffer, both, n);
  const row = new Uint32Array(buffer, both + n * 4, n);
  const cls = new Uint8Array(buffer, take(n), n);
  const m = view.getUint32(take(8), true);
  const markTs = new Float64Array(buffer, take(m * 8), m);
  const rest = at;
  if (rest + m * 5 > end) throw new Error(`tile frame, byte ${rest}: exact tile is cut`);
  return {
    form: 'exact',
    bytes: OVERHEAD + end - begin,
    start,
    end: stop,
    label,
    row,
    cls,
    markTs,
    markLabel: new Uint32Array(buffer, rest, m),
    markKind: new Uint8Array(buffer, rest + m * 4, m),
    texts,
  };
}

function decodeStrip(buffer: ArrayBuffer, begin: number, end: number, mask: number): StripTile {
  const ids: number[] = [];
  for (let c = 0; c < 32; c++) if ((mask >>> c) & 1) ids.push(c);
  if (begin + (ids.length + 3) * CELLS > end) throw new Error(`tile frame, byte ${begin}: strip tile is cut`);
  const plane = (i: number, count = 1): Uint8Array => new Uint8Array(buffer, begin + i * CELLS, count * CELLS);
  return {
    form: 'strip',
    bytes: OVERHEAD + end - begin,
    classes: Uint8Array.from(ids),
    shares: plane(0, ids.length),
    transitions: plane(ids.length),
    logs: plane(ids.length + 1),
    samples: plane(ids.length + 2),
  };
}

/** Two columns of `n` numbers, one after the other. */
function columns(buffer: ArrayBuffer, begin: number, end: number, n: number): [Float64Array, Float64Array] {
  if (begin + n * 16 > end) throw new Error(`tile frame, byte ${begin}: curve tile is cut`);
  return [new Float64Array(buffer, begin, n), new Float64Array(buffer, begin + n * 8, n)];
}

function decodeTexts(buffer: ArrayBuffer, view: DataView, begin: number, count: number, into: Texts): void {
  const utf8 = new TextDecoder();
  let at = begin;
  for (let i = 0; i < count; i++) {
    if (at + 8 > buffer.byteLength) throw new Error(`tile frame, byte ${at}: cut in text ${i} of ${count}`);
    const bytes = view.getUint32(at + 4, true);
    if (at + 8 + bytes > buffer.byteLength) throw new Error(`tile frame, byte ${at}: text of ${bytes} bytes is cut`);
    into.set(view.getUint32(at, true), utf8.decode(new Uint8Array(buffer, at + 8, bytes)));
    at += 8 + ((bytes + 3) & ~3);
  }
}
