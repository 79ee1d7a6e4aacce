/** What a profile sums up, one by one: every row is a place on the timeline. */

import { useMemo } from 'preact/hooks';
import type { PlaceRow, Places } from '../api/profiles';
import { count, duration, shortFunction } from '../base/format';
import { choose, goToFramed } from '../state/navigate';
import { settings } from '../state/view';
import { useAnswer } from '../widgets/answer';
import { Go, Swatch } from '../widgets/basics';
import { GoLink, placeColumn } from '../widgets/cells';
import { type Column, durationColumn, timeColumn } from '../widgets/columns';
import { remote } from '../widgets/sources';
import { Table } from '../widgets/table';
import { NoAnswer } from '../widgets/no_answer';
import { classLabel } from '../widgets/shares';
import { hasPlaces, kindOf, placeParameters } from './profile_parts';
import { goName, said, words } from '../state/words';

const show = (row: PlaceRow): void => goToFramed(row.key, { from: row.start, to: row.end });

const COLUMNS: readonly Column<PlaceRow>[] = [
  { id: 'go', title: (w) => w.goroutine_title, cell: (row) => <GoLink go={row.go} />, value: (row) => goName(row.go) },
  timeColumn<PlaceRow>('start', 'Begin', (row) => row.start, show),
  durationColumn<PlaceRow>('duration', 'Counts', (row) => row.duration, { to: show, hint: 'As far as the filter lets it pass' }),
  durationColumn<PlaceRow>('whole', 'Of', (row) => row.end - row.start, { unsorted: true, hint: 'The whole of it' }),
  {
    id: 'state',
    title: 'State',
    width: 260,
    cell: (row) => (
      <>
        <Swatch id={row.class} /> {classLabel(row.class)} {row.reason === '' ? null : <span class="dim">{row.reason}</span>}
      </>
    ),
    value: (row) => `${row.state} ${row.reason}`,
  },
  placeColumn<PlaceRow>(show),
];

export function PlacesView() {
  const now = settings.value;
  if (!hasPlaces(now)) return <p class="view-note">A profile of {said(kindOf(now).label)} counts no states of {words.value.goroutines}: there is nothing to list one by one.</p>;
  return <PlacesTable />;
}

function PlacesTable() {
  const parameters = placeParameters(settings.value);
  const key = JSON.stringify(parameters);
  const asked = useAnswer<Places>('places', { ...parameters, limit: 1 });
  const source = useMemo(() => remote<Places, PlaceRow>('places', parameters, (answer) => answer), [key]);
  const { answer } = asked;
  if (answer === null) return <NoAnswer asked={asked} wait="Looking…" />;
  return (
    <div class="profile" data-profile="places">
      <div class="profile-bar">
        <span>
          <span class="dim">times</span> <strong class="num" data-field="places-count" data-value={answer.total}>{count(answer.total)}</strong>
        </span>
        <span>
          <span class="dim">together</span> <strong class="num" data-field="places-ns" data-ns={answer.ns}>{duration(answer.ns)}</strong>
        </span>
        <Meant />
      </div>
      <Table id="places" title="One by one" columns={COLUMNS} source={source} order="-duration" open={show} empty="Nothing of this kind passes the filter." />
    </div>
  );
}

/** Of which stack or function, and how to have all. */
function Meant() {
  const frames = (settings.value['stack'] ?? '').split('\n').filter((line) => line !== '');
  if (frames.length === 0) return <span class="dim">all that the profile counts; from a function or a stack, only its own</span>;
  return (
    <>
      <span title={frames.join('\n')}>
        <span class="dim">{frames.length === 1 ? 'with' : 'in the stack'}</span> <span data-field="stack">{frames.slice(0, 3).map(shortFunction).join(' ← ')}</span>
        {frames.length > 3 ? <span class="dim"> and {frames.length - 3} more</span> : null}
      </span>
      <Go to={() => choose({ stack: null, having: null, 'places.row': null })}>of all stacks</Go>
    </>
  );
}
