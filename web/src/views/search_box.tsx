/** Search and command palette in one box. */

import { computed, signal, useSignalEffect } from '@preact/signals';
import type { Hit, HitKind } from '../api/types';
import { count, shortFunction, time } from '../base/format';
import { rank } from '../base/fuzzy';
import { type Command, commandFor, commands } from '../state/commands';
import { asking, at, clearSearch, closeSearch, found, goTo, hits, isCommand, openSearch, query, searchError, searching, step } from '../state/search';
import { Duration, IconButton, Keys, Swatch } from '../widgets/basics';
import { Icon } from '../widgets/icons';
import { type Said, said, words } from '../state/words';

const KINDS: Readonly<Record<HitKind, Said>> = {
  goroutine: (w) => w.goroutines_title,
  function: (w) => (w.language === 'go' ? 'Start functions' : 'Places where tasks are spawned'),
  counter: 'Counters',
  task: (w) => w.user_tasks_title,
  region: 'Regions',
  log: 'Logs',
  frame: 'Stack frames',
};

/** Rows drawn of one kind before "and more": Enter still steps through all. */
const ROWS_PER_KIND = 40;

/** The box itself, while it is on the page. */
let field: HTMLInputElement | null = null;

/** The command under the cursor keys. */
const pointed = signal(0);

const offered = computed(() => (isCommand(query.value) ? rank(query.value.slice(1), commands().filter((command) => command.gesture !== true), (command) => said(command.title)) : []));

export function SearchBox() {
  useSignalEffect(() => {
    void query.value;
    pointed.value = 0;
  });
  const open = searching.value && query.value.trim() !== '';
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        ref={(node) => {
          field = node;
        }}
        type="text"
        role="combobox"
        aria-expanded={open}
        aria-controls="search-list"
        aria-autocomplete="list"
        aria-label={`Search ${words.value.goroutines}, functions, frames, counters, regions, ${words.value.user_tasks} and logs; > for commands`}
        placeholder="Search, or > for commands"
        spellcheck={false}
        autocomplete="off"
        value={query.value}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          searching.value = true;
        }}
        onFocus={() => (searching.value = true)}
        onBlur={(event) => {
          if (!(event.relatedTarget instanceof Node && event.currentTarget.closest('.search')?.contains(event.relatedTarget))) searching.value = false;
        }}
        onKeyDown={(event) => onKey(event, field)}
      />
      <Status />
      {open ? <List /> : null}
    </div>
  );
}

function onKey(event: KeyboardEvent, input: HTMLInputElement | null): void {
  if (event.key === 'Escape') {
    if (searching.peek() && query.peek() !== '' && !isCommand(query.peek()) && at.peek() < 0) clearSearch();
    closeSearch();
    input?.blur();
  } else if (isCommand(query.peek())) {
    onCommandKey(event, input);
    return;
  } else if (event.key === 'Enter') {
    step(event.shiftKey ? -1 : 1);
    searching.value = false;
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    if (searching.peek()) step(event.key === 'ArrowDown' ? 1 : -1);
    searching.value = true;
  } else if (!stepsAlong(event)) return;
  event.preventDefault();
  event.stopPropagation();
}

/** Keys that walk on from a hit, while its list is shut; the next letter typed opens it again. */
const WALKING = ['.', ',', '[', ']'];

function stepsAlong(event: KeyboardEvent): boolean {
  if (searching.peek() || at.peek() < 0 || event.ctrlKey || event.metaKey || event.altKey || !WALKING.includes(event.key)) return false;
  commandFor(event)?.run();
  return true;
}

