/**
 * What the gestures of the pointer do to the state: choose, select, pan, zoom.
 */

import { batch } from '@preact/signals';
import type { Api } from '../api/client';
import { lanesInView } from '../state/totals';
import * as state from '../state/view';
import { fitting, type Interval, panBy, snapTo, zoomAt } from './geometry';
import { edgesNear, hoverAt } from './hit';
import type { Motion } from './motion';
import type { Gestures, Point } from './pointer';
import { type Scene, type SceneRow, stripAt } from './scene';
import type { Scroller } from './scroller';
import type { Tiles } from './tiles';

/** CSS px within which a range's edge snaps to a span's, and within which it can be taken. */
const SNAP = 10;
const EDGE_REACH = 5;

/** What the gestures act on. */
export interface Ground {
  readonly api: Api;
  readonly tiles: Tiles;
  readonly motion: Motion;
  readonly scroller: Scroller;
  /** The last frame's scene. */
  scene(): Scene | null;
  /** Extent of the selected span, once known. */
  selected(): Interval | null;
  trace(): Interval;
  /** CSS px of the lanes' canvas. */
  width(): number;
  toggle(row: SceneRow): void;
  changed(what: 'lanes' | 'overlay'): void;
}

export class LaneGestures implements Gestures {
  /** CSS px of the pointer over the canvas, or null when it is elsewhere. */
  at: Point | null = null;
  /** The interval of a Ctrl+drag under way. */
  zoomRange: Interval | null = null;
  /** The range before the drag under way, for Escape. */
  private before: { readonly range: Interval | null; readonly lanes: readonly string[] | null } | null = null;

  constructor(private readonly ground: Ground) {}

  tsAt(x: number): number {
    const view = state.viewport.peek();
    return view.from + (x / this.ground.width()) * (view.to - view.from);
  }

  moved(at: Point | null): void {
    this.at = at;
    if (at === null && state.hover.peek() !== null) state.hover.value = null;
    this.ground.changed('overlay');
  }

  click(at: Point): void {
    state.spotlight.value = null;
    const scene = this.ground.scene();
    if (scene === null || at.x < 0) return;
    if (at.y * scene.dpr < scene.axisBottom) {
      state.range.value = state.rangeLanes.value = null;
      return;
    }
    const hit = stripAt(scene, at.y);
    if (hit === null || hit.strip === null) {
      if (hit?.row.kind === 'section') this.ground.toggle(hit.row);
      else if (hit === null) state.selection.value = null;
      return;
    }
    const info = hoverAt(scene, this.ground.tiles, at.x, at.y, 0, 0);
    if (info?.span === undefined && info?.cell === undefined && info?.curve === undefined) {
      state.selection.value = null;
      return;
    }
    if (/^(group|tasktype):/.test(info.lane)) return;
    const ts = Math.round(info.span === undefined ? info.ts : Math.min(Math.max(info.ts, info.span.start), Math.max(info.span.start, info.span.end - 1)));
    state.selection.value = info.span === undefined ? { lane: info.lane, ts } : { lane: info.lane, ts, row: info.span.row };
  }

  doubleClick(at: Point): void {
    const scene = this.ground.scene();
    const hit = scene === null || at.x < 0 ? null : stripAt(scene, at.y);
    if (hit === null || hit.strip === null) return;
    if (hit.row.kind === 'group' && !hit.row.pinned) this.ground.toggle(hit.row);
    else void this.fitSpan(hit.strip.key, this.tsAt(at.x));
  }

  private async fitSpan(lane: string, ts: number): Promise<void> {
    const selected = this.ground.selected();
    if (selected !== null && state.selection.peek()?.lane === lane) {
      this.ground.motion.fly(fitting(selected, this.ground.trace()));
      return;
    }
    const span = await this.ground.api.span(lane, { ts }).catch(() => null);
    if (span !== null) this.ground.motion.fly(fitting({ from: span.start, to: span.end }, this.ground.trace()));
  }

  edgeAt(at: Point): 'from' | 'to' | null {
    const range = state.range.peek();
    const scene = this.ground.scene();
    if (range === null || scene === null || at.x < 0) return null;
    const reach = EDGE_REACH * scene.dpr;
    const x = at.x * scene.dpr;
    if (Math.abs(scene.scale.x(range.to) - x) <= reach) return 'to';
    return Math.abs(scene.scale.x(range.from) - x) <= reach ? 'from' : null;
  }

