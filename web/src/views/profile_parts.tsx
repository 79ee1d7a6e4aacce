/** What the views of a profile share: kinds, parameters, values with units, the line of sums. */

import type { Parameters } from '../api/client';
import type { Profile } from '../api/profiles';
import { bytes, count, duration, exactDuration } from '../base/format';
import { choose } from '../state/navigate';
import type { Settings } from '../state/view';
import { filter, settings } from '../state/view';
import { Go } from '../widgets/basics';
import { Choice } from '../widgets/choice';
import { findOnTimeline } from './search_box';

export const KINDS = [
  { id: 'blocking', label: 'all waits' },
  { id: 'sync', label: 'channels and locks' },
  { id: 'net', label: 'network waits' },
  { id: 'syscall', label: 'system calls' },
  { id: 'syscall-block', label: 'system calls that lost their proc' },
  { id: 'sched', label: 'scheduler latency' },
  { id: 'sleep', label: 'sleep' },
  { id: 'gc-assist', label: 'GC assists' },
  { id: 'off-cpu', label: 'everything but running' },
  { id: 'wall', label: 'all time, by state' },
  { id: 'create', label: 'creation of goroutines' },
  { id: 'cpu', label: 'CPU samples' },
] as const;

export type Kind = (typeof KINDS)[number];

export const kindOf = (now: Settings): Kind => KINDS.find((kind) => kind.id === now['kind']) ?? KINDS[0];

/** The parameters that make the profile, whatever shows it. */
export function commonParameters(now: Settings, terms: string): Parameters {
  const parameters: Record<string, string> = { kind: kindOf(now).id };
  if (terms !== '') parameters['filter'] = terms;
  for (const name of ['slowest', 'by', 'labels', 'focus', 'ignore', 'hide', 'show'] as const) {
    const value = now[name];
    if (value !== undefined && value !== '') parameters[name] = value;
  }
  return parameters;
}

/** Those of a view of it. */
export function viewParameters(view: string): Parameters {
  const now = settings.value;
  const type = now['type'];
  return { ...commonParameters(now, filter.value), view, ...(type === undefined ? {} : { type }) };
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

/** Where one can go from a function. */
export function FunctionActions({ name }: { readonly name: string }) {
  return (
    <span class="actions">
      <Go to={() => choose({ mode: 'sandwich', function: name })}>callers &amp; callees</Go>
      <Go to={() => choose({ mode: 'list', match: `^${name.replace(/[\\.+*?()|[\]{}^$#&~-]/g, '\\$&')}$` })}>source</Go>
      <Go to={() => findOnTimeline(name)} title="Its spans, one after the other">
        find on the timeline
      </Go>
    </span>
  );
}

export function Note({ busy, trouble, what }: { readonly busy: boolean; readonly trouble: string | null; readonly what: string }) {
  return <p class="view-note">{trouble ?? (busy ? 'Summing…' : what)}</p>;
}
