/** Colours of functions, by their package: the same package has the same colour in every picture. */

import { type Theme, classColors, classKeys } from '../base/palette';

/** The package of a function: "a.com/b/c.(*T).Run" → "a.com/b/c". */
export function packageOf(name: string): string {
  const bracket = name.search(/[([]/);
  const head = bracket < 0 ? name : name.slice(0, bracket);
  const dot = head.indexOf('.', head.lastIndexOf('/') + 1);
  return dot < 0 ? head : head.slice(0, dot);
}

/** Hues that a colour-blind eye keeps apart best, each in two depths. */
const HUES = [28, 205, 48, 265, 172, 340, 95, 228] as const;

function hash(text: string): number {
  let value = 2166136261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619) >>> 0;
  return value;
}

/** The colour of a state, for frames that are one: "[running]", as the outermost of all time. */
export function stateColor(name: string, theme: Theme): string | null {
  if (!name.startsWith('[') || !name.endsWith(']')) return null;
  return classColors(theme)[classKeys.indexOf(name.slice(1, -1).replaceAll(' ', '_'))] ?? null;
}

const cache = new Map<string, string>();

/** Go's own runtime is grey: it is ground, not figure. */
export function packageColor(name: string, theme: Theme): string {
  const pkg = packageOf(name);
  const key = `${theme} ${pkg}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const value = hash(pkg);
  const hue = HUES[value % HUES.length] ?? 0;
  const deep = (value >>> 8) % 2 === 1;
  const dark = theme === 'dark';
  let color = dark ? `hsl(${hue} ${deep ? 34 : 40}% ${deep ? 27 : 36}%)` : `hsl(${hue} ${deep ? 62 : 68}% ${deep ? 72 : 82}%)`;
  if (/^(runtime|internal)(\/|$)/.test(pkg)) color = dark ? 'hsl(215 10% 29%)' : 'hsl(215 18% 84%)';
  cache.set(key, color);
  return color;
}
