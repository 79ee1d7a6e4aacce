/**
 * Vertical scrolling: a native scroll bar over content that may be taller than a browser
 * allows. The position is ours, in CSS px of the content; the element follows it.
 */

import { scrollScale, TALLEST } from './layout';

const WHEEL_MS = 45;

export class Scroller {
  readonly element = document.createElement('div');
  private readonly spacer = document.createElement('div');
  private at = 0;
  private content = 0;
  private visible = 1;
  /** Where the element was last put; a scroll event at that place is our own. */
  private put = 0;
  private rest = 0;
  private last = 0;

  /** `moved`: the person scrolled; `wake`: a frame is needed. */
  constructor(
    private readonly moved: (top: number) => void,
    private readonly wake: () => void,
  ) {
    this.element.className = 'tl-scroll';
    this.element.append(this.spacer);
    this.element.addEventListener('scroll', () => {
      const { scrollTop } = this.element;
      if (Math.abs(scrollTop - this.put) < 1) return;
      this.put = scrollTop;
      this.rest = 0;
      this.at = this.clamp(scrollTop * scrollScale(this.content, this.visible));
      this.moved(this.at);
    });
  }

  get top(): number {
    return this.at;
  }

  /** The content's height, and how much of it is on screen. */
  resize(content: number, visible: number): void {
    if (content === this.content && visible === this.visible) return;
    this.content = content;
    this.visible = visible;
    this.spacer.style.height = `${Math.min(content, TALLEST)}px`;
    this.set(this.at);
  }

  /** Goes to a height; answers where it ended up. */
  set(top: number): number {
    this.at = this.clamp(top);
    const wanted = this.at / scrollScale(this.content, this.visible);
    if (Math.abs(wanted - this.put) >= 0.5) {
      this.put = wanted;
      this.element.scrollTop = wanted;
    }
    return this.at;
  }

  /** Scrolls by a wheel's delta; notches are spread over a few frames. */
  by(delta: number): void {
    if (this.rest === 0) this.last = performance.now();
    this.rest += delta;
    this.wake();
  }

  /** One step of the after-run. True while it still moves. */
  tick(now: number): boolean {
    if (this.rest === 0) return false;
    const part = Math.abs(this.rest) < 12 ? 1 : 1 - Math.exp(-Math.max(now - this.last, 8) / WHEEL_MS);
    this.last = now;
    const step = this.rest * part;
    this.rest -= step;
    const before = this.at;
    this.moved(this.set(this.at + step));
    if (this.at === before) this.rest = 0;
    return this.rest !== 0;
  }

  private clamp(top: number): number {
    return Math.min(Math.max(top, 0), Math.max(0, this.content - this.visible));
  }
}
