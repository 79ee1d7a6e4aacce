/**
 * What a person can do with the timeline apart from pointing: the commands that keys and the
 * palette run.
 */

import type { Api } from '../api/client';
import type { FlowEnd, SpanDetails } from '../api/types';
import { type Command } from '../state/commands';
import { endToFollow } from '../state/details';
import { within } from '../state/frame';
import { jump } from '../state/history';
import { chooseEnd } from '../state/navigate';
import { say } from '../state/shell';
import { chosenEnd, details, expanded, hover, laneSort, type LaneSort, lanes, marks, meta, pinned, range, rangeLanes, selection, spotlight, viewport, visibleLanes } from '../state/view';
import { centred, fitting, type Interval, panBy } from './geometry';
import type { Motion } from './motion';
import { ownerOf } from './places';

/** What actions need of the timeline. */
export interface Stage {
  readonly api: Api;
  readonly motion: Motion;
  /** The whole trace. */
  trace(): Interval;
  /** The time that zooming by key keeps in place. */
  anchor(): number;
  /** Extent of the selected span, once known. */
  selected(): Interval | null;
  scrollBy(dy: number): void;
  /** Ends a drag without its effect; answers whether there was one. */
  cancelDrag(): boolean;
  /** Brings a lane into view, unfolding what hides it. */
  revealLane(key: string): Promise<void>;
}

const SORTS: readonly LaneSort[] = ['id', 'start', 'running'];

export type Actions = ReturnType<typeof actionsOf>;

