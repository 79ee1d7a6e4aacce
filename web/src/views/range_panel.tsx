/** What happened in the selected time: its length, and the share of every state over some lanes. */

import type { CounterTotals } from '../api/types';
import { amount, count, exactDuration } from '../base/format';
import { termsOfLane, termsOfRange } from '../state/carry';
import { jump } from '../state/history';
import { goToLane, zoomTo } from '../state/navigate';
import { procLanes, totals, totalsError } from '../state/totals';
import { filter, lanes, range, rangeLanes, selection } from '../state/view';
import { Empty, IconButton, Part, Row, Time } from '../widgets/basics';
import { ShareBar, ShareTable, classLabel } from '../widgets/shares';
import { CarryLinks } from './carry_links';
import { words } from '../state/words';

export function RangePanel() {
  const chosen = range.value;
  if (chosen === null) return <Empty>Drag over the lanes to select a time range: its length and the share of every state show here.</Empty>;
  // Summed over one lane, the range is carried with it.
  const one = rangeLanes.value?.length === 1 ? (rangeLanes.value[0] ?? null) : null;
  return (
    <div class="panel-body" data-panel="range">
      <header class="span-head">
        <div class="span-sub">
          <span class="big num" data-field="length" data-ns={Math.round(chosen.to) - Math.round(chosen.from)}>
            {exactDuration(Math.round(chosen.to) - Math.round(chosen.from))}
          </span>
          <span class="grow" />
          <IconButton icon="zoom" label="Zoom to the range (F twice)" run={() => zoomTo(chosen)} />
          <IconButton icon="close" label="Clear the range (Esc)" run={() => jump(() => (range.value = null))} />
        </div>
      </header>
      <dl class="facts">
        <Row name="From">
          <Time ns={Math.round(chosen.from)} />
        </Row>
        <Row name="To">
          <Time ns={Math.round(chosen.to)} />
        </Row>
        <Row name="Over">
          <Over />
        </Row>
      </dl>
      <CarryLinks what={one === null ? 'this range' : 'this range of the lane'} terms={() => termsOfRange(one === null ? filter.peek() : termsOfLane(filter.peek(), one), chosen)} />
      <Sums />
    </div>
  );
}

interface Choice {
  readonly id: string;
  readonly label: string;
  readonly lanes: readonly string[] | null;
}

function choices(): Choice[] {
  const procs = procLanes(lanes.value);
  const list: Choice[] = [
    { id: 'view', label: 'lanes in view', lanes: null },
    { id: 'all', label: `all ${words.value.goroutines}`, lanes: ['all'] },
  ];
  if (procs.length > 0) list.push({ id: 'procs', label: `all ${words.value.procs}`, lanes: procs });
  const lane = selection.value?.lane;
  if (lane !== undefined) list.push({ id: 'lane', label: `this lane (${lane})`, lanes: [lane] });
  const now = rangeLanes.value;
  if (now !== null && !list.some((choice) => same(choice.lanes, now))) list.push({ id: 'chosen', label: now.length === 1 ? (now[0] ?? '') : `${now.length} chosen lanes`, lanes: now });
  return list;
}

const same = (a: readonly string[] | null, b: readonly string[] | null): boolean => (a === null || b === null ? a === b : a.join() === b.join());

function Over() {
  const list = choices();
  const now = list.find((choice) => same(choice.lanes, rangeLanes.value))?.id ?? 'view';
  return (
    <select
      class="select"
      aria-label="Lanes that are summed"
      value={now}
      onChange={(event) => {
        const id = event.currentTarget.value;
        rangeLanes.value = list.find((choice) => choice.id === id)?.lanes ?? null;
      }}
    >
      {list.map((choice) => (
        <option value={choice.id} key={choice.id} selected={choice.id === now}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

function Sums() {
  const sums = totals.value;
  if (totalsError.value !== null) return <Empty>No sums: {totalsError.value}.</Empty>;
  if (sums === null) return <Empty>Summing…</Empty>;
  const time = [...sums.time].sort((a, b) => b.ns - a.ns);
  const reasons = [...sums.reasons].sort((a, b) => b.ns - a.ns);
  return (
    <>
      {time.length === 0 && sums.counters.length > 0 ? null : <Part title="States" aside={`${count(sums.lanes)} ${sums.lanes === 1 ? 'lane' : 'lanes'}`}>
        <ShareBar slices={time} total={sums.lane_time} />
        <ShareTable
          id="states"
          caption="State"
          total={sums.lane_time}
          columns={[]}
          rows={time.map((slice) => ({ ...slice, label: classLabel(slice.class), cells: [] }))}
        />
        <p class="dim note">
          Shares are of <span data-field="lane-time" data-ns={sums.lane_time}>{exactDuration(sums.lane_time)}</span>, the time these lanes existed within the range.
        </p>
      </Part>}
      {sums.counters.length === 0 ? null : <Counters rows={sums.counters} />}
      {reasons.length === 0 ? null : (
        <Part title="Waiting by reason">
          <ShareTable
            id="reasons"
            caption="Reason"
            total={sums.lane_time}
            columns={['times']}
            rows={reasons.map((row) => ({ class: row.class, ns: row.ns, label: row.reason, cells: [count(row.spans)] }))}
          />
        </Part>
      )}
      {sums.top.length === 0 ? null : (
        <Part title="Most running">
          <ShareTable
            id="top"
            caption="Lane"
            total={sums.dur}
            columns={[]}
            rows={sums.top.map((row) => ({
              class: row.class,
              ns: row.ns,
              label: row.label,
              cells: [],
              go: () => goToLane(row.lane, { from: sums.from, to: sums.to }),
            }))}
          />
        </Part>
      )}
    </>
  );
}

/** How values over time went within the range. */
function Counters({ rows }: { readonly rows: readonly CounterTotals[] }) {
  return (
    <Part title="Counters">
      <table class="counter-table">
        <thead>
          <tr>
            <th>Counter</th>
            <th class="num">least</th>
            <th class="num">mean</th>
            <th class="num">most</th>
            <th class="num">at its end</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} data-counter={row.name}>
              <td class="wrap">{row.name}</td>
              {[row.min, row.mean, row.max, row.last].map((value, i) => (
                <td class="num" key={i}>
                  {value === null ? '–' : amount(value, row.unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Part>
  );
}
