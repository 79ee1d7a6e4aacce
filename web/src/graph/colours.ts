/** Colours of boxes and arrows: from grey to red, by weight, as in pprof's pictures; read well on both grounds. */

import { type Theme, channels } from '../base/palette';

export interface NodeColours {
  readonly fill: string;
  readonly stroke: string;
}

/** Ends of the scales: of almost nothing, and of all. */
const ENDS = {
  light: { fill: ['#f2f2ef', '#f7cfc4'], stroke: ['#8d8d86', '#b3200c'], text: '#1b222c' },
  dark: { fill: ['#22272f', '#5e2219'], stroke: ['#79818d', '#ff8a6f'], text: '#f0f3f7' },
} as const;

/** Little weights differ more than large ones: most of a profile is little. */
const SLOPE = 0.45;

const heat = (share: number): number => Math.min(1, Math.max(0, share)) ** SLOPE;

function between([from, to]: readonly [string, string], share: number): string {
  const [a, b] = [channels(from), channels(to)];
  const mixed = a.map((value, i) => Math.round((value + ((b[i] ?? 0) - value) * share) * 255));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** Of a box whose function and what it calls are worth that share of all. */
export const nodeColours = (share: number, theme: Theme): NodeColours => ({ fill: between(ENDS[theme].fill, heat(share)), stroke: between(ENDS[theme].stroke, heat(share)) });

/** Of an arrow. */
export const edgeColour = (share: number, theme: Theme): string => between(ENDS[theme].stroke, heat(share));

export const graphText = (theme: Theme): string => ENDS[theme].text;
