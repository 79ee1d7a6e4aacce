/** The page's own furniture: what is open, which theme, how wide. Remembered in this browser. */

import { effect, signal } from '@preact/signals';
import type { Theme } from '../base/palette';
import { page, range, selection, theme } from './view';

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

export function say(text: string): void {
  toast.value = text;
  window.clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => {
    toast.value = null;
  }, 1600);
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
  const open = (tab: DrawerTab): void => {
    drawerTab.value = tab;
    drawerOpen.value = true;
  };
  const fallback = (): void => {
    if (page.peek().kind !== 'timeline') drawerTab.value = 'page';
    else if (selection.peek() !== null) drawerTab.value = 'span';
    else if (range.peek() !== null) drawerTab.value = 'range';
  };
  const stops = [
    effect(() => (range.value === null ? fallback() : open('range'))),
    effect(() => (selection.value === null ? fallback() : open('span'))),
    effect(() => (page.value.kind === 'timeline' ? fallback() : open('page'))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
