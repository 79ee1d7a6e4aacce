/**
 * The overview above the lanes: the whole trace at a glance, and the handle of the viewport.
 * Drag the box to move it, its edges to resize it, anywhere else to set it anew.
 */

import { effect } from '@preact/signals';
import type { Api } from '../api/client';
import type { Overview } from '../api/types';
import * as state from '../state/view';
import { hasCollector } from '../state/words';
import { coloursOf } from './colours';
import { barWidth, columnWidth } from './columns';
import { centred, clampView, type Interval, panBy, wheelFactor, zoomAt } from './geometry';
import { onPixelRatio } from './pixel_ratio';
import { OverviewLegend, dress } from './overview_legend';
import { type OverviewScene, paintBox, paintOverview } from './overview_paint';

/** CSS px within which an edge of the box is meant. */
const EDGE = 6;
const MOST_CELLS = 4096;
/** A narrower pane shows nothing worth asking for. */
const LEAST_CELLS = 32;

type Drag = { kind: 'move'; grab: number } | { kind: 'from' } | { kind: 'to' } | { kind: 'set'; start: number; moved: boolean };

/** A mounted overview. */
export interface OverviewPane {
  dispose(): void;
}

export function mountOverview(host: HTMLElement, api: Api): OverviewPane {
  return new OverviewView(host, api);
}

class OverviewView implements OverviewPane {
  private readonly canvas = document.createElement('canvas');
  private readonly box = document.createElement('canvas');
  private readonly legend = new OverviewLegend((waiting) => {
    this.waiting = waiting;
    this.invalidate('data');
  });
  private readonly off: (() => void)[] = [];
  private data: Overview | null = null;
  private asked = 0;
  private colours = coloursOf('light');
  private width = 1;
  private height = 1;
  private rect: DOMRect;
  private drag: Drag | null = null;
  private pointer: number | null = null;
  private waiting = false;
  private frame = 0;
  private dirty = { size: true, data: true };

  constructor(
    private readonly host: HTMLElement,
    private readonly api: Api,
  ) {
    host.classList.add('tl', 'tl-overview');
    this.canvas.className = 'tl-canvas';
    this.box.className = 'tl-canvas';
    host.replaceChildren(this.canvas, this.box, this.legend.element);
    this.rect = host.getBoundingClientRect();
    this.listen();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    for (const off of this.off) off();
    this.host.replaceChildren();
    this.host.classList.remove('tl', 'tl-overview');
  }