export function actionsOf(stage: Stage) {
  const { api, motion } = stage;

  const spanDetails = async (): Promise<SpanDetails | null> => {
    const at = selection.peek();
    if (at === null) return null;
    const known = details.peek();
    if (known !== null && known.lane === at.lane && known.start <= at.ts && at.ts <= known.end && (at.row === undefined || known.row === null || known.row === at.row)) return known;
    return api.span(at.lane, at.row === undefined ? { ts: at.ts } : { row: at.row }).catch(() => null);
  };

  /** Moves the window, only if it must, so that `[from, to)` can be seen. */
  const show = (from: number, to: number): void => {
    const view = motion.target;
    const width = view.to - view.from;
    const trace = stage.trace();
    // Air at both sides, but not beyond the trace's own ends.
    const margin = width * 0.05;
    const left = view.from <= trace.from ? 0 : margin;
    const right = view.to >= trace.to ? 0 : margin;
    if (from >= view.from + left && from <= view.to - right) return;
    if (from < view.from && to > view.to) return;
    motion.fly(within(centred(view, to - from < width * 0.8 ? (from + to) / 2 : from + width * 0.3, trace), trace));
  };

  const select = async (lane: string, ts: number, to = ts, row?: number): Promise<void> => {
    jump(() => {
      selection.value = row === undefined ? { lane, ts } : { lane, ts, row };
    });
    await stage.revealLane(lane);
    show(ts, to);
  };

  const neighbour = async (side: 'prev' | 'next'): Promise<void> => {
    const at = selection.peek();
    const span = (await spanDetails())?.[side] ?? null;
    if (at !== null && span !== null) await select(at.lane, span.start, span.end);
  };

  const follow = async (end: FlowEnd | null | undefined): Promise<void> => {
    if (end === null || end === undefined || end.lane === null) return;
    await select(end.lane, end.ts);
  };

  const mark = (temporary: boolean): void => {
    const part = stage.selected() ?? range.peek();
    if (part === null) return;
    const same = marks.peek().some((m) => m.from === part.from && m.to === part.to && m.temporary === temporary);
    const rest = marks.peek().filter((m) => (temporary ? !m.temporary : true) && !(m.from === part.from && m.to === part.to));
    marks.value = same ? rest : [...rest, { ...part, temporary }];
  };

  const actions = {
    zoomBy(factor: number, anchor = stage.anchor()): void {
      motion.zoom(factor, anchor);
    },
    /** Moves by a share of the screen. */
    panBy(screens: number): void {
      const view = motion.target;
      motion.fly(panBy(view, screens * (view.to - view.from), stage.trace()));
    },
    fit(): void {
      const trace = stage.trace();
      motion.fly(trace);
    },
    /** Shows an interval with a little air. */
    fitInterval(part: Interval): void {
      motion.fly(fitting(part, stage.trace()));
    },
    zoomToSelection(): void {
      const part = stage.selected() ?? range.peek();
      if (part !== null) motion.fly(fitting(part, stage.trace()));
    },
    zoomToRange(): void {
      const part = range.peek();
      if (part !== null) motion.fly(fitting(part, stage.trace(), 0.02));
    },
    /** Centres the selection; when it is centred already, fits it. */
    centerSelection(): void {
      const part = stage.selected() ?? range.peek();
      if (part === null) return;
      const view = viewport.peek();
      const middle = (part.from + part.to) / 2;
      const off = Math.abs((view.from + view.to) / 2 - middle);
      const wide = view.to - view.from;
      const wanted = centred(view, middle, stage.trace());
      if (off < wide * 0.01 || Math.abs(wanted.from - view.from) < wide * 0.005) actions.zoomToSelection();
      else motion.fly(wanted);
      const lane = selection.peek()?.lane;
      if (lane !== undefined) void stage.revealLane(lane);
    },
    nextSpan: () => neighbour('next'),
    prevSpan: () => neighbour('prev'),
    /** To whom made the selected span begin; from a waiting span, to who ended it. */
    async followCause(): Promise<void> {
      const span = await spanDetails();
      if (span !== null) await follow(endToFollow(span, 'cause', chosenEnd.peek()));
    },
    async followEffect(): Promise<void> {
      const span = await spanDetails();
      if (span !== null) await follow(endToFollow(span, 'effect', chosenEnd.peek()));
    },
    /** Brings a lane into view; with a time, that too. */
    async revealLane(key: string, ts?: number): Promise<void> {
      await stage.revealLane(key);
      if (ts !== undefined) show(ts, ts);
    },
    mark: () => mark(true),
    markForGood: () => mark(false),
    unmark(): void {
      const part = stage.selected() ?? range.peek();
      const rest = part === null ? [] : marks.peek().filter((m) => m.from !== part.from || m.to !== part.to);
      marks.value = rest.length < marks.peek().length ? rest : [];
    },
    spanToRange(): void {
      const part = stage.selected();
      const lane = selection.peek()?.lane;
      if (part === null) return;
      range.value = part;
      rangeLanes.value = lane === undefined ? null : [lane];
    },
    selectAll(): void {
      const trace = stage.trace();
      range.value = trace;
      rangeLanes.value = null;
    },
    /** Pins or unpins a lane; by default the hovered or else the selected one. */
    pin(key = hover.peek()?.lane ?? selection.peek()?.lane): void {
      if (key === undefined) return;
      const lane = ownerOf(key);
      const now = pinned.peek();
      pinned.value = now.includes(lane) ? now.filter((k) => k !== lane) : [...now, lane];
    },
    clear(): void {
      if (stage.cancelDrag()) return;
      if (range.peek() !== null) {
        range.value = null;
        rangeLanes.value = null;
      } else {
        selection.value = null;
        spotlight.value = null;
      }
    },
    cycleSort(): void {
      laneSort.value = SORTS[(SORTS.indexOf(laneSort.peek()) + 1) % SORTS.length]!;
    },
    expandAll(): void {
      const groups = lanes.peek()?.sections.flatMap((s) => (s.groups ?? []).map((g) => g.key)) ?? [];
      expanded.value = new Set(groups);
    },
    collapseAll(): void {
      expanded.value = new Set();
    },
    /** Chosen lanes of a range back to all that are visible. */
    rangeOverVisible(): void {
      if (range.peek() !== null && visibleLanes.peek().length > 0) rangeLanes.value = null;
    },
    scrollBy: (dy: number) => stage.scrollBy(dy),
  };
  return actions;
}

/** Moves the choice among the flows of the selected span, and says so when there is nothing to choose. */
function choose(direction: 'cause' | 'effect'): void {
  const count = chooseEnd(direction);
  if (details.peek() === null) say('select a span first');
  else if (count === 0) say(direction === 'cause' ? 'nobody is known to have woken it' : 'it woke nobody');
  else if (count === 1) say(direction === 'cause' ? 'only one woke it' : 'it woke only one');
}

