/**
 * Draws the lanes: strips first, then the spans that are wide enough to be drawn one by
 * one, then separators, marks and labels.
 *
 * A span is drawn by itself when it is a few pixels wide; everything narrower is summed
 * into strip cells, so a dense lane keeps its proportions at every zoom.
 */

import type { Bitmap, Bitmaps } from './bitmaps';
import { type Colours, coloursOf, font } from './colours';
import { CurvePixels } from './curve';
import type { ExactTile, StripTile, Tile } from './decode';
import { CELLS, tileRange, tileSpan } from './geometry';
import { LabelFit } from './labels';
import { paintCurve } from './paint_curve';
import type { LaneSlots } from './lru';
import { firstEndingAfter, stripOfSpans } from './raster';
import type { Scene, SceneRow, SceneStrip } from './scene';
import type { Tiles } from './tiles';
import type { CurveScale } from '../api/types';

/** Spans drawn one by one in a frame; more raises the width from which they are. */
const SPAN_BUDGET = 3000;
const NARROWEST_SPAN = 3;
const LABEL_BUDGET = 500;
/** CSS px. */
const LABEL_ROOM = 30;
const LABEL_PAD = 4;
const LABEL_PX = 11;
/** Marks closer than this (CSS px, on average over a tile) are drawn by the strip alone. */
const MARK_ROOM = 4;
/** A class of procs and threads; see docs/http-api.md. */
const IDLE = 15;
/** A mark's kind; see docs/http-api.md. */
const LOG = 1;

/** The spans drawn one by one in a frame: boxes in device px, and which span each is. */
export interface Drawn {
  readonly strip: SceneStrip;
  readonly tile: ExactTile;
  readonly index: number;
  readonly x0: number;
  readonly x1: number;
  /** Whether a gap marks its end; not where narrower ones follow, which the gap would hide, nor in idleness. */
  readonly parted: boolean;
}

interface Label {
  readonly text: string;
  readonly x: number;
  readonly room: number;
  readonly strip: SceneStrip;
  readonly cls: number;
}

interface Mark {
  readonly x: number;
  readonly kind: number;
  readonly strip: SceneStrip;
}

export class LanePainter {
  private readonly fits = new Map<string, LabelFit>();
  private readonly byClass: Drawn[][] = Array.from({ length: 32 }, () => []);
  private labels: Label[] = [];
  private marks: Mark[] = [];
  private widest = NARROWEST_SPAN;
  private count = 0;
  private hurried = false;
  private colours: Colours = coloursOf('light');
  private names: readonly string[] = [];
  private curves: ReadonlyMap<string, CurveScale> = new Map();
  /** All spans drawn one by one in the last frame. */
  drawn: Drawn[] = [];

  constructor(
    private readonly ctx: CanvasRenderingContext2D,
    private readonly tiles: Tiles,
    private readonly bitmaps: Bitmaps,
  ) {}

  /** A new frame begins. `names`: what spans without a label of their own are called, by class; `curves`: scales by lane. */
  begin(colours: Colours, names: readonly string[], curves: ReadonlyMap<string, CurveScale>): void {
    this.names = names;
    this.curves = curves;
    this.drawn = [];
    this.count = 0;
    this.hurried = false;
    this.colours = colours;
  }

  /** A frame is done. True: the raster budget ran out and another frame should follow. */
  end(): boolean {
    if (this.count > SPAN_BUDGET) this.widest *= 1.5;
    else if (this.count < SPAN_BUDGET / 3 && this.widest > NARROWEST_SPAN) this.widest = Math.max(NARROWEST_SPAN, this.widest / 1.5);
    return this.hurried;
  }

  /** Draws rows within `top`…`bottom` (device px). */
  area(scene: Scene, rows: readonly SceneRow[], top: number, bottom: number): void {
    const { ctx } = this;
    for (const list of this.byClass) list.length = 0;
    this.labels = [];
    this.marks = [];
    ctx.save();
    ctx.beginPath();
    ctx.rect(0, top, scene.width, bottom - top);
    ctx.clip();
    for (const row of rows) for (const strip of row.strips) if (strip.y < bottom && strip.y + strip.height > top) this.one(scene, strip);
    this.flushSpans(scene);
    this.flushMarks(scene);
    this.flushLabels(scene);
    ctx.restore();
  }

