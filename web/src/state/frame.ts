/** Where to look: pure arithmetic from a viewport and a target to the next viewport. */

import type { Interval } from './view';

/** The least width of a viewport, ns. */
const LEAST = 16;

/** Keeps an interval inside `whole` by moving it, or by cutting it when it is larger. */
export function within(interval: Interval, whole: Interval): Interval {
  const width = interval.to - interval.from;
  const room = whole.to - whole.from;
  if (width >= room) return whole;
  const from = Math.min(Math.max(interval.from, whole.from), whole.to - width);
  return { from, to: from + width };
}

/** `target` with a margin at both sides: what "zoom to it" means. */
export function fitted(target: Interval, whole: Interval): Interval {
  const width = Math.max(target.to - target.from, LEAST * 0.8);
  const middle = (target.from + target.to) / 2;
  return within({ from: middle - width * 0.6, to: middle + width * 0.6 }, whole);
}

/** The same zoom, moved only when the time is not comfortably in sight. */
export function panned(current: Interval, at: number, whole: Interval): Interval {
  const width = current.to - current.from;
  if (at >= current.from + width * 0.05 && at <= current.to - width * 0.05) return current;
  return within({ from: at - width / 2, to: at + width / 2 }, whole);
}

/**
 * Brings a span in sight so that it can be seen: zooms in when it would be a speck (less than
 * 1/400 of the width), out when it would not fit, else only moves.
 */
export function framed(current: Interval, target: Interval, whole: Interval): Interval {
  const length = target.to - target.from;
  const width = current.to - current.from;
  if (length > width * 0.9) return fitted(target, whole);
  if (length < width / 400) {
    const near = Math.max(length * 12, LEAST);
    const middle = (target.from + target.to) / 2;
    return within({ from: middle - near / 2, to: middle + near / 2 }, whole);
  }
  if (target.from >= current.from && target.to <= current.to) return current;
  return panned({ from: -width, to: 0 }, (target.from + target.to) / 2, whole);
}