/** The actions as commands of the palette and the help. */
export function commandsOf(actions: Actions): Command[] {
  const move = 'Move';
  const span = 'Selected span';
  const lane = 'Lanes';
  const later = (run: () => Promise<void>) => () => void run();
  return [
    { id: 'view.zoomIn', title: 'Zoom in', keys: ['+', '='], section: move, repeats: true, run: () => actions.zoomBy(0.6) },
    { id: 'view.zoomOut', title: 'Zoom out', keys: ['-'], section: move, repeats: true, run: () => actions.zoomBy(1 / 0.6) },
    { id: 'view.held', title: 'Zoom and pan, held (Shift: faster)', keys: ['Code:W', 'Code:S', 'Code:A', 'Code:D'], section: move, documented: true, run: () => undefined },
    { id: 'view.left', title: 'Pan left', keys: ['ArrowLeft'], section: move, documented: true, run: () => actions.panBy(-0.3) },
    { id: 'view.right', title: 'Pan right', keys: ['ArrowRight'], section: move, documented: true, run: () => actions.panBy(0.3) },
    { id: 'view.up', title: 'Scroll up', keys: ['ArrowUp'], section: move, repeats: true, run: () => actions.scrollBy(-63) },
    { id: 'view.down', title: 'Scroll down', keys: ['ArrowDown'], section: move, repeats: true, run: () => actions.scrollBy(63) },
    { id: 'view.pageUp', title: 'Scroll a page up', keys: ['PageUp'], section: move, repeats: true, run: () => actions.scrollBy(-600) },
    { id: 'view.pageDown', title: 'Scroll a page down', keys: ['PageDown'], section: move, repeats: true, run: () => actions.scrollBy(600) },
    { id: 'view.fit', title: 'Whole trace', keys: ['0', 'Home'], section: move, run: () => actions.fit() },
    { id: 'view.center', title: 'Centre the selection, then fit it', keys: ['F'], section: move, run: () => actions.centerSelection() },
    { id: 'view.range', title: 'Zoom into the range', section: move, run: () => actions.zoomToRange() },
    { id: 'view.all', title: 'Choose the whole trace as range', keys: ['Ctrl+A'], section: move, run: () => actions.selectAll() },
    { id: 'span.next', title: 'Next span in the lane', keys: ['.'], section: span, repeats: true, run: later(actions.nextSpan) },
    { id: 'span.prev', title: 'Previous span in the lane', keys: [','], section: span, repeats: true, run: later(actions.prevSpan) },
    { id: 'span.cause', title: 'Go to who woke it', keys: ['['], section: span, run: later(actions.followCause) },
    { id: 'span.effect', title: 'Go to whom it woke next', keys: [']'], section: span, run: later(actions.followEffect) },
    { id: 'span.nextCause', title: 'Choose among who woke it', keys: ['Ctrl+['], section: span, run: () => choose('cause') },
    { id: 'span.nextEffect', title: 'Choose among whom it woke', keys: ['Ctrl+]'], section: span, run: () => choose('effect') },
    { id: 'span.range', title: 'Make the span the range', keys: ['R'], section: span, run: () => actions.spanToRange() },
    { id: 'span.mark', title: 'Mark the span', keys: ['M'], section: span, run: () => actions.mark() },
    { id: 'span.keepMark', title: 'Mark the span for good', keys: ['Shift+M'], section: span, run: () => actions.markForGood() },
    { id: 'span.unmark', title: 'Remove marks', keys: ['Delete'], section: span, run: () => actions.unmark() },
    { id: 'span.clear', title: 'Clear the range, then the selection', keys: ['Escape'], section: span, run: () => actions.clear() },
    { id: 'lane.pin', title: 'Pin or unpin the lane', keys: ['P', 'Shift+T'], section: lane, run: () => actions.pin() },
    { id: 'lane.sort', title: (w) => `Change the order of ${w.goroutines}`, section: lane, run: () => actions.cycleSort() },
    { id: 'lane.expandAll', title: 'Expand all groups', section: lane, run: () => actions.expandAll() },
    { id: 'lane.collapseAll', title: 'Collapse all groups', section: lane, run: () => actions.collapseAll() },
  ];
}

/** Whether a trace is there to act on. */
export const ready = (): boolean => meta.peek() !== null;