  private one(scene: Scene, strip: SceneStrip): void {
    if (strip.kind === 'curve') this.curve(scene, strip);
    else this.lane(scene, strip);
  }

  /** A value over time: from the tiles that are here, the finest first. */
  private curve(scene: Scene, strip: SceneStrip): void {
    const scale = this.curves.get(strip.key);
    const visible = clip(scene, scene.trace);
    if (visible === null || scale === undefined) return;
    const slots = this.tiles.lane(strip.lane);
    const span = tileSpan(scene.level);
    const { first, last } = tileRange(scene.level, visible);
    const pixels = new CurvePixels(scene.scale);
    for (let x = first; x <= last; x++) {
      const { tile, final, level, x: place } = this.tiles.find(slots, scene.level, x);
      if (!final) this.tiles.want(strip.key, strip.lane, x);
      if (tile?.form !== 'steps' && tile?.form !== 'band') continue;
      pixels.add(tile, level, place, { from: Math.max(x * span, visible.from), to: Math.min((x + 1) * span, visible.to) });
    }
    paintCurve(this.ctx, scene, strip, this.colours, pixels, scale);
  }

  private lane(scene: Scene, strip: SceneStrip): void {
    const { level } = scene;
    const slots = this.tiles.lane(strip.lane);
    const visible = clip(scene, scene.trace);
    if (visible === null) return;
    const { first, last } = tileRange(level, visible);
    const span = tileSpan(level);
    let shown: ExactTile | null = null;
    for (let x = first; x <= last; x++) {
      const found = this.tiles.find(slots, level, x);
      const { tile, final } = found;
      if (!final) this.tiles.want(strip.key, strip.lane, x);
      if (tile === null) {
        this.children(scene, strip, slots, x, 3);
        shown = null;
      } else if (tile.form === 'exact') {
        // A leaf far above this level is met again at each x; its spans are drawn once, up to the view's end.
        if (tile !== shown) {
          const leaf = found.x * tileSpan(found.level);
          const from = Math.max(leaf, x * span);
          const to = Math.min(leaf + tileSpan(found.level), (last + 1) * span);
          this.spans(scene, strip, tile, from, to, shown !== null);
        }
        shown = tile;
      } else {
        if (tile.form === 'strip') {
          const { level: at, x: placeX } = found;
          if (final) this.strip(scene, strip, tile, at, placeX);
          else {
            this.standIn(scene, strip, tile, at, placeX, x);
            this.children(scene, strip, slots, x, 2);
          }
        }
        shown = null;
      }
    }
  }

  /** A strip tile at its own place, as a whole. */
  private strip(scene: Scene, strip: SceneStrip, tile: StripTile, level: number, x: number): void {
    const slots = this.bitmaps.lane(strip.lane);
    let bitmap = this.bitmaps.get(slots, level, x);
    if (bitmap === undefined) {
      if (this.postponed(scene, strip, level, x)) return;
      bitmap = this.bitmaps.make(strip.lane, level, x, strip.height, () => tile, leastOf(strip));
    }
    const span = tileSpan(level);
    this.blit(scene, strip, bitmap, x * span, (x + 1) * span);
  }

  /** The part of a coarser strip that lies under tile `x` of the scene's level. */
  private standIn(scene: Scene, strip: SceneStrip, tile: StripTile, level: number, placeX: number, x: number): void {
    let bitmap = this.bitmaps.get(this.bitmaps.lane(strip.lane), level, placeX);
    if (bitmap === undefined) {
      if (this.bitmaps.exhausted) {
        this.hurried = true;
        return;
      }
      bitmap = this.bitmaps.make(strip.lane, level, placeX, strip.height, () => tile, leastOf(strip));
    }
    this.part(scene, strip, bitmap, level, placeX, x);
  }

