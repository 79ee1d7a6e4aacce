/**
 * The column of lane names: DOM rows, as many as are on screen, moved and reused while
 * scrolling. It is a tree to the keyboard and to screen readers.
 */

import { shortCount, shortFunction } from '../base/format';
import { hasView } from '../state/carry';
import type { LaneSort } from '../state/view';
import type { Scene, SceneRow } from './scene';
import { words } from '../state/words';

/** What a person does in the column. */
export interface GutterActions {
  toggle(row: SceneRow): void;
  pin(key: string): void;
  /** Opens the view that says more of a lane. */
  open(row: SceneRow): void;
  sort(): void;
  /** Moves the keyboard's row by rows, scrolling when needed. */
  move(from: SceneRow, rows: number): void;
  hovered(row: SceneRow | null): void;
}

interface Shown {
  readonly element: HTMLElement;
  readonly path: HTMLElement;
  readonly name: HTMLElement;
  readonly count: HTMLElement;
  readonly open: HTMLButtonElement;
  readonly pin: HTMLButtonElement;
  readonly sort: HTMLButtonElement;
  row: SceneRow;
  /** What it was last filled with, to touch the DOM only for news. */
  filled: string;
  place: string;
}

const SORTS: Readonly<Record<LaneSort, string>> = { id: 'by id', start: 'by start', running: 'by running time' };

export class Gutter {
  readonly element = document.createElement('div');
  private readonly head = document.createElement('div');
  private readonly scrolled = document.createElement('div');
  private readonly pinned = document.createElement('div');
  private shown = new Map<string, Shown>();
  private spare: Shown[] = [];
  private cursor = '';

  constructor(private readonly actions: GutterActions) {
    this.element.className = 'tl-gutter';
    this.head.className = 'tl-corner';
    this.scrolled.className = 'tl-names';
    this.scrolled.setAttribute('role', 'tree');
    this.scrolled.setAttribute('aria-label', 'Lanes');
    this.pinned.className = 'tl-names tl-names-pinned';
    this.pinned.setAttribute('role', 'tree');
    this.pinned.setAttribute('aria-label', 'Pinned lanes');
    this.element.append(this.scrolled, this.pinned, this.head);
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.element.addEventListener('focusin', (event) => {
      const shown = this.of(event.target);
      if (shown !== undefined) this.cursor = idOf(shown.row);
    });
    this.element.addEventListener('click', (event) => this.click(event));
    this.element.addEventListener('pointerover', (event) => this.actions.hovered(this.of(event.target)?.row ?? null));
    this.element.addEventListener('pointerleave', () => this.actions.hovered(null));
  }

  /** `window`: the length of the visible window, as text for the corner. */
  update(scene: Scene, window: string, pins: ReadonlySet<string>, sort: LaneSort, hovered: string | null, spotlight: string | null): void {
    setText(this.head, window);
    const { dpr } = scene;
    setStyle(this.head, 'height', `${scene.axisBottom / dpr}px`);
    setStyle(this.pinned, 'top', `${scene.axisBottom / dpr}px`);
    setStyle(this.pinned, 'height', `${(scene.pinnedBottom - scene.axisBottom) / dpr}px`);
    setStyle(this.scrolled, 'top', `${scene.pinnedBottom / dpr}px`);
    const before = this.shown;
    this.shown = new Map();
    const news: SceneRow[] = [];
    for (const row of [...scene.pinned, ...scene.rows]) {
      const id = idOf(row);
      const shown = before.get(id);
      if (shown === undefined) news.push(row);
      else {
        before.delete(id);
        shown.row = row;
        this.shown.set(id, shown);
      }
    }
    for (const old of before.values()) {
      if (old.element.contains(document.activeElement)) this.element.focus();
      old.element.remove();
      this.spare.push(old);
    }
    for (const row of news) {
      const shown = this.spare.pop() ?? this.create(row);
      shown.row = row;
      (row.pinned ? this.pinned : this.scrolled).append(shown.element);
      this.shown.set(idOf(row), shown);
    }
    if (!this.shown.has(this.cursor)) this.cursor = idOf(scene.rows[0] ?? scene.pinned[0]);
    for (const [id, shown] of this.shown) {
      this.fill(shown, pins, sort, hovered, spotlight, id === this.cursor);
      const origin = shown.row.pinned ? scene.axisBottom : scene.pinnedBottom;
      const place = `translateY(${shown.row.cssTop - origin / dpr}px)`;
      if (shown.place !== place) shown.element.style.transform = shown.place = place;
    }
  }

  /** Gives the keyboard to the row at a place, if it is on screen. */
  focus(group: string, kind: SceneRow['kind'], index: number): boolean {
    for (const shown of this.shown.values()) {
      const { row } = shown;
      if (row.pinned || row.group !== group || row.kind !== kind || row.index !== index) continue;
      shown.element.tabIndex = 0;
      shown.element.focus({ preventScroll: true });
      return true;
    }
    return false;
  }

