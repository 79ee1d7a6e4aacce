/** From the timeline into a view: a range, a goroutine, a group becomes terms of the filter, or the place to open. */

import { exactly, withTerms } from '../base/terms';
import { openView } from './navigate';
import { type Interval, type ViewName, details, filter, lanes } from './view';

/** Exact to the nanosecond, as filters write times. */
export const nanoseconds = (ns: number): string => `${Math.round(ns)}ns`;

export const termsOfRange = (terms: string, { from, to }: Interval): string => withTerms(terms, { from: nanoseconds(from), to: nanoseconds(to) });

export const analyseGoroutine = (name: ViewName, id: number): void => openView(name, {}, withTerms(filter.peek(), { goroutine: String(id), func: null }));

export const analyseFunction = (name: ViewName, startFunction: string): void => openView(name, {}, withTerms(filter.peek(), { func: exactly(startFunction), goroutine: null }));

/** What a lane means in a filter, in place of what another one meant; nothing if it is not about goroutines. */
export function termsOfLane(terms: string, lane: string): string {
  const other = { goroutine: null, func: null, task: null };
  const span = details.peek();
  const mine = span?.lane === lane ? span : null;
  const named = lanes.peek()?.sections.flatMap((section) => section.groups ?? []).find((group) => group.key === lane)?.label;
  switch (lane.split(':')[0]) {
    case 'go':
    case 'regions':
    case 'goranges':
      return mine?.go == null ? terms : withTerms(terms, { ...other, goroutine: String(mine.go.id) });
    case 'group':
      return named === undefined ? terms : withTerms(terms, { ...other, func: exactly(named) });
    case 'tasktype':
      return named === undefined ? terms : withTerms(terms, { ...other, task: exactly(named) });
    case 'task':
      return mine?.task == null ? terms : withTerms(terms, { ...other, task: `#${mine.task.id}` });
    default:
      return terms;
  }
}

/** The lane and the time of the selected span. */
export function termsOfSpan(terms: string): string {
  const span = details.peek();
  return span === null ? terms : termsOfRange(termsOfLane(terms, span.lane), { from: span.start, to: Math.max(span.end, span.start + 1) });
}

/** Whether a lane has a view that says more. */
export const hasView = (lane: string): boolean => openerOf(lane, '') !== null;

/** Opens what is known of a lane beside its picture. */
export function openLane(lane: string, label: string): void {
  openerOf(lane, label)?.();
}

function openerOf(lane: string, label: string): (() => void) | null {
  const [kind, row = ''] = lane.split(':');
  switch (kind) {
    case 'group':
      return () => analyseFunction('goroutines', label);
    case 'go':
      return () => openView('goroutines', { go: row });
    case 'tasktype':
      return () => openView('tasks', { type: label });
    case 'task':
      return () => openView('tasks', { task: lane });
    case 'proc':
      return () => openView('scheduler', {});
    case 'thread':
      return () => openView('scheduler', { show: 'threads' });
    case 'gc':
      return () => openView('gc', {});
    case 'stw':
      return () => openView('gc', { show: 'stops' });
    default:
      return null;
  }
}
