/** User regions and log lines: types of regions, then the regions of one; and what the program logged. */

import { useMemo } from 'preact/hooks';
import type { Listed, LogRow, RegionRow, RegionTypeRow } from '../api/answers';
import { count, duration, fileName } from '../base/format';
import { exactly, withTerms } from '../base/terms';
import { choose, goToFramed, goToSpan } from '../state/navigate';
import { filter, settings } from '../state/view';
import { Go } from '../widgets/basics';
import { useAnswer } from '../widgets/answer';
import { GoLink, TaskLink, placeColumn, statesColumn } from '../widgets/cells';
import { Choice } from '../widgets/choice';
import { type Column, countColumn, durationColumn, textColumn, timeColumn } from '../widgets/columns';
import { remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { LatencyHead, latencyColumns } from './latency_parts';
import { Complete } from './tasks_view';
import { Path, ViewHead } from './view_head';
import { goName } from '../state/words';

type Tab = 'types' | 'each' | 'logs';

export function RegionsView() {
  const now = settings.value;
  const tab: Tab = now['list'] === 'each' || now['list'] === 'logs' ? now['list'] : 'types';
  const name = now['name'];
  return (
    <>
      <ViewHead title="Regions">
        {name === undefined ? (
          <Choice
            label="Show"
            now={tab}
            options={[
              { id: 'types', label: 'Types', hint: 'Regions of one name, begun at one place' },
              { id: 'each', label: 'Each region', hint: 'A row for each region' },
              { id: 'logs', label: 'Logs', hint: 'What the program logged with runtime/trace' },
            ]}
            choose={(id) => choose({ list: id === 'types' ? null : id })}
          />
        ) : (
          <Path steps={[{ label: 'Types', go: () => choose({ name: null, at: null, 'regions.order': null, 'regions.row': null }) }, { label: now['at'] === undefined || now['at'] === '' ? name : `${name} at ${now['at']}` }]} />
        )}
        {tab === 'logs' && name === undefined ? <LogText /> : tab === 'each' || name !== undefined ? <Complete /> : null}
      </ViewHead>
      {name !== undefined ? <OfType name={name} at={now['at'] ?? ''} /> : tab === 'types' ? <TypesTable /> : tab === 'each' ? <RegionsTable terms={filter.value} at={null} /> : <LogsTable />}
    </>
  );
}

const openType = (row: RegionTypeRow): void => choose({ name: row.name, at: row.at, 'regions.order': '-duration', 'regions.row': null });

const TYPE_COLUMNS: readonly Column<RegionTypeRow>[] = [
  textColumn<RegionTypeRow>(
    'name',
    'Type',
    (row) => row.name,
    (row) => (
      <Go to={() => openType(row)} title={row.frame === null ? row.name : `${row.name}\n${row.frame.function}\n${row.frame.file}:${row.frame.line}`}>
        {row.name} {row.frame === null ? null : <span class="dim">{`${fileName(row.frame.file)}:${row.frame.line}`}</span>}
      </Go>
    ),
  ),
  countColumn<RegionTypeRow>('count', 'Regions', (row) => row.count),
  countColumn<RegionTypeRow>('incomplete', 'Not complete', (row) => row.incomplete, { width: 104, hint: 'Begin or end is not in the trace' }),
  durationColumn<RegionTypeRow>('ns', 'Together', (row) => row.ns, { hint: 'All durations, added up' }),
  durationColumn<RegionTypeRow>('self_ns', 'Itself', (row) => row.self_ns, { hint: 'Without the regions nested in it' }),
  statesColumn<RegionTypeRow>((row) => row.time, (row) => Object.values(row.time).reduce((sum, ns) => sum + ns, 0)),
  ...latencyColumns<RegionTypeRow>(),
  countColumn<RegionTypeRow>('goroutines', (w) => w.goroutines_title, (row) => row.goroutines, { unsorted: true, width: 88 }),
];

function TypesTable() {
  const terms = filter.value;
  const source = useMemo(() => remote<Listed<RegionTypeRow>, RegionTypeRow>('region_types', { filter: terms }, (answer) => answer), [terms]);
  return <Table id="types" title="Types of regions" columns={TYPE_COLUMNS} source={source} order="-ns" open={openType} empty="No user region passes the filter: a program makes them with trace.WithRegion or trace.StartRegion of runtime/trace." />;
}

function OfType({ name, at }: { readonly name: string; readonly at: string }) {
  const terms = withTerms(filter.value, { region: exactly(name) });
  const { answer } = useAnswer<Listed<RegionTypeRow>>('region_types', { filter: terms, sort: 'ns', order: 'desc', offset: 0, limit: 200 });
  const row = answer?.rows.find((type) => type.at === at);
  return (
    <>
      {row === undefined ? null : <LatencyHead latency={row.latency} histogram={row.histogram} incomplete={row.incomplete} label={`Durations of ${name}: a click leaves those of a bar`} />}
      <RegionsTable terms={terms} at={at} />
    </>
  );
}

const show = (row: { readonly key: string; readonly start: number; readonly end: number }): void => goToFramed(row.key, { from: row.start, to: Math.max(row.end, row.start + 1) });

const REGION_COLUMNS: readonly Column<RegionRow>[] = [
  textColumn<RegionRow>('name', 'Region', (row) => row.name, (row) => (
    <Go to={() => show(row)} title="Show it on the timeline">
      <span style={{ paddingLeft: `${Math.min(row.depth, 8) * 10}px` }}>{row.name}</span> <span class="dim">{row.at}</span>
    </Go>
  )),
  timeColumn<RegionRow>('start', 'Begin', (row) => row.start, show),
  durationColumn<RegionRow>('duration', 'Duration', (row) => row.duration, { to: show }),
  durationColumn<RegionRow>('self_ns', 'Itself', (row) => row.self_ns, { hint: 'Without the regions nested in it' }),
  { id: 'complete', title: '', width: 86, cell: (row) => (row.complete ? null : <span class="tag">{row.open_start ? (row.open_end ? 'no ends' : 'no begin') : 'no end'}</span>), value: (row) => row.complete },
  statesColumn<RegionRow>((row) => row.time, (row) => row.ns),
  durationColumn<RegionRow>('running', 'Running', (row) => row.time['running'] ?? 0),
  durationColumn<RegionRow>('runnable', 'Runnable', (row) => row.time['runnable'] ?? 0),
  { id: 'reasons', title: 'Waits most for', width: 180, cell: (row) => <Waits row={row} />, value: (row) => row.reasons[0]?.reason ?? null },
  { id: 'goroutine', title: (w) => w.goroutine_title, width: 180, sorts: 'up', cell: (row) => <GoLink go={row.go} />, value: (row) => (row.go === null ? null : goName(row.go)) },
  { id: 'task', title: (w) => w.user_task_title, width: 140, cell: (row) => <TaskLink task={row.task} />, value: (row) => row.task?.id ?? null },
  placeColumn<RegionRow>(show),
];

function Waits({ row }: { readonly row: RegionRow }) {
  const most = row.reasons[0];
  if (most === undefined) return <span class="faint">–</span>;
  return (
    <span title={row.reasons.map((reason) => `${reason.reason} ${duration(reason.ns)}, ${count(reason.spans)} times`).join('\n')}>
      {most.reason} <span class="dim">{duration(most.ns)}</span>
    </span>
  );
}

function RegionsTable({ terms, at }: { readonly terms: string; readonly at: string | null }) {
  const complete = settings.value['complete'] ?? 'any';
  const source = useMemo(() => remote<Listed<RegionRow>, RegionRow>('regions', { filter: terms, complete, ...(at === null ? {} : { at }) }, (answer) => answer), [terms, complete, at]);
  return <Table id="regions" title="Regions" columns={REGION_COLUMNS} source={source} order="-duration" open={show} empty="No region passes the filter." />;
}

const LOG_COLUMNS: readonly Column<LogRow>[] = [
  timeColumn<LogRow>('ts', 'When', (row) => row.ts, (row) => goToSpan(row.key, row.ts)),
  { id: 'category', title: 'Category', width: 150, sorts: 'up', cell: (row) => <Go to={() => choose({ category: row.category })}>{row.category === '' ? '–' : row.category}</Go>, value: (row) => row.category },
  textColumn<LogRow>('message', 'Message', (row) => row.message, (row) => <span title={row.message}>{row.message}</span>),
  { id: 'goroutine', title: (w) => w.goroutine_title, width: 220, sorts: 'up', cell: (row) => <GoLink go={row.go} />, value: (row) => (row.go === null ? null : goName(row.go)) },
  { id: 'task', title: (w) => w.user_task_title, width: 170, cell: (row) => <TaskLink task={row.task} />, value: (row) => row.task?.id ?? null },
  { id: 'at', title: 'Where', width: 190, cell: (row) => <span class="dim">{row.stack[0] === undefined ? '' : `${fileName(row.stack[0].file)}:${row.stack[0].line}`}</span>, value: (row) => (row.stack[0] === undefined ? null : `${row.stack[0].file}:${row.stack[0].line}`) },
  placeColumn<LogRow>((row) => goToSpan(row.key, row.ts)),
];

function LogText() {
  const category = settings.value['category'];
  return (
    <>
      <form
        class="inline-field"
        onSubmit={(event) => {
          event.preventDefault();
          const field = event.currentTarget.elements.namedItem('text');
          if (field instanceof HTMLInputElement) choose({ text: field.value === '' ? null : field.value, 'logs.row': null });
        }}
      >
        <input name="text" type="text" placeholder="message contains…" aria-label="Messages that contain" value={settings.value['text'] ?? ''} />
      </form>
      {category === undefined ? null : (
        <button type="button" class="chip" title="All categories" onClick={() => choose({ category: null })}>
          {category === '' ? 'no category' : category} <span aria-hidden="true">×</span>
        </button>
      )}
    </>
  );
}

function LogsTable() {
  const { category, text } = settings.value as { category?: string; text?: string };
  const terms = filter.value;
  const source = useMemo(
    () => remote<Listed<LogRow>, LogRow>('logs', { filter: terms, ...(category === undefined ? {} : { category }), ...(text === undefined ? {} : { text }) }, (answer) => answer),
    [terms, category, text],
  );
  return <Table id="logs" title="Logs" columns={LOG_COLUMNS} source={source} order="ts" open={(row) => goToSpan(row.key, row.ts)} empty="Nothing was logged that passes the filter." />;
}
