/** The scheduler: how busy the procs were, how long goroutines waited for one, what threads did. */

import { useMemo } from 'preact/hooks';
import type { ProcRow, ProcsAnswer, ShortRow, ThreadRow, Threads } from '../api/answers';
import { axisDuration, count, duration, share, time } from '../base/format';
import { classColors, surface } from '../base/palette';
import { choose, goToFramed, goToLane, zoomTo } from '../state/navigate';
import { filter, settings, theme } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go } from '../widgets/basics';
import { placeColumn, statesColumn } from '../widgets/cells';
import { Choice } from '../widgets/choice';
import { type Column, countColumn, durationColumn, sortedIf, textColumn, timeColumn, valueIn } from '../widgets/columns';
import { Curves } from '../widgets/curves';
import { HeatMap } from '../widgets/heat_map';
import { NoAnswer } from '../widgets/no_answer';
import { local, remote, remoteInOrder } from '../widgets/sources';
import { Table } from '../widgets/table';
import { LatencyView } from './latency_view';
import { Figure, Figures, ViewHead } from './view_head';
import { hasCollector, procName, type Said, words } from '../state/words';

type Tab = 'procs' | 'latency' | 'short' | 'threads';

const TABS: readonly { readonly id: Tab; readonly label: Said; readonly hint: Said }[] = [
  { id: 'procs', label: (w) => w.procs_title, hint: (w) => `How busy each ${w.proc} was over time` },
  { id: 'latency', label: 'Latency', hint: (w) => `How long ${w.goroutines} that could run waited until they ran` },
  { id: 'short', label: 'Idle while ready', hint: (w) => `Moments at which ${w.goroutines} were ready and ${w.procs} were idle` },
  { id: 'threads', label: 'Threads', hint: 'What each thread of the system did' },
];

export function SchedulerView() {
  const tab = TABS.find((option) => option.id === settings.value['show'])?.id ?? 'procs';
  return (
    <>
      <ViewHead title="Scheduler">
        <Choice label="Show" now={tab} options={TABS} choose={(id) => choose({ show: id === 'procs' ? null : id })} />
      </ViewHead>
      {tab === 'procs' ? <Procs /> : tab === 'latency' ? <LatencyView /> : tab === 'short' ? <Short /> : <ThreadsTable />}
    </>
  );
}

/** Cells of the picture: about four px each. */
const CELLS = 320;
/** Procs drawn; there is a table of all. */
const DRAWN = 64;

function Procs() {
  const asked = useAnswer<ProcsAnswer>('procs', { filter: filter.value, cells: CELLS, limit: DRAWN, worst: 1 });
  const { answer } = asked;
  if (answer === null) return <NoAnswer asked={asked} />;
  return (
    <>
      <ProcFigures answer={answer} />
      <div class="view-scroll">
        <Utilisation answer={answer} />
        <Heat answer={answer} />
        <ProcTable answer={answer} />
      </div>
    </>
  );
}

function ProcFigures({ answer }: { readonly answer: ProcsAnswer }) {
  const { total, gomaxprocs, short } = answer;
  const busy = total.running + total.running_gc + total.running_runtime + total.syscall;
  const whole = Math.max(1, total.lifetime);
  return (
    <Figures>
      <Figure name={words.value.proc_count_title}>
        {gomaxprocs.value}
        {gomaxprocs.known ? '' : ' seen'}
        {answer.changes.length > 1 ? <span class="dim"> changed {answer.changes.length - 1} ×</span> : null}
      </Figure>
      <Figure name="busy" title={hasCollector.value ? `Running ${words.value.goroutines} or in system calls` : `Running ${words.value.goroutines}, block_in_place included`}>
        {share(busy / whole)}
      </Figure>
      <Figure name="running the program">{share(total.running / whole)}</Figure>
      {hasCollector.value ? <Figure name="collector">{share(total.running_gc / whole)}</Figure> : null}
      <Figure name="looking for work">{share(total.scheduler / whole)}</Figure>
      <Figure name="idle">{share(total.idle / whole)}</Figure>
      <Figure name={`idle while ${words.value.goroutines} were ready`} title={`Of a ${words.value.proc}: time × the lesser of idle ${words.value.procs} and ready ${words.value.goroutines}`}>
        <Go to={() => choose({ show: 'short' })}>
          <span data-field="missed" data-ns={short.missed}>
            {duration(short.missed)}
          </span>
        </Go>{' '}
        <span class="dim">in {count(short.count)} moments</span>
      </Figure>
    </Figures>
  );
}

