/**
 * The timeline: owns the canvases, listens to state and input, and draws on demand.
 *
 * A frame: movement steps → the scene is laid out → lanes are painted if something under
 * them changed → the overlay is painted. Nothing runs while nothing changes.
 */

import { effect } from '@preact/signals';
import type { Api } from '../api/client';
import type { CurveScale } from '../api/types';
import { openLane } from '../state/carry';
import { register } from '../state/commands';
import * as state from '../state/view';
import { type Actions, actionsOf, commandsOf } from './actions';
import { paintArrows } from './arrows';
import { Bitmaps } from './bitmaps';
import { type Colours, coloursOf } from './colours';
import { barWidth, COLUMN, columnWidth } from './columns';
import { type Interval, levelFor, TimeScale } from './geometry';
import { Gutter } from './gutter';
import { LaneGestures } from './gestures';
import { hoverAt, spanAt } from './hit';
import { listenHeldKeys } from './keys';
import { closedKey, type Layout, layoutOf, rowAt } from './layout';
import { Members } from './members';
import { Motion } from './motion';
import { AXIS, paintAxis, paintEdges, paintGround, paintPinnedGround } from './paint_axis';
import { LanePainter } from './paint_lanes';
import { paintOverlay } from './paint_overlay';
import { onPixelRatio } from './pixel_ratio';
import { Places } from './places';
import { Pointer } from './pointer';
import { prefetchPlan } from './prefetch';
import { pinnedRows, type Scene, type SceneRow, scrolledRows, stripAt } from './scene';
import { Scroller } from './scroller';
import { axis, lengthText } from './ticks';
import { type Prefetch, Tiles } from './tiles';

/** What `window.__view` shows to tests and benches. */
export interface ViewProbe {
  level: number;
  from: number;
  to: number;
  tilesMissing: number;
  lastFrameMs: number;
  frames: number;
}

declare global {
  interface Window {
    __view?: ViewProbe;
  }
}

/** What of a frame must be done anew; `settled`: the lanes came to rest. */
interface Dirty {
  layout: boolean;
  lanes: boolean;
  overlay: boolean;
  size: boolean;
  settled: boolean;
}

/** A mounted timeline. */
export interface Timeline {
  readonly actions: Actions;
  dispose(): void;
}

/** CSS px between labelled ticks. */
const TICK_ROOM = 118;
/** CSS px. */
const PINNED_AIR = 3;
/** ms after which moving lanes count as resting. */
const SETTLE_MS = 120;
/** Pinned lanes take at most this share of the height. */
const PINNED_SHARE = 0.45;

export function mountTimeline(host: HTMLElement, api: Api): Timeline {
  return new TimelineView(host, api);
}

class TimelineView implements Timeline {
  readonly actions: Actions;
  private readonly lanesCanvas = document.createElement('canvas');
  private readonly overlayCanvas = document.createElement('canvas');
  private readonly lanesCtx: CanvasRenderingContext2D;
  private readonly overlayCtx: CanvasRenderingContext2D;
  private readonly splitter = document.createElement('div');
  private readonly tiles: Tiles;
  private readonly bitmaps = new Bitmaps();
  private readonly painter: LanePainter;
  private readonly members: Members;
  private readonly places: Places;
  private readonly scroller: Scroller;
  private readonly gutter: Gutter;
  private readonly pointer: Pointer;
  private readonly gestures: LaneGestures;
  private readonly motion: Motion;
  private readonly off: (() => void)[] = [];
  private readonly probe: ViewProbe = { level: 0, from: 0, to: 0, tilesMissing: 0, lastFrameMs: 0, frames: 0 };

  private colours: Colours = coloursOf('light');
  private layout: Layout = { blocks: [], height: 0, index: new Map() };
  private scene: Scene | null = null;
  /** CSS px of the whole area, and of the canvases. */
  private width = 1;
  private height = 1;
  private canvasWidth = 1;
  private dpr = 1;
  private hoveredRow: string | null = null;
  private selected: Interval | null = null;
  private frame = 0;
  /** The overlay is in the lanes' canvas. */
  private baked = false;
  private settling: ReturnType<typeof setTimeout> | undefined;
  private painterHurried = false;
  /** Names of classes, by id; idleness needs none. */
  private names: readonly string[] = [];
  /** Scales of the lanes with a value over time. */
  private curves: ReadonlyMap<string, CurveScale> = new Map();
  private dirty: Dirty = { layout: true, lanes: true, overlay: true, size: true, settled: false };