  private create(row: SceneRow): Shown {
    const element = document.createElement('div');
    element.setAttribute('role', 'treeitem');
    const span = (name: string): HTMLElement => {
      const part = document.createElement('span');
      part.className = name;
      return part;
    };
    const button = (name: string): HTMLButtonElement => {
      const part = document.createElement('button');
      part.type = 'button';
      part.tabIndex = -1;
      part.className = name;
      return part;
    };
    const shown: Shown = {
      element,
      path: span('tl-path'),
      name: span('tl-name'),
      count: span('tl-count'),
      open: button('tl-open-view'),
      pin: button('tl-pin'),
      sort: button('tl-sort'),
      row,
      filled: '',
      place: '',
    };
    shown.pin.append(shape('M4.5 1h5v1.2l-.8.6.4 3.2 2 1.9v1.3H7.7v3.3L7 13.500l-.7-1V9.200H2.900V7.900l2-1.900.4-3.200-.8-.6z'));
    shown.open.append(shape('M5 2v1.500h4.400L2.500 10.400l1.100 1.100L10.500 4.600V9H12V2z'));
    element.append(span('tl-chevron'), shown.path, shown.name, shown.count, shown.sort, shown.open, shown.pin);
    return shown;
  }

  private fill(shown: Shown, pins: ReadonlySet<string>, sort: LaneSort, hovered: string | null, spotlight: string | null, cursor: boolean): void {
    const { element, row } = shown;
    const isPinned = row.key !== null && pins.has(row.key);
    const filled = [row.kind, row.key, row.label, row.count, row.open, row.indent, row.pinned, row.cssHeight, isPinned, cursor, row.key === hovered, row.key !== null && row.key === spotlight, row.kind === 'section' ? sort : ''].join('\t');
    if (shown.filled === filled) return;
    shown.filled = filled;
    element.className = `tl-row tl-${row.kind}${row.key === hovered ? ' tl-hovered' : ''}${row.open ? ' tl-open' : ''}${row.key !== null && row.key === spotlight ? ' tl-spotlight' : ''}`;
    element.style.height = `${row.cssHeight}px`;
    element.style.setProperty('--indent', String(Math.min(row.indent, 12)));
    element.tabIndex = cursor ? 0 : -1;
    element.title = row.kind === 'section' ? '' : row.label;
    element.setAttribute('aria-level', String(row.indent + 1));
    element.setAttribute('aria-label', row.count > 0 ? `${row.label}, ${row.count}` : row.label);
    const folds = isFolding(row);
    if (folds) element.setAttribute('aria-expanded', String(row.open));
    else element.removeAttribute('aria-expanded');
    if (row.key === null) delete element.dataset['lane'];
    else element.dataset['lane'] = row.key;
    const short = row.kind === 'group' ? shortFunction(row.label) : row.label;
    setText(shown.path, row.label.slice(0, row.label.length - short.length));
    setText(shown.name, row.key === null ? '…' : short);
    setText(shown.count, row.count > 0 ? shortCount(row.count) : '');
    const sortable = row.kind === 'section' && row.key === 'goroutines';
    shown.sort.hidden = !sortable;
    setText(shown.sort, sortable ? SORTS[sort] : '');
    shown.sort.title = `Order of ${words.value.goroutines}`;
    shown.open.hidden = row.key === null || !hasView(row.key);
    shown.open.title = 'Open its view';
    shown.open.setAttribute('aria-label', shown.open.title);
    shown.pin.hidden = row.kind === 'section' || row.key === null;
    shown.pin.title = isPinned ? 'Unpin (P)' : 'Keep at the top (P)';
    shown.pin.setAttribute('aria-label', shown.pin.title);
    shown.pin.setAttribute('aria-pressed', String(isPinned));
  }

  private of(target: EventTarget | null): Shown | undefined {
    if (!(target instanceof Element)) return undefined;
    const element = target.closest('.tl-row');
    for (const shown of this.shown.values()) if (shown.element === element) return shown;
    return undefined;
  }

  private click(event: MouseEvent): void {
    const shown = this.of(event.target);
    if (shown === undefined) return;
    const { row } = shown;
    if (event.target === shown.open) this.actions.open(row);
    else if (event.target === shown.pin && row.key !== null) this.actions.pin(row.key);
    else if (event.target === shown.sort) this.actions.sort();
    else if (isFolding(row)) this.actions.toggle(row);
  }

  private key(event: KeyboardEvent): void {
    const shown = this.of(event.target);
    if (shown === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const { row } = shown;
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 };
    const step = steps[event.key];
    const folds = isFolding(row);
    if (step !== undefined) this.actions.move(row, step);
    else if ((event.key === 'Enter' || event.key === ' ') && folds) this.actions.toggle(row);
    else if (event.key === 'ArrowRight' && folds && !row.open) this.actions.toggle(row);
    else if (event.key === 'ArrowLeft' && folds && row.open) this.actions.toggle(row);
    else if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const SVG = 'http://www.w3.org/2000/svg';

function shape(outline: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 14 14');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', outline);
  svg.append(path);
  return svg;
}

const isFolding = (row: SceneRow): boolean => !row.pinned && (row.kind === 'section' || row.kind === 'group');

function idOf(row: SceneRow | undefined): string {
  if (row === undefined) return '';
  return row.pinned ? `pinned ${row.key}` : `${row.kind} ${row.group} ${row.index}`;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function setStyle(element: HTMLElement, name: 'height' | 'top', value: string): void {
  if (element.style[name] !== value) element.style[name] = value;
}
