/**
 * Mouse, touch and wheel → what the person means.
 *
 * Drag chooses a range, Shift, the middle or the right button pan, Ctrl zooms into a range;
 * a press that does not move is a click. Positions are CSS px from the canvas's top left.
 */

import { wheelZooms } from '../state/view';
import { wheelFactor } from './geometry';

/** What gestures call; the timeline does the work. */
export interface Gestures {
  /** The pointer is at a place over the canvas, or left it. */
  moved(at: Point | null): void;
  click(at: Point): void;
  doubleClick(at: Point): void;
  /** The range edge under a point, if one can be taken there. */
  edgeAt(at: Point): 'from' | 'to' | null;
  selecting(from: Point, to: Point, snap: boolean): void;
  chosen(): void;
  movingEdge(edge: 'from' | 'to', to: Point, snap: boolean): void;
  zooming(from: Point, to: Point): void;
  zoomed(): void;
  /** Moves the content with the pointer, by CSS px. */
  panned(dx: number, dy: number): void;
  /** Zooms at a place; `smooth` for notched wheels. */
  zoom(x: number, factor: number, smooth: boolean): void;
  scrolled(dy: number): void;
  cancelled(): void;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** CSS px that a press may wander and still be a click. */
const SLOP = 4;
const LINE_PX = 40;

type Drag =
  | { readonly kind: 'press'; readonly from: Point; readonly then: 'select' | 'zoom' | 'pan' }
  | { readonly kind: 'select'; readonly from: Point }
  | { readonly kind: 'edge'; readonly edge: 'from' | 'to' }
  | { readonly kind: 'zoom'; readonly from: Point }
  | { kind: 'pan'; last: Point }
  | { kind: 'pinch'; distance: number; middle: Point };

export class Pointer {
  private drag: Drag | null = null;
  private readonly touches = new Map<number, Point>();
  private rect: DOMRect;
  private menuless = false;
  private readonly off: (() => void)[] = [];

  /** Listens on `surface`; the canvas begins `left()` px right of it. */
  constructor(
    private readonly surface: HTMLElement,
    private readonly left: () => number,
    private readonly gestures: Gestures,
  ) {
    this.rect = surface.getBoundingClientRect();
    this.on('pointerdown', (e) => this.down(e));
    this.on('pointermove', (e) => this.move(e));
    this.on('pointerup', (e) => this.up(e));
    this.on('pointercancel', (e) => this.stop(e));
    this.on('pointerenter', () => this.measure());
    this.on('pointerleave', () => gestures.moved(null));
    this.on('dblclick', (e) => {
      if (!this.inColumn(e)) gestures.doubleClick(this.point(e));
    });
    this.on('contextmenu', (e) => {
      if (this.menuless) e.preventDefault();
      this.menuless = false;
    });
    this.on('auxclick', (e) => e.preventDefault());
    this.on('wheel', (e) => this.wheel(e), { passive: false });
  }

  /** Whether a button is down. */
  get busy(): boolean {
    return this.drag !== null;
  }

  /** The surface moved or changed its size. */
  measure(): void {
    this.rect = this.surface.getBoundingClientRect();
  }

  /** Ends a drag without its effect; answers whether there was one. */
  cancel(): boolean {
    const was = this.drag !== null && this.drag.kind !== 'press';
    this.drag = null;
    if (was) this.gestures.cancelled();
    return was;
  }

  dispose(): void {
    for (const off of this.off) off();
  }

  /** The canvas's origin in the window. */
  get origin(): Point {
    return { x: this.rect.left + this.left(), y: this.rect.top };
  }

  private on<K extends keyof HTMLElementEventMap>(type: K, listen: (event: HTMLElementEventMap[K]) => void, options?: AddEventListenerOptions): void {
    this.surface.addEventListener(type, listen, options);
    this.off.push(() => this.surface.removeEventListener(type, listen, options));
  }

  private point(event: MouseEvent): Point {
    return { x: event.clientX - this.rect.left - this.left(), y: event.clientY - this.rect.top };
  }

  private inColumn(event: Event): boolean {
    return event.target instanceof Element && event.target.closest('.tl-gutter, .tl-splitter') !== null;
  }

  private down(event: PointerEvent): void {
    this.measure();
    if (this.inColumn(event) || this.onScrollBar(event)) return;
    const at = this.point(event);
    if (event.pointerType === 'touch') {
      this.touch(event, at);
      return;
    }
    this.surface.setPointerCapture(event.pointerId);
    this.surface.focus({ preventScroll: true });
    if (event.button === 1) {
      event.preventDefault();
      this.drag = { kind: 'pan', last: at };
    } else if (event.button === 2) this.drag = { kind: 'press', from: at, then: 'pan' };
    else if (event.button === 0) {
      const edge = this.gestures.edgeAt(at);
      if (edge !== null && !event.shiftKey && !event.ctrlKey && !event.metaKey) this.drag = { kind: 'edge', edge };
      else this.drag = { kind: 'press', from: at, then: event.shiftKey ? 'pan' : event.ctrlKey || event.metaKey ? 'zoom' : 'select' };
    }
    this.cursor(at);
  }

