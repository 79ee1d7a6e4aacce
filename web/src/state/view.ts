/**
 * What the page shows, as signals: the one place that views and the timeline both read.
 *
 * The timeline writes `viewport`, `range`, `hover`, `scrollTop`, `visibleLanes` and, on a click,
 * `selection`. The shell writes the rest. What belongs in the address is listed in `url.ts`.
 */

import { computed, signal } from '@preact/signals';
import type { ClassId, FlowEnd, LaneTree, SpanDetails, TraceMeta } from '../api/types';
import type { Theme } from '../base/palette';

/** An interval of trace time in ns; a viewport's edges may be fractions. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** A span: its lane and a time in it, or its exact row. */
export interface Selection {
  readonly lane: string;
  readonly ts: number;
  readonly row?: number;
}

/** What is under the pointer; `x`, `y` are client coordinates in CSS px. */
export interface HoverInfo {
  readonly lane: string;
  readonly laneLabel: string;
  readonly ts: number;
  readonly x: number;
  readonly y: number;
  readonly span?: { readonly class: ClassId; readonly label: string; readonly start: number; readonly end: number; readonly row: number };
  /** A cell of a strip: the share of each class, most first. */
  readonly cell?: { readonly shares: readonly (readonly [ClassId, number])[]; readonly transitions: number };
  readonly mark?: { readonly kind: string; readonly label: string; readonly ts: number };
  /** The value of a curve: one, or those of a cell, from when to when. */
  readonly curve?: { readonly least: number; readonly most: number; readonly start: number; readonly end: number; readonly point: boolean };
}

/** An arrow between two lanes. */
export interface Flow {
  readonly from: { readonly lane: string; readonly ts: number };
  readonly to: { readonly lane: string; readonly ts: number };
  readonly kind: 'cause' | 'effect';
  /** The one that `[` or `]` will follow. */
  readonly chosen?: boolean;
}

/** An interval the person marked (`M`, Shift+M). */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly temporary: boolean;
}

export type LaneSort = 'id' | 'start' | 'running';

/** The pages beside the timeline, in the order of the bar. */
export const VIEWS = ['goroutines', 'blocking', 'scheduler', 'gc', 'tasks', 'regions', 'profiles', 'file', 'events'] as const;

export type ViewName = (typeof VIEWS)[number];

/** What is shown: the timeline, it with a goroutine in the drawer, or another view in its place. */
export type Page = { readonly kind: 'timeline' } | { readonly kind: 'goroutine'; readonly go: number } | { readonly kind: ViewName };

/** A view's own choices by name: order of a table, kind of a profile. */
export type Settings = Readonly<Record<string, string>>;

/** The trace, once the server answered. */
export const meta = signal<TraceMeta | null>(null);
export const lanes = signal<LaneTree | null>(null);

export const viewport = signal<Interval>({ from: 0, to: 1 });
export const selection = signal<Selection | null>(null);
export const range = signal<Interval | null>(null);
/** Lanes over which the range is summed; null: those in view. */
export const rangeLanes = signal<readonly string[] | null>(null);
export const hover = signal<HoverInfo | null>(null);
/** Keys of expanded groups. */
export const expanded = signal<ReadonlySet<string>>(new Set());
/** Lane keys kept at the top, in this order. */
export const pinned = signal<readonly string[]>([]);
/** Scroll of the lanes, CSS px. */
export const scrollTop = signal(0);
export const flows = signal<readonly Flow[]>([]);
/** The end of a flow of the selected span that was chosen among several; null: the first. */
export const chosenEnd = signal<FlowEnd | null>(null);
export const marks = signal<readonly Mark[]>([]);
export const theme = signal<Theme>('light');
export const laneSort = signal<LaneSort>('id');
/** Details of the selected span; null while unknown. */
export const details = signal<SpanDetails | null>(null);
export const page = signal<Page>({ kind: 'timeline' });
/** Which part of the trace the views are about: the text of `docs/answers.md`, understood by the server alone. */
export const filter = signal('');
/** The choices of the view that is shown; none on the timeline. */
export const settings = signal<Settings>({});

/** The view that is shown in place of the timeline, if any. */
export const viewOf = (place: Page): ViewName | null => (place.kind === 'timeline' || place.kind === 'goroutine' ? null : place.kind);

/**
 * A lane that the timeline shall bring into view: it expands the group, scrolls, and sets this
 * to null. It does not move in time; that is the viewport.
 */
export const reveal = signal<string | null>(null);

/** A lane pointed out as a whole, where no span of it is meant: a group that was searched for. */
export const spotlight = signal<string | null>(null);

/** Keys of the lanes on the screen, written by the timeline after it laid them out. */
export const visibleLanes = signal<readonly string[]>([]);

/** Whether the wheel alone zooms, for hands that know it so; Alt+wheel scrolls then. */
export const wheelZooms = signal(false);

/** Whether the server answers; the tile socket and every request report here. */
export const connection = signal<'open' | 'gone'>('open');

/** Whether the timeline is in front: its keys and its frames are for then. */
export const timelineShown = computed(() => viewOf(page.value) === null);
