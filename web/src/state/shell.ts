/** The page's own furniture: what is open, which theme, how wide. Remembered in this browser. */

import { effect, signal } from '@preact/signals';
import type { Theme } from '../base/palette';
import { page, range, selection, theme, wheelZooms } from './view';

export type DrawerTab = 'span' | 'range' | 'page';

export const drawerOpen = signal(false);
export const drawerTab = signal<DrawerTab>('span');
/** Width of the drawer, CSS px. */
export const drawerWidth = signal(400);
export const helpOpen = signal(false);
/** A class whose explanation is open in the legend, or null. */
export const explained = signal<number | null>(null);
/** Whether the notice about damage was put away. */
export const noticeClosed = signal(false);
/** A line that shows for a moment: "copied". */
export const toast = signal<string | null>(null);

let toastTimer = 0;

export function say(text: string, ms = 1600): void {
  toast.value = text;
  window.clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => {
    toast.value = null;
  }, ms);
}

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`goroscope.${key}`);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`goroscope.${key}`, value);
  } catch {
    // A browser that keeps nothing still works.
  }
}

/** Follows the system's theme until the person chose one. */
export function followTheme(): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const chosen = remembered('theme');
  const fromSystem = (): Theme => (system.matches ? 'dark' : 'light');
  theme.value = chosen === 'dark' || chosen === 'light' ? chosen : fromSystem();
  const onSystem = (): void => {
    if (remembered('theme') === null) theme.value = fromSystem();
  };
  system.addEventListener('change', onSystem);
  const stop = effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
  });
  return () => {
    stop();
    system.removeEventListener('change', onSystem);
  };
}

export function toggleTheme(): void {
  theme.value = theme.peek() === 'dark' ? 'light' : 'dark';
  remember('theme', theme.peek());
}

/** Restores what the wheel does. */
export function restoreWheel(): void {
  wheelZooms.value = remembered('wheelZooms') === 'yes';
}

export function setWheelZooms(zooms: boolean): void {
  wheelZooms.value = zooms;
  remember('wheelZooms', zooms ? 'yes' : 'no');
}

export const LEAST_DRAWER = 280;

export function resizeDrawer(width: number): void {
  const most = Math.max(LEAST_DRAWER, window.innerWidth * 0.7);
  drawerWidth.value = Math.round(Math.min(Math.max(width, LEAST_DRAWER), most));
  remember('drawer', String(drawerWidth.peek()));
}

/** Opens the drawer at what was touched last. */
export function followDrawer(): () => void {
  const width = Number(remembered('drawer'));
  if (width >= LEAST_DRAWER) drawerWidth.value = width;
  const hand = handAtWork();
  const open = (tab: DrawerTab): void => {
    drawerTab.value = tab;
    hand.whenStill(() => (drawerOpen.value = true));
  };
  const fallback = (): void => {
    if (page.peek().kind === 'goroutine') drawerTab.value = 'page';
    else if (selection.peek() !== null) drawerTab.value = 'span';
    else if (range.peek() !== null) drawerTab.value = 'range';
  };
  const stops = [
    effect(() => (range.value === null ? fallback() : open('range'))),
    effect(() => (selection.value === null ? fallback() : open('span'))),
    effect(() => (page.value.kind === 'goroutine' ? open('page') : fallback())),
  ];
  return () => {
    for (const stop of stops) stop();
    hand.stop();
  };
}

/** Longer than the time between the clicks of a double click. */
const STILL_AFTER = 320;

/**
 * Tells when the pointer rests. Opening the drawer makes the lanes narrower, which must not
 * happen under a drag, nor between the two clicks of a double click.
 */
function handAtWork(): { whenStill(act: () => void): void; stop(): void } {
  let down = false;
  let last = -Infinity;
  let timer = 0;
  let wish: (() => void) | null = null;
  const schedule = (): void => {
    window.clearTimeout(timer);
    if (down || wish === null) return;
    const wait = last + STILL_AFTER - performance.now();
    if (wait > 0) timer = window.setTimeout(schedule, wait);
    else {
      wish();
      wish = null;
    }
  };
  const onPointer = (event: PointerEvent): void => {
    down = event.type === 'pointerdown';
    last = performance.now();
    schedule();
  };
  const names = ['pointerdown', 'pointerup', 'pointercancel'] as const;
  for (const name of names) window.addEventListener(name, onPointer, true);
  return {
    whenStill(act) {
      wish = act;
      if (drawerOpen.peek()) wish = null;
      schedule();
    },
    stop() {
      window.clearTimeout(timer);
      for (const name of names) window.removeEventListener(name, onPointer, true);
    },
  };
}
