/** Which tiles a person is likely to need next; fetched only while nothing else is asked for. */

import { tileRange } from './geometry';
import type { Scene, SceneRow } from './scene';
import type { Prefetch, Wanted } from './tiles';

/** In order of worth: a screen to both sides, one level out, the rows `beyond` the edge, one level in. */
export function prefetchPlan(scene: Scene, beyond: readonly SceneRow[]): Prefetch[] {
  const { from, to } = scene.scale;
  const shown = [...scene.pinned, ...scene.rows];
  const around = (level: number, screens: number, rows: readonly SceneRow[]): Prefetch => {
    const width = to - from;
    const part = { from: Math.max(from - screens * width, scene.trace.from), to: Math.min(to + screens * width, scene.trace.to) };
    const { first, last } = tileRange(level, part);
    const xs = part.from < part.to ? Array.from({ length: last - first + 1 }, (_, i) => first + i) : [];
    return { level, lanes: rows.flatMap((r) => r.strips.map(({ key, lane }): Wanted => ({ key, lane, xs }))) };
  };
  return [around(scene.level, 1, shown), around(scene.level + 1, 1, shown), around(scene.level, 0, beyond), around(Math.max(0, scene.level - 1), 0, shown)];
}
