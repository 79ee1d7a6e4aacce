/** What the views of a profile share: kinds, parameters, values with units, the line of sums. */

import { type Parameters, isAbort } from '../api/client';
import type { Places, Profile, TraceRow } from '../api/profiles';
import { bytes, count, duration, exactDuration } from '../base/format';
import { exactly as exactlyNamed } from '../base/terms';
import { ask } from '../state/answers';
import { choose, goToFramed } from '../state/navigate';
import { reasonOf } from '../state/session';
import { say, toast } from '../state/shell';
import type { Settings } from '../state/view';
import { filter, settings } from '../state/view';
import { Go } from '../widgets/basics';
import { Choice } from '../widgets/choice';
import { findOnTimeline } from './search_box';
import { hasCollector, type Said } from '../state/words';

export interface Kind {
  readonly id: string;
  readonly label: Said;
}

const KINDS: readonly [Kind, ...Kind[]] = [
  { id: 'blocking', label: 'all waits' },
  { id: 'sync', label: 'channels and locks' },
  { id: 'net', label: 'network waits' },
  { id: 'syscall', label: (w) => (w.language === 'go' ? 'system calls' : 'calls of block_in_place') },
  { id: 'syscall-block', label: (w) => `system calls that lost their ${w.proc}` },
  { id: 'sched', label: 'scheduler latency' },
  { id: 'sleep', label: 'sleep' },
  { id: 'gc-assist', label: 'GC assists' },
  { id: 'off-cpu', label: 'everything but running' },
  { id: 'wall', label: 'all time, by state' },
  { id: 'create', label: (w) => `creation of ${w.goroutines}` },
  { id: 'cpu', label: 'CPU samples' },
];

/** Those that count something in this trace. */
export const kinds = (): readonly Kind[] => KINDS.filter((kind) => hasCollector.value || !['gc-assist', 'syscall-block'].includes(kind.id));

export const kindOf = (now: Settings): Kind => KINDS.find((kind) => kind.id === now['kind']) ?? KINDS[0];

/** The parameters that make the profile, whatever shows it. */
export function commonParameters(now: Settings, terms: string): Parameters {
  const parameters: Record<string, string> = { kind: kindOf(now).id };
  if (terms !== '') parameters['filter'] = terms;
  for (const name of ['slowest', 'by', 'labels', 'focus', 'ignore', 'hide', 'show'] as const) {
    const value = now[name];
    if (value !== undefined && value !== '') parameters[name] = value;
  }
  if (kindOf(now).id === 'cpu' && now['rate'] !== undefined) parameters['rate'] = now['rate'];
  return parameters;
}

/** Whether the profile counts states of goroutines, which have a place each; not so samples, assists and creations. */
export const hasPlaces = (now: Settings): boolean => !['gc-assist', 'cpu', 'create'].includes(kindOf(now).id);

/** The parameters of what is summed up, one by one: of all, or of a stack or a function of it. */
export function placeParameters(now: Settings, stack: string = now['stack'] ?? '', having: string = now['having'] ?? ''): Parameters {
  return { ...commonParameters(now, filter.value), ...(stack === '' ? {} : { stack }), ...(having === '' ? {} : { having }) };
}

/** A stack as `api/places` is asked for it. */
export const stackOf = (row: TraceRow): string => row.frames.map((frame) => (frame.line > 0 ? `${frame.name}:${frame.line}` : frame.name)).join('\n');

/** Its labels, but for those that a place does not have. */
export const labelsOf = (row: TraceRow): string =>
  row.labels
    .filter((label) => ['reason', 'cause', 'open', 'inferred'].includes(label.key))
    .map((label) => `${label.key}=${label.text}`)
    .join('\n');

/** Goes to the longest of what a stack or a function sums up. */
export function goToLongest(parameters: Parameters): void {
  const SLOW = 'looking for the longest…';
  const slow = window.setTimeout(() => say(SLOW, 60_000), 300);
  const answered = (): void => {
    window.clearTimeout(slow);
    if (toast.peek() === SLOW) toast.value = null;
  };
  ask<Places>('places', { ...parameters, limit: 1 }, new AbortController().signal).then(
    ({ rows: [row] }) => {
      answered();
      if (row === undefined) say('nothing of it passes the filter');
      else goToFramed(row.key, { from: row.start, to: row.end });
    },
    (error: unknown) => {
      answered();
      if (!isAbort(error)) say(`not found: ${reasonOf(error)}`, 4000);
    },
  );
}

