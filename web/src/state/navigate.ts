/** Going to places, each as one step of the history: what links, hits and keys do. */

import type { FlowEnd, Hit } from '../api/types';
import { endsOf } from './details';
import { fitted, framed, panned } from './frame';
import { jump } from './history';
import { type Interval, type Settings, type ViewName, chosenEnd, details, filter, meta, page, range, reveal, selection, settings, spotlight, viewOf, viewport } from './view';

/** The whole trace. */
export function whole(): Interval {
  const trace = meta.peek();
  return trace === null ? { from: 0, to: 1 } : { from: trace.start, to: Math.max(trace.end, trace.start + 1) };
}

/** What the views were last told, so that one finds them as one left them. */
const left = new Map<ViewName, Settings>();

function leave(): void {
  const shown = viewOf(page.peek());
  if (shown !== null) left.set(shown, settings.peek());
}

/** Puts the timeline in front, if another view is shown. */
function onTimeline(): void {
  if (viewOf(page.peek()) === null) return;
  leave();
  page.value = { kind: 'timeline' };
  settings.value = {};
}

export function openTimeline(): void {
  jump(onTimeline);
}

/** Opens a view as it was left, or with other settings, and with another filter if one is given. */
export function openView(name: ViewName, choices: Settings = left.get(name) ?? {}, terms: string = filter.peek()): void {
  jump(() => {
    leave();
    page.value = { kind: name };
    settings.value = choices;
    filter.value = terms;
  });
}

/** Changes some settings of the view that is shown, as a step of the history; null takes one away. */
export function choose(changes: Readonly<Record<string, string | null>>): void {
  jump(() => tweak(changes));
}

/** The same without a step of its own: a table scrolled on. */
export function tweak(changes: Readonly<Record<string, string | null>>): void {
  const next: Record<string, string> = { ...settings.peek() };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete next[name];
    else next[name] = value;
  }
  settings.value = next;
}

export function setFilter(terms: string): void {
  if (terms !== filter.peek()) jump(() => (filter.value = terms));
}

/** Selects the span of a lane at a time, at the zoom at hand. */
export function goToSpan(lane: string, ts: number): void {
  jump(() => {
    onTimeline();
    viewport.value = panned(viewport.peek(), ts, whole());
    selection.value = { lane, ts };
    reveal.value = lane;
  });
}

/** Selects a span and makes sure that it can be seen. */
export function goToFramed(lane: string, target: Interval): void {
  jump(() => {
    onTimeline();
    viewport.value = framed(viewport.peek(), target, whole());
    selection.value = { lane, ts: target.from };
    reveal.value = lane;
  });
}

/** Brings a lane into view, and its life into the width. */
export function goToLane(lane: string, life: Interval): void {
  jump(() => {
    onTimeline();
    const now = viewport.peek();
    if (life.from > now.to || life.to < now.from) viewport.value = fitted(life, whole());
    reveal.value = lane;
  });
}

/** Points a lane out as a whole: in view, and no span selected that has nothing to do with it. */
export function goToWholeLane(lane: string, life: Interval): void {
  jump(() => {
    onTimeline();
    selection.value = null;
    goToLane(lane, life);
    spotlight.value = lane;
  });
}

/** The other end of a flow: the goroutine's span in which it happened. */
export function goToFlowEnd(end: FlowEnd): void {
  if (end.lane !== null) goToSpan(end.lane, end.ts);
}

/** A search hit. */
export function goToHit(hit: Hit): void {
  if (hit.kind === 'function' || hit.kind === 'counter') goToWholeLane(hit.lane, { from: hit.start, to: hit.end });
  else if (hit.kind === 'goroutine') {
    jump(() => {
      onTimeline();
      const now = viewport.peek();
      const life = { from: hit.start, to: hit.end };
      if (life.from > now.to || life.to < now.from) viewport.value = fitted(life, whole());
      selection.value = { lane: hit.lane, ts: Math.max(hit.start, Math.min(Math.ceil(viewport.peek().from), hit.end - 1)) };
      reveal.value = hit.lane;
    });
  } else goToFramed(hit.lane, { from: hit.start, to: hit.end });
}

export function zoomTo(target: Interval): void {
  jump(() => {
    onTimeline();
    viewport.value = fitted(target, whole());
  });
}

export function showAll(): void {
  jump(() => {
    onTimeline();
    viewport.value = whole();
  });
}

export function openGoroutine(row: number): void {
  jump(() => {
    onTimeline();
    page.value = { kind: 'goroutine', go: row };
  });
}

export function openFile(): void {
  openView('file');
}

export function closePage(): void {
  jump(() => {
    page.value = { kind: 'timeline' };
  });
}

/** The span before or after the selected one in its lane. */
export function stepInLane(direction: 'prev' | 'next'): void {
  const span = details.peek();
  const neighbour = span?.[direction];
  if (span == null || neighbour == null) return;
  jump(() => {
    viewport.value = panned(viewport.peek(), neighbour.start, whole());
    selection.value = { lane: span.lane, ts: neighbour.start };
  });
}

/** Chooses the next of the ends that `[` or `]` can follow, round and round; answers how many there are. */
export function chooseEnd(direction: 'cause' | 'effect'): number {
  const span = details.peek();
  if (span === null) return 0;
  const ends = endsOf(span, direction);
  const now = chosenEnd.peek();
  // Before anything was chosen the first one is meant, so that the first press means the second.
  const here = now === null ? 0 : Math.max(0, ends.indexOf(now));
  chosenEnd.value = ends[(here + 1) % ends.length] ?? null;
  return ends.length;
}

/** The selected span as a time range. */
export function rangeOfSelection(): void {
  const span = details.peek();
  if (span === null || span.end <= span.start) return;
  jump(() => {
    range.value = { from: span.start, to: span.end };
  });
}
