/**
 * Colours of states and of the page, light and dark.
 *
 * The eleven states that a person must tell apart at a glance differ in hue and in lightness, so
 * that they differ for a colour-blind person too; `palette.test.ts` simulates the three kinds of
 * colour blindness and measures.
 */

export type Theme = 'light' | 'dark';

/** Everything on the canvas that is not a state. */
export interface Surface {
  readonly bg: string;
  readonly lane: string;
  readonly header: string;
  readonly grid: string;
  readonly border: string;
  readonly text: string;
  readonly dim: string;
  readonly faint: string;
  readonly accent: string;
  readonly selection: string;
  readonly hover: string;
  readonly range: string;
  readonly rangeEdge: string;
  readonly mark: string;
  readonly cause: string;
  readonly effect: string;
  readonly lost: string;
  readonly log: string;
  readonly sample: string;
}

const CLASSES: readonly (readonly [key: string, light: string, dark: string])[] = [
  ['unknown', '#b9bec6', '#5b626d'],
  ['running', '#3eb07b', '#4cc48c'],
  ['runnable', '#ffc015', '#ffe648'],
  ['network', '#3e57a6', '#4d6ab3'],
  ['channel', '#93b7cd', '#9fd3f2'],
  ['sync', '#c35239', '#ca5940'],
  ['select', '#a683da', '#b37fd2'],
  ['sleep', '#d3d5d8', '#35383e'],
  ['gc_wait', '#6a3a1d', '#6c4c19'],
  ['other_wait', '#737b86', '#7d8289'],
  ['syscall', '#ec7e03', '#f59100'],
  ['syscall_blocked', '#4b0041', '#993572'],
  ['running_gc', '#8f9d3a', '#a9b84f'],
  ['running_runtime', '#2f7d63', '#3a9c7c'],
  ['scheduler', '#5b6472', '#8f99a8'],
  ['idle', '#e9ecf1', '#222832'],
  ['gc_mark', '#b5793a', '#c98d4f'],
  ['stw', '#c2255c', '#ff5c93'],
  ['sweep', '#c9a27a', '#a98560'],
  ['assist', '#a0522d', '#d2794f'],
  ['other_range', '#8d99ae', '#7c889d'],
  ['region', '#5c6bc0', '#7f8fe0'],
  ['task', '#00897b', '#35b3a4'],
  ['preempted', '#d6336c', '#ff6b9d'],
  ['slept', '#7048a8', '#b197fc'],
  ['counter', '#1f7a9c', '#58b7da'],
];

/** Colours by class id. */
export function classColors(theme: Theme): string[] {
  return CLASSES.map(([, light, dark]) => (theme === 'light' ? light : dark));
}

/** Key of a class, as the server spells it. */
export const classKeys: readonly string[] = CLASSES.map(([key]) => key);

const LIGHT: Surface = {
  bg: '#ffffff',
  lane: '#f4f6f9',
  header: '#f7f8fa',
  grid: '#e3e7ed',
  border: '#d9dee6',
  text: '#1b222c',
  dim: '#5a6575',
  faint: '#697383',
  accent: '#1f6feb',
  selection: '#0b1730',
  hover: '#0b173066',
  range: '#1f6feb1f',
  rangeEdge: '#1f6feb',
  mark: '#d9480f',
  cause: '#c2255c',
  effect: '#1864ab',
  lost: '#d6454133',
  log: '#1b222c',
  sample: '#26303c',
};

const DARK: Surface = {
  bg: '#10141a',
  lane: '#171c24',
  header: '#141920',
  grid: '#232a34',
  border: '#2b333f',
  text: '#e4e9f0',
  dim: '#9aa5b4',
  faint: '#8590a0',
  accent: '#5b9dff',
  selection: '#ffffff',
  hover: '#ffffff66',
  range: '#5b9dff2b',
  rangeEdge: '#5b9dff',
  mark: '#ff9f57',
  cause: '#ff7eb0',
  effect: '#7cc4ff',
  lost: '#f0625a3d',
  log: '#e4e9f0',
  sample: '#f4f6fa',
};

export function surface(theme: Theme): Surface {
  return theme === 'light' ? LIGHT : DARK;
}

/** Black or white, whichever is read better on `color` (`#rrggbb`). */
export function textOn(color: string): string {
  return luminance(color) > 0.19 ? '#14181f' : '#ffffff';
}

/** Relative luminance of `#rrggbb`, 0..1. */
export function luminance(color: string): number {
  const [r, g, b] = channels(color).map(toLinear) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** `#rrggbb` → three numbers 0..1. */
export function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1, 7), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export const toLinear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
