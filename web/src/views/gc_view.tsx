/** Garbage collection: cycles, the heap over time, stops of the world, assists, and what was left for the program. */

import { useMemo } from 'preact/hooks';
import type { AssistRow, CycleRow, Gc, HeapCurve, StopRow } from '../api/answers';
import { axisDuration, bytes, count, duration, share } from '../base/format';
import { classColors, surface } from '../base/palette';
import { choose, goToFramed, zoomTo } from '../state/navigate';
import { filter, settings, theme } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go } from '../widgets/basics';
import { GoLink, placeColumn, showLane } from '../widgets/cells';
import { Choice } from '../widgets/choice';
import { type Column, bytesColumn, countColumn, durationColumn, shareColumn, textColumn, timeColumn } from '../widgets/columns';
import { Curves } from '../widgets/curves';
import { remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { MmuView } from './mmu_view';
import { Figure, Figures, ViewHead } from './view_head';
import { goName } from '../state/words';

type Tab = 'cycles' | 'stops' | 'assists' | 'mmu';

const TABS: readonly { readonly id: Tab; readonly label: string; readonly hint: string }[] = [
  { id: 'cycles', label: 'Cycles', hint: 'Each collection, with heap, pauses and what it took' },
  { id: 'stops', label: 'Stops of the world', hint: 'Every stop, whatever its cause' },
  { id: 'assists', label: 'Assists', hint: 'Goroutines that had to help' },
  { id: 'mmu', label: 'Utilisation (MMU)', hint: 'What the collector left of the processors, in the worst window of each length' },
];

export function GcView() {
  const tab = TABS.find((option) => option.id === settings.value['show'])?.id ?? 'cycles';
  return (
    <>
      <ViewHead title="GC">
        <Choice label="Show" now={tab} options={TABS} choose={(id) => choose({ show: id === 'cycles' ? null : id })} />
      </ViewHead>
      {tab === 'mmu' ? <MmuView /> : <Lists tab={tab} />}
    </>
  );
}

function Lists({ tab }: { readonly tab: Exclude<Tab, 'mmu'> }) {
  const terms = filter.value;
  const { answer } = useAnswer<Gc>('gc', { filter: terms, table: 'cycles', sort: 'number', order: 'asc', offset: 0, limit: 200 });
  return (
    <>
      {answer === null ? null : <Totals answer={answer} />}
      {tab === 'cycles' ? <Heap answer={answer} /> : null}
      {tab === 'stops' && answer !== null ? <Causes answer={answer} /> : null}
      {tab === 'cycles' ? <Cycles terms={terms} /> : tab === 'stops' ? <Stops terms={terms} /> : <Assists terms={terms} />}
    </>
  );
}

function Totals({ answer }: { readonly answer: Gc }) {
  const { total } = answer;
  return (
    <Figures>
      <Figure name="cycles">
        <span data-field="cycles">{count(total.cycles)}</span>
      </Figure>
      <Figure name="in a cycle">{share(answer.to > answer.from ? total.cycle_ns / (answer.to - answer.from) : 0)}</Figure>
      <Figure name="taken from the program" title="Share of all procs that stops, assists and workers took">
        {total.gc_share === null ? '–' : share(total.gc_share)}
      </Figure>
      <Figure name="pauses">
        {count(total.pauses)} · {duration(total.pause_ns)}
      </Figure>
      <Figure name="longest pause">{duration(total.longest_pause)}</Figure>
      <Figure name="assists">
        {count(total.assists)} · {duration(total.assist_ns)}
      </Figure>
      <Figure name="mark workers" title="Dedicated and fractional; idle ones took only what nobody needed">
        {duration(total.dedicated_ns + total.fractional_ns + total.unlabelled_ns)} <span class="dim">+ idle {duration(total.idle_ns)}</span>
      </Figure>
      <Figure name="swept">{bytes(total.swept_bytes)}</Figure>
    </Figures>
  );
}

/** Heap and goal over time; a click leads to the timeline. */
function Heap({ answer }: { readonly answer: Gc | null }) {
  const { answer: heap } = useAnswer<HeapCurve>('heap', { filter: filter.value, cells: 1500 });
  const colours = surface(theme.value);
  const shown = useMemo(() => {
    if (heap === null) return null;
    return { ...heap, x: Array.from({ length: heap.cells }, (_, i) => heap.from + (i + 0.5) * heap.width) };
  }, [heap]);
  const curves = useMemo(
    () =>
      shown === null
        ? []
        : [
            { label: 'live heap', values: shown.heap, color: colours.accent, fill: colours.range },
            { label: 'goal', values: shown.goal, color: colours.mark, dash: [5, 4], stepped: true as const },
          ],
    [shown, colours],
  );
  if (shown === null || shown.heap.every((value) => value === null)) return null;
  return (
    <section class="chart" aria-label="Heap" data-from={shown.from} data-width={shown.width} data-cells={shown.cells} data-most={Math.max(...shown.heap.map((value) => value ?? 0))}>
      <Curves
        label="Live heap and heap goal over time"
        x={shown.x}
        curves={curves}
        height={150}
        sayX={axisDuration}
        sayY={bytes}
        steps={BINARY}
        range={[0, null]}
        choose={(x) => zoomTo(around(x, answer))}
        mark={(from, to) => zoomTo({ from, to })}
      />
    </section>
  );
}

/** Sizes have binary units. */
const BINARY = Array.from({ length: 50 }, (_, i) => 2 ** i);

/** A fiftieth of what is shown, about a time. */
const around = (at: number, answer: Gc | null): { from: number; to: number } => {
  const width = Math.max(((answer?.to ?? 0) - (answer?.from ?? 0)) / 50, 1000);
  return { from: at - width / 2, to: at + width / 2 };
};

const FORCED: Readonly<Record<string, string>> = { heap: 'heap grew', periodic: 'two minutes' };

const CYCLE_COLUMNS: readonly Column<CycleRow>[] = [
  { ...countColumn<CycleRow>('number', '#', (row) => row.number, { width: 64 }), sorts: 'up' },
  timeColumn<CycleRow>('start', 'Begin', (row) => row.start, showLane),
  durationColumn<CycleRow>('duration', 'Duration', (row) => row.duration, { to: showLane }),
  { id: 'phases', title: 'Phases', width: 150, cell: (row) => <Phases row={row} />, value: (row) => row.phases.map((phase) => `${phase.phase} ${phase.end - phase.start}`).join(', ') },
  { id: 'forced', title: 'Because', width: 130, cell: (row) => (row.forced === null ? <span class="faint">not known</span> : (FORCED[row.forced] ?? row.forced)), value: (row) => row.forced },
  durationColumn<CycleRow>('pause', 'Pauses', (row) => row.pause_ns, { hint: 'Stops of the world that begin and end it' }),
  durationColumn<CycleRow>('longest_pause', 'Longest', (row) => row.longest_pause, { unsorted: true, to: (row) => longestPause(row) }),
  durationColumn<CycleRow>('assist', 'Assists', (row) => row.assist_ns),
  shareColumn<CycleRow>('share', 'Taken', (row) => row.gc_share, { hint: 'Share of all procs that it took from the program' }),
  shareColumn<CycleRow>('idle_share', 'Idle work', (row) => row.idle_share, { hint: 'Share of procs that had nothing else to do', unsorted: true }),
  bytesColumn<CycleRow>('heap', 'Heap before', (row) => row.heap_before, { width: 98 }),
  bytesColumn<CycleRow>('heap_peak', 'Peak', (row) => row.heap_peak, { unsorted: true }),
  bytesColumn<CycleRow>('heap_after', 'Marked', (row) => row.heap_after, { unsorted: true, hint: 'What was still reachable' }),
  bytesColumn<CycleRow>('goal', 'Goal', (row) => row.goal, { unsorted: true }),
  bytesColumn<CycleRow>('next_goal', 'Next goal', (row) => row.next_goal, { unsorted: true }),
  placeColumn<CycleRow>(showLane),
];

function longestPause(row: CycleRow): void {
  const pause = row.pauses.reduce<StopRow | undefined>((most, it) => (most === undefined || it.duration > most.duration ? it : most), undefined);
  if (pause !== undefined) goToFramed(pause.key, { from: pause.start, to: pause.end });
}

const PHASE_COLOURS: Readonly<Record<string, number>> = { sweep_termination: 17, mark: 16, mark_termination: 17, sweep: 18 };

/** The phases that are part of the cycle, to scale. */
function Phases({ row }: { readonly row: CycleRow }) {
  const colors = classColors(theme.value);
  const whole = Math.max(1, row.end - row.start);
  const parts = row.phases.filter((phase) => phase.phase !== 'sweep');
  return (
    <span class="state-bar" role="img" title={row.phases.map((phase) => `${phase.phase.replaceAll('_', ' ')} ${duration(phase.end - phase.start)}`).join('\n')}>
      {parts.map((phase) => (
        <i key={phase.phase} style={{ width: `${((phase.end - phase.start) / whole) * 100}%`, background: colors[PHASE_COLOURS[phase.phase] ?? 16] ?? 'transparent' }} />
      ))}
    </span>
  );
}

function Cycles({ terms }: { readonly terms: string }) {
  const source = useMemo(() => remote<Gc, CycleRow>('gc', { filter: terms, table: 'cycles' }, (answer) => answer.cycles), [terms]);
  return <Table id="cycles" title="Cycles" columns={CYCLE_COLUMNS} source={source} order="number" open={showLane} empty="No collection passes the filter." />;
}

const STOP_COLUMNS: readonly Column<StopRow>[] = [
  timeColumn<StopRow>('start', 'Begin', (row) => row.start, (row) => goToFramed(row.key, { from: row.start, to: row.end })),
  durationColumn<StopRow>('duration', 'Duration', (row) => row.duration, { to: (row) => goToFramed(row.key, { from: row.start, to: row.end }) }),
  textColumn<StopRow>('cause', 'Cause', (row) => row.cause, (row) => row.cause),
  { id: 'gc', title: '', width: 90, cell: (row) => (row.gc ? <span class="tag">collector</span> : null), value: (row) => row.gc },
  { id: 'cycle', title: 'Cycle', width: 70, numeric: true, cell: (row) => (row.cycle == null ? <span class="faint">–</span> : count(row.cycle)), value: (row) => row.cycle ?? null },
  { id: 'go', title: 'Stopped by', width: 240, cell: (row) => <GoLink go={row.go} />, value: (row) => (row.go === null ? null : goName(row.go)) },
  { id: 'at', title: 'Where', width: 240, cell: (row) => <span title={row.stack.map((frame) => `${frame.function} ${frame.file}:${frame.line}`).join('\n')}>{row.stack[0]?.function ?? ''}</span>, value: (row) => row.stack[0]?.function ?? null },
  placeColumn<StopRow>((row) => goToFramed(row.key, { from: row.start, to: row.end })),
];

function Stops({ terms }: { readonly terms: string }) {
  const source = useMemo(() => remote<Gc, StopRow>('gc', { filter: terms, table: 'stops' }, (answer) => answer.stops), [terms]);
  return <Table id="stops" title="Stops of the world" columns={STOP_COLUMNS} source={source} order="-duration" open={(row) => goToFramed(row.key, { from: row.start, to: row.end })} empty="The world was not stopped." />;
}

function Causes({ answer }: { readonly answer: Gc }) {
  return (
    <table class="plain inset">
      <thead>
        <tr>
          <th scope="col">cause</th>
          {['times', 'together', 'p50', 'p99', 'longest'].map((name) => (
            <th scope="col" class="num" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.causes.map((row) => (
          <tr key={row.cause}>
            <th scope="row">
              {row.cause} {row.gc ? <span class="tag">collector</span> : null}
            </th>
            <td class="num">{count(row.count)}</td>
            <td class="num">{duration(row.ns)}</td>
            <td class="num">{duration(row.p50)}</td>
            <td class="num">{duration(row.p99)}</td>
            <td class="num">
              <Go to={() => goToFramed(row.longest.key, { from: row.longest.start, to: row.longest.end })} title="Show it on the timeline">
                {duration(row.max)}
              </Go>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const ASSIST_COLUMNS: readonly Column<AssistRow>[] = [
  { id: 'go', title: 'Goroutine', cell: (row) => <GoLink go={row.go} />, value: (row) => goName(row.go) },
  countColumn<AssistRow>('count', 'Assists', (row) => row.count),
  durationColumn<AssistRow>('time', 'Time', (row) => row.ns, { width: 110 }),
  durationColumn<AssistRow>('running_ns', 'Of it running', (row) => row.running_ns, { unsorted: true, width: 110 }),
  durationColumn<AssistRow>('longest', 'Longest', (row) => row.longest.end - row.longest.start, { to: (row) => goToFramed(row.longest.key, { from: row.longest.start, to: row.longest.end }), width: 110 }),
  placeColumn<AssistRow>((row) => goToFramed(row.longest.key, { from: row.longest.start, to: row.longest.end })),
];

function Assists({ terms }: { readonly terms: string }) {
  const source = useMemo(() => remote<Gc, AssistRow>('gc', { filter: terms, table: 'assists' }, (answer) => answer.assists), [terms]);
  return <Table id="assists" title="Goroutines that helped the collector" columns={ASSIST_COLUMNS} source={source} order="-time" empty="No goroutine had to help." />;
}
