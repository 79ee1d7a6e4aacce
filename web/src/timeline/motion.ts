/**
 * Movement of the window over time: held keys, the wheel's after-run, flights to a place.
 *
 * Everything is a function of the frame's time; new input ends what was running.
 */

import { between, type Interval, panBy, zoomAt } from './geometry';

export type Held = 'in' | 'out' | 'left' | 'right';

/** A tapped key moves for at least this long. */
const TAP_MS = 110;
const FLIGHT_MS = 260;
/** Time constant of the wheel's after-run. */
const WHEEL_MS = 38;
/** log2 of zoom per second, and screens per second: at first and at full speed. */
const ZOOM_RATE = [2.2, 7] as const;
const PAN_RATE = [0.55, 2.2] as const;
const ACCELERATE_MS = 900;
const FAST = 4;

interface HeldKey {
  since: number;
  /** Set when the key was let go. */
  until: number;
  fast: boolean;
}

/** What moves. */
export interface Moved {
  view(): Interval;
  trace(): Interval;
  /** The time that held zooming keeps in place. */
  anchor(): number;
  set(view: Interval): void;
  /** A frame is needed. */
  wake(): void;
}

const ease = (t: number): number => 1 - (1 - t) ** 3;

export class Motion {
  private readonly held = new Map<Held, HeldKey>();
  private flight: { from: Interval; to: Interval; began: number } | null = null;
  private wheel: { log: number; anchor: number } | null = null;
  private last = 0;
  private readonly still = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');

  constructor(private readonly moved: Moved) {}

  press(key: Held, fast: boolean, now: number): void {
    this.flight = null;
    this.wheel = null;
    const held = this.held.get(key);
    if (held !== undefined && held.until === Infinity) held.fast = fast;
    else this.held.set(key, { since: now, until: Infinity, fast });
    if (this.held.size === 1 && held === undefined) this.last = now;
    this.moved.wake();
  }

  release(key: Held, now: number): void {
    const held = this.held.get(key);
    if (held !== undefined) held.until = Math.max(now, held.since + TAP_MS);
  }

  releaseAll(): void {
    this.held.clear();
  }

  /** Zooms at a time by a factor, smoothly. */
  zoom(factor: number, anchor: number): void {
    this.flight = null;
    if (this.still?.matches === true) {
      this.moved.set(zoomAt(this.moved.view(), anchor, factor, this.moved.trace()));
      return;
    }
    const running = this.wheel;
    if (running === null) this.last = performance.now();
    this.wheel = { log: (running?.log ?? 0) + Math.log2(factor), anchor };
    this.moved.wake();
  }

  /** Moves at once, as a drag does. */
  jump(view: Interval): void {
    this.cancel();
    this.moved.set(view);
  }

  fly(to: Interval): void {
    this.cancel();
    if (this.still?.matches === true) {
      this.moved.set(to);
      return;
    }
    this.flight = { from: this.moved.view(), to, began: performance.now() };
    this.moved.wake();
  }

  /** Where the window will be once a flight has landed. */
  get target(): Interval {
    return this.flight?.to ?? this.moved.view();
  }

  cancel(): void {
    this.flight = null;
    this.wheel = null;
  }

  /** One step. True while something still moves. */
  tick(now: number): boolean {
    const dt = Math.min(Math.max(now - this.last, 0), 64);
    this.last = now;
    this.stepHeld(now, dt);
    this.stepWheel(dt);
    this.stepFlight(now);
    return this.held.size > 0 || this.wheel !== null || this.flight !== null;
  }

  private stepHeld(now: number, dt: number): void {
    for (const [key, held] of this.held) {
      const part = Math.min(1, (now - held.since) / ACCELERATE_MS);
      const speed = (held.fast ? FAST : 1) * (dt / 1000);
      const view = this.moved.view();
      const trace = this.moved.trace();
      if (key === 'in' || key === 'out') {
        const log = mix(ZOOM_RATE, part) * speed * (key === 'in' ? -1 : 1);
        this.moved.set(zoomAt(view, this.moved.anchor(), 2 ** log, trace));
      } else {
        const screens = mix(PAN_RATE, part) * speed * (key === 'left' ? -1 : 1);
        this.moved.set(panBy(view, screens * (view.to - view.from), trace));
      }
      if (now >= held.until) this.held.delete(key);
    }
  }

  private stepWheel(dt: number): void {
    if (this.wheel === null) return;
    const { log, anchor } = this.wheel;
    const rest = Math.abs(log) < 0.004 ? 0 : log * Math.exp(-dt / WHEEL_MS);
    this.moved.set(zoomAt(this.moved.view(), anchor, 2 ** (log - rest), this.moved.trace()));
    this.wheel = rest === 0 ? null : { log: rest, anchor };
  }

  private stepFlight(now: number): void {
    if (this.flight === null) return;
    const { from, to, began } = this.flight;
    const t = Math.min(1, Math.max(0, now - began) / FLIGHT_MS);
    this.moved.set(t === 1 ? to : between(from, to, ease(t)));
    if (t === 1) this.flight = null;
  }
}

const mix = ([slow, fast]: readonly [number, number], part: number): number => slow + (fast - slow) * part;