  private part(scene: Scene, strip: SceneStrip, bitmap: Bitmap, level: number, placeX: number, x: number): void {
    const { ctx } = this;
    const span = tileSpan(scene.level);
    const cell = 2 ** level;
    const origin = placeX * cell * CELLS;
    const first = Math.max(0, Math.floor((x * span - origin) / cell));
    const last = Math.min(CELLS, Math.ceil(((x + 1) * span - origin) / cell));
    const x0 = Math.round(scene.scale.x(x * span));
    const x1 = Math.round(scene.scale.x((x + 1) * span));
    // Whole cells are scaled; the clip cuts what sticks out of this tile.
    const c0 = scene.scale.x(origin + first * cell);
    const c1 = scene.scale.x(origin + last * cell);
    const wide = 4 * scene.width;
    if (c0 >= -wide && c1 <= scene.width + wide && c1 - c0 <= x1 - x0 + 1) {
      ctx.drawImage(bitmap, first, 0, last - first, strip.height, x0, strip.y, x1 - x0, strip.height);
      return;
    }
    const a = (x * span - origin) / cell;
    const b = ((x + 1) * span - origin) / cell;
    ctx.drawImage(bitmap, a, 0, b - a, strip.height, x0, strip.y, x1 - x0, strip.height);
  }

  /** Whether a tile's rasterising waits for the next frame; what there is of it is drawn. */
  private postponed(scene: Scene, strip: SceneStrip, level: number, x: number): boolean {
    if (!this.bitmaps.overBudget || (!this.nearest(scene, strip, level, x) && !this.bitmaps.exhausted)) return false;
    this.hurried = true;
    return true;
  }

  /** Draws some bitmap that covers tile `x`; false when there is none. */
  private nearest(scene: Scene, strip: SceneStrip, level: number, x: number): boolean {
    const slots = this.bitmaps.lane(strip.lane);
    if (level !== scene.level) return false;
    for (const coarser of slots.levels) {
      if (coarser <= level) continue;
      const at = Math.floor(x / 2 ** (coarser - level));
      const bitmap = this.bitmaps.get(slots, coarser, at);
      if (bitmap === undefined) continue;
      this.part(scene, strip, bitmap, coarser, at, x);
      return true;
    }
    const left = this.bitmaps.get(slots, level - 1, 2 * x);
    const right = this.bitmaps.get(slots, level - 1, 2 * x + 1);
    if (left === undefined && right === undefined) return false;
    const span = tileSpan(level - 1);
    if (left !== undefined) this.blit(scene, strip, left, 2 * x * span, (2 * x + 1) * span);
    if (right !== undefined) this.blit(scene, strip, right, (2 * x + 1) * span, (2 * x + 2) * span);
    return true;
  }

  /** Finer tiles under a missing one, while zooming out. */
  private children(scene: Scene, strip: SceneStrip, slots: LaneSlots<Tile>, x: number, depth: number): void {
    for (let down = 1; down <= depth; down++) {
      const level = scene.level - down;
      if (level < 0 || slots.byLevel[level] === undefined) continue;
      const span = tileSpan(level);
      const first = x * 2 ** down;
      let any = false;
      for (let i = first; i < first + 2 ** down; i++) {
        const tile = this.tiles.at(slots, level, i);
        if (tile === undefined || tile.form !== 'strip') continue;
        const bitmap = this.bitmaps.get(this.bitmaps.lane(strip.lane), level, i);
        if (bitmap === undefined) continue;
        // A stand-in may lie under it, and strips have holes.
        const x0 = Math.round(scene.scale.x(i * span));
        this.ctx.fillStyle = this.colours.bg;
        this.ctx.fillRect(x0, strip.y, Math.round(scene.scale.x((i + 1) * span)) - x0, strip.height);
        this.blit(scene, strip, bitmap, i * span, (i + 1) * span);
        any = true;
      }
      if (any) return;
    }
  }

  private blit(scene: Scene, strip: SceneStrip, bitmap: Bitmap, from: number, to: number): void {
    const x0 = Math.round(scene.scale.x(from));
    const x1 = Math.round(scene.scale.x(to));
    if (x1 <= 0 || x0 >= scene.width || x1 <= x0) return;
    this.ctx.drawImage(bitmap, 0, 0, CELLS, strip.height, x0, strip.y, x1 - x0, strip.height);
  }

