/**
 * The overview of a trace that is still being read: it fills from the left while its axis reaches
 * as far as the trace is expected to, by the part of the file that was read.
 */

import { effect } from '@preact/signals';
import type { LoadingProgress, Overview } from '../api/types';
import * as state from '../state/view';
import { coloursOf } from './colours';
import { columnWidth } from './columns';
import { OverviewLegend, dress } from './overview_legend';
import { type OverviewScene, paintOverview, paintUnread } from './overview_paint';
import { onPixelRatio } from './pixel_ratio';

/** A mounted overview of what was read. */
export interface GrowingPane {
  update(progress: LoadingProgress): void;
  dispose(): void;
}

/** How far the expected end may be off before the axis changes: one that trembles cannot be read. */
const TREMOR = 1.25;

/** Where the axis ends: `before`, if what was read and what is expected still agree with it. */
export function axisEnd(before: number, read: number, share: number): number {
  if (share >= 1) return read;
  const expected = read / Math.max(share, 1e-6);
  const agrees = read < before && expected < before * TREMOR && expected > before / TREMOR;
  return agrees ? before : expected;
}

export function mountGrowing(host: HTMLElement): GrowingPane {
  return new Growing(host);
}

class Growing implements GrowingPane {
  private readonly canvas = document.createElement('canvas');
  private readonly off: (() => void)[] = [];
  private colours = coloursOf('light');
  private data: Overview | null = null;
  private end = 0;
  private width = 1;
  private height = 1;
  private waiting = false;
  private frame = 0;
  private readonly legend = new OverviewLegend((waiting) => {
    this.waiting = waiting;
    this.wake();
  });

  constructor(private readonly host: HTMLElement) {
    host.classList.add('tl', 'tl-overview', 'tl-growing');
    this.canvas.className = 'tl-canvas';
    host.replaceChildren(this.canvas, this.legend.element);
    const resized = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      this.width = entry.contentRect.width;
      this.height = entry.contentRect.height;
      this.wake();
    });
    resized.observe(host);
    this.off.push(
      () => resized.disconnect(),
      onPixelRatio(() => this.wake()),
      effect(() => {
        this.colours = coloursOf(state.theme.value);
        dress(host, this.colours);
        host.style.setProperty('--gutter', `${columnWidth.value}px`);
        this.wake();
      }),
    );
  }

  update({ overview, bytes, total }: LoadingProgress): void {
    if (overview === null) return;
    this.data = overview;
    this.end = axisEnd(this.end, overview.from + overview.cells * overview.width, total === null ? 1 : bytes / total);
    this.legend.showGoroutines(overview, overview.cells - 1);
    this.wake();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    for (const off of this.off) off();
    this.host.replaceChildren();
    this.host.classList.remove('tl', 'tl-overview', 'tl-growing');
  }

  private wake(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const dpr = window.devicePixelRatio;
    const width = Math.max(1, Math.round((this.width - columnWidth.peek()) * dpr));
    const height = Math.max(1, Math.round(this.height * dpr));
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.canvas.style.width = `${width / dpr}px`;
      this.canvas.style.height = `${height / dpr}px`;
    }
    const ctx = this.canvas.getContext('2d', { alpha: false });
    if (ctx === null) return;
    if (this.data === null) {
      ctx.fillStyle = this.colours.lane;
      ctx.fillRect(0, 0, width, height);
      return;
    }
    const trace = { from: this.data.from, to: Math.max(this.end, this.data.from + 1) };
    const scene: OverviewScene = { dpr, width, height, trace, waiting: this.waiting, collector: true };
    paintOverview(ctx, scene, this.colours, this.data);
    paintUnread(ctx, scene, this.colours, this.data);
  }
}