/** From a figure to the longest of what it sums up, and to the list of all. */
export function PlaceActions({ stack, having = '' }: { readonly stack: string; readonly having?: string }) {
  if (!hasPlaces(settings.value)) return null;
  return (
    <>
      <Go to={() => goToLongest(placeParameters(settings.peek(), stack, having))} title="The longest of them, on the timeline">
        longest
      </Go>
      <Go to={() => choose({ mode: 'places', stack, having: having === '' ? null : having, 'places.row': null, 'places.order': null })} title="The list of them, each with its place on the timeline">
        one by one
      </Go>
    </>
  );
}

/** Whether names are those of functions. */
const namesFunctions = (): boolean => ['functions', 'filefunctions'].includes(settings.value['granularity'] ?? 'functions');

/** Those of a view of it. */
export function viewParameters(view: string): Parameters {
  const now = settings.value;
  const { type, granularity } = now;
  return { ...commonParameters(now, filter.value), view, ...(type === undefined ? {} : { type }), ...(granularity === undefined ? {} : { granularity }) };
}

/** A value of a profile in its unit. */
export function sayer(unit: string): (value: number) => string {
  if (unit === 'nanoseconds') return duration;
  if (unit === 'bytes') return bytes;
  return count;
}

export const exactly = (unit: string, value: number): string => (unit === 'nanoseconds' ? exactDuration(value) : `${count(value)} ${unit}`);

export const unitOf = (profile: Profile<unknown>): string => profile.types[profile.type]?.unit ?? 'count';

const NAMES: Readonly<Record<string, string>> = { delay: 'time', cpu: 'time', contentions: 'count', samples: 'samples', goroutines: 'count' };

/** What was summed, and which of the values is shown. */
export function Sums({ profile }: { readonly profile: Profile<unknown> }) {
  const { types, shown, total, type } = profile;
  return (
    <div class="profile-sums">
      {types.length < 2 ? null : (
        <Choice label="Value" now={String(type)} options={types.map((it, i) => ({ id: String(i), label: NAMES[it.kind] ?? it.kind, hint: `${it.kind} in ${it.unit}` }))} choose={(id) => choose({ type: types[Number(id)]?.kind ?? null })} />
      )}
      {types.map((it, i) => (
        <span key={it.kind}>
          <span class="dim">{it.kind}</span>{' '}
          <strong class="num" title={exactly(it.unit, shown[i] ?? 0)} data-field={`sum-${it.kind}`} data-value={shown[i]}>
            {sayer(it.unit)(shown[i] ?? 0)}
          </strong>
          {shown[i] === total[i] ? null : <span class="dim"> of {sayer(it.unit)(total[i] ?? 0)}</span>}
        </span>
      ))}
      {profile.min === null ? null : <span class="dim">those of {duration(profile.min)} and longer</span>}
    </div>
  );
}

/** Where one can go from a function; in a row of a table its name is a way already. */
export function FunctionActions({ name, room = 'bar' }: { readonly name: string; readonly room?: 'bar' | 'row' }) {
  const middle = room === 'row' ? null : <Go to={() => choose({ mode: 'sandwich', function: name })}>callers &amp; callees</Go>;
  if (!namesFunctions()) return <span class="actions">{middle}</span>;
  const places = <PlaceActions stack={name} />;
  // What stands for a state, or for stacks that are not there, has no source.
  if (name.startsWith('['))
    return (
      <span class="actions">
        {middle}
        {places}
      </span>
    );
  return (
    <span class="actions">
      {middle}
      <Go to={() => choose({ mode: 'list', match: exactlyNamed(name) })}>source</Go>
      {places}
      <Go to={() => findOnTimeline(name)} title="Search for its spans">
        find
      </Go>
    </span>
  );
}