function onCommandKey(event: KeyboardEvent, input: HTMLInputElement | null): void {
  const list = offered.peek();
  if (event.key === 'Enter') {
    input?.blur();
    runCommand(list[pointed.peek()]?.item);
  } else if (event.key === 'ArrowDown') pointed.value = Math.min(list.length - 1, pointed.peek() + 1);
  else if (event.key === 'ArrowUp') pointed.value = Math.max(0, pointed.peek() - 1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function runCommand(command: Command | undefined): void {
  closeSearch();
  command?.run();
}

/** "3 of 1,234" with the buttons that step, or the key that opens the box. */
function Status() {
  const page = found.value;
  if (query.value === '') return <Keys keys="/" />;
  if (isCommand(query.value)) return null;
  if (page === null || asking.value) return <span class="search-at">{asking.value ? '…' : ''}</span>;
  return (
    <span class="search-at" data-field="hits">
      <span class="num">{page.total === 0 ? 'none' : at.value < 0 ? count(page.total) : `${count(at.value + 1)} of ${count(page.total)}`}</span>
      <IconButton icon="up" label="Previous hit (Shift+Enter)" disabled={page.total === 0} run={() => step(-1)} />
      <IconButton icon="down" label="Next hit (Enter)" disabled={page.total === 0} run={() => step(1)} />
      <IconButton icon="close" label="Clear the search" run={clearSearch} />
    </span>
  );
}

function List() {
  return (
    <div class="search-list" id="search-list" role="listbox" aria-label="Results" onMouseDown={(event) => event.preventDefault()}>
      {isCommand(query.value) ? <Commands /> : <Hits />}
    </div>
  );
}

function Commands() {
  if (offered.value.length === 0) return <p class="empty">No such command.</p>;
  return (
    <>
      {offered.value.map(({ item, match }, i) => (
        <button
          type="button"
          role="option"
          key={item.id}
          class="hit"
          aria-selected={i === pointed.value}
          ref={i === pointed.value ? (node) => node?.scrollIntoView({ block: 'nearest' }) : null}
          onClick={() => {
            (document.activeElement as HTMLElement | null)?.blur();
            runCommand(item);
          }}
        >
          <span class="label">
            <Marked text={said(item.title)} at={match.at} />
          </span>
          <span class="dim">{item.section}</span>
          {item.keys?.[0] === undefined ? null : <Keys keys={item.keys[0]} />}
        </button>
      ))}
    </>
  );
}

function Marked({ text, at: places }: { readonly text: string; readonly at: readonly number[] }) {
  return (
    <>
      {[...text].map((letter, i) => (places.includes(i) ? <mark key={i}>{letter}</mark> : letter))}
    </>
  );
}

function Hits() {
  const page = found.value;
  if (searchError.value !== null) return <p class="empty">{searchError.value}</p>;
  if (page === null) return <p class="empty">Searching…</p>;
  if (page.total === 0) return <p class="empty">Nothing in this trace has “{page.q}”.</p>;
  const groups = new Map<HitKind, [number, Hit][]>();
  for (const [place, hit] of [...hits.value].sort((a, b) => a[0] - b[0])) {
    const group = groups.get(hit.kind);
    if (group === undefined) groups.set(hit.kind, [[place, hit]]);
    else group.push([place, hit]);
  }
  return (
    <>
      {[...groups].map(([kind, list]) => (
        <div key={kind} role="group" aria-label={said(KINDS[kind])} data-kind={kind}>
          <div class="hit-kind">
            <span>{said(KINDS[kind])}</span>
            <span class="num">{count(page.counts[kind] ?? list.length)}</span>
          </div>
          {around(list).map(([place, hit]) => (
            <HitRow key={place} place={place} hit={hit} />
          ))}
        </div>
      ))}
      <div class="search-foot">
        <Keys keys="Enter" /> next <Keys keys="Shift+Enter" /> back <Keys keys="Escape" /> close
      </div>
    </>
  );
}

/** The rows of one kind near the hit one stands at. */
function around(list: readonly [number, Hit][]): readonly [number, Hit][] {
  const here = list.findIndex(([place]) => place === at.value);
  const first = Math.max(0, Math.min(here - ROWS_PER_KIND / 2, list.length - ROWS_PER_KIND));
  return list.slice(first, first + ROWS_PER_KIND);
}

function HitRow({ place, hit }: { readonly place: number; readonly hit: Hit }) {
  const here = place === at.value;
  return (
    <button
      type="button"
      role="option"
      class="hit"
      aria-selected={here}
      ref={here ? (node) => node?.scrollIntoView({ block: 'nearest' }) : null}
      onClick={() => {
        void goTo(place);
        searching.value = false;
      }}
    >
      <Swatch id={hit.class} />
      <span class="label">{hit.kind === 'frame' || hit.kind === 'function' ? shortFunction(hit.label) : hit.label}</span>
      <span class="detail dim">{shortFunction(hit.detail)}</span>
      <span class="dim num">{time(hit.start)}</span>
      <Duration ns={hit.end - hit.start} />
    </button>
  );
}

/**
 * Opens the box with the keyboard in it at once: the next key of a fast typist must not find the
 * box still closed.
 */
function openWith(text: string | null): void {
  openSearch(text);
  if (field === null) return;
  field.value = query.peek();
  field.focus();
  field.setSelectionRange(isCommand(field.value) ? field.value.length : 0, field.value.length);
}

/** Searches for a text, with its hits in sight. */
export const findOnTimeline = (text: string): void => openWith(text);
export const searchFor = (): void => openWith(null);
export const searchCommands = (): void => openWith('>');