  private snapped(at: Point, snap: boolean): number {
    const scene = this.ground.scene();
    const ts = this.tsAt(at.x);
    const trace = this.ground.trace();
    const inside = Math.round(Math.min(Math.max(ts, trace.from), trace.to));
    if (!snap || scene === null) return inside;
    const reach = SNAP * scene.dpr * scene.scale.perPx;
    const marks = state.marks.peek().flatMap((m) => [m.from, m.to]);
    const chosen = this.ground.selected();
    const selected = chosen === null ? [] : [chosen.from, chosen.to];
    return snapTo(inside, [...edgesNear(scene, this.ground.tiles, at.y, ts, reach), ...marks, ...selected, trace.from, trace.to], reach);
  }

  selecting(from: Point, to: Point, snap: boolean): void {
    this.before ??= { range: state.range.peek(), lanes: state.rangeLanes.peek() };
    const a = this.snapped(from, snap);
    const b = this.snapped(to, snap);
    batch(() => {
      state.range.value = { from: Math.min(a, b), to: Math.max(a, b) };
      state.rangeLanes.value = this.lanesBetween(from.y, to.y);
    });
    this.at = to;
  }

  /** The lanes that a drag from one height to another chose; null for those in view. */
  private lanesBetween(a: number, b: number): string[] | null {
    const scene = this.ground.scene();
    if (scene === null || Math.min(a, b) * scene.dpr < scene.axisBottom) return null;
    const [top, bottom] = a < b ? [a, b] : [b, a];
    const within = [...scene.pinned, ...scene.rows].filter((r) => r.cssTop < bottom && r.cssTop + r.cssHeight > top && r.kind !== 'section' && r.key !== null);
    if (within.length === 0) return null;
    const keys = within.map((r) => r.key!);
    // Of lanes that show the same time twice, procs and the goroutines on them, one kind is summed.
    const one = lanesInView(keys);
    return one.every((key) => keys.includes(key)) ? [...one] : keys;
  }

  chosen(): void {
    this.before = null;
    const range = state.range.peek();
    if (range !== null && range.to <= range.from) state.range.value = state.rangeLanes.value = null;
  }

  movingEdge(edge: 'from' | 'to', to: Point, snap: boolean): void {
    const range = state.range.peek();
    this.before ??= { range, lanes: state.rangeLanes.peek() };
    if (range === null) return;
    const ts = this.snapped(to, snap);
    state.range.value = edge === 'from' ? { from: Math.min(ts, range.to - 1), to: range.to } : { from: range.from, to: Math.max(ts, range.from + 1) };
    this.at = to;
  }

  zooming(from: Point, to: Point): void {
    const a = this.tsAt(from.x);
    const b = this.tsAt(to.x);
    this.zoomRange = { from: Math.min(a, b), to: Math.max(a, b) };
    this.ground.changed('overlay');
  }

  zoomed(): void {
    const part = this.zoomRange;
    this.zoomRange = null;
    if (part !== null && part.to > part.from) this.ground.motion.fly(fitting(part, this.ground.trace(), 0));
    this.ground.changed('overlay');
  }

  panned(dx: number, dy: number): void {
    if (dx !== 0) {
      const view = state.viewport.peek();
      this.ground.motion.jump(panBy(view, (-dx / this.ground.width()) * (view.to - view.from), this.ground.trace()));
    }
    if (dy !== 0) {
      state.scrollTop.value = this.ground.scroller.set(this.ground.scroller.top - dy);
      this.ground.changed('lanes');
    }
  }

  zoom(x: number, factor: number, smooth: boolean): void {
    const anchor = this.tsAt(x);
    if (smooth) this.ground.motion.zoom(factor, anchor);
    else this.ground.motion.jump(zoomAt(state.viewport.peek(), anchor, factor, this.ground.trace()));
  }

  scrolled(dy: number): void {
    this.ground.scroller.by(dy);
  }

  cancelled(): void {
    this.zoomRange = null;
    const { before } = this;
    this.before = null;
    if (before !== null)
      batch(() => {
        state.range.value = before.range;
        state.rangeLanes.value = before.lanes;
      });
    this.ground.changed('overlay');
  }
}
