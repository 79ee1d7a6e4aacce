/** A flame graph in an element: pointer and keys become wishes, which its owner answers with another sight. */

import { type Surface, type Theme, surface } from '../base/palette';
import { type FlameSight, ROW, paintFlame, yOf } from './paint';
import { type Direction, type FlameTree, boxAt, step } from './tree';

export interface FlameWishes {
  /** A box was clicked, or Enter pressed on it. */
  zoom(box: number): void;
  choose(box: number | null): void;
  /** What is under the pointer; client coordinates. */
  hover(box: number | null, x: number, y: number): void;
  /** Escape, Backspace. */
  out(): void;
}

export type FlameState = Omit<FlameSight, 'width' | 'height' | 'dpr' | 'hovered'> & { readonly tree: FlameTree; readonly theme: Theme };

const NONE: FlameTree = { boxes: [], children: [], left: new Float64Array(), width: new Float64Array(), rows: 0 };

export class FlameCanvas {
  private readonly canvas = document.createElement('canvas');
  private state: FlameState = { tree: NONE, theme: 'light', from: 0, share: 1, depth: 0, upright: false, chosen: null, matches: null };
  private colours: Surface = surface('light');
  private hovered: number | null = null;
  private width = 0;
  private frame = 0;
  private readonly resized: ResizeObserver;

  constructor(
    private readonly host: HTMLElement,
    private readonly wishes: FlameWishes,
  ) {
    this.canvas.className = 'flame-canvas';
    this.canvas.setAttribute('aria-hidden', 'true');
    host.append(this.canvas);
    this.resized = new ResizeObserver(([entry]) => {
      if (entry === undefined || entry.contentRect.width === this.width) return;
      this.width = entry.contentRect.width;
      this.wake();
    });
    this.resized.observe(host);
    this.canvas.addEventListener('pointermove', (event) => this.point(event));
    this.canvas.addEventListener('pointerleave', () => this.hover(null, 0, 0));
    this.canvas.addEventListener('click', (event) => {
      const box = this.boxUnder(event);
      if (box !== null) this.wishes.zoom(box);
    });
    host.addEventListener('keydown', this.onKey);
  }

  show(state: FlameState): void {
    if (state.tree !== this.state.tree) this.hovered = null;
    this.state = state;
    this.colours = surface(state.theme);
    this.wake();
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.resized.disconnect();
    this.host.removeEventListener('keydown', this.onKey);
    this.canvas.remove();
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { tree, upright, chosen } = this.state;
    const steps: Readonly<Record<string, Direction>> = { ArrowLeft: 'left', ArrowRight: 'right', ArrowUp: upright ? 'child' : 'parent', ArrowDown: upright ? 'parent' : 'child' };
    const direction = steps[event.key];
    if (direction !== undefined) {
      this.choose(chosen === null ? 0 : step(tree, chosen, direction));
    } else if (event.key === 'Home') this.choose(0);
    else if (event.key === 'Enter' && chosen !== null) this.wishes.zoom(chosen);
    else if (event.key === 'Escape' || event.key === 'Backspace') this.wishes.out();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** At once, because the next key may come before the owner's answer. */
  private choose(box: number): void {
    this.state = { ...this.state, chosen: box };
    this.wishes.choose(box);
    this.reveal(box);
    this.wake();
  }

  /** Scrolls so far that the row of a box is in sight. */
  private reveal(box: number): void {
    const { tree, upright } = this.state;
    const y = yOf(tree.boxes[box]?.depth ?? 0, tree.rows, upright);
    const { host } = this;
    if (y < host.scrollTop) host.scrollTop = y;
    else if (y + ROW > host.scrollTop + host.clientHeight) host.scrollTop = y + ROW - host.clientHeight;
  }

  private boxUnder(event: MouseEvent): number | null {
    const { tree, from, share, upright } = this.state;
    const row = Math.floor(event.offsetY / ROW);
    const depth = upright ? tree.rows - 1 - row : row;
    if (depth < 0 || depth >= tree.rows || this.width === 0) return null;
    return boxAt(tree, from + (event.offsetX / this.width) * share, depth);
  }

  private point(event: PointerEvent): void {
    this.hover(this.boxUnder(event), event.clientX, event.clientY);
  }

  private hover(box: number | null, x: number, y: number): void {
    this.wishes.hover(box, x, y);
    this.canvas.style.cursor = box === null ? 'default' : 'pointer';
    if (box === this.hovered) return;
    this.hovered = box;
    this.wake();
  }

  private wake(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.frame = 0;
    const { tree, theme } = this.state;
    const dpr = window.devicePixelRatio;
    const height = Math.max(ROW, tree.rows * ROW);
    const [wide, high] = [Math.round(this.width * dpr), Math.round(height * dpr)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
      this.canvas.style.width = `${this.width}px`;
      this.canvas.style.height = `${height}px`;
    }
    const context = this.canvas.getContext('2d');
    if (context !== null && this.width > 0) paintFlame(context, tree, { ...this.state, width: this.width, height, dpr, hovered: this.hovered }, theme, this.colours);
  }
}
