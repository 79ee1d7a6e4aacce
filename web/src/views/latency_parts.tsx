/** Latencies of tasks and regions: their figures, and the histogram that narrows the filter. */

import type { Latency, LatencyBucket } from '../api/answers';
import { count, duration } from '../base/format';
import { withTerms } from '../base/terms';
import { choose, setFilter } from '../state/navigate';
import { jump } from '../state/history';
import { filter } from '../state/view';
import { type Column, durationColumn } from '../widgets/columns';
import { Spark, span } from '../widgets/cells';
import { Histogram } from '../widgets/histogram';
import { nanoseconds } from '../state/carry';
import { Figure, Figures } from './view_head';

/** Percentiles of a row that has them. */
export function latencyColumns<R extends { readonly latency: Latency | null; readonly histogram: readonly LatencyBucket[] }>(): Column<R>[] {
  return [
    durationColumn<R>('mean', 'Mean', (row) => row.latency?.mean ?? null),
    durationColumn<R>('p50', 'p50', (row) => row.latency?.p50 ?? null),
    durationColumn<R>('p99', 'p99', (row) => row.latency?.p99 ?? null),
    durationColumn<R>('max', 'Longest', (row) => row.latency?.max ?? null),
    {
      id: 'histogram',
      title: 'Durations',
      width: 110,
      cell: (row) => (row.histogram.length === 0 ? <span class="faint">–</span> : <Spark counts={span(row.histogram)} label={`Durations from ${duration(row.histogram[0]?.min ?? 0)} to ${duration(row.histogram.at(-1)?.max ?? 0)}`} />),
      value: (row) => row.histogram.map((bucket) => `${bucket.min}:${bucket.count}`).join(' '),
    },
  ];
}

/** The latencies of one type above the list of its instances. */
export function LatencyHead({ latency, histogram, incomplete, label }: { readonly latency: Latency | null; readonly histogram: readonly LatencyBucket[]; readonly incomplete: number; readonly label: string }) {
  const narrow = (bar: { readonly min: number; readonly max: number }): void =>
    jump(() => {
      setFilter(withTerms(filter.peek(), { min: nanoseconds(bar.min), max: nanoseconds(bar.max) }));
      choose({ complete: 'yes' });
    });
  return (
    <div class="latency-head">
      <Figures>
        <Figure name="complete">{count(latency?.count ?? 0)}</Figure>
        {incomplete > 0 ? <Figure name="not complete">{count(incomplete)}</Figure> : null}
        {latency === null ? null : (
          <>
            <Figure name="p50">{duration(latency.p50)}</Figure>
            <Figure name="p90">{duration(latency.p90)}</Figure>
            <Figure name="p99">{duration(latency.p99)}</Figure>
            <Figure name="longest">{duration(latency.max)}</Figure>
          </>
        )}
      </Figures>
      <Histogram
        label={label}
        bars={histogram}
        choose={narrow}
        marks={
          latency === null
            ? []
            : [
                { at: latency.p50, label: 'p50' },
                { at: latency.p99, label: 'p99' },
              ]
        }
      />
    </div>
  );
}
