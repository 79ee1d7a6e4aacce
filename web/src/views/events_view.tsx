/** What happened, in order: the events that the filter lets pass, a page at a time, each with its place. */

import type { EventCursor, EventRow, Events } from '../api/answers';
import { count, time } from '../base/format';
import { choose, goToFramed, goToSpan } from '../state/navigate';
import { filter, settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go } from '../widgets/basics';
import { GoLink, TaskLink, placeColumn } from '../widgets/cells';
import { type Column, durationColumn, sortedIf, timeColumn } from '../widgets/columns';
import { NoAnswer } from '../widgets/no_answer';
import { local } from '../widgets/sources';
import { Table } from '../widgets/table';
import { ViewHead } from './view_head';
import type { Words } from '../api/types';
import { goName, said, words } from '../state/words';

const PAGE = 500;

const KINDS = [
  { id: 'state', label: 'states' },
  { id: 'region', label: 'regions' },
  { id: 'task', label: (w: Words) => w.user_tasks },
  { id: 'log', label: 'logs' },
  { id: 'range', label: 'runtime ranges', only: 'go' },
  { id: 'sample', label: 'CPU samples' },
] as const;

const show = (row: EventRow): void => (row.dur === null || row.dur === 0 ? goToSpan(row.lane, row.ts) : goToFramed(row.lane, { from: row.ts, to: row.ts + row.dur }));

const COLUMNS: readonly Column<EventRow>[] = sortedIf(false, [
  timeColumn<EventRow>('ts', 'Time', (row) => row.ts, show),
  durationColumn<EventRow>('dur', 'Lasts', (row) => row.dur, { to: show }),
  { id: 'topic', title: 'Kind', width: 74, cell: (row) => <span class="dim">{row.topic}</span>, value: (row) => row.topic },
  { id: 'go', title: (w) => w.goroutine_title, width: 210, cell: (row) => <GoLink go={row.go} />, value: (row) => (row.go === null ? null : goName(row.go)) },
  { id: 'text', title: 'What', width: 230, cell: (row) => <span title={row.text}>{row.text}</span>, value: (row) => row.text },
  { id: 'cause', title: 'By', width: 170, cell: (row) => <GoLink go={row.cause} />, value: (row) => (row.cause === null ? null : goName(row.cause)) },
  {
    id: 'at',
    title: 'Where',
    cell: (row) => <span title={row.stack.map((frame) => `${frame.function} ${frame.file}:${frame.line}`).join('\n')}>{row.stack[0]?.function ?? (row.task === null ? '' : <TaskLink task={row.task} />)}</span>,
    value: (row) => row.stack[0]?.function ?? null,
  },
  placeColumn<EventRow>(show),
] satisfies readonly Column<EventRow>[]);

/** `ts:skip`, as the address has it. */
function cursorOf(text: string | undefined): EventCursor | null {
  const match = /^(-?\d+):(\d+)$/.exec(text ?? '');
  return match === null ? null : { ts: Number(match[1]), skip: Number(match[2]) };
}

export function EventsView() {
  const now = settings.value;
  const chosen = new Set((now['kinds'] ?? '').split(',').filter((id) => id !== ''));
  const toggle = (id: string): void => {
    if (!chosen.delete(id)) chosen.add(id);
    const list = KINDS.map((kind) => kind.id).filter((kind) => chosen.has(kind));
    choose({ kinds: list.length === 0 ? null : list.join(','), at: null, 'events.row': null });
  };
  return (
    <>
      <ViewHead title="Events">
        <fieldset class="checks">
          <legend class="dim">Only</legend>
          {KINDS.filter((kind) => !('only' in kind) || kind.only === words.value.language).map(({ id, label }) => (
            <label key={id}>
              <input type="checkbox" name={`kind-${id}`} checked={chosen.has(id)} onChange={() => toggle(id)} /> {said(label)}
            </label>
          ))}
        </fieldset>
      </ViewHead>
      <List kinds={now['kinds'] ?? ''} at={now['at']} />
    </>
  );
}

function List({ kinds, at }: { readonly kinds: string; readonly at: string | undefined }) {
  const from = cursorOf(at);
  const asked = useAnswer<Events>('events', { filter: filter.value, limit: PAGE, ...(kinds === '' ? {} : { kinds }), ...(from === null ? {} : { ts: from.ts, skip: from.skip }) });
  const { answer } = asked;
  if (answer === null) return <NoAnswer asked={asked} wait="Looking…" />;
  const { next } = answer;
  // By what was answered, not by what was asked: until it is, the rows before it are shown.
  const source = local(`events ${JSON.stringify([answer.rows.length, answer.rows[0], answer.rows.at(-1), next])}`, answer.rows, () => undefined);
  const [first, last] = [answer.rows[0], answer.rows.at(-1)];
  return (
    <Table id="events" title="Events" columns={COLUMNS} source={source} order="ts" open={show} empty="No event passes the filter.">
      {first === undefined || last === undefined ? null : (
        <span class="dim num" data-field="stretch">
          {count(answer.rows.length)} from {time(first.ts)} to {time(last.ts)}
        </span>
      )}
      {from === null ? null : <Go to={() => choose({ at: null, 'events.row': null })}>from the beginning</Go>}
      {next === null ? null : (
        <Go to={() => choose({ at: `${next.ts}:${next.skip}`, 'events.row': null })} title="The events after these; Back returns">
          next {count(PAGE)}
        </Go>
      )}
    </Table>
  );
}