  /** The spans of an exact tile within `[from, to)`. */
  private spans(scene: Scene, strip: SceneStrip, tile: ExactTile, from: number, to: number, follows: boolean): void {
    const { scale, level } = scene;
    const begin = Math.max(from, scale.from);
    const stop = Math.min(to, scale.to);
    const narrow = new Set<number>();
    const unit = tileSpan(level);
    const least = scale.perPx < 0.25 ? 0 : this.widest * scale.perPx;
    const { start, end, cls } = tile;
    const isNarrow = (i: number): boolean => end[i]! - start[i]! < least;
    for (let i = firstEndingAfter(end, begin); i < start.length; i++) {
      const s = start[i]!;
      if (s >= stop) break;
      const e = end[i]!;
      if (isNarrow(i)) {
        for (let x = Math.floor(Math.max(s, from) / unit); x <= Math.floor(Math.min(e, stop) / unit); x++) narrow.add(x);
        continue;
      }
      // The tile before drew a span that crosses the border.
      if (follows && s < from) continue;
      // A pixel shared with narrower spans is left to their strip, which has all shares of it.
      const afterNarrow = i > 0 && s - end[i - 1]! < scale.perPx && isNarrow(i - 1);
      const beforeNarrow = i + 1 < start.length && start[i + 1]! - e < scale.perPx && isNarrow(i + 1);
      const x0 = Math.max(afterNarrow ? Math.ceil(scale.x(s)) : Math.round(scale.x(s)), -2);
      const right = beforeNarrow ? Math.floor(scale.x(e)) : Math.round(scale.x(e));
      const x1 = Math.min(Math.max(right, x0 + 1), scene.width + 2);
      const item: Drawn = { strip, tile, index: i, x0, x1, parted: !beforeNarrow && cls[i] !== IDLE };
      this.byClass[cls[i]! & 31]!.push(item);
    }
    this.tileMarks(scene, strip, tile, begin, stop, narrow);
    for (const x of narrow) if (x * unit < stop && (x + 1) * unit > begin) this.summed(scene, strip, tile, x);
  }

  /** The strip of an exact tile's spans at the scene's level. */
  private summed(scene: Scene, strip: SceneStrip, tile: ExactTile, x: number): void {
    const { level } = scene;
    const slots = this.bitmaps.lane(strip.lane);
    const cell = 2 ** level;
    let bitmap = this.bitmaps.get(slots, level, x);
    if (bitmap === undefined) {
      if (this.postponed(scene, strip, level, x)) return;
      bitmap = this.bitmaps.make(strip.lane, level, x, strip.height, () => stripOfSpans(tile, x * cell * CELLS, cell), leastOf(strip));
    }
    this.blit(scene, strip, bitmap, x * cell * CELLS, (x + 1) * cell * CELLS);
  }

  private tileMarks(scene: Scene, strip: SceneStrip, tile: ExactTile, begin: number, stop: number, narrow: Set<number>): void {
    const { markTs, markKind } = tile;
    if (markTs.length === 0) return;
    const unit = tileSpan(scene.level);
    const most = unit / scene.scale.perPx / (MARK_ROOM * scene.dpr);
    // Decided for whole tiles, not for what of them is in view: marks must not change their form while panning.
    for (let x = Math.floor(begin / unit); x * unit < stop; x++) {
      const first = firstEndingAfter(markTs, x * unit - 1);
      const last = firstEndingAfter(markTs, (x + 1) * unit - 1);
      if (last - first > most) narrow.add(x);
      else for (let i = first; i < last; i++) this.marks.push({ x: Math.round(scene.scale.x(markTs[i]!)), kind: markKind[i]!, strip });
    }
  }