  constructor(
    private readonly host: HTMLElement,
    api: Api,
  ) {
    this.lanesCtx = contextOf(this.lanesCanvas, false);
    this.overlayCtx = contextOf(this.overlayCanvas, true);
    this.tiles = new Tiles(api.wsUrl(), () => this.invalidate('lanes'), () => this.prefetchPlan());
    this.painter = new LanePainter(this.lanesCtx, this.tiles, this.bitmaps);
    const sortOf = (key: string): string => {
      const sort = state.laneSort.peek();
      return sort === 'running' && /^task/.test(key) ? 'duration' : sort;
    };
    this.members = new Members(api, sortOf, (heights) => this.invalidate(heights ? 'layout' : 'lanes'));
    this.places = new Places(api, this.members, () => state.lanes.peek(), sortOf, () => this.invalidate('lanes'));
    this.motion = new Motion({
      view: () => state.viewport.peek(),
      trace: () => this.trace(),
      anchor: () => this.anchor(),
      set: (view) => {
        state.viewport.value = view;
      },
      wake: () => this.wake(),
    });
    this.scroller = new Scroller(
      (top) => {
        state.scrollTop.value = top;
        this.invalidate('lanes');
      },
      () => this.wake(),
    );
    this.actions = actionsOf({
      api,
      motion: this.motion,
      trace: () => this.trace(),
      anchor: () => this.anchor(),
      selected: () => this.selected,
      scrollBy: (dy) => this.scroller.by(dy),
      cancelDrag: () => this.pointer.cancel(),
      revealLane: (key) => this.revealLane(key),
    });
    this.gutter = new Gutter({
      toggle: (row) => this.toggle(row),
      pin: (key) => this.actions.pin(key),
      open: (row) => {
        if (row.key !== null) openLane(row.key, row.label);
      },
      sort: () => this.actions.cycleSort(),
      move: (row, rows) => this.moveFocus(row, rows),
      hovered: (row) => {
        this.hoveredRow = row?.key ?? null;
        this.invalidate('overlay');
      },
    });
    this.build();
    this.gestures = new LaneGestures({
      api,
      tiles: this.tiles,
      motion: this.motion,
      scroller: this.scroller,
      scene: () => this.scene,
      selected: () => this.selected,
      trace: () => this.trace(),
      width: () => this.canvasWidth,
      toggle: (row) => this.toggle(row),
      changed: (what) => this.invalidate(what),
    });
    this.pointer = new Pointer(host, () => columnWidth.peek(), this.gestures);
    this.listen();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    for (const off of this.off) off();
    this.pointer.dispose();
    this.tiles.dispose();
    this.host.replaceChildren();
    this.host.classList.remove('tl');
    delete window.__view;
  }

