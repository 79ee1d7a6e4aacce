/** Writes tile frames as the server does, for tests. */

import { CELLS } from '../geometry';

export interface ExactSpec {
  readonly form: 'exact';
  readonly spans: readonly { readonly start: number; readonly end: number; readonly cls: number; readonly label?: number; readonly row?: number }[];
  readonly marks?: readonly { readonly ts: number; readonly kind: number; readonly label?: number }[];
}

export interface StripSpec {
  readonly form: 'strip';
  /** One plane of `CELLS` shares per class. */
  readonly classes: ReadonlyMap<number, Uint8Array>;
  readonly transitions?: Uint8Array;
  readonly logs?: Uint8Array;
  readonly samples?: Uint8Array;
}

export interface TileSpec {
  readonly kind: number;
  readonly depth?: number;
  readonly row?: number;
  readonly level: number;
  readonly x: number;
  readonly payload: { readonly form: 'empty' } | ExactSpec | StripSpec;
}

export interface FrameSpec {
  readonly viewport: number;
  readonly last: boolean;
  readonly tiles: readonly TileSpec[];
  readonly texts?: readonly (readonly [number, string])[];
}

class Bytes {
  private readonly parts: number[] = [];
  get length(): number {
    return this.parts.length;
  }
  u8(...values: number[]): void {
    for (const v of values) this.parts.push(v & 255);
  }
  u32(v: number): void {
    this.u8(v, v >>> 8, v >>> 16, v >>> 24);
  }
  i64(v: number): void {
    const low = ((v % 2 ** 32) + 2 ** 32) % 2 ** 32;
    this.u32(low);
    this.u32((v - low) / 2 ** 32);
  }
  f64(v: number): void {
    this.u8(...new Uint8Array(new Float64Array([v]).buffer));
  }
  raw(bytes: Uint8Array): void {
    for (const b of bytes) this.parts.push(b);
  }
  pad(to: number): void {
    while (this.parts.length % to !== 0) this.parts.push(0);
  }
  patch(at: number, v: number): void {
    for (let i = 0; i < 4; i++) this.parts[at + i] = (v >>> (8 * i)) & 255;
  }
  done(): ArrayBuffer {
    return Uint8Array.from(this.parts).buffer;
  }
}

export function encodeFrame(frame: FrameSpec): ArrayBuffer {
  const out = new Bytes();
  const texts = frame.texts ?? [];
  out.u8(0x47, 0x54, 0x49, 0x4c, 1, 0, frame.last ? 1 : 0, 0);
  out.u32(frame.viewport);
  out.u32(frame.tiles.length);
  out.u32(texts.length);
  out.u32(0);
  out.f64(0);
  for (const tile of frame.tiles) encodeTile(out, tile);
  out.patch(20, out.length);
  for (const [id, text] of texts) {
    const utf8 = new TextEncoder().encode(text);
    out.u32(id);
    out.u32(utf8.length);
    out.raw(utf8);
    out.pad(4);
  }
  return out.done();
}

function encodeTile(out: Bytes, { kind, depth = 0, row = 0, level, x, payload }: TileSpec): void {
  out.u8(kind, depth, level, { empty: 0, exact: 1, strip: 2 }[payload.form]);
  out.u32(row);
  out.i64(x);
  const sizeAt = out.length;
  out.u32(0);
  const extraAt = out.length;
  out.u32(0);
  const begin = out.length;
  if (payload.form === 'exact') {
    const { spans, marks = [] } = payload;
    out.patch(extraAt, spans.length);
    for (const s of spans) out.f64(s.start);
    for (const s of spans) out.f64(s.end);
    for (const s of spans) out.u32(s.label ?? 0);
    for (const s of spans) out.u32(s.row ?? 0);
    for (const s of spans) out.u8(s.cls);
    out.pad(8);
    out.u32(marks.length);
    out.u32(0);
    for (const m of marks) out.f64(m.ts);
    for (const m of marks) out.u32(m.label ?? 0);
    for (const m of marks) out.u8(m.kind);
  } else if (payload.form === 'strip') {
    let mask = 0;
    for (const c of payload.classes.keys()) mask |= 1 << c;
    out.patch(extraAt, mask >>> 0);
    for (const c of [...payload.classes.keys()].sort((a, b) => a - b)) out.raw(payload.classes.get(c)!);
    const zero = new Uint8Array(CELLS);
    out.raw(payload.transitions ?? zero);
    out.raw(payload.logs ?? zero);
    out.raw(payload.samples ?? zero);
  }
  out.pad(8);
  out.patch(sizeAt, out.length - begin);
}
