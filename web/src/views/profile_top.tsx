/** The functions of a profile by what they cost. */

import { useMemo } from 'preact/hooks';
import type { Profile, Top, TopRow } from '../api/profiles';
import { share, shortFunction } from '../base/format';
import { choose } from '../state/navigate';
import { Go } from '../widgets/basics';
import { useAnswer } from '../widgets/answer';
import { type Column, shareColumn, textColumn } from '../widgets/columns';
import { NoAnswer } from '../widgets/no_answer';
import { remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { FunctionActions, Sums, exactly, sayer, unitOf, viewParameters } from './profile_parts';

const sandwich = (row: TopRow): void => choose({ mode: 'sandwich', function: row.name });

function columns(profile: Profile<Top>): Column<TopRow>[] {
  const unit = unitOf(profile);
  const { type } = profile;
  const whole = Math.max(profile.total[type] ?? 0, 1);
  const value = (id: 'flat' | 'cum', title: string, hint: string): Column<TopRow> => ({
    id,
    title,
    hint,
    width: 110,
    sorts: 'down',
    numeric: true,
    ...(unit === 'nanoseconds' ? { unit: '_ns' } : {}),
    value: (row) => row[id][type] ?? 0,
    cell: (row) => (
      <span title={`${exactly(unit, row[id][type] ?? 0)}, ${share((row[id][type] ?? 0) / whole)}`} data-value={row[id][type]}>
        {sayer(unit)(row[id][type] ?? 0)}
      </span>
    ),
  });
  return [
    value('flat', 'Flat', 'Of stacks that end in the function'),
    shareColumn<TopRow>('flat_share', 'of all', (row) => (row.flat[type] ?? 0) / whole, { unsorted: true, width: 96 }),
    value('cum', 'Cum', 'Of stacks that hold the function'),
    shareColumn<TopRow>('cum_share', 'of all', (row) => (row.cum[type] ?? 0) / whole, { unsorted: true, width: 96 }),
    textColumn<TopRow>(
      'name',
      'Function',
      (row) => row.name,
      (row) => (
        <Go to={() => sandwich(row)} title={row.file === '' ? row.name : `${row.name}\n${row.file}${row.line > 0 ? `:${row.line}` : ''}`}>
          {shortFunction(row.name)}
        </Go>
      ),
    ),
    { id: 'actions', title: '', width: 280, cell: (row) => <FunctionActions name={row.name} room="row" />, value: () => null },
  ];
}

export function TopView() {
  const parameters = viewParameters('top');
  const key = JSON.stringify(parameters);
  // One row tells the sums; the table asks for the pages.
  const asked = useAnswer<Profile<Top>>('profile', { ...parameters, limit: 1 });
  const { answer } = asked;
  const source = useMemo(() => remote<Profile<Top>, TopRow>('profile', parameters, (it) => it.body), [key]);
  const shown = useMemo(() => (answer === null ? [] : columns(answer)), [answer?.type, answer?.total[answer.type]]);
  if (answer === null) return <NoAnswer asked={asked} />;
  return (
    <div class="profile" data-profile="top">
      <div class="profile-bar">
        <Sums profile={answer} />
      </div>
      <Table id="top" title="Functions" columns={shown} source={source} order="-flat" open={sandwich} empty="Nothing of this kind passes the filter." />
    </div>
  );
}
