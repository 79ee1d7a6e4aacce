/** User tasks: types, then the tasks of one, then one task with all below it. */

import { useMemo } from 'preact/hooks';
import type { Listed, TaskRow, TaskTypeRow, TaskTypes } from '../api/answers';
import { count } from '../base/format';
import { exactly, withTerms } from '../base/terms';
import { choose, goToFramed, openView } from '../state/navigate';
import { filter, settings } from '../state/view';
import { Go } from '../widgets/basics';
import { useAnswer } from '../widgets/answer';
import { GoLink, TaskLink, openTaskPage, placeColumn, showLane, statesColumn } from '../widgets/cells';
import { Choice } from '../widgets/choice';
import { type Column, countColumn, durationColumn, textColumn, timeColumn } from '../widgets/columns';
import { remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { LatencyHead, latencyColumns } from './latency_parts';
import { TaskPage } from './task_page';
import { Path, ViewHead } from './view_head';
import { goName, words } from '../state/words';

export function TasksView() {
  const now = settings.value;
  const task = now['task'];
  if (task !== undefined) return <TaskPage id={task} />;
  const type = now['type'];
  const each = now['list'] !== undefined;
  return (
    <>
      <ViewHead title={words.value.user_tasks_title}>
        {type === undefined ? (
          <Choice
            label="Show"
            now={each ? 'each' : 'types'}
            options={[
              { id: 'types', label: 'Types', hint: 'A row for each type' },
              { id: 'each', label: 'Each task', hint: 'A row for each task' },
            ]}
            choose={(id) => choose({ list: id === 'each' ? 'each' : null })}
          />
        ) : (
          <Path steps={[{ label: 'Types', go: () => choose({ type: null, 'tasks.order': null, 'tasks.row': null }) }, { label: type }]} />
        )}
        {type !== undefined || each ? <Complete /> : null}
      </ViewHead>
      {type !== undefined ? <OfType type={type} /> : each ? <TasksTable terms={filter.value} /> : <TypesTable />}
    </>
  );
}

/** Whether begin and end must be in the trace. */
export function Complete() {
  return (
    <Choice
      label="Complete"
      now={settings.value['complete'] ?? 'any'}
      options={[
        { id: 'any', label: 'all' },
        { id: 'yes', label: 'complete', hint: 'Begin and end are in the trace' },
        { id: 'no', label: 'not complete', hint: 'Begin or end is not in the trace' },
      ]}
      choose={(id) => choose({ complete: id === 'any' ? null : id })}
    />
  );
}

const openType = (row: TaskTypeRow): void => choose({ type: row.name, 'tasks.order': '-duration', 'tasks.row': null });

const TYPE_COLUMNS: readonly Column<TaskTypeRow>[] = [
  textColumn<TaskTypeRow>('name', 'Type', (row) => row.name, (row) => <Go to={() => openType(row)}>{row.name}</Go>),
  countColumn<TaskTypeRow>('count', 'Tasks', (row) => row.count),
  countColumn<TaskTypeRow>('incomplete', 'Not complete', (row) => row.incomplete, { width: 104, hint: 'Begin or end is not in the trace' }),
  durationColumn<TaskTypeRow>('ns', 'Together', (row) => row.ns, { hint: 'From begin to end of all, added up' }),
  ...latencyColumns<TaskTypeRow>(),
  countColumn<TaskTypeRow>('peak', 'At once', (row) => row.peak, { hint: 'Most that were open at once' }),
  countColumn<TaskTypeRow>('subtasks', 'Subtasks', (row) => row.subtasks, { unsorted: true }),
  countColumn<TaskTypeRow>('regions', 'Regions', (row) => row.regions, { unsorted: true }),
  countColumn<TaskTypeRow>('logs', 'Logs', (row) => row.logs, { unsorted: true }),
  placeColumn<TaskTypeRow>(showLane),
];

function TypesTable() {
  const terms = filter.value;
  const source = useMemo(() => remote<TaskTypes, TaskTypeRow>('task_types', { filter: terms }, (answer) => answer), [terms]);
  return (
    <Table id="types" title="Types of tasks" columns={TYPE_COLUMNS} source={source} order="-ns" open={openType} empty="No user task passes the filter: a program makes them with trace.NewTask of runtime/trace.">
      <Background terms={terms} />
    </Table>
  );
}

/** Regions and logs that belong to no task. */
function Background({ terms }: { readonly terms: string }) {
  const { answer } = useAnswer<TaskTypes>('task_types', { filter: terms, sort: 'ns', order: 'desc', offset: 0, limit: 200 });
  if (answer === null) return null;
  const { regions, logs } = answer.background;
  return regions + logs === 0 ? null : (
    <span class="dim">
      without a task: <Go to={() => openView('regions')}>{count(regions)} regions</Go>, {count(logs)} logs
    </span>
  );
}

function OfType({ type }: { readonly type: string }) {
  const terms = withTerms(filter.value, { task: exactly(type) });
  const { answer } = useAnswer<TaskTypes>('task_types', { filter: terms, sort: 'ns', order: 'desc', offset: 0, limit: 1 });
  const row = answer?.rows[0];
  return (
    <>
      {row === undefined ? null : <LatencyHead latency={row.latency} histogram={row.histogram} incomplete={row.incomplete} label={`Durations of ${type}: a click leaves those of a bar`} />}
      <TasksTable terms={terms} />
    </>
  );
}

const TASK_COLUMNS: readonly Column<TaskRow>[] = [
  textColumn<TaskRow>('name', (w) => w.user_task_title, (row) => `${row.name} #${row.id}`, (row) => <TaskLink task={row} />),
  timeColumn<TaskRow>('start', 'Begin', (row) => row.start, (row) => goToFramed(row.key, { from: row.start, to: row.end })),
  durationColumn<TaskRow>('duration', 'Duration', (row) => row.duration, { to: (row) => goToFramed(row.key, { from: row.start, to: row.end }) }),
  { id: 'complete', title: '', width: 92, cell: (row) => (row.complete ? null : <span class="tag">{row.open_start ? (row.open_end ? 'no ends' : 'no begin') : 'no end'}</span>), value: (row) => row.complete },
  statesColumn<TaskRow>((row) => row.time, (row) => Object.values(row.time).reduce((sum, ns) => sum + ns, 0)),
  durationColumn<TaskRow>('running', 'Running', (row) => row.time['running'] ?? 0),
  durationColumn<TaskRow>('runnable', 'Runnable', (row) => row.time['runnable'] ?? 0),
  countColumn<TaskRow>('goroutines', (w) => w.goroutines_title, (row) => row.goroutines, { width: 90 }),
  countColumn<TaskRow>('subtasks', 'Subtasks', (row) => row.subtasks),
  countColumn<TaskRow>('regions', 'Regions', (row) => row.regions, { width: 72 }),
  countColumn<TaskRow>('logs', 'Logs', (row) => row.logs, { width: 64 }),
  { id: 'go', title: 'Begun by', width: 180, cell: (row) => <GoLink go={row.go} />, value: (row) => (row.go === null ? null : goName(row.go)) },
  { id: 'parent', title: 'Within', width: 150, cell: (row) => <TaskLink task={row.parent} />, value: (row) => row.parent?.id ?? null },
  placeColumn<TaskRow>(showLane),
];

function TasksTable({ terms }: { readonly terms: string }) {
  const complete = settings.value['complete'] ?? 'any';
  const source = useMemo(() => remote<Listed<TaskRow>, TaskRow>('tasks', { filter: terms, complete }, (answer) => answer), [terms, complete]);
  return <Table id="tasks" title={words.value.user_tasks_title} columns={TASK_COLUMNS} source={source} order="-duration" open={(row) => openTaskPage(row.key)} empty={`No ${words.value.user_task} passes the filter.`} />;
}
