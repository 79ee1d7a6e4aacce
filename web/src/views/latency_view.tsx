/** How long goroutines that could run waited until they ran: in all, by cause, by function, and the worst. */

import { useMemo } from 'preact/hooks';
import type { SchedulingLatency, WaitGroupRow, Waits, WorstWait } from '../api/answers';
import { count, duration, shortFunction } from '../base/format';
import { exactly, withTerms } from '../base/terms';
import { choose, goToFramed, openView, setFilter } from '../state/navigate';
import { filter, settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go } from '../widgets/basics';
import { GoLink, Spark, placeColumn, span } from '../widgets/cells';
import { Choice } from '../widgets/choice';
import { type Column, countColumn, durationColumn, sortedIf, textColumn, timeColumn, valueIn } from '../widgets/columns';
import { Histogram } from '../widgets/histogram';
import { NoAnswer } from '../widgets/no_answer';
import { local, remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { nanoseconds } from '../state/carry';
import { Figure, Figures } from './view_head';
import { goName, procShort } from '../state/words';

type List = 'groups' | 'worst';

export function LatencyView() {
  const terms = filter.value;
  const asked = useAnswer<SchedulingLatency>('latency', { filter: terms, sort: 'total', order: 'desc', offset: 0, limit: 1, worst: 200 });
  const { answer } = asked;
  if (answer === null) return <NoAnswer asked={asked} />;
  const { total } = answer;
  const list: List = settings.value['list'] === 'worst' ? 'worst' : 'groups';
  return (
    <>
      <Figures>
        <Figure name="waits">
          <span data-field="waits" data-count={total.count}>
            {count(total.count)}
          </span>
        </Figure>
        <Figure name="together">{duration(total.ns)}</Figure>
        <Figure name="mean">{duration(total.mean)}</Figure>
        <Figure name="p50">{duration(total.p50)}</Figure>
        <Figure name="p90">{duration(total.p90)}</Figure>
        <Figure name="p99">{duration(total.p99)}</Figure>
        <Figure name="p99.9">{duration(total.p99_9)}</Figure>
        <Figure name="longest">{duration(total.max)}</Figure>
        {total.open === 0 ? null : (
          <Figure name="begin or end not in the trace">
            {count(total.open)} <span class="dim">· {duration(total.open_ns)} at least</span>
          </Figure>
        )}
      </Figures>
      <div class="latency-parts">
        <Histogram
          label="Waits by length: a click leaves those of a bar"
          bars={answer.histogram.map((bucket) => ({ min: bucket.from, max: bucket.to - 1, count: bucket.count }))}
          choose={(bar) => setFilter(withTerms(filter.peek(), { min: nanoseconds(bar.min), max: nanoseconds(bar.max) }))}
          marks={[
            { at: total.p50, label: 'p50' },
            { at: total.p99, label: 'p99' },
          ]}
        />
        <CauseTable causes={answer.causes} />
      </div>
      {list === 'groups' ? <Groups terms={terms} list={list} /> : <Worst answer={answer} terms={terms} list={list} />}
    </>
  );
}

const CAUSES: Readonly<Record<string, string>> = { created: 'was created', unblocked: 'its wait ended', preempted: 'was preempted', yielded: 'yielded', syscall: 'came back from a call that blocks', unknown: 'not known' };

function CauseTable({ causes }: { readonly causes: readonly (Waits & { readonly cause: string })[] }) {
  return (
    <table class="plain inset">
      <thead>
        <tr>
          <th scope="col">ready because it</th>
          {['waits', 'together', 'p50', 'p99', 'longest'].map((name) => (
            <th scope="col" class="num" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {causes.map((row) => (
          <tr key={row.cause}>
            <th scope="row">{CAUSES[row.cause] ?? row.cause}</th>
            <td class="num">{count(row.count)}</td>
            <td class="num">{duration(row.ns)}</td>
            <td class="num">{duration(row.p50)}</td>
            <td class="num">{duration(row.p99)}</td>
            <td class="num">{duration(row.max)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Which({ list }: { readonly list: List }) {
  return (
    <Choice
      label="List"
      now={list}
      options={[
        { id: 'groups', label: 'by function', hint: (w) => `Waits of ${w.goroutines} by where they begin` },
        { id: 'worst', label: 'longest waits', hint: 'The longest waits, one by one' },
      ]}
      choose={(id) => choose({ list: id === 'groups' ? null : id })}
    />
  );
}

const only = (row: WaitGroupRow): void => setFilter(withTerms(filter.peek(), { func: exactly(row.label) }));

const GROUP_COLUMNS: readonly Column<WaitGroupRow>[] = [
  textColumn<WaitGroupRow>('name', 'Start function', (row) => row.label, (row) => (
    <Go to={() => only(row)} title={`Only ${row.label}`}>
      {shortFunction(row.label) || '(no name)'}
    </Go>
  )),
  countColumn<WaitGroupRow>('count', 'Waits', (row) => row.count, { width: 96 }),
  durationColumn<WaitGroupRow>('total', 'Together', (row) => row.ns),
  durationColumn<WaitGroupRow>('mean', 'Mean', (row) => row.mean),
  durationColumn<WaitGroupRow>('p50', 'p50', (row) => row.p50),
  durationColumn<WaitGroupRow>('p90', 'p90', (row) => row.p90),
  durationColumn<WaitGroupRow>('p99', 'p99', (row) => row.p99),
  durationColumn<WaitGroupRow>('p99_9', 'p99.9', (row) => row.p99_9),
  durationColumn<WaitGroupRow>('max', 'Longest', (row) => row.max),
  { id: 'histogram', title: 'Waits', width: 120, cell: (row) => <Spark counts={span(row.histogram)} label={`Waits from ${duration(row.histogram[0]?.from ?? 0)} to ${duration(row.histogram.at(-1)?.to ?? 0)}`} />, value: (row) => row.histogram.map((bucket) => `${bucket.from}:${bucket.count}`).join(' ') },
  { id: 'profile', title: '', width: 70, cell: (row) => <Go to={() => openView('profiles', { kind: 'sched' }, withTerms(filter.peek(), { func: exactly(row.label) }))}>stacks</Go>, value: () => null },
];

function Groups({ terms, list }: { readonly terms: string; readonly list: List }) {
  const source = useMemo(() => remote<SchedulingLatency, WaitGroupRow>('latency', { filter: terms, worst: 1 }, (answer) => answer.groups), [terms]);
  return (
    <Table id="groups" title="Start functions" columns={GROUP_COLUMNS} source={source} order="-total" open={only} empty="No wait passes the filter.">
      <Which list={list} />
    </Table>
  );
}

const show = (row: WorstWait): void => goToFramed(row.key, { from: row.start, to: row.end });

const WORST_COLUMNS: readonly Column<WorstWait>[] = [
  { id: 'go', title: (w) => w.goroutine_title, cell: (row) => <GoLink go={row.go} />, value: (row) => goName(row.go) },
  timeColumn<WorstWait>('start', 'Ready at', (row) => row.start, show),
  durationColumn<WorstWait>('duration', 'Waited', (row) => row.duration, { to: show }),
  { id: 'cause', title: 'Because it', width: 190, sorts: 'up', cell: (row) => `${CAUSES[row.cause] ?? row.cause}${row.reason === '' ? '' : `: ${row.reason}`}`, value: (row) => `${row.cause} ${row.reason}` },
  { id: 'by', title: 'Made ready by', width: 230, cell: (row) => <GoLink go={row.by} />, value: (row) => (row.by === null ? null : goName(row.by)) },
  { id: 'proc', title: 'on', width: 80, cell: (row) => (row.proc === null ? <span class="faint">–</span> : procShort(row.proc)), value: (row) => row.proc?.id ?? null },
  placeColumn<WorstWait>(show),
];

function Worst({ answer, terms, list }: { readonly answer: SchedulingLatency; readonly terms: string; readonly list: List }) {
  const columns = sortedIf(answer.worst.length >= answer.total.count, WORST_COLUMNS);
  const source = useMemo(() => local(`worst ${terms} ${answer.worst.length}`, answer.worst, valueIn(columns)), [answer, terms]);
  return (
    <Table id="worst" title={answer.worst.length < answer.total.count ? `The ${count(answer.worst.length)} longest waits` : 'Waits'} columns={columns} source={source} order="-duration" open={show} empty="No wait passes the filter.">
      <Which list={list} />
    </Table>
  );
}