function Utilisation({ answer }: { readonly answer: ProcsAnswer }) {
  const colours = surface(theme.value);
  const classes = classColors(theme.value);
  const { over_time: over } = answer;
  const x = useMemo(() => over.active.map((_, i) => answer.from + (i + 0.5) * answer.width), [answer]);
  const procs = useMemo(
    () => [
      { label: words.value.proc_count_title, values: over.gomaxprocs, color: colours.dim, dash: [5, 4], stepped: true as const },
      { label: `${words.value.procs} held`, values: over.active, color: classes[14] ?? '' },
      { label: `${words.value.procs} busy`, values: over.busy, color: classes[1] ?? '', fill: `${classes[1] ?? ''}40` },
    ],
    [answer, colours],
  );
  const ready = useMemo(
    () => [
      { label: `ready ${words.value.goroutines}, most`, values: over.runnable_max, color: colours.faint },
      { label: 'mean', values: over.runnable_mean, color: classes[2] ?? '', fill: `${classes[2] ?? ''}59`, width: 2 },
    ],
    [answer, colours],
  );
  const near = (at: number): void => zoomTo({ from: at - answer.width * 2, to: at + answer.width * 2 });
  const mark = (from: number, to: number): void => zoomTo({ from, to });
  return (
    <div class="charts">
      <section class="chart">
        <h3>{words.value.procs_title} over time</h3>
        <Curves label={`Busy ${words.value.procs} over time`} x={x} curves={procs} height={130} sayX={axisDuration} sayY={(y) => String(Math.round(y * 100) / 100)} range={[0, null]} choose={near} mark={mark} />
      </section>
      <section class="chart">
        <h3>
          {words.value.goroutines_title} that wait for a {words.value.proc}
        </h3>
        <Curves label={`Ready ${words.value.goroutines} over time`} x={x} curves={ready} height={130} sayX={axisDuration} sayY={(y) => String(Math.round(y * 100) / 100)} range={[0, null]} choose={near} mark={mark} />
      </section>
    </div>
  );
}

function Heat({ answer }: { readonly answer: ProcsAnswer }) {
  const { from, to, width } = answer;
  const rows = useMemo(
    () =>
      answer.rows.rows.map(({ proc, cells }) => ({
        label: procName(proc),
        cells: cells.running.map((ns, i) => {
          const busy = ns + (cells.running_gc[i] ?? 0) + (cells.running_runtime[i] ?? 0) + (cells.syscall[i] ?? 0);
          const there = busy + (cells.scheduler[i] ?? 0) + (cells.idle[i] ?? 0);
          return there === 0 ? null : busy / there;
        }),
      })),
    [answer],
  );
  const cellOf = (row: number, cell: number) => {
    const it = answer.rows.rows[row];
    const start = from + cell * width;
    return it === undefined ? null : { it, start, end: Math.min(to, start + width) };
  };
  return (
    <section class="chart">
      <h3>
        Busy {words.value.procs} <span class="dim">{answer.rows.total > rows.length ? `the first ${rows.length} of ${count(answer.rows.total)}` : ''}</span>
      </h3>
      <HeatMap
        label={`How busy each ${words.value.proc} was over time`}
        rows={rows}
        axis={[from, from + (to - from) / 4, from + (to - from) / 2, from + ((to - from) * 3) / 4, to].map(axisDuration)}
        tell={(row, cell) => {
          const at = cellOf(row, cell);
          if (at === null) return '';
          const parts = (['running', 'running_gc', 'running_runtime', 'syscall', 'scheduler', 'idle', 'unknown'] as const).map((key) => [key, at.it.cells[key][cell] ?? 0] as const).filter(([, ns]) => ns > 0);
          const whole = Math.max(1, parts.reduce((sum, [, ns]) => sum + ns, 0));
          return [`${procName(at.it.proc)} at ${time(at.start)}`, ...parts.map(([key, ns]) => `${key === 'syscall' ? words.value.syscall_title.toLowerCase() : key.replaceAll('_', ' ')} ${share(ns / whole)}`)].join('\n');
        }}
        choose={(row, cell) => {
          const at = cellOf(row, cell);
          if (at !== null) goToFramed(at.it.proc.key, { from: at.start, to: at.end });
        }}
      />
    </section>
  );
}

