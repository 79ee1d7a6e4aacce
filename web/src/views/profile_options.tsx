/** What a profile leaves out, how fine it is and what it labels: the options of `goroscope profile`, as fields. */

import { useEffect, useRef } from 'preact/hooks';
import { keyOf, termsOf } from '../base/terms';
import { choose } from '../state/navigate';
import { filter, settings } from '../state/view';
import { Menu } from '../widgets/choice';
import { kindOf } from './profile_parts';
import { said, type Said } from '../state/words';

const PATTERNS = [
  { name: 'focus', label: 'Only stacks with', hint: 'Leaves the stacks in which a function or file matches' },
  { name: 'ignore', label: 'No stacks with', hint: 'Leaves the stacks in which no function or file matches' },
  { name: 'show', label: 'Only frames', hint: 'Of each stack, only the frames that match' },
  { name: 'hide', label: 'No frames', hint: 'Of each stack, all but the frames that match' },
] as const;

const GRANULARITIES = [
  { id: '', label: 'functions' },
  { id: 'filefunctions', label: 'functions and files' },
  { id: 'files', label: 'files' },
  { id: 'lines', label: 'lines' },
];

const LABELS: readonly { readonly name: string; readonly hint: Said }[] = [
  { name: 'goroutine', hint: (w) => `The id of the ${w.goroutine}` },
  { name: 'function', hint: (w) => `Where the ${w.goroutine} starts` },
  { name: 'task', hint: 'The task that it worked for' },
  { name: 'region', hint: 'The innermost region' },
];

const PARTS = ['', '10%', '5%', '3%', '1%'];

/** What depends on a choice of frames: a place in the picture that may not be there any more. */
const FRESH = { zoom: null, first: null, 'top.row': null, 'places.row': null } as const;

const NAMES = [...PATTERNS.map((it) => it.name), 'granularity', 'labels', 'slowest', 'rate'];

/** How many options are in use. */
const inUse = (): number => NAMES.filter((name) => (settings.value[name] ?? '') !== '').length;

/** Whether the options are in sight: where one is in use, unless they were shut. */
export const optionsShown = (): boolean => (settings.value['options'] ?? (inUse() > 0 ? 'open' : 'shut')) === 'open';

export function OptionsButton() {
  const shown = optionsShown();
  const used = inUse();
  return (
    <button type="button" class="button" aria-expanded={shown} aria-controls="profile-options" onClick={() => choose({ options: shown ? 'shut' : 'open' })}>
      Options{used === 0 ? '' : ` (${used})`}
    </button>
  );
}

export function ProfileOptions() {
  const now = settings.value;
  if (!optionsShown()) return null;
  const isNamed = termsOf(filter.value).some((term) => keyOf(term) === 'task' || keyOf(term) === 'region');
  const labels = new Set((now['labels'] ?? '').split(',').filter((name) => name !== ''));
  const toggle = (name: string): void => {
    if (!labels.delete(name)) labels.add(name);
    const list = LABELS.map((it) => it.name).filter((it) => labels.has(it));
    choose({ ...FRESH, labels: list.length === 0 ? null : list.join(',') });
  };
  return (
    <div class="profile-options" id="profile-options" role="group" aria-label="Options of the profile">
      {PATTERNS.map(({ name, label, hint }) => (
        <Pattern key={name} name={name} label={label} hint={hint} now={now[name] ?? ''} />
      ))}
      <Menu label="By" now={now['granularity'] ?? ''} options={GRANULARITIES} choose={(id) => choose({ ...FRESH, function: null, granularity: id === '' ? null : id })} />
      <fieldset class="checks">
        <legend class="dim">Label with</legend>
        {LABELS.map(({ name, hint }) => (
          <label key={name} title={`${said(hint)}; labels stand beside the stacks and in the file`}>
            <input type="checkbox" name={`label-${name}`} checked={labels.has(name)} onChange={() => toggle(name)} /> {name}
          </label>
        ))}
      </fieldset>
      {isNamed ? (
        <Menu label="In" now={now['slowest'] ?? ''} options={PARTS.map((id) => ({ id, label: id === '' ? 'all that the filter names' : `the slowest ${id}` }))} choose={(id) => choose({ ...FRESH, slowest: id === '' ? null : id })} />
      ) : (
        <span class="dim">name a task or a region in the filter to look at the slowest of them</span>
      )}
      {kindOf(now).id === 'cpu' ? <Pattern name="rate" label="Samples per second" hint="How often the CPU was sampled, if it is not as a Rust trace tells: traces of Go do not say; 100 is Go's usual" now={now['rate'] ?? ''} /> : null}
      {inUse() === 0 ? null : (
        <button type="button" class="button" onClick={() => choose({ ...FRESH, ...Object.fromEntries(NAMES.map((name) => [name, null])) })}>
          Reset
        </button>
      )}
    </div>
  );
}

/** A field that applies with Enter, or when it is left. */
function Pattern({ name, label, hint, now }: { readonly name: string; readonly label: string; readonly hint: string; readonly now: string }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (field.current !== null) field.current.value = now;
  }, [now]);
  const apply = (text: string): void => {
    if (text !== now) choose({ ...FRESH, [name]: text === '' ? null : text });
  };
  return (
    <form
      class="inline-field"
      onSubmit={(event) => {
        event.preventDefault();
        apply(field.current?.value ?? '');
      }}
    >
      <label class="dim" for={`profile-${name}`} title={hint}>
        {label}
      </label>
      <input ref={field} id={`profile-${name}`} name={name} type="text" spellcheck={false} placeholder={name === 'rate' ? 'as told, or 100' : 'regular expression'} title={hint} onBlur={(event) => apply(event.currentTarget.value)} />
    </form>
  );
}