  private listen(): void {
    const { host } = this;
    const on = <K extends keyof HTMLElementEventMap>(type: K, run: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions): void => {
      host.addEventListener(type, run, options);
      this.off.push(() => host.removeEventListener(type, run, options));
    };
    on('pointerdown', (e) => this.down(e));
    on('pointermove', (e) => this.move(e));
    on('pointerup', () => this.up());
    on('pointercancel', () => {
      this.drag = null;
    });
    on('pointerleave', () => this.point(null));
    on('dblclick', (e) => {
      if (this.x(e) >= 0) state.viewport.value = this.trace();
    });
    on('wheel', (e) => this.wheel(e), { passive: false });
    const resized = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      this.rect = host.getBoundingClientRect();
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      this.invalidate('size');
    });
    resized.observe(host);
    this.off.push(() => resized.disconnect());
    this.off.push(onPixelRatio(() => this.invalidate('size')));
    this.off.push(
      effect(() => {
        this.colours = coloursOf(state.theme.value);
        dress(host, this.colours);
        void [state.meta.value, columnWidth.value, barWidth.value];
        this.invalidate('size');
      }),
      effect(() => {
        void [state.viewport.value, state.range.value, state.marks.value, state.selection.value];
        this.wake();
      }),
    );
  }

  private invalidate(what: 'size' | 'data'): void {
    this.dirty[what] = true;
    this.wake();
  }

  private wake(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    if (state.meta.peek() === null) return;
    const left = columnWidth.peek();
    const dpr = window.devicePixelRatio;
    const width = Math.max(1, Math.round((this.width - left - barWidth.peek()) * dpr));
    const height = Math.max(1, Math.round(this.height * dpr));
    const scene: OverviewScene = { dpr, width, height, trace: this.trace(), waiting: this.waiting, collector: hasCollector.peek() };
    if (this.dirty.size) {
      this.host.style.setProperty('--gutter', `${left}px`);
      for (const canvas of [this.canvas, this.box]) {
        canvas.width = width;
        canvas.height = height;
        canvas.style.width = `${width / dpr}px`;
        canvas.style.height = `${height / dpr}px`;
      }
      this.ask(Math.min(MOST_CELLS, width));
    }
    const ctx = this.canvas.getContext('2d', { alpha: false });
    const over = this.box.getContext('2d');
    if (ctx === null || over === null) return;
    if (this.dirty.size || this.dirty.data) paintOverview(ctx, scene, this.colours, this.data);
    this.dirty = { size: false, data: false };
    paintBox(over, scene, this.colours, {
      view: state.viewport.peek(),
      range: state.range.peek(),
      marks: state.marks.peek(),
      selected: state.selection.peek()?.ts ?? null,
      pointer: this.pointer === null || this.drag !== null ? null : Math.round(this.pointer * dpr),
    });
    this.readOut();
  }

  /** The numbers of the legend: under the pointer, else the peaks. */
  private readOut(): void {
    const { data } = this;
    if (data === null) return;
    const ts = this.pointer === null ? null : this.ts(this.pointer);
    this.legend.show(data, ts === null ? null : Math.min(Math.max(Math.floor((ts - data.from) / data.width), 0), data.cells - 1));
  }

  private ask(cells: number): void {
    // The pane is not laid out yet.
    if (cells < LEAST_CELLS) return;
    // Fewer, wider cells stay honest; only a much wider pane is worth a new answer.
    if (this.asked > 0 && cells <= this.asked * 1.3 && cells >= this.asked / 3) return;
    this.asked = cells;
    this.api.overview(cells).then(
      (data) => {
        // Answers may overtake each other.
        if (cells !== this.asked) return;
        this.data = data;
        this.invalidate('data');
      },
      (error: unknown) => {
        if (cells === this.asked) this.asked = 0;
        console.error('overview', error);
      },
    );
  }

  private trace(): Interval {
    const meta = state.meta.peek();
    return meta === null ? { from: 0, to: 1 } : { from: meta.start, to: Math.max(meta.end, meta.start + 1) };
  }

  private get span(): number {
    return Math.max(1, this.width - columnWidth.peek() - barWidth.peek());
  }

  private x(event: MouseEvent): number {
    return event.clientX - this.rect.left - columnWidth.peek();
  }

  private ts(x: number): number {
    const { from, to } = this.trace();
    return from + (Math.min(Math.max(x, 0), this.span) / this.span) * (to - from);
  }

  private edges(): { from: number; to: number } {
    const trace = this.trace();
    const view = state.viewport.peek();
    const scale = this.span / (trace.to - trace.from);
    return { from: (view.from - trace.from) * scale, to: (view.to - trace.from) * scale };
  }

  private grip(x: number): 'from' | 'to' | 'move' | 'set' {
    const { from, to } = this.edges();
    if (from <= 1 && to >= this.span - 1) return 'set';
    // A narrow box is taken by its middle, its edges from outside.
    const inner = Math.min(EDGE, (to - from) / 4);
    if (x >= from - EDGE && x <= from + inner) return 'from';
    if (x <= to + EDGE && x >= to - inner) return 'to';
    return x > from && x < to ? 'move' : 'set';
  }

  private down(event: PointerEvent): void {
    this.rect = this.host.getBoundingClientRect();
    const x = this.x(event);
    if (event.button !== 0 || x < 0) return;
    event.preventDefault();
    this.host.setPointerCapture(event.pointerId);
    const grip = this.grip(x);
    if (grip === 'move') this.drag = { kind: 'move', grab: this.ts(x) - state.viewport.peek().from };
    else if (grip === 'set') this.drag = { kind: 'set', start: x, moved: false };
    else this.drag = { kind: grip };
  }

  private move(event: PointerEvent): void {
    const x = this.x(event);
    const { drag } = this;
    if (drag === null) {
      this.point(x < 0 || x > this.span ? null : x);
      const cursor = x < 0 ? '' : { from: 'ew-resize', to: 'ew-resize', move: 'grab', set: 'crosshair' }[this.grip(x)];
      if (this.host.style.cursor !== cursor) this.host.style.cursor = cursor;
      return;
    }
    const view = state.viewport.peek();
    const ts = this.ts(x);
    if (drag.kind === 'move') this.show(panBy(view, ts - drag.grab - view.from, this.trace()));
    else if (drag.kind === 'set') {
      drag.moved ||= Math.abs(x - drag.start) > 3;
      const start = this.ts(drag.start);
      if (drag.moved) this.show(clampView({ from: Math.min(start, ts), to: Math.max(start, ts) }, this.trace()));
    } else {
      const other = drag.kind === 'from' ? view.to : view.from;
      // Past the other edge, the edge in hand becomes that one.
      if (drag.kind === 'from' && ts > other) this.drag = { kind: 'to' };
      else if (drag.kind === 'to' && ts < other) this.drag = { kind: 'from' };
      this.show(clampView({ from: Math.min(ts, other), to: Math.max(ts, other) }, this.trace()));
    }
    this.point(x);
  }

  private up(): void {
    const { drag } = this;
    this.drag = null;
    const view = state.viewport.peek();
    const whole = this.trace();
    if (drag?.kind === 'set' && !drag.moved && view.to - view.from < (whole.to - whole.from) * 0.98) this.show(centred(view, this.ts(drag.start), whole));
    this.wake();
  }

  private show(view: Interval): void {
    state.viewport.value = view;
  }

  private point(x: number | null): void {
    if (this.pointer === x) return;
    this.pointer = x;
    this.wake();
  }

  private wheel(event: WheelEvent): void {
    const x = this.x(event);
    if (x < 0) return;
    event.preventDefault();
    const view = state.viewport.peek();
    const delta = event.deltaY * (event.deltaMode === 1 ? 40 : 1);
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const along = (event.deltaX !== 0 ? event.deltaX : delta) / this.span;
      this.show(panBy(view, along * (view.to - view.from), this.trace()));
    } else this.show(zoomAt(view, Math.min(Math.max(this.ts(x), view.from), view.to), wheelFactor(delta), this.trace()));
  }
}
