/** The file itself: what it holds, and what of it could not be read. */

import type { Diagnostic, RecordingFacts, TraceCounts, TraceMeta } from '../api/types';
import { bytes, count, exactDuration, wallClock } from '../base/format';
import { openView, zoomTo } from '../state/navigate';
import { meta } from '../state/view';
import { Empty, Exact, Go, Part, Row, Time } from '../widgets/basics';
import { type Said, said, words } from '../state/words';

/** What is counted, and the page that lists it. */
const NAMES: readonly (readonly [keyof TraceCounts, Said, (() => void)?])[] = [
  ['events', 'Events', () => openView('events', {}, '')],
  ['goroutines', (w) => w.goroutines_title, () => openView('goroutines', { group: 'none' }, '')],
  ['groups', (w) => (w.language === 'go' ? 'Start functions' : 'Places where tasks are spawned'), () => openView('goroutines', {}, '')],
  ['procs', (w) => w.procs_title, () => openView('scheduler', {}, '')],
  ['threads', 'Threads', () => openView('scheduler', { show: 'threads' }, '')],
  ['generations', 'Generations'],
  ['ranges', (w) => (w.language === 'go' ? 'Runtime ranges' : 'Ranges'), () => openView('events', { kinds: 'range' }, '')],
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
        {trace.gomaxprocs === null ? null : <Row name={words.value.proc_count_title}>{trace.gomaxprocs}</Row>}
      </dl>
      <Part title="Holds">
        <table class="plain">
          <tbody>
            {NAMES.map(([key, name, to]) => (
              <tr key={key} data-count={key}>
                <th scope="row">{to === undefined || trace.counts[key] === 0 ? said(name) : <Go to={to}>{said(name)}</Go>}</th>
                <td class="num">{count(trace.counts[key])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Part>
      <Lost trace={trace} />
      {trace.recording === null ? null : <Recording of={trace.recording} />}
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

/** What is said of the recording in words. */
const TEXTS: readonly (readonly [keyof RecordingFacts & ('recorder' | 'program' | 'clock' | 'stacks' | 'frame_pointers' | 'symbols' | 'perf' | 'hooks'), string, Readonly<Record<string, string>>?])[] = [
  ['recorder', 'Recorder'],
  ['program', 'Program'],
  ['clock', 'Clock'],
  ['stacks', 'Stacks by'],
  ['frame_pointers', 'Frame pointers', { works: 'work', absent: 'absent: the program is built without' }],
  ['symbols', 'Functions', { resolved: 'have their names', addresses: 'are addresses, which goroscope symbolize names' }],
  ['perf', 'Kernel', { off: 'was not asked' }],
  ['hooks', "Tokio's hooks", { stable: 'those of stable tokio', unstable: 'those of tokio_unstable, too' }],
];

/** What is said of it in numbers, and what they count. */
const NUMBERS: readonly (readonly [Exclude<keyof RecordingFacts, 'recorder' | 'program' | 'clock' | 'stacks' | 'frame_pointers' | 'symbols' | 'perf' | 'hooks' | 'threads' | 'others' | 'warnings' | 'pid'>, string, string])[] = [
  ['tasks', 'Tasks traced', 'Tasks, threads and blocking jobs'],
  ['untraced_tasks', 'Tasks not traced', 'Tasks of the known runtimes that were spawned past the recorder; there may have been more'],
  ['polls', 'Polls', 'Times that a task began to run'],
  ['unheard_wakes', 'Polls without a wake', 'Polls of a waiting task that nobody is known to have woken'],
  ['superfluous_wakes', 'Needless wakes', 'Wakes of tasks that were runnable already'],
  ['outside_annotations', 'Marks outside', 'Regions, messages and user tasks outside of everything traced, which are not in the file'],
  ['dropped', 'Records dropped', 'There was no memory for them'],
  ['repaired', 'Repaired', 'Places where dropped records had to be made up for'],
  ['forgotten_generations', 'Forgotten', 'Generations that were deleted or that a ring had no room for'],
  ['counters', 'Counters', 'Values over time that the program or the recorder told'],
];

/** How a Rust program was recorded. */
function Recording({ of }: { readonly of: RecordingFacts }) {
  return (
    <Part title="Recording">
      {of.warnings.length === 0 ? null : (
        <ul class="diagnostics" data-field="warnings">
          {of.warnings.map((warning) => (
            <li key={warning.kind} data-severity="loss">
              <span class="tag">{warning.kind}</span> <span class="wrap">{warning.text}</span>
            </li>
          ))}
        </ul>
      )}
      <dl class="facts" data-field="recording">
        {TEXTS.map(([key, name, meant]) =>
          of[key] === null ? null : (
            <Row key={key} name={name}>
              <span class="wrap">{meant?.[of[key]] ?? of[key]}</span>
            </Row>
          ),
        )}
        {of.pid === null ? null : <Row name="Process">{of.pid}</Row>}
        {NUMBERS.map(([key, name, title]) => {
          const number = of[key];
          return number === null ? null : (
            <Row key={key} name={name}>
              <span class="num" title={title}>
                {count(number)}
              </span>
            </Row>
          );
        })}
        {of.others.map(([key, value]) => (
          <Row key={key} name={key.charAt(0).toUpperCase() + key.slice(1).replaceAll('_', ' ')}>
            <span class="wrap">{value}</span>
          </Row>
        ))}
      </dl>
      {of.threads.length === 0 ? null : (
        <table class="plain" data-field="threads">
          <tbody>
            {of.threads.map((thread) => (
              <tr key={thread.id}>
                <th scope="row">Thread {thread.id}</th>
                <td class="wrap">{thread.name}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Part>
  );
}
