/**
 * The time axis: where its ticks are and what they say, down to one nanosecond.
 *
 * Labels count from the start of the trace. When they would need more digits than a
 * person reads, the axis shows a fixed anchor at the left and offsets from it.
 */

import type { Interval } from './geometry';

/** One labelled tick. */
export interface Tick {
  readonly ts: number;
  readonly text: string;
}

/** What the axis draws. */
export interface Axis {
  readonly step: number;
  /** Unlabelled ticks between the labelled ones: this many parts per step. */
  readonly parts: number;
  readonly ticks: readonly Tick[];
  /** The instant that offsets count from, or null when labels are absolute. */
  readonly anchor: Tick | null;
}

const THIN = '\u2009';

/** The smallest of 1, 2, 5 × 10^k that is at least `least`, and at least 1 ns. */
export function niceStep(least: number): number {
  if (least <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(least) + 1e-12);
  for (const m of [1, 2, 5]) if (m * power >= least * (1 - 1e-12)) return m * power;
  return 10 * power;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
];

function unitFor(magnitude: number): readonly [string, number] {
  return UNITS.find(([, size]) => magnitude >= size) ?? ['ns', 1];
}

/** Decimals of `unit` needed to tell multiples of `step` apart. */
function decimalsFor(step: number, unit: number): number {
  return step >= unit ? 0 : Math.round(Math.log10(unit)) - Math.floor(Math.log10(step) + 1e-9);
}

/** An integer count of ns in a unit, digits grouped by three on both sides of the point. */
export function inUnit(ns: number, unit: number, decimals: number): string {
  const sign = ns < 0 ? '−' : '';
  const whole = Math.abs(Math.round(ns));
  const head = String(Math.floor(whole / unit)).replace(/\B(?=(\d{3})+$)/g, THIN);
  if (decimals === 0) return sign + head;
  const digits = Math.round(Math.log10(unit));
  const tail = String(whole % unit).padStart(digits, '0').slice(0, decimals);
  return `${sign}${head}.${tail.replace(/(\d{3})(?=\d)/g, `$1${THIN}`)}`;
}

/** An instant with the digits that `step` needs, "1.234 567 s". */
export function instantText(ts: number, step: number): string {
  const [name, size] = unitFor(Math.max(Math.abs(ts), step));
  return `${inUnit(ts, size, decimalsFor(step, size))}${THIN}${name}`;
}

/** A length in its natural unit with at most `digits` significant ones: "12.3 µs". */
export function lengthText(ns: number, digits = 4): string {
  const size = Math.abs(ns);
  if (size < 1) return `0${THIN}ns`;
  const [name, unit] = unitFor(size);
  const value = ns / unit;
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  const decimals = unit === 1 ? 0 : Math.max(0, digits - whole);
  return `${value.toFixed(decimals).replace('-', '−')}${THIN}${name}`;
}

/** More decimals than this and the axis switches to an anchor and offsets. */
const MOST_DECIMALS = 6;

/**
 * The ticks of a window.
 *
 * `spacing` is the least distance of two labels, in ns. Ticks are whole multiples of
 * the step (or of it from the anchor), so they stay where they are while panning.
 */
export function axis(view: Interval, spacing: number): Axis {
  const step = niceStep(spacing);
  const lead = Number(String(step)[0]);
  const parts = step <= 1 ? 1 : step < 10 ? step : lead === 2 ? 4 : 5;
  const first = Math.ceil(view.from / step);
  const last = Math.floor(view.to / step);
  const [, size] = unitFor(Math.max(Math.abs(view.from), Math.abs(view.to), step));
  const absolute = decimalsFor(step, size) <= MOST_DECIMALS;
  const ticks: Tick[] = [];
  if (absolute) {
    for (let i = first; i <= last; i++) {
      const ts = i * step;
      ticks.push({ ts, text: ts === 0 ? '0' : instantText(ts, step) });
    }
    return { step, parts, ticks, anchor: null };
  }
  // The anchor is the last "round" instant before the window: three digits coarser than a step.
  const round = 10 ** Math.ceil(Math.log10(step) - 1e-9) * 1000;
  const base = Math.floor(view.from / round) * round;
  for (let i = first; i <= last; i++) {
    const ts = i * step;
    ticks.push({ ts, text: offsetText(ts - base, step) });
  }
  return { step, parts, ticks, anchor: { ts: base, text: instantText(base, round) } };
}

function offsetText(offset: number, step: number): string {
  if (offset === 0) return '+0';
  const [name, size] = unitFor(Math.max(Math.abs(offset), step));
  const sign = offset < 0 ? '' : '+';
  return `${sign}${inUnit(offset, size, decimalsFor(step, size))}${THIN}${name}`;
}

/** A wall clock reading: at trace time `ts` it was `sec` + `nsec` since the epoch. */
export interface Wall {
  readonly ts: number;
  readonly sec: number;
  readonly nsec: number;
}

/**
 * The wall clock at a trace time, local zone.
 *
 * It has a digit more than `step` needs, in threes: a round time since the start is no round
 * time of the day, and ticks a fifth of a second apart would read as if they were.
 */
export function wallText(ts: number, step: number, wall: Wall): string {
  const ns = Math.round(ts - wall.ts) + wall.nsec;
  const carry = Math.floor(ns / 1e9);
  const rest = ns - carry * 1e9;
  const date = new Date((wall.sec + carry) * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const needed = decimalsFor(step, 1e9);
  const decimals = step >= 60e9 ? 0 : Math.min(9, 3 * Math.ceil((needed + 1) / 3));
  if (decimals === 0) return clock;
  const tail = String(rest).padStart(9, '0').slice(0, decimals);
  return `${clock}.${tail.replace(/(\d{3})(?=\d)/g, `$1${THIN}`)}`;
}
