/** The search box: a question, its hits page by page, and the hit at which one stands. */

import { batch, effect, signal } from '@preact/signals';
import type { Hit, SearchPage } from '../api/types';
import { goToHit } from './navigate';
import { Latest, api, reasonOf } from './session';

/** What the box says; a leading `>` asks for a command instead. */
export const query = signal('');
/** Whether the box has the person's attention: its list is open. */
export const searching = signal(false);
/** First page of hits: totals and counts. Null while nothing was asked. */
export const found = signal<SearchPage | null>(null);
/** Every hit fetched so far, by place. */
export const hits = signal<ReadonlyMap<number, Hit>>(new Map());
/** The hit one stands at, or -1. */
export const at = signal(-1);
export const searchError = signal<string | null>(null);
export const asking = signal(false);

const PAGE = 100;
const PAUSE = 90;

/** A step asked for while the answer to what is typed was still on the way. */
let stepWanted: 1 | -1 | null = null;

const latest = new Latest();
const stepper = new Latest();

export const isCommand = (text: string): boolean => text.startsWith('>');

/** Opens the box, with a text in it or with what it had. */
export function openSearch(text: string | null): void {
  batch(() => {
    if (text !== null) query.value = text;
    else if (isCommand(query.peek())) query.value = '';
    searching.value = true;
  });
}

export function closeSearch(): void {
  searching.value = false;
  if (isCommand(query.peek())) query.value = '';
}

export function clearSearch(): void {
  batch(() => {
    query.value = '';
    searching.value = false;
  });
}

/** Starts answering the box; answers how to stop. */
export function followQuery(): () => void {
  let timer = 0;
  const stop = effect(() => {
    const text = query.value.trim();
    window.clearTimeout(timer);
    latest.cancel();
    stepper.cancel();
    stepWanted = null;
    if (text === '' || isCommand(text)) {
      batch(() => {
        found.value = null;
        hits.value = new Map();
        at.value = -1;
        searchError.value = null;
        asking.value = false;
      });
      return;
    }
    batch(() => {
      asking.value = true;
      at.value = -1;
    });
    timer = window.setTimeout(() => void first(text), PAUSE);
  });
  return () => {
    window.clearTimeout(timer);
    stop();
  };
}

async function first(text: string): Promise<void> {
  try {
    const page = await latest.ask((signal) => api.search(text, { limit: PAGE }, signal));
    if (page === null) return;
    batch(() => {
      found.value = page;
      hits.value = new Map(page.hits.map((hit, i) => [i, hit]));
      at.value = -1;
      searchError.value = null;
      asking.value = false;
    });
    if (stepWanted !== null) step(stepWanted);
    stepWanted = null;
  } catch (error) {
    batch(() => {
      searchError.value = reasonOf(error);
      found.value = null;
      asking.value = false;
    });
  }
}

/** The hit at a place, fetched with its page when it is not here yet. */
async function hitAt(place: number): Promise<Hit | null> {
  const known = hits.peek().get(place);
  if (known !== undefined) return known;
  const offset = Math.floor(place / PAGE) * PAGE;
  const text = query.peek().trim();
  const page = await stepper.ask((signal) => api.search(text, { limit: PAGE, offset }, signal));
  if (page === null) return null;
  const all = new Map(hits.peek());
  page.hits.forEach((hit, i) => all.set(offset + i, hit));
  hits.value = all;
  return all.get(place) ?? null;
}

/** Goes to a hit: there, selected, in view. */
export async function goTo(place: number): Promise<void> {
  try {
    const hit = await hitAt(place);
    if (hit === null) return;
    at.value = place;
    goToHit(hit);
  } catch (error) {
    searchError.value = reasonOf(error);
  }
}

/** The next hit, or the one before, round and round. */
export function step(by: 1 | -1): void {
  if (asking.peek()) {
    stepWanted = by;
    return;
  }
  const total = found.peek()?.total ?? 0;
  if (total === 0) return;
  const now = at.peek();
  void goTo(now < 0 ? (by > 0 ? 0 : total - 1) : (now + by + total) % total);
}