  private flushSpans(scene: Scene): void {
    const { ctx, colours } = this;
    const gap = Math.max(1, Math.floor(scene.dpr));
    const separators: Drawn[] = [];
    this.byClass.forEach((items, cls) => {
      if (items.length === 0) return;
      ctx.fillStyle = colours.classes[cls] ?? colours.classes[0]!;
      for (const item of items) {
        const { strip, x0, x1 } = item;
        ctx.fillRect(x0, strip.y, x1 - x0, strip.height);
        if (item.parted && x1 - x0 >= 5 * gap) separators.push(item);
        if (x1 - x0 >= LABEL_ROOM * scene.dpr && strip.kind !== 'ranges' && strip.kind !== 'off') this.label(scene, item, cls);
        this.drawn.push(item);
      }
      this.count += items.length;
    });
    ctx.fillStyle = colours.bg;
    for (const { strip, x1 } of separators) ctx.fillRect(x1 - gap, strip.y, gap, strip.height);
  }

  private label(scene: Scene, { strip, tile, index, x0, x1 }: Drawn, cls: number): void {
    const id = tile.label[index]!;
    const text = (id === 0 ? undefined : tile.texts.get(id)) ?? this.names[cls] ?? '';
    if (text === '') return;
    const pad = LABEL_PAD * scene.dpr;
    const x = Math.max(x0, 0) + pad;
    const room = Math.min(x1, scene.width) - pad - x;
    if (room > 0) this.labels.push({ text, x, room, strip, cls });
  }

  private flushLabels(scene: Scene): void {
    const { ctx, colours } = this;
    let { labels } = this;
    if (labels.length > LABEL_BUDGET) labels = labels.sort((a, b) => b.room - a.room).slice(0, LABEL_BUDGET);
    const face = font(LABEL_PX, scene.dpr);
    const fit = this.fitFor(face);
    ctx.font = face;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    for (const ink of new Set(colours.inks)) {
      ctx.fillStyle = ink;
      for (const { text, x, room, strip, cls } of labels) {
        if (colours.inks[cls] !== ink) continue;
        const shown = fit.fit(text, room);
        if (shown !== '') ctx.fillText(shown, x, strip.y + strip.height / 2 + 0.5 * scene.dpr);
      }
    }
  }

  private flushMarks(scene: Scene): void {
    const { ctx, marks, colours } = this;
    if (marks.length === 0) return;
    const { dpr } = scene;
    // A rim in the page's colour sets them off from every state.
    const line = Math.max(1, Math.floor(dpr));
    for (const [colour, rim] of [[colours.bg, line], [colours.sample, 0]] as const) {
      ctx.fillStyle = colour;
      for (const { x, kind, strip } of marks) {
        const tall = Math.round(strip.height / 3) + rim;
        if (kind !== LOG) ctx.fillRect(x - rim, strip.y + strip.height - tall, line + 2 * rim, tall);
      }
    }
    const size = 4 * dpr;
    ctx.beginPath();
    for (const { x, kind, strip } of marks) {
      if (kind !== LOG) continue;
      ctx.moveTo(x - size, strip.y);
      ctx.lineTo(x + size, strip.y);
      ctx.lineTo(x, strip.y + size * 1.5);
      ctx.closePath();
    }
    ctx.lineJoin = 'round';
    ctx.strokeStyle = colours.bg;
    ctx.lineWidth = 2.5 * dpr;
    ctx.stroke();
    ctx.fillStyle = colours.log;
    ctx.fill();
  }

  private fitFor(face: string): LabelFit {
    let fit = this.fits.get(face);
    if (fit === undefined) {
      const { ctx } = this;
      fit = new LabelFit((text) => {
        ctx.font = face;
        return ctx.measureText(text).width;
      });
      this.fits.set(face, fit);
    }
    return fit;
  }
}

/** Rows that a cell fills at least: lanes of rare ranges keep a tick where there is one. */
function leastOf(strip: SceneStrip): number {
  if (strip.kind === 'ranges') return strip.height * 0.6;
  return strip.key === 'stw' || strip.key === 'gc' ? strip.height * 0.35 : 0;
}

function clip(scene: Scene, trace: { from: number; to: number }): { from: number; to: number } | null {
  const from = Math.max(scene.scale.from, trace.from);
  const to = Math.min(scene.scale.to, trace.to + 1);
  return from < to ? { from, to } : null;
}
