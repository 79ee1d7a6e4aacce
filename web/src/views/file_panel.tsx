/** The file itself: what it holds, and what of it could not be read. */

import type { Diagnostic, TraceCounts, TraceMeta } from '../api/types';
import { bytes, count, exactDuration, wallClock } from '../base/format';
import { openView, zoomTo } from '../state/navigate';
import { meta } from '../state/view';
import { Empty, Exact, Go, Part, Row, Time } from '../widgets/basics';

/** What is counted, and the page that lists it. */
const NAMES: readonly (readonly [keyof TraceCounts, string, (() => void)?])[] = [
  ['events', 'Events', () => openView('events', {}, '')],
  ['goroutines', 'Goroutines', () => openView('goroutines', { group: 'none' }, '')],
  ['groups', 'Start functions', () => openView('goroutines', {}, '')],
  ['procs', 'Procs', () => openView('scheduler', {}, '')],
  ['threads', 'Threads', () => openView('scheduler', { show: 'threads' }, '')],
  ['generations', 'Generations'],
  ['ranges', 'Runtime ranges', () => openView('events', { kinds: 'range' }, '')],
  ['tasks', 'User tasks', () => openView('tasks', {}, '')],
  ['regions', 'User regions', () => openView('regions', {}, '')],
  ['logs', 'Logs', () => openView('regions', { list: 'logs' }, '')],
  ['samples', 'CPU samples', () => openView('profiles', { kind: 'cpu' }, '')],
  ['experimental', 'Experimental batches'],
  ['unknown', 'Events of unknown kinds'],
];

export function FilePanel() {
  const trace = meta.value;
  if (trace === null) return <Empty>Loading…</Empty>;
  return (
    <div class="panel-body" data-panel="file">
      <header class="span-head">
        <h2 class="wrap">{trace.name}</h2>
      </header>
      <dl class="facts">
        <Row name="Format">{trace.format}</Row>
        <Row name="Size">
          <span title={`${count(trace.bytes)} bytes`}>{bytes(trace.bytes)}</span>
        </Row>
        <Row name="Duration">
          <Exact ns={trace.end - trace.start} />
        </Row>
        <Row name="Began">{trace.wall === null ? <span class="dim">no wall clock in this trace</span> : <span class="num">{wallClock(trace.wall, trace.start)}</span>}</Row>
        {trace.gomaxprocs === null ? null : <Row name="GOMAXPROCS">{trace.gomaxprocs}</Row>}
      </dl>
      <Part title="Holds">
        <table class="plain">
          <tbody>
            {NAMES.map(([key, name, to]) => (
              <tr key={key} data-count={key}>
                <th scope="row">{to === undefined || trace.counts[key] === 0 ? name : <Go to={to}>{name}</Go>}</th>
                <td class="num">{count(trace.counts[key])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
      <Lost trace={trace} />
      <Part title="Diagnostics" aside={count(trace.diagnostics.length)}>
        {trace.diagnostics.length === 0 ? (
          <Empty>Everything in the file could be read.</Empty>
        ) : (
          <ul class="diagnostics">
            {trace.diagnostics.map((line, i) => (
              <li key={i} data-severity={line.severity}>
                <span class="tag">{line.severity}</span> <span class="wrap">{line.text}</span>
                {line.lost_bytes > 0 ? <span class="dim"> ({bytes(line.lost_bytes)} lost)</span> : null}
                <LostTime of={line} />
              </li>
            ))}
          </ul>
        )}
      </Part>
    </div>
  );
}

/** When it was, and the way there. */
function LostTime({ of }: { readonly of: Diagnostic }) {
  const time = of.lost_time;
  if (time === null) return null;
  if (time === 'unknown') return <div class="dim">Nothing tells when that was.</div>;
  const [from, to] = time;
  return (
    <div>
      <Go to={() => zoomTo({ from, to })} title="Show it">
        <Time ns={from} />
      </Go>{' '}
      <span class="num dim">{exactDuration(to - from)}</span>
    </div>
  );
}

function Lost({ trace }: { readonly trace: TraceMeta }) {
  if (trace.lost.length === 0) return null;
  return (
    <Part title="Lost times" aside={count(trace.lost.length)}>
      <ul class="list">
        {trace.lost.slice(0, 100).map(([from, to]) => (
          <li key={from}>
            <Go to={() => zoomTo({ from, to })} title="Show it">
              <Time ns={from} />
            </Go>
            <span class="num dim">{exactDuration(to - from)}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}