const PROC_COLUMNS: readonly Column<ProcRow>[] = [
  { id: 'proc', title: (w) => w.proc_title, cell: (row) => <Go to={() => goToLane(row.proc.key, { from: row.start, to: row.end })}>{procName(row.proc)}</Go>, value: (row) => row.proc.id },
  statesColumn<ProcRow>((row) => ({ ...row, cells: 0 }), (row) => row.lifetime),
  durationColumn<ProcRow>('lifetime', 'There', (row) => row.lifetime, { unsorted: true }),
  durationColumn<ProcRow>('running', 'Running', (row) => row.running, { unsorted: true }),
  durationColumn<ProcRow>('running_gc', 'Collector', (row) => row.running_gc, { unsorted: true, only: 'go' }),
  durationColumn<ProcRow>('syscall', (w) => w.syscall_title, (row) => row.syscall, { unsorted: true }),
  durationColumn<ProcRow>('scheduler', 'Looking', (row) => row.scheduler, { unsorted: true, hint: 'Held by a thread that looks for work' }),
  durationColumn<ProcRow>('idle', 'Idle', (row) => row.idle, { unsorted: true }),
  countColumn<ProcRow>('starts', 'Starts', (row) => row.starts, { unsorted: true, hint: 'From idle to held' }),
  countColumn<ProcRow>('thread_changes', 'New threads', (row) => row.thread_changes, { unsorted: true, width: 96, hint: 'Held by another thread than the last time' }),
  countColumn<ProcRow>('retakes', 'Retaken', (row) => row.retakes, { unsorted: true, hint: 'Taken from a thread in a system call', only: 'go' }),
];

/** All procs are here already, unless there are very many. */
function ProcTable({ answer }: { readonly answer: ProcsAnswer }) {
  const terms = filter.value;
  const source = useMemo(
    () =>
      answer.rows.total > answer.rows.rows.length
        ? remoteInOrder<ProcsAnswer, ProcRow>('procs', { filter: terms, cells: 1, worst: 1 }, (it) => it.rows)
        : local(`procs ${terms}`, answer.rows.rows, valueIn(PROC_COLUMNS)),
    [answer],
  );
  return <Table id="procs" title={words.value.procs_title} columns={PROC_COLUMNS} source={source} order="id" rows={16} empty={`No ${words.value.proc} was seen.`} />;
}

const showShort = (row: ShortRow): void => zoomTo({ from: row.start, to: row.end });

const SHORT_COLUMNS: readonly Column<ShortRow>[] = [
  timeColumn<ShortRow>('start', 'Begin', (row) => row.start, showShort),
  durationColumn<ShortRow>('duration', 'Duration', (row) => row.duration, { to: showShort }),
  durationColumn<ShortRow>('missed', 'Missed', (row) => row.missed, { hint: (w) => `Time × the lesser of idle ${w.procs} and ready ${w.goroutines}` }),
  { ...countColumn<ShortRow>('runnable', 'Ready, mean', (row) => row.runnable, { width: 100 }), cell: (row) => row.runnable.toFixed(2) },
  countColumn<ShortRow>('runnable_max', 'most', (row) => row.runnable_max),
  { ...countColumn<ShortRow>('idle', 'Idle, mean', (row) => row.idle, { width: 100 }), cell: (row) => row.idle.toFixed(2) },
  countColumn<ShortRow>('idle_max', 'most', (row) => row.idle_max),
  durationColumn<ShortRow>('stopped_ns', 'World stopped', (row) => row.stopped_ns, { width: 116, only: 'go' }),
  { id: 'rest', title: '', cell: () => null, value: () => null },
  placeColumn<ShortRow>(showShort),
];