  private build(): void {
    const { host } = this;
    host.classList.add('tl');
    host.tabIndex = -1;
    this.lanesCanvas.className = 'tl-canvas';
    this.overlayCanvas.className = 'tl-canvas tl-overlay';
    this.lanesCanvas.setAttribute('role', 'img');
    this.lanesCanvas.setAttribute('aria-label', 'Lanes over time');
    this.overlayCanvas.setAttribute('aria-hidden', 'true');
    this.splitter.className = 'tl-splitter';
    this.gutter.element.tabIndex = -1;
    host.replaceChildren(this.lanesCanvas, this.overlayCanvas, this.scroller.element, this.gutter.element, this.splitter);
    this.splitter.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      this.splitter.setPointerCapture(event.pointerId);
      const offset = event.clientX - columnWidth.peek();
      const move = (e: PointerEvent): void => {
        columnWidth.value = Math.min(Math.max(e.clientX - offset, COLUMN.least), Math.min(COLUMN.most, this.width * 0.7));
        this.invalidate('size');
      };
      const stop = (): void => this.splitter.removeEventListener('pointermove', move);
      this.splitter.addEventListener('pointermove', move);
      this.splitter.addEventListener('lostpointercapture', stop, { once: true });
    });
    window.__view = this.probe;
  }

  private listen(): void {
    const { host } = this;
    const watch = (run: () => void): void => {
      this.off.push(effect(run));
    };
    const resized = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      this.pointer.measure();
      this.invalidate('size');
    });
    resized.observe(host);
    this.off.push(() => resized.disconnect());
    this.off.push(onPixelRatio(() => this.invalidate('size')));
    this.off.push(listenHeldKeys(this.motion));
    this.off.push(register(...commandsOf(this.actions).map((command) => ({ ...command, onTimeline: true }))));
    watch(() => {
      this.colours = coloursOf(state.theme.value);
      this.bitmaps.reset(this.colours.raster);
      for (const name of ['bg', 'header', 'border', 'text', 'dim', 'faint', 'accent'] as const) host.style.setProperty(`--tl-${name}`, this.colours[name]);
      this.invalidate('lanes');
    });
    watch(() => {
      void [state.lanes.value, state.expanded.value, state.pinned.value];
      const names: string[] = [];
      for (const { id, key, label } of state.meta.value?.classes ?? []) names[id] = key === 'idle' ? '' : label.toLowerCase();
      this.names = names;
      const lanes = state.lanes.value?.sections.flatMap((section) => section.lanes ?? []) ?? [];
      this.curves = new Map(lanes.flatMap(({ key, curve }) => (curve === undefined ? [] : [[key, curve] as const])));
      this.invalidate('layout');
    });
    watch(() => {
      void state.viewport.value;
      this.invalidate('lanes');
    });
    watch(() => {
      const top = state.scrollTop.value;
      if (Math.abs(top - this.scroller.top) >= 0.5) this.invalidate('lanes');
    });
    let sort = state.laneSort.peek();
    watch(() => {
      if (state.laneSort.value === sort) return;
      sort = state.laneSort.value;
      this.places.reset();
      this.members.reset();
    });
    watch(() => {
      void [state.selection.value, state.spotlight.value, state.details.value, state.range.value, state.rangeLanes.value, state.flows.value, state.marks.value];
      this.invalidate('overlay');
    });
    watch(() => {
      const key = state.reveal.value;
      if (key === null) return;
      state.reveal.value = null;
      void this.revealLane(key);
    });
  }

  private invalidate(what: keyof Dirty): void {
    this.dirty[what] = true;
    this.wake();
  }

  private wake(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame((now) => this.draw(now));
  }

  private draw(now: number): void {
    this.frame = -1;
    const began = performance.now();
    const moving = this.motion.tick(now);
    const scrolling = this.scroller.tick(now);
    // What the steps above changed belongs to this frame; what changes from here on, to the next.
    const { dirty } = this;
    this.dirty = { layout: false, lanes: false, overlay: false, size: false, settled: false };
    this.frame = 0;
    if (dirty.size && this.width > 1) this.resize();
    if (dirty.layout) this.relayout();
    let again = moving || scrolling;
    const paints = (dirty.size || dirty.layout || dirty.lanes || this.baked) && state.meta.peek() !== null && this.width > 1;
    if (paints) {
      again = this.paintLanes(began) || again;
      // While lanes move, the overlay goes into their canvas: one canvas a frame is half the work.
      this.bake(dirty.lanes && !dirty.settled);
    }
    if ((paints || dirty.overlay) && this.scene !== null) this.paintOver(this.scene);
    this.probe.frames++;
    this.probe.lastFrameMs = performance.now() - began;
    if (again) this.invalidate(this.painterHurried ? 'lanes' : 'overlay');
  }

  /** Whether the overlay is painted into the lanes' canvas; once they rest, they get a clean one. */
  private bake(baked: boolean): void {
    clearTimeout(this.settling);
    if (baked) this.settling = setTimeout(() => this.invalidate('settled'), SETTLE_MS);
    if (baked === this.baked) return;
    this.baked = baked;
    this.overlayCanvas.style.display = baked ? 'none' : '';
  }

  private resize(): void {
    this.dpr = window.devicePixelRatio;
    const { host, dpr } = this;
    columnWidth.value = Math.min(columnWidth.peek(), Math.max(COLUMN.least, Math.round(this.width * 0.7)));
    const column = columnWidth.peek();
    host.style.setProperty('--gutter', `${column}px`);
    barWidth.value = scrollBarWidth(this.scroller.element);
    this.canvasWidth = Math.max(1, this.width - column - barWidth.peek());
    const width = Math.max(1, Math.round(this.canvasWidth * dpr));
    const height = Math.max(1, Math.round(this.height * dpr));
    for (const canvas of [this.lanesCanvas, this.overlayCanvas]) {
      if (canvas.width === width && canvas.height === height) continue;
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width / dpr}px`;
      canvas.style.height = `${height / dpr}px`;
    }
    this.lanesCtx.imageSmoothingEnabled = false;
    this.bitmaps.reset(this.colours.raster);
  }

  private relayout(): void {
    const tree = state.lanes.peek();
    if (tree !== null) this.layout = layoutOf(tree, state.expanded.peek(), (group) => this.members.total(group));
  }

  /** Lays the scene out and paints it. True: another frame should follow. */
  private paintLanes(now: number): boolean {
    const scene = this.arrange();
    this.scene = scene;
    const { lanesCtx: ctx, colours } = this;
    const meta = state.meta.peek();
    this.tiles.begin(scene.level);
    this.bitmaps.begin();
    this.painter.begin(colours, this.names, this.curves);
    paintGround(ctx, scene, colours);
    this.painter.area(scene, scene.rows, scene.pinnedBottom, scene.height);
    if (scene.pinned.length > 0) {
      paintPinnedGround(ctx, scene, colours);
      this.painter.area(scene, scene.pinned, scene.axisBottom, scene.pinnedBottom);
    }
    paintEdges(ctx, scene, colours, meta?.lost ?? []);
    paintAxis(ctx, scene, colours, meta?.wall ?? null);
    this.painterHurried = this.painter.end();
    this.bitmaps.end();
    this.tiles.flush(now);
    const { probe } = this;
    probe.level = scene.level;
    probe.from = scene.scale.from;
    probe.to = scene.scale.to;
    probe.tilesMissing = this.tiles.missing;
    this.tellVisible(scene);
    return this.painterHurried;
  }

  private arrange(): Scene {
    const { dpr } = this;
    const axisHeight = state.meta.peek()?.wall == null ? AXIS.oneLine : AXIS.twoLines;
    const pinned = pinnedRows(state.pinned.peek().map((key) => this.places.pinned(key)), axisHeight + PINNED_AIR, dpr);
    const last = pinned[pinned.length - 1];
    const wanted = last === undefined ? axisHeight : last.cssTop + last.cssHeight + PINNED_AIR - 1;
    const top = Math.min(wanted, axisHeight + Math.round((this.height - axisHeight) * PINNED_SHARE));
    const { style } = this.scroller.element;
    if (style.top !== `${top}px`) style.top = `${top}px`;
    this.scroller.resize(this.layout.height + 24, Math.max(1, this.height - top));
    const asked = state.scrollTop.peek();
    const scroll = Math.abs(asked - this.scroller.top) >= 0.5 ? this.scroller.set(asked) : this.scroller.top;
    if (scroll !== asked && this.layout.height > 0) state.scrollTop.value = scroll;
    const rows = scrolledRows(this.layout, scroll, top, this.height, dpr, (group, index) => this.members.at(group, index));
    const scale = new TimeScale(state.viewport.peek(), this.lanesCanvas.width);
    return {
      dpr,
      scale,
      level: levelFor(scale.perPx),
      width: this.lanesCanvas.width,
      height: this.lanesCanvas.height,
      axisBottom: Math.round(axisHeight * dpr),
      pinnedBottom: Math.round(top * dpr),
      rows,
      pinned,
      axis: axis({ from: scale.from, to: scale.to }, TICK_ROOM * dpr * scale.perPx),
      trace: this.trace(),
    };
  }

  private paintOver(scene: Scene): void {
    this.selected = this.selectedExtent(scene);
    const { at } = this.gestures;
    const { x: left, y: top } = this.pointer.origin;
    const dragging = this.pointer.busy;
    const info = at === null || dragging || at.y * scene.dpr < scene.axisBottom ? null : hoverAt(scene, this.tiles, at.x, at.y, left, top);
    if (info !== state.hover.peek()) state.hover.value = info;
    const ctx = this.baked ? this.lanesCtx : this.overlayCtx;
    if (!this.baked) ctx.clearRect(0, 0, scene.width, scene.height);
    paintOverlay(ctx, scene, this.colours, {
      hover: info,
      spotlight: state.spotlight.peek(),
      pointer: at,
      selection: state.selection.peek(),
      selected: this.selected,
      range: state.range.peek(),
      rangeLanes: state.rangeLanes.peek(),
      zoomRange: this.gestures.zoomRange,
      marks: state.marks.peek(),
      drawn: this.painter.drawn,
    });
    const shift = scene.pinnedBottom / scene.dpr - this.scroller.top;
    paintArrows(ctx, scene, this.colours, state.flows.peek(), (lane) => {
      const place = this.places.top(this.layout, lane);
      return place === null ? null : { top: place.top + shift, height: place.height };
    });
    const hovered = this.hoveredRow ?? this.rowUnderPointer(scene)?.key ?? null;
    this.gutter.update(scene, lengthText(scene.scale.to - scene.scale.from), new Set(state.pinned.peek()), state.laneSort.peek(), hovered, state.spotlight.peek());
  }

  private rowUnderPointer(scene: Scene): SceneRow | null {
    const { at } = this.gestures;
    return at === null ? null : (stripAt(scene, at.y)?.row ?? null);
  }

  /** The selected span's extent: from the details if they are here, else from tiles. */
  private selectedExtent(scene: Scene): Interval | null {
    const at = state.selection.peek();
    if (at === null) return null;
    const known = state.details.peek();
    if (known !== null && known.lane === at.lane && (at.row === undefined ? known.start <= at.ts && at.ts <= known.end : known.row === at.row))
      return { from: known.start, to: known.end };
    const strip = [...scene.pinned, ...scene.rows].flatMap((r) => r.strips).find((s) => s.key === at.lane);
    const span = strip === undefined ? null : spanAt(scene, this.tiles, strip.lane, at.ts);
    return span === null ? null : { from: span.start, to: span.end };
  }

  private tellVisible(scene: Scene): void {
    const keys = [...scene.pinned, ...scene.rows].flatMap((r) => (r.key === null || r.kind === 'section' ? [] : [r.key]));
    const before = state.visibleLanes.peek();
    if (keys.length !== before.length || keys.some((k, i) => k !== before[i])) state.visibleLanes.value = keys;
  }

  private prefetchPlan(): readonly Prefetch[] {
    const { scene } = this;
    if (scene === null) return [];
    const half = this.height / 2;
    const rows = (top: number): SceneRow[] => scrolledRows(this.layout, Math.max(0, top), 0, half, 1, (group, index) => this.members.at(group, index));
    return prefetchPlan(scene, [...rows(this.scroller.top + this.height), ...rows(this.scroller.top - half)]);
  }

  private trace(): Interval {
    const meta = state.meta.peek();
    return meta === null ? { from: 0, to: 1 } : { from: meta.start, to: Math.max(meta.end, meta.start + 1) };
  }

  private anchor(): number {
    const view = state.viewport.peek();
    const { at } = this.gestures;
    return at === null ? (view.from + view.to) / 2 : this.gestures.tsAt(at.x);
  }

  private toggle(row: SceneRow): void {
    if (row.key === null) return;
    const key = row.kind === 'section' ? closedKey(row.key) : row.key;
    const next = new Set(state.expanded.peek());
    if (!next.delete(key)) next.add(key);
    state.expanded.value = next;
  }

  private async revealLane(key: string): Promise<void> {
    const open = await this.places.openFor(key, state.expanded.peek());
    if (open === null) return;
    if (open.size !== state.expanded.peek().size || [...open].some((k) => !state.expanded.peek().has(k))) state.expanded.value = open;
    this.relayout();
    const place = this.places.top(this.layout, key);
    if (place === null) return;
    const visible = this.height - (this.scene?.pinnedBottom ?? 0) / this.dpr;
    const { top } = this.scroller;
    const margin = Math.min(60, visible / 4);
    if (place.top >= top + margin / 3 && place.top + place.height <= top + visible - margin / 3) return;
    this.scroller.resize(this.layout.height + 24, Math.max(1, visible));
    state.scrollTop.value = this.scroller.set(place.top + place.height / 2 - visible / 2);
    this.invalidate('lanes');
  }

  private moveFocus(row: SceneRow, rows: number): void {
    if (this.scene === null) return;
    const top = row.cssTop - this.scene.pinnedBottom / this.dpr + this.scroller.top;
    const next = Math.min(Math.max(rows > 0 ? top + row.cssHeight * rows + 1 : top + row.cssHeight * (rows + 1) - 1, 0), this.layout.height - 1);
    const target = rowAt(this.layout, next);
    if (target === null) return;
    const visible = this.height - this.scene.pinnedBottom / this.dpr;
    if (target.top < this.scroller.top) state.scrollTop.value = this.scroller.set(target.top);
    else if (target.top + target.block.pitch > this.scroller.top + visible) state.scrollTop.value = this.scroller.set(target.top + target.block.pitch - visible);
    this.invalidate('lanes');
    requestAnimationFrame(() => this.gutter.focus(target.block.key, target.block.kind === 'members' ? 'member' : target.block.kind, target.index));
  }
}

function contextOf(canvas: HTMLCanvasElement, alpha: boolean): CanvasRenderingContext2D {
  const ctx = canvas.getContext('2d', { alpha });
  if (ctx === null) throw new Error('this browser has no 2d canvas');
  return ctx;
}

/** The width of the native scroll bar: read only when the size changes. */
function scrollBarWidth(element: HTMLElement): number {
  return element.offsetWidth - element.clientWidth;
}