  /** The browser's own scroll bar lies over the surface's right edge. */
  private onScrollBar(event: PointerEvent): boolean {
    const { target } = event;
    return target instanceof HTMLElement && target.classList.contains('tl-scroll') && event.offsetX >= target.clientWidth;
  }

  private touch(event: PointerEvent, at: Point): void {
    this.touches.set(event.pointerId, at);
    const [a, b] = [...this.touches.values()];
    if (a !== undefined && b !== undefined) this.drag = pinchOf(a, b);
    else this.drag = { kind: 'press', from: at, then: 'pan' };
  }

  private move(event: PointerEvent): void {
    const at = this.point(event);
    if (this.touches.has(event.pointerId)) {
      this.touches.set(event.pointerId, at);
      if (this.drag?.kind === 'pinch') {
        this.pinch(this.drag);
        return;
      }
    }
    const { drag } = this;
    if (drag === null) {
      const away = this.inColumn(event) || at.x < 0;
      this.gestures.moved(away ? null : at);
      if (!away) this.cursor(at);
      return;
    }
    if (drag.kind === 'press') {
      if (Math.hypot(at.x - drag.from.x, at.y - drag.from.y) < SLOP) return;
      this.menuless = event.buttons === 2;
      this.drag = drag.then === 'pan' ? { kind: 'pan', last: drag.from } : { kind: drag.then, from: drag.from };
      this.gestures.moved(null);
    }
    this.follow(at, !event.altKey);
    this.cursor(at);
  }

  private follow(at: Point, snap: boolean): void {
    const { drag } = this;
    if (drag?.kind === 'select') this.gestures.selecting(drag.from, at, snap);
    else if (drag?.kind === 'edge') this.gestures.movingEdge(drag.edge, at, snap);
    else if (drag?.kind === 'zoom') this.gestures.zooming(drag.from, at);
    else if (drag?.kind === 'pan') {
      this.gestures.panned(at.x - drag.last.x, at.y - drag.last.y);
      drag.last = at;
    }
  }

  private pinch(drag: Extract<Drag, { kind: 'pinch' }>): void {
    const [a, b] = [...this.touches.values()];
    if (a === undefined || b === undefined) return;
    const next = pinchOf(a, b);
    this.gestures.panned(next.middle.x - drag.middle.x, next.middle.y - drag.middle.y);
    this.gestures.zoom(next.middle.x, drag.distance / Math.max(next.distance, 1), false);
    drag.distance = next.distance;
    drag.middle = next.middle;
  }

  private up(event: PointerEvent): void {
    const at = this.point(event);
    const { drag } = this;
    this.touches.delete(event.pointerId);
    this.drag = null;
    if (drag === null) return;
    if (drag.kind === 'press' && event.button === 0) this.gestures.click(at);
    else if (drag.kind === 'select' || drag.kind === 'edge') this.gestures.chosen();
    else if (drag.kind === 'zoom') this.gestures.zoomed();
    this.gestures.moved(event.pointerType === 'touch' || at.x < 0 ? null : at);
    this.cursor(at);
  }

  private stop(event: PointerEvent): void {
    this.touches.delete(event.pointerId);
    this.cancel();
  }

  private cursor(at: Point): void {
    const { drag } = this;
    const over = drag === null ? this.gestures.edgeAt(at) : null;
    const cursor = drag?.kind === 'pan' ? 'grabbing' : drag?.kind === 'edge' || over !== null ? 'ew-resize' : drag?.kind === 'zoom' ? 'zoom-in' : '';
    if (this.surface.style.cursor !== cursor) this.surface.style.cursor = cursor;
  }

  private wheel(event: WheelEvent): void {
    const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? LINE_PX : this.rect.height;
    const dx = event.deltaX * unit;
    const dy = event.deltaY * unit;
    const at = this.point(event);
    event.preventDefault();
    const zooms = event.ctrlKey || event.metaKey || (wheelZooms.peek() && at.x >= 0 && !event.shiftKey && !event.altKey && Math.abs(dy) >= Math.abs(dx));
    if (zooms) {
      if (at.x >= 0) this.gestures.zoom(at.x, wheelFactor(dy), Math.abs(dy) >= 40);
    } else if (event.shiftKey) this.gestures.panned(-(dx !== 0 ? dx : dy), 0);
    else {
      if (Math.abs(dx) > Math.abs(dy)) this.gestures.panned(-dx, 0);
      else this.gestures.scrolled(dy);
    }
  }
}

function pinchOf(a: Point, b: Point): { kind: 'pinch'; distance: number; middle: Point } {
  return { kind: 'pinch', distance: Math.hypot(a.x - b.x, a.y - b.y), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } };
}