function Short() {
  const terms = filter.value;
  const asked = useAnswer<ProcsAnswer>('procs', { filter: terms, cells: 1, limit: 1, worst: 1000 });
  const { answer } = asked;
  const columns = sortedIf(answer === null || answer.short.rows.length >= answer.short.count, SHORT_COLUMNS);
  const source = useMemo(() => local(`short ${terms} ${answer === null}`, answer?.short.rows ?? [], valueIn(columns)), [answer, terms]);
  if (answer === null) return <NoAnswer asked={asked} wait="Looking…" />;
  const { short } = answer;
  return (
    <>
      <Figures>
        <Figure name="moments">{count(short.count)}</Figure>
        <Figure name="together">{duration(short.ns)}</Figure>
        <Figure name="missed" title={`Of a ${words.value.proc}: time × the lesser of idle ${words.value.procs} and ready ${words.value.goroutines}`}>
          {duration(short.missed)}
        </Figure>
        <Figure name="longest">{duration(short.longest)}</Figure>
        {hasCollector.value ? <Figure name="world stopped meanwhile">{duration(short.stopped_ns)}</Figure> : null}
      </Figures>
      <Table id="short" title={short.count > short.rows.length ? `The ${count(short.rows.length)} moments that missed most` : 'Moments'} columns={columns} source={source} order="-missed" open={showShort} empty={`No ${words.value.goroutine} was ready while a ${words.value.proc} was idle.`}>
        <span class="dim">{hasCollector.value ? 'the runtime' : 'a runtime'} needs some microseconds to wake a {words.value.proc}, so short ones are normal</span>
      </Table>
    </>
  );
}

const showThread = (row: ThreadRow): void => goToLane(row.thread.key, { from: row.start, to: row.end });
const threadName = (row: ThreadRow): string => (row.name === null ? `Thread ${row.thread.id}` : `Thread ${row.thread.id} · ${row.name}`);
const busyOf = (row: ThreadRow): number => row.running + row.running_gc + row.running_runtime;

const THREAD_COLUMNS: readonly Column<ThreadRow>[] = [
  textColumn<ThreadRow>('id', 'Thread', threadName, (row) => <Go to={() => showThread(row)}>{threadName(row)}</Go>),
  timeColumn<ThreadRow>('start', 'First seen', (row) => row.start, showThread),
  durationColumn<ThreadRow>('lifetime', 'Seen for', (row) => row.lifetime),
  statesColumn<ThreadRow>((row) => ({ ...row }), (row) => row.lifetime),
  durationColumn<ThreadRow>('busy', 'Busy', busyOf, { hint: (w) => `Running ${w.goroutines}` }),
  durationColumn<ThreadRow>('running_ns', 'Program', (row) => row.running, { unsorted: true }),
  durationColumn<ThreadRow>('running_gc', 'Collector', (row) => row.running_gc, { unsorted: true, only: 'go' }),
  durationColumn<ThreadRow>('off_cpu', 'Off processor', (row) => row.off_cpu ?? null, { unsorted: true, width: 108, only: 'rust', hint: 'Without a processor, as far as the kernel told' }),
  countColumn<ThreadRow>('syscalls', (w) => (w.language === 'go' ? 'Syscalls' : 'Calls'), (row) => row.syscalls, { hint: (w) => (w.language === 'go' ? 'System calls' : 'Calls of block_in_place') }),
  durationColumn<ThreadRow>('syscall_ns', (w) => w.syscall_title, (row) => row.syscall_ns),
  durationColumn<ThreadRow>('longest', 'Longest', (row) => row.longest_syscall?.duration ?? null, {
    to: (row) => row.longest_syscall !== null && goToFramed(row.longest_syscall.key, { from: row.longest_syscall.start, to: row.longest_syscall.end }),
    hint: (w) => (w.language === 'go' ? 'The longest system call' : 'The longest block_in_place'),
  }),
  { id: 'functions', title: 'Calls most', width: 210, cell: (row) => <Calls row={row} />, value: (row) => row.functions[0]?.function ?? null },
  durationColumn<ThreadRow>('scheduler', 'Looking', (row) => row.scheduler, { unsorted: true, hint: (w) => `Holding a ${w.proc} without a ${w.goroutine}` }),
  durationColumn<ThreadRow>('idle', 'Idle', (row) => row.idle, { unsorted: true }),
  placeColumn<ThreadRow>(showThread),
];

function Calls({ row }: { readonly row: ThreadRow }) {
  const most = row.functions[0];
  if (most === undefined) return <span class="faint">–</span>;
  return (
    <span title={row.functions.map((it) => `${it.function || '(no stack)'} ${duration(it.ns)}, ${count(it.count)} times`).join('\n')}>
      {most.function || '(no stack)'} <span class="dim">{duration(most.ns)}</span>
    </span>
  );
}

function ThreadsTable() {
  const terms = filter.value;
  const source = useMemo(() => remote<Threads, ThreadRow>('threads', { filter: terms }, (answer) => ({ total: answer.count, rows: answer.rows })), [terms]);
  return <Table id="threads" title="Threads" columns={THREAD_COLUMNS} source={source} order="-busy" open={showThread} empty="No thread was seen." />;
}
