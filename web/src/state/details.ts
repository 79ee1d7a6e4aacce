/** Fetches the details of the selected span, and draws its flows. */

import { effect, signal } from '@preact/signals';
import type { FlowEnd, SpanDetails } from '../api/types';
import { Latest, api, reasonOf } from './session';
import { type Flow, chosenEnd, details, flows, selection, spotlight } from './view';

/** Why there are no details, for the panel; null when there is nothing to say. */
export const detailsError = signal<string | null>(null);

/** Arrows past this number hide more than they show. */
const MOST_EFFECTS = 24;

/** Starts following the selection; answers how to stop. */
export function followSelection(): () => void {
  const latest = new Latest();
  const arrows = effect(() => {
    const span = details.value;
    flows.value = span === null ? [] : flowsOf(span, selection.peek()?.lane ?? span.lane, chosenEnd.value);
  });
  const stop = effect(() => {
    const selected = selection.value;
    if (selected !== null) spotlight.value = null;
    chosenEnd.value = null;
    if (selected === null) {
      latest.cancel();
      details.value = null;
      detailsError.value = null;
      return;
    }
    const place = selected.row === undefined ? { ts: selected.ts } : { row: selected.row };
    latest.ask((signal) => api.span(selected.lane, place, signal)).then(
      (span) => {
        if (span === null) return;
        detailsError.value = null;
        details.value = span;
      },
      (error: unknown) => {
        detailsError.value = reasonOf(error);
        details.value = null;
      },
    );
  });
  return () => {
    arrows();
    stop();
  };
}

/** The ends of a span's flows that have a lane to go to, first the one that is followed by itself. */
export function endsOf(span: SpanDetails, direction: 'cause' | 'effect'): readonly FlowEnd[] {
  const ends = direction === 'cause' ? [span.cause, span.woken_by] : [...span.effects, ...(span.effects.length === 0 ? [span.next_effect] : [])];
  return ends.filter((end): end is FlowEnd => end !== null && end.lane !== null && end.kind !== 'self');
}

/** The end that `[` or `]` follows. */
export function endToFollow(span: SpanDetails, direction: 'cause' | 'effect', chosen: FlowEnd | null): FlowEnd | undefined {
  const ends = endsOf(span, direction);
  return ends.find((end) => end === chosen) ?? ends[0];
}

/** The arrows of a span seen on `lane`: between procs when that is a proc's, else between goroutines. */
export function flowsOf(span: SpanDetails, lane: string, chosen: FlowEnd | null = null): Flow[] {
  const emphasis = (end: FlowEnd): { chosen?: true } => (end === chosen ? { chosen: true } : {});
  const onProcs = lane.startsWith('proc:');
  // The network and timers have no goroutine: their arrows come from the proc that noticed.
  const laneOf = (end: FlowEnd): string | null => (onProcs || end.lane === null ? (end.proc?.key ?? end.lane) : end.lane);
  const arrows: Flow[] = [];
  const incoming = (end: FlowEnd | null, at: number): void => {
    const from = end === null ? null : laneOf(end);
    if (end !== null && from !== null) arrows.push({ from: { lane: from, ts: end.ts }, to: { lane, ts: at }, kind: 'cause', ...emphasis(end) });
  };
  if (span.cause?.kind !== 'self') incoming(span.cause, span.start);
  incoming(span.woken_by, span.end);
  for (const [i, end] of span.effects.entries()) {
    if (end.lane !== null && (i < MOST_EFFECTS || end === chosen)) arrows.push({ from: { lane, ts: end.ts }, to: { lane: end.lane, ts: end.ts }, kind: 'effect', ...emphasis(end) });
  }
  return arrows;
}
