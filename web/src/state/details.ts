/** Fetches the details of the selected span, and draws its flows. */

import { effect, signal } from '@preact/signals';
import type { FlowEnd, SpanDetails } from '../api/types';
import { Latest, api, reasonOf } from './session';
import { type Flow, details, flows, selection } from './view';

/** Why there are no details, for the panel; null when there is nothing to say. */
export const detailsError = signal<string | null>(null);

/** Arrows past this number hide more than they show. */
const MOST_EFFECTS = 24;

/** Starts following the selection; answers how to stop. */
export function followSelection(): () => void {
  const latest = new Latest();
  return effect(() => {
    const selected = selection.value;
    if (selected === null) {
      latest.cancel();
      details.value = null;
      detailsError.value = null;
      flows.value = [];
      return;
    }
    const place = selected.row === undefined ? { ts: selected.ts } : { row: selected.row };
    latest.ask((signal) => api.span(selected.lane, place, signal)).then(
      (span) => {
        if (span === null) return;
        detailsError.value = null;
        details.value = span;
        flows.value = flowsOf(span, selected.lane);
      },
      (error: unknown) => {
        detailsError.value = reasonOf(error);
        details.value = null;
        flows.value = [];
      },
    );
  });
}

/** The arrows of a span seen on `lane`: between procs when that is a proc's, else between goroutines. */
export function flowsOf(span: SpanDetails, lane: string): Flow[] {
  const onProcs = lane.startsWith('proc:');
  // The network and timers have no goroutine: their arrows come from the proc that noticed.
  const laneOf = (end: FlowEnd): string | null => (onProcs || end.lane === null ? (end.proc?.key ?? end.lane) : end.lane);
  const arrows: Flow[] = [];
  const incoming = (end: FlowEnd | null, at: number): void => {
    const from = end === null ? null : laneOf(end);
    if (end !== null && from !== null) arrows.push({ from: { lane: from, ts: end.ts }, to: { lane, ts: at }, kind: 'cause' });
  };
  if (span.cause?.kind !== 'self') incoming(span.cause, span.start);
  incoming(span.woken_by, span.end);
  for (const end of span.effects.slice(0, MOST_EFFECTS)) {
    if (end.lane !== null) arrows.push({ from: { lane, ts: end.ts }, to: { lane: end.lane, ts: end.ts }, kind: 'effect' });
  }
  return arrows;
}
