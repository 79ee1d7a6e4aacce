/** Goroutines: groups, then the members of one, then one goroutine. */

import { useMemo } from 'preact/hooks';
import type { GoroutineRow, Goroutines, GroupRow, Groups } from '../api/answers';
import { count, duration, shortFunction } from '../base/format';
import { choose } from '../state/navigate';
import { filter, settings } from '../state/view';
import { Go } from '../widgets/basics';
import { GoLink, Spark, openGoroutinePage, placeColumn, showLane, span, statesColumn } from '../widgets/cells';
import { Choice } from '../widgets/choice';
import { type Column, countColumn, durationColumn, shareColumn, textColumn, timeColumn } from '../widgets/columns';
import { remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { GoroutinePage } from './goroutine_page';
import { goToLane, goToSpan } from '../state/navigate';
import { Path, ViewHead } from './view_head';
import { goName, said, type Said, words } from '../state/words';

type Grouping = 'func' | 'creation' | 'task' | 'regex' | 'none';

const GROUPINGS: readonly { readonly id: Grouping; readonly label: Said; readonly hint: Said }[] = [
  { id: 'func', label: (w) => w.function_title, hint: (w) => `${w.goroutines_title} that begin in one place` },
  { id: 'creation', label: 'Creation site', hint: (w) => `${w.goroutines_title} created at one place` },
  { id: 'task', label: (w) => w.user_task_title, hint: (w) => `What ${w.goroutines} did for ${w.user_tasks} of one type` },
  { id: 'regex', label: 'Expression', hint: (w) => `${w.goroutines_title} for whose start function an expression matches the same` },
  { id: 'none', label: (w) => `Each ${w.goroutine}`, hint: (w) => `A row for each ${w.goroutine}` },
];

export function GoroutinesView() {
  const now = settings.value;
  const go = now['go'];
  if (go !== undefined) return <GoroutinePage row={Number(go)} />;
  const grouping = GROUPINGS.find((option) => option.id === now['group'])?.id ?? 'func';
  const of = now['of'];
  return (
    <>
      <ViewHead title={words.value.goroutines_title}>
        {of === undefined ? (
          <Choice label="Group by" now={grouping} options={GROUPINGS} choose={(id) => choose({ group: id === 'func' ? null : id, of: null })} />
        ) : (
          <Path
            steps={[
              { label: said(GROUPINGS.find((option) => option.id === grouping)?.label ?? ''), go: () => choose({ of: null, 'members.order': null, 'members.row': null }) },
              { label: of === '' ? '(none)' : of },
            ]}
          />
        )}
        {grouping === 'regex' && of === undefined ? <Expression /> : null}
      </ViewHead>
      {grouping === 'none' ? <Members group={null} of={null} /> : of === undefined ? <GroupsTable grouping={grouping} /> : <Members group={serverGroup(grouping)} of={of} />}
    </>
  );
}

const serverGroup = (grouping: Grouping): string => (grouping === 'regex' ? `regex=${settings.peek()['re'] ?? ''}` : grouping);

function Expression() {
  return (
    <form
      class="inline-field"
      onSubmit={(event) => {
        event.preventDefault();
        const field = event.currentTarget.elements.namedItem('re');
        if (field instanceof HTMLInputElement) choose({ re: field.value });
      }}
    >
      <input name="re" type="text" spellcheck={false} placeholder="^(\w+)\." aria-label="Regular expression on start functions" defaultValue={settings.value['re'] ?? ''} />
      <button type="submit" class="button">
        Group
      </button>
    </form>
  );
}

const openGroup = (row: GroupRow): void => choose({ of: row.name, 'members.order': null, 'members.row': null });

/** The reason that cost most, in a cell. */
function MostBlocked({ row }: { readonly row: GroupRow | GoroutineRow }) {
  const most = row.blocked[0];
  if (most === undefined) return <span class="faint">–</span>;
  return (
    <span title={row.blocked.map((reason) => `${reason.reason || '(not in the trace)'} ${duration(reason.ns)}, ${count(reason.spans)} times`).join('\n')}>
      {most.reason || '(not in the trace)'} <span class="dim">{duration(most.ns)}</span>
    </span>
  );
}

const GROUP_COLUMNS: readonly Column<GroupRow>[] = [
  textColumn<GroupRow>(
    'name',
    'Group',
    (row) => row.label,
    (row) => (
      <Go to={() => openGroup(row)} title={row.file === '' ? row.label : `${row.label}\n${row.file}`}>
        {shortFunction(row.label) || '(none)'}
      </Go>
    ),
  ),
  countColumn<GroupRow>('count', (w) => w.goroutines_title, (row) => row.count, { width: 88 }),
  statesColumn<GroupRow>((row) => ({ ...row }), (row) => row.lifetime),
  durationColumn<GroupRow>('lifetime', 'Total', (row) => row.lifetime, { hint: 'Lifetimes of all members together' }),
  durationColumn<GroupRow>('running', 'Running', (row) => row.running),
  shareColumn<GroupRow>('running_share', 'Of running', (row) => row.running_share, { hint: 'Share of the running time of all groups' }),
  durationColumn<GroupRow>('runnable', 'Runnable', (row) => row.runnable, { hint: (w) => `Ready, waiting for a ${w.proc}` }),
  durationColumn<GroupRow>('waiting', 'Waiting', (row) => row.waiting),
  durationColumn<GroupRow>('syscall', (w) => w.syscall_title, (row) => row.syscall + row.syscall_blocked, { hint: (w) => (w.language === 'go' ? 'In system calls' : 'In block_in_place'), unsorted: true }),
  { id: 'blocked', title: 'Waits most for', width: 190, cell: (row) => <MostBlocked row={row} />, value: (row) => row.blocked[0]?.reason ?? null },
  durationColumn<GroupRow>('lifetime.p50', 'Life p50', (row) => row.distribution.lifetime.p50),
  durationColumn<GroupRow>('lifetime.p99', 'p99', (row) => row.distribution.lifetime.p99),
  {
    id: 'histogram',
    title: 'Lifetimes',
    width: 90,
    cell: (row) => <Spark counts={span(row.histogram)} label={`Lifetimes from ${duration(row.histogram[0]?.from ?? 0)} to ${duration(row.histogram.at(-1)?.to ?? 0)}`} />,
    value: (row) => row.histogram.map((bucket) => `${bucket.from}:${bucket.count}`).join(' '),
  },
  placeColumn<GroupRow>(showLane),
];

function GroupsTable({ grouping }: { readonly grouping: Grouping }) {
  const group = serverGroup(grouping);
  const terms = filter.value;
  const source = useMemo(() => remote<Groups, GroupRow>('groups', { group, filter: terms }, (answer) => answer), [group, terms]);
  if (grouping === 'regex' && (settings.value['re'] ?? '') === '') return <p class="view-note">Give an expression: {words.value.goroutines} for whose start function it matches the same text, or the same first group, are one row.</p>;
  return <Table id="groups" title="Groups" columns={GROUP_COLUMNS} source={source} order="-running" open={openGroup} empty={`No ${words.value.goroutine} passes the filter.`} />;
}

const MEMBER_COLUMNS: readonly Column<GoroutineRow>[] = [
  { ...textColumn<GoroutineRow>('id', (w) => w.goroutine_title, (row) => goName(row.goroutine), (row) => <GoLink go={row.goroutine} />) },
  timeColumn<GoroutineRow>('start', 'First seen', (row) => row.start, (row) => goToSpan(row.goroutine.key, row.start)),
  durationColumn<GoroutineRow>('lifetime', 'Lifetime', (row) => row.lifetime),
  statesColumn<GoroutineRow>((row) => ({ ...row }), (row) => row.lifetime),
  durationColumn<GoroutineRow>('running', 'Running', (row) => row.running),
  durationColumn<GoroutineRow>('runnable', 'Runnable', (row) => row.runnable, { hint: (w) => `Ready, waiting for a ${w.proc}` }),
  durationColumn<GoroutineRow>('first_run', 'Until first run', (row) => row.first_run, { hint: 'From its creation until it first ran', width: 108 }),
  durationColumn<GoroutineRow>('waiting', 'Waiting', (row) => row.waiting),
  durationColumn<GoroutineRow>('network', 'Network', (row) => row.network),
  durationColumn<GoroutineRow>('syscall', (w) => w.syscall_title, (row) => row.syscall),
  durationColumn<GoroutineRow>('assist', 'GC assist', (row) => row.assist, { hint: 'Helping the collector, waits within included', only: 'go' }),
  countColumn<GoroutineRow>('samples', 'Samples', (row) => row.samples),
  { id: 'blocked', title: 'Waits most for', width: 190, cell: (row) => <MostBlocked row={row} />, value: (row) => row.blocked[0]?.reason ?? null },
  placeColumn<GoroutineRow>((row) => goToLane(row.goroutine.key, { from: row.start, to: row.end })),
];

function Members({ group, of }: { readonly group: string | null; readonly of: string | null }) {
  const terms = filter.value;
  const source = useMemo(
    () => remote<Goroutines, GoroutineRow>('goroutines', { filter: terms, ...(group === null || of === null ? {} : { group, of }) }, (answer) => answer),
    [group, of, terms],
  );
  return <Table id="members" title={words.value.goroutines_title} columns={MEMBER_COLUMNS} source={source} order="-lifetime" open={(row) => openGoroutinePage(row.goroutine.row)} empty={`No ${words.value.goroutine} passes the filter.`} />;
}
