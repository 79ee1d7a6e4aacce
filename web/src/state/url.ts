/**
 * The view ⇄ the part of the address after `#`, so that a reload or a sent link shows the same
 * place.
 *
 * Readable on purpose: `#view=1200,56000&sel=go:17@1234&open=group:0`. The theme is the reader's
 * own and stays out. What does not parse is left out, never guessed. A view in place of the
 * timeline has its own choices beside the timeline's: `#page=goroutines&filter=func=main&group=task`.
 */

import { type Interval, type LaneSort, type Mark, type Page, type Selection, type Settings, VIEWS, viewOf } from './view';

/** The part of the state that makes a place. */
export interface View {
  readonly viewport: Interval | null;
  readonly selection: Selection | null;
  readonly range: Interval | null;
  readonly rangeLanes: readonly string[] | null;
  readonly expanded: readonly string[];
  readonly pinned: readonly string[];
  /** Those made for good; the others are for the moment. */
  readonly marks: readonly Mark[];
  readonly scrollTop: number;
  readonly laneSort: LaneSort;
  readonly page: Page;
  readonly filter: string;
  readonly settings: Settings;
}

export const EMPTY: View = {
  viewport: null,
  selection: null,
  range: null,
  rangeLanes: null,
  expanded: [],
  pinned: [],
  marks: [],
  scrollTop: 0,
  laneSort: 'id',
  page: { kind: 'timeline' },
  filter: '',
  settings: {},
};

/** Names that a view's choices cannot have: they are the timeline's. */
const TAKEN: ReadonlySet<string> = new Set(['page', 'filter', 'view', 'sel', 'range', 'over', 'open', 'pin', 'mark', 'sort', 'y']);

/** Times keep a thousandth of a ns: a viewport's edges are fractions when zoomed in. */
const number = (n: number): string => String(Math.round(n * 1000) / 1000);
const interval = (i: Interval): string => `${number(i.from)},${number(i.to)}`;

/** The hash of a view, with its `#`; empty for the untouched view. */
export function encode(view: View): string {
  const parts: string[] = [];
  const add = (name: string, value: string): void => {
    parts.push(`${name}=${encodeURIComponent(value).replace(/%(2C|3A|40|3D|2F|5E|24)/g, (text) => decodeURIComponent(text))}`);
  };
  const shown = viewOf(view.page);
  if (view.page.kind === 'goroutine') add('page', `goroutine:${view.page.go}`);
  if (shown !== null) add('page', shown);
  if (view.filter !== '') add('filter', view.filter);
  if (shown !== null) for (const [name, value] of Object.entries(view.settings).sort(([a], [b]) => (a < b ? -1 : 1))) add(name, value);
  if (view.viewport !== null) add('view', interval(view.viewport));
  if (view.selection !== null) {
    const { lane, ts, row } = view.selection;
    add('sel', `${lane}@${number(ts)}${row === undefined ? '' : `@${row}`}`);
  }
  if (view.range !== null) add('range', interval(view.range));
  if (view.rangeLanes !== null) add('over', view.rangeLanes.join(','));
  if (view.expanded.length > 0) add('open', [...view.expanded].sort().join(','));
  if (view.pinned.length > 0) add('pin', view.pinned.join(','));
  if (view.marks.length > 0) add('mark', view.marks.map(interval).join(','));
  if (view.laneSort !== 'id') add('sort', view.laneSort);
  if (view.scrollTop > 0) add('y', String(Math.round(view.scrollTop)));
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}

/** Reads a hash, with or without its `#`. */
export function decode(hash: string): View {
  const fields = new Map<string, string>();
  for (const part of hash.replace(/^#/, '').split('&')) {
    const at = part.indexOf('=');
    if (at > 0) fields.set(part.slice(0, at), unescape(part.slice(at + 1)));
  }
  const page = readPage(fields.get('page'));
  return {
    viewport: readInterval(fields.get('view')),
    selection: readSelection(fields.get('sel')),
    range: readInterval(fields.get('range')),
    rangeLanes: fields.has('over') ? list(fields.get('over')) : null,
    expanded: list(fields.get('open')),
    pinned: list(fields.get('pin')),
    marks: readMarks(fields.get('mark')),
    laneSort: readSort(fields.get('sort')),
    scrollTop: Math.max(0, finite(fields.get('y')) ?? 0),
    page,
    filter: fields.get('filter') ?? '',
    settings: viewOf(page) === null ? {} : Object.fromEntries([...fields].filter(([name]) => !TAKEN.has(name))),
  };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function finite(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null;
  const n = Number(text);
  return Number.isFinite(n) ? n : null;
}

const list = (text: string | undefined): string[] => (text ?? '').split(',').filter((item) => item !== '');

function readInterval(text: string | undefined): Interval | null {
  const [from, to] = (text ?? '').split(',').map(finite);
  return from == null || to == null || to <= from ? null : { from, to };
}

/** Pairs of numbers; a pair that is no interval is left out. */
function readMarks(text: string | undefined): Mark[] {
  const edges = (text ?? '').split(',').map(finite);
  const marks: Mark[] = [];
  for (let i = 0; i + 1 < edges.length; i += 2) {
    const [from, to] = [edges[i], edges[i + 1]];
    if (from != null && to != null && to >= from) marks.push({ from, to, temporary: false });
  }
  return marks;
}

function readSelection(text: string | undefined): Selection | null {
  const [lane = '', at, exact] = (text ?? '').split('@');
  const ts = finite(at);
  const row = finite(exact);
  if (lane === '' || ts === null) return null;
  return row === null ? { lane, ts } : { lane, ts, row };
}

function readSort(text: string | undefined): LaneSort {
  return text === 'start' || text === 'running' ? text : 'id';
}

function readPage(text: string | undefined): Page {
  const named = VIEWS.find((name) => name === text);
  if (named !== undefined) return { kind: named };
  const [kind, row] = (text ?? '').split(':');
  const go = finite(row);
  return kind === 'goroutine' && go !== null && Number.isInteger(go) && go >= 0 ? { kind: 'goroutine', go } : { kind: 'timeline' };
}
