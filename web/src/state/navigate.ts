/** Going to places, each as one step of the history: what links, hits and keys do. */

import type { FlowEnd, Hit } from '../api/types';
import { endsOf } from './details';
import { fitted, framed, panned } from './frame';
import { jump } from './history';
import { type Interval, chosenEnd, details, meta, page, range, reveal, selection, spotlight, viewport } from './view';

/** The whole trace. */
export function whole(): Interval {
  const trace = meta.peek();
  return trace === null ? { from: 0, to: 1 } : { from: trace.start, to: Math.max(trace.end, trace.start + 1) };
}

/** Selects the span of a lane at a time, at the zoom at hand. */
export function goToSpan(lane: string, ts: number): void {
  jump(() => {
    viewport.value = panned(viewport.peek(), ts, whole());
    selection.value = { lane, ts };
    reveal.value = lane;
  });
}

/** Selects a span and makes sure that it can be seen. */
export function goToFramed(lane: string, target: Interval): void {
  jump(() => {
    viewport.value = framed(viewport.peek(), target, whole());
    selection.value = { lane, ts: target.from };
    reveal.value = lane;
  });
}

/** Brings a lane into view, and its life into the width. */
export function goToLane(lane: string, life: Interval): void {
  jump(() => {
    const now = viewport.peek();
    if (life.from > now.to || life.to < now.from) viewport.value = fitted(life, whole());
    reveal.value = lane;
  });
}

/** Points a lane out as a whole: in view, and no span selected that has nothing to do with it. */
export function goToWholeLane(lane: string, life: Interval): void {
  jump(() => {
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
  if (hit.kind === 'function') goToWholeLane(hit.lane, { from: hit.start, to: hit.end });
  else if (hit.kind === 'goroutine') {
    jump(() => {
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
    viewport.value = fitted(target, whole());
  });
}

export function showAll(): void {
  jump(() => {
    viewport.value = whole();
  });
}

export function openGoroutine(row: number): void {
  jump(() => {
    page.value = { kind: 'goroutine', go: row };
  });
}

export function openFile(): void {
  jump(() => {
    page.value = { kind: 'file' };
  });
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
