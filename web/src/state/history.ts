/**
 * Keeps the address and the browser's history in step with the view.
 *
 * 1. The first change after a rest makes a new entry of the history; changes while it goes on
 *    (a pan, a zoom) rewrite that entry, a few times a second at most.
 * 2. `jump` closes the entry at hand, so that Back returns to exactly where the jump began.
 * 3. Back and Forward put the view of the entry in place, which writes nothing.
 *
 * Scrolling alone never makes an entry: Back is for places, not for wheel ticks.
 */

import { batch, effect } from '@preact/signals';
import { type View, decode, encode } from './url';
import { expanded, filter, laneSort, marks, meta, page, pinned, range, rangeLanes, scrollTop, selection, settings, viewport } from './view';

const WRITE_EVERY = 160;
const REST_AFTER = 700;

/** The state as a place. */
export function currentView(): View {
  return {
    viewport: viewport.value,
    selection: selection.value,
    range: range.value,
    rangeLanes: rangeLanes.value,
    expanded: [...expanded.value],
    pinned: pinned.value,
    marks: marks.value.filter((mark) => !mark.temporary),
    scrollTop: scrollTop.value,
    laneSort: laneSort.value,
    page: page.value,
    filter: filter.value,
    settings: settings.value,
  };
}

/** Puts a place into the state; without a viewport it is the whole trace. */
export function showView(view: View): void {
  const whole = meta.peek();
  batch(() => {
    viewport.value = view.viewport ?? { from: whole?.start ?? 0, to: whole?.end ?? 1 };
    laneSort.value = view.laneSort;
    expanded.value = new Set(view.expanded);
    pinned.value = view.pinned;
    marks.value = [...marks.peek().filter((mark) => mark.temporary), ...view.marks];
    scrollTop.value = view.scrollTop;
    selection.value = view.selection;
    range.value = view.range;
    rangeLanes.value = view.rangeLanes;
    page.value = view.page;
    filter.value = view.filter;
    settings.value = view.settings;
  });
}

/** A place without where it is scrolled to: settings that end in `.row` are a table's first row. */
const unscrolled = (view: View): string => encode({ ...view, scrollTop: 0, settings: Object.fromEntries(Object.entries(view.settings).filter(([name]) => !name.endsWith('.row'))) });

let closeEntry = (): void => {};

let jumping = false;

/** Changes the view as one step of the history; a jump within a jump is part of it. */
export function jump(change: () => void): void {
  if (jumping) {
    change();
    return;
  }
  closeEntry();
  jumping = true;
  try {
    batch(change);
  } finally {
    jumping = false;
  }
  closeEntry();
}

/** Starts listening; answers how to stop. Call once the trace's bounds are known. */
export function connectHistory(): () => void {
  let written = location.hash;
  let fresh = true;
  let writeTimer = 0;
  let restTimer = 0;

  const write = (): void => {
    window.clearTimeout(writeTimer);
    writeTimer = 0;
    const view = currentView();
    const hash = encode(view);
    if (hash === written) return;
    const onlyScroll = unscrolled(decode(written)) === unscrolled(view);
    const url = hash === '' ? location.pathname + location.search : hash;
    if (fresh && !onlyScroll) {
      history.pushState(null, '', url);
      fresh = false;
    } else {
      history.replaceState(null, '', url);
    }
    written = hash;
  };

  closeEntry = (): void => {
    write();
    window.clearTimeout(restTimer);
    fresh = true;
  };

  // The first view rewrites the entry the page was opened with.
  const first = encode(currentView());
  history.replaceState(null, '', first === '' ? location.pathname + location.search : first);
  written = first;

  const stop = effect(() => {
    // Reading every signal of the place makes this run when one changes.
    if (encode(currentView()) === written) return;
    if (writeTimer === 0) writeTimer = window.setTimeout(write, WRITE_EVERY);
    window.clearTimeout(restTimer);
    restTimer = window.setTimeout(closeEntry, REST_AFTER);
  });

  const onPop = (): void => {
    window.clearTimeout(writeTimer);
    window.clearTimeout(restTimer);
    writeTimer = 0;
    fresh = true;
    showView(decode(location.hash));
    written = encode(currentView());
  };
  window.addEventListener('popstate', onPop);
  window.addEventListener('pagehide', write);
  return () => {
    stop();
    closeEntry = () => {};
    window.removeEventListener('popstate', onPop);
    window.removeEventListener('pagehide', write);
  };
}
