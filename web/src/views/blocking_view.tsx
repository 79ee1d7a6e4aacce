/** What goroutines waited for: reasons over all, and for one of them where and who. */

import { useMemo } from 'preact/hooks';
import type { Goroutines, GroupRow, Groups, Reason } from '../api/answers';
import type { Profile, Traces } from '../api/profiles';
import { count, duration, fileName, share, shortFunction } from '../base/format';
import { exactly, withTerms } from '../base/terms';
import { choose, openView } from '../state/navigate';
import { filter, settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go, Swatch } from '../widgets/basics';
import { placeColumn, showLane } from '../widgets/cells';
import { type Column, countColumn, durationColumn, shareColumn, textColumn } from '../widgets/columns';
import { NoAnswer } from '../widgets/no_answer';
import { classLabel } from '../widgets/shares';
import { local, remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { goToLongest, labelsOf, stackOf } from './profile_parts';
import { Figure, Figures, ViewHead } from './view_head';
import { words } from '../state/words';

const label = (reason: string): string => (reason === '' ? 'not in the trace' : reason);

export function BlockingView() {
  const terms = filter.value;
  const asked = useAnswer<Goroutines>('goroutines', { filter: terms, sort: 'waiting', order: 'desc', offset: 0, limit: 1 });
  const { answer } = asked;
  const chosen = settings.value['reason'];
  return (
    <>
      <ViewHead title="Blocking">
        {answer === null ? null : (
          <Figures>
            <Figure name={words.value.goroutines}>{count(answer.total)}</Figure>
            <Figure name="waiting">
              <span data-field="waiting" data-ns={answer.sum.waiting}>
                {duration(answer.sum.waiting)}
              </span>
            </Figure>
            <Figure name="of their lives">{share(answer.sum.lifetime > 0 ? answer.sum.waiting / answer.sum.lifetime : 0)}</Figure>
            <Figure name={`ready, without a ${words.value.proc}`}>
              <Go to={() => openView('scheduler', { show: 'latency' })}>{duration(answer.sum.runnable)}</Go>
            </Figure>
            <Figure name={words.value.language === 'go' ? 'in system calls' : 'in block_in_place'}>
              <Go to={() => openView('profiles', { kind: 'syscall' })}>{duration(answer.sum.syscall + answer.sum.syscall_blocked)}</Go>
            </Figure>
          </Figures>
        )}
      </ViewHead>
      {answer === null ? <NoAnswer asked={asked} /> : <Reasons answer={answer} terms={terms} chosen={chosen ?? answer.sum.blocked[0]?.reason ?? null} />}
    </>
  );
}

function columns(waiting: number, chosen: string | null): Column<Reason>[] {
  return [
    textColumn<Reason>(
      'reason',
      'Reason',
      (row) => label(row.reason),
      (row) => (
        <Go to={() => choose({ reason: row.reason })}>
          <Swatch id={row.class} /> {row.reason === chosen ? <strong>{label(row.reason)}</strong> : label(row.reason)}
        </Go>
      ),
    ),
    { id: 'class', title: 'State', width: 112, sorts: 'up', cell: (row) => <span class="dim">{classLabel(row.class)}</span>, value: (row) => classLabel(row.class) },
    durationColumn<Reason>('ns', 'Time', (row) => row.ns, { width: 84 }),
    shareColumn<Reason>('share', 'Of waiting', (row) => (waiting > 0 ? row.ns / waiting : 0), { width: 104 }),
    countColumn<Reason>('spans', 'Waits', (row) => row.spans, { width: 76 }),
    durationColumn<Reason>('mean', 'Mean', (row) => (row.spans > 0 ? Math.round(row.ns / row.spans) : null)),
  ];
}

function Reasons({ answer, terms, chosen }: { readonly answer: Goroutines; readonly terms: string; readonly chosen: string | null }) {
  const shown = useMemo(() => columns(answer.sum.waiting, chosen), [answer, chosen]);
  const source = useMemo(() => local(`reasons ${terms} ${answer.total}`, answer.sum.blocked, (id) => shown.find((column) => column.id === id)?.value), [answer]);
  const cls = answer.sum.blocked.find((row) => row.reason === chosen)?.class ?? 0;
  return (
    <div class="split">
      <div class="split-side">
        <Table id="reasons" title="Reasons" columns={shown} source={source} order="-ns" open={(row) => choose({ reason: row.reason })} empty="Nothing waited." />
      </div>
      <div class="split-side">{chosen === null ? null : <OneReason reason={chosen} id={cls} terms={terms} />}</div>
    </div>
  );
}

function OneReason({ reason, id, terms }: { readonly reason: string; readonly id: number; readonly terms: string }) {
  const narrowed = withTerms(terms, { reason: exactly(reason) });
  return (
    <>
      <header class="table-head">
        <h3>
          <Swatch id={id} /> {label(reason)}
        </h3>
        <span class="grow" />
        <Go to={() => openView('profiles', { kind: 'blocking' }, narrowed)}>flame graph</Go>
        <Go to={() => openView('goroutines', {}, narrowed)}>{words.value.goroutines}</Go>
      </header>
      <Stacks terms={narrowed} />
      <ByFunction reason={reason} terms={narrowed} />
    </>
  );
}

/** Where goroutines waited so, the heaviest first. */
function Stacks({ terms }: { readonly terms: string }) {
  const asked = useAnswer<Profile<Traces>>('profile', { kind: 'blocking', view: 'traces', filter: terms, offset: 0, limit: 12 });
  const { answer, busy } = asked;
  if (answer === null) return <NoAnswer asked={asked} />;
  const whole = Math.max(1, answer.shown[answer.type] ?? 0);
  return (
    <ol class="stacks view-scroll" data-busy={busy}>
      {answer.body.rows.map((row, i) => {
        const mine = row.frames[row.own];
        return (
          <li key={i} title={row.frames.map((frame) => `${frame.name}\n    ${frame.file}:${frame.line}`).join('\n')}>
            <strong class="num">
              <Go to={() => goToLongest({ kind: 'blocking', filter: terms, stack: stackOf(row), having: labelsOf(row) })} title="The longest of these waits, on the timeline">
                {duration(row.values[answer.type] ?? 0)}
              </Go>
            </strong>
            <span class="num dim">{share((row.values[answer.type] ?? 0) / whole)}</span>
            <span class="num">
              <Go to={() => openView('profiles', { kind: 'blocking', mode: 'places', stack: stackOf(row), having: labelsOf(row) }, terms)} title="These waits one by one">
                {count(row.values[0] ?? 0)} ×
              </Go>
            </span>
            <span class="stack-line">
              {mine === undefined ? (
                'no stack'
              ) : (
                <Go to={() => openView('profiles', { kind: 'blocking', mode: 'sandwich', function: mine.name }, terms)}>
                  {shortFunction(mine.name)} <span class="dim">{mine.file === '' ? '' : `${fileName(mine.file)}:${mine.line}`}</span>
                </Go>
              )}
              {row.frames[0] === undefined || row.frames[0] === mine ? null : <span class="dim"> in {shortFunction(row.frames[0].name)}</span>}
            </span>
          </li>
        );
      })}
      {answer.body.rows.length === 0 ? <li class="dim">No stack.</li> : null}
      {answer.body.total > answer.body.rows.length ? (
        <li>
          <Go to={() => openView('profiles', { kind: 'blocking', mode: 'traces' }, terms)}>all {count(answer.body.total)} stacks</Go>
        </li>
      ) : null}
    </ol>
  );
}

function groupColumns(reason: string): Column<GroupRow>[] {
  const of = (row: GroupRow) => row.blocked.find((it) => it.reason === reason);
  const sort = `reason:${reason}`;
  return [
    textColumn<GroupRow>('name', 'Who', (row) => row.label, (row) => (
      <Go to={() => openView('goroutines', { of: row.name }, filter.peek())} title={row.label}>
        {shortFunction(row.label) || '(none)'}
      </Go>
    )),
    countColumn<GroupRow>('count', (w) => w.goroutines_title, (row) => row.count, { width: 90 }),
    durationColumn<GroupRow>(sort, 'So waiting', (row) => of(row)?.ns ?? 0),
    countColumn<GroupRow>('spans', 'Waits', (row) => of(row)?.spans ?? 0, { unsorted: true }),
    placeColumn<GroupRow>(showLane),
  ];
}

function ByFunction({ reason, terms }: { readonly reason: string; readonly terms: string }) {
  const shown = useMemo(() => groupColumns(reason), [reason]);
  const source = useMemo(() => remote<Groups, GroupRow>('groups', { group: 'func', filter: terms }, (answer) => answer), [terms]);
  return <Table id="who" title="Who waits so" columns={shown} source={source} order={reason === '' ? '-waiting' : `-reason:${reason}`} open={(row) => openView('goroutines', { of: row.name }, filter.peek())} empty="Nobody." />;
}
