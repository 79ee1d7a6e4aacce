/** From the timeline into a view: a range, a goroutine, a group becomes terms of the filter, or the place to open. */

import { exactly, withTerms } from '../base/terms';
import { openView } from './navigate';
import { type Interval, type ViewName, filter } from './view';

/** Exact to the nanosecond, as filters write times. */
export const nanoseconds = (ns: number): string => `${Math.round(ns)}ns`;

export const termsOfRange = (terms: string, { from, to }: Interval): string => withTerms(terms, { from: nanoseconds(from), to: nanoseconds(to) });

export const analyseRange = (name: ViewName, range: Interval): void => openView(name, {}, termsOfRange(filter.peek(), range));

export const analyseGoroutine = (name: ViewName, id: number): void => openView(name, {}, withTerms(filter.peek(), { goroutine: String(id), func: null }));

export const analyseFunction = (name: ViewName, startFunction: string): void => openView(name, {}, withTerms(filter.peek(), { func: exactly(startFunction), goroutine: null }));

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
