/** One task: where its time went, who worked for it, and all that is below it on one scale of time. */

import { useMemo } from 'preact/hooks';
import type { TaskDetails, TaskPart } from '../api/answers';
import { count, duration, exactDuration, share, time } from '../base/format';
import { classColors } from '../base/palette';
import { choose, goToFramed } from '../state/navigate';
import { theme } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go, IconButton } from '../widgets/basics';
import { GoLink, StateBar, TaskLink, placeColumn, showLane } from '../widgets/cells';
import { type Column, durationColumn, textColumn, timeColumn } from '../widgets/columns';
import { NoAnswer } from '../widgets/no_answer';
import { ShareBar, ShareTable, classLabel } from '../widgets/shares';
import { remoteInOrder } from '../widgets/sources';
import { Table } from '../widgets/table';
import { Figure, Figures, Path, ViewHead } from './view_head';
import { goName, words } from '../state/words';

export function TaskPage({ id }: { readonly id: string }) {
  const asked = useAnswer<TaskDetails>('task', { key: id, offset: 0, limit: 200 });
  const { answer } = asked;
  const types = { label: 'Types', go: () => choose({ task: null, type: null }) };
  if (answer === null)
    return (
      <>
        <ViewHead title={words.value.user_tasks_title}>
          <Path steps={[types]} />
        </ViewHead>
        <NoAnswer asked={asked} wait="Loading…" />
      </>
    );
  const { task } = answer;
  return (
    <>
      <ViewHead title={words.value.user_tasks_title}>
        <Path steps={[types, { label: task.name, go: () => choose({ task: null, type: task.name }) }, { label: `#${task.id}` }]} />
        <IconButton icon="target" label="Show it on the timeline" run={() => showLane(task)} />
      </ViewHead>
      <Figures>
        <Figure name="duration">
          <Go to={() => goToFramed(task.key, { from: task.start, to: task.end })} title="Show it on the timeline">
            <span data-field="duration" data-ns={task.duration} title={exactDuration(task.duration)}>
              {duration(task.duration)}
            </span>
          </Go>
          {task.open_start ? <span class="tag">its begin is not in the trace</span> : null}
          {task.open_end ? <span class="tag">its end is not in the trace</span> : null}
        </Figure>
        <Figure name="begin">{time(task.start)}</Figure>
        <Figure name="begun by">
          <GoLink go={task.go} />
        </Figure>
        <Figure name="ended by">
          <GoLink go={task.end_go} />
        </Figure>
        {task.parent === null ? null : (
          <Figure name="within">
            <TaskLink task={task.parent} />
          </Figure>
        )}
        <Figure name={words.value.goroutines}>{count(answer.goroutines_total)}</Figure>
        <Figure name="subtasks">{count(task.subtasks)}</Figure>
      </Figures>
      <div class="task-parts">
        <section class="part">
          <h3>Where its time went</h3>
          <Wall answer={answer} />
        </section>
        <section class="part">
          <h3>
            <span>Who worked for it</span>
            <span class="aside">{count(answer.goroutines_total)}</span>
          </h3>
          <Workers answer={answer} />
        </section>
      </div>
      <Parts id={id} answer={answer} />
    </>
  );
}

function Wall({ answer }: { readonly answer: TaskDetails }) {
  const rows = answer.wall.map((row) => ({ class: row.class ?? 0, ns: row.ns, label: row.class === null ? `no ${words.value.goroutine} took part` : row.reason.toLowerCase() === classLabel(row.class).toLowerCase() || row.reason === '' ? classLabel(row.class) : `${classLabel(row.class)}: ${row.reason}`, cells: [] }));
  return (
    <>
      <ShareBar slices={rows} total={answer.task.duration} />
      <ShareTable id="wall" caption="At each moment, who was furthest on" total={answer.task.duration} columns={[]} rows={rows} />
    </>
  );
}

function Workers({ answer }: { readonly answer: TaskDetails }) {
  return (
    <table class="plain workers">
      <tbody>
        {answer.goroutines.slice(0, 12).map((worker) => {
          const total = Object.values(worker.time).reduce((sum, ns) => sum + ns, 0);
          return (
            <tr key={worker.go.row}>
              <th scope="row">
                <GoLink go={worker.go} />
              </th>
              <td class="num">
                <Go to={() => goToFramed(worker.go.key, { from: worker.start, to: worker.end })} title="Show it on the timeline">
                  {duration(total)}
                </Go>
              </td>
              <td class="bar-cell">
                <StateBar time={worker.time} total={total} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function partColumns(task: TaskDetails['task']): Column<TaskPart>[] {
  const whole = Math.max(1, task.end - task.start);
  const colors = classColors(theme.value);
  const color = { task: colors[22], region: colors[21], log: 'currentColor' };
  return [
    textColumn<TaskPart>(
      'name',
      'Part',
      (row) => row.name,
      (row) => (
        <span style={{ paddingLeft: `${Math.min(row.depth, 16) * 14}px` }} title={row.stack[0] === undefined ? row.name : `${row.name}\n${row.stack[0].function}\n${row.stack[0].file}:${row.stack[0].line}`}>
          {row.kind === 'log' ? <span class="dim">{row.category === '' ? 'log' : row.category}: </span> : null}
          {row.kind === 'task' && row.key !== task.key ? <TaskLink task={row.task} /> : row.name}
        </span>
      ),
      { unsorted: true },
    ),
    { id: 'kind', title: '', width: 58, cell: (row) => <span class="dim">{row.kind}</span>, value: (row) => row.kind },
    timeColumn<TaskPart>('start', 'When', (row) => row.start, (row) => goToFramed(row.key, { from: row.start, to: Math.max(row.end, row.start + 1) }), { unsorted: true }),
    durationColumn<TaskPart>('since', 'Since last', (row) => row.since, { hint: 'Since the last begin, end or message before it', unsorted: true }),
    durationColumn<TaskPart>('duration', 'Duration', (row) => (row.kind === 'log' ? null : row.end - row.start), { unsorted: true }),
    {
      id: 'bar',
      title: 'On the scale of the task',
      width: 420,
      cell: (row) => (
        <button
          type="button"
          class="part-bar"
          title={`${time(row.start)}, ${duration(row.end - row.start)}, ${share((row.end - row.start) / whole)} of the task`}
          aria-label="Show it on the timeline"
          onClick={() => goToFramed(row.key, { from: row.start, to: Math.max(row.end, row.start + 1) })}
        >
          <i
            class={row.kind}
            style={{
              left: `${((row.start - task.start) / whole) * 100}%`,
              width: row.kind === 'log' ? '2px' : `max(2px, ${((row.end - row.start) / whole) * 100}%)`,
              background: color[row.kind] ?? 'currentColor',
            }}
          />
        </button>
      ),
      value: () => null,
    },
    { id: 'go', title: (w) => w.goroutine_title, width: 190, cell: (row) => <GoLink go={row.go} />, value: (row) => (row.go === null ? null : goName(row.go)) },
    placeColumn<TaskPart>((row) => goToFramed(row.key, { from: row.start, to: Math.max(row.end, row.start + 1) })),
  ];
}

function Parts({ id, answer }: { readonly id: string; readonly answer: TaskDetails }) {
  const columns = useMemo(() => partColumns(answer.task), [answer.task, theme.value]);
  const source = useMemo(() => remoteInOrder<TaskDetails, TaskPart>('task', { key: id }, (it) => it), [id]);
  return <Table id="parts" title="Subtasks, regions and logs" columns={columns} source={source} order="start" empty="Nothing." />;
}
