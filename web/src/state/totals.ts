/** Fetches the sums over the selected range, at most one question at a time while it is dragged. */

import { effect, signal } from '@preact/signals';
import type { LaneTree, RangeTotals } from '../api/types';
import { Latest, api, reasonOf } from './session';
import { lanes, range, rangeLanes, visibleLanes } from './view';

export const totals = signal<RangeTotals | null>(null);
export const totalsError = signal<string | null>(null);

/**
 * The lanes that stand for "in view": goroutines when there are any, else procs, else threads,
 * so that no time is counted twice; and the counters, which have no share of the time.
 */
export function lanesInView(visible: readonly string[]): readonly string[] {
  const counters = visible.filter((key) => key.startsWith('counter:'));
  for (const kinds of [['go', 'group', 'all'], ['proc'], ['thread'], ['task', 'tasktype']]) {
    const some = visible.filter((key) => kinds.includes(key.split(':')[0] ?? ''));
    if (some.length > 0) return [...some, ...counters];
  }
  return ['all', ...counters];
}

/** All procs of the trace. */
export const procLanes = (tree: LaneTree | null): string[] => tree?.sections.find((section) => section.id === 'procs')?.lanes?.map((lane) => lane.key) ?? [];

/** Lanes that the range is summed over now. */
export const summedLanes = (): readonly string[] => rangeLanes.value ?? lanesInView(visibleLanes.value);

/** Starts following range and lanes; answers how to stop. */
export function followRange(): () => void {
  const latest = new Latest();
  let timer = 0;
  const stop = effect(() => {
    const interval = range.value;
    const keys = interval === null ? [] : summedLanes();
    void lanes.value;
    window.clearTimeout(timer);
    if (interval === null) {
      latest.cancel();
      totals.value = null;
      totalsError.value = null;
      return;
    }
    timer = window.setTimeout(() => {
      latest.ask((signal) => api.select({ from: interval.from, to: interval.to, lanes: keys }, signal)).then(
        (answer) => {
          if (answer === null) return;
          totalsError.value = null;
          totals.value = answer;
        },
        (error: unknown) => {
          totalsError.value = reasonOf(error);
        },
      );
    }, 60);
  });
  return () => {
    window.clearTimeout(timer);
    stop();
  };
}
