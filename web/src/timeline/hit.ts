/**
 * What is under a point: the lane, the span or cell, and a mark close by.
 */

import type { HoverInfo } from '../state/view';
import { curveAt } from './curve';
import type { ExactTile, StripTile } from './decode';
import { CELLS } from './geometry';
import { firstEndingAfter } from './raster';
import { type Scene, type SceneRow, type SceneStrip, stripAt } from './scene';
import type { Tiles } from './tiles';

/** CSS px within which a mark is meant rather than the span under it. */
const MARK_REACH = 5;
const MARK_KINDS = ['', 'log', 'CPU sample'];

/** A span of an exact tile. */
export interface FoundSpan {
  readonly class: number;
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly row: number;
}

/** The span at a time in an exact tile, or null in a gap. `slack`: a span this close (ns) counts. */
export function spanIn(tile: ExactTile, ts: number, slack: number): FoundSpan | null {
  let i = firstEndingAfter(tile.end, ts);
  if (i >= tile.start.length || tile.start[i]! > ts) {
    const before = i - 1;
    const missAfter = i < tile.start.length ? tile.start[i]! - ts : Infinity;
    const missBefore = before >= 0 ? ts - tile.end[before]! : Infinity;
    if (Math.min(missAfter, missBefore) >= slack) return null;
    if (missBefore < missAfter) i = before;
  }
  return spanOf(tile, i);
}

function spanOf(tile: ExactTile, i: number): FoundSpan {
  return { class: tile.cls[i]!, label: tile.texts.get(tile.label[i]!) ?? '', start: tile.start[i]!, end: tile.end[i]!, row: tile.row[i]! };
}

/** The span of a lane at a time, as far as tiles tell. */
export function spanAt(scene: Scene, tiles: Tiles, lane: number, ts: number): FoundSpan | null {
  const x = Math.floor(ts / (CELLS * 2 ** scene.level));
  const { tile } = tiles.find(tiles.lane(lane), scene.level, x);
  return tile?.form === 'exact' ? spanIn(tile, ts, scene.scale.perPx * 1.5) : null;
}

/** The shares of a strip's cell, most first. */
export function cellOf(tile: StripTile, cell: number): NonNullable<HoverInfo['cell']> {
  const shares: [number, number][] = [];
  tile.classes.forEach((cls, k) => {
    const share = tile.shares[k * CELLS + cell]!;
    if (share > 0) shares.push([cls, share / 255]);
  });
  shares.sort((a, b) => b[1] - a[1]);
  const log = tile.transitions[cell]!;
  return { shares, transitions: log === 0 ? 0 : 2 ** log - 1 };
}

/** What the pointer is over, in lanes. `x`, `y`: CSS px from the canvas; `left`, `top`: its place in the window. */
export function hoverAt(scene: Scene, tiles: Tiles, x: number, y: number, left: number, top: number): HoverInfo | null {
  const hit = stripAt(scene, y);
  if (hit === null || hit.strip === null || x < 0) return null;
  const ts = scene.scale.ts(x * scene.dpr);
  const base = { lane: hit.strip.key, laneLabel: labelOf(hit.row, hit.strip), ts, x: left + x, y: top + y };
  const { tile, level, x: place } = tiles.find(tiles.lane(hit.strip.lane), scene.level, Math.floor(ts / (CELLS * 2 ** scene.level)));
  if (tile === null || tile.form === 'empty') return base;
  if (tile.form === 'steps' || tile.form === 'band') {
    const curve = curveAt(tile, level, place, ts, scene.trace.to);
    return curve === null ? base : { ...base, curve };
  }
  if (tile.form === 'strip') {
    const cells = Math.floor(ts / 2 ** level);
    const cell = cellOf(tile, ((cells % CELLS) + CELLS) % CELLS);
    return cell.shares.length === 0 ? base : { ...base, cell };
  }
  const mark = markNear(tile, ts, MARK_REACH * scene.dpr * scene.scale.perPx);
  const span = spanIn(tile, ts, scene.scale.perPx * 1.5);
  return { ...base, ...(span === null ? {} : { span }), ...(mark === null ? {} : { mark }) };
}

function labelOf(row: SceneRow, strip: SceneStrip): string {
  if (strip.kind === 'region') return `${row.label} · regions`;
  if (strip.kind === 'off') return `${row.label} · off the processor`;
  return strip.kind === 'ranges' ? `${row.label} · ranges` : row.label;
}

function markNear(tile: ExactTile, ts: number, reach: number): NonNullable<HoverInfo['mark']> | null {
  let best = -1;
  let distance = reach;
  for (let i = firstEndingAfter(tile.markTs, ts - reach); i < tile.markTs.length; i++) {
    const d = Math.abs(tile.markTs[i]! - ts);
    if (tile.markTs[i]! > ts + reach) break;
    // Logs win over samples: there are fewer of them.
    if (d < distance || (d <= reach && tile.markKind[i] === 1 && tile.markKind[best] === 2)) {
      best = i;
      distance = d;
    }
  }
  if (best < 0) return null;
  return { kind: MARK_KINDS[tile.markKind[best]!] ?? '', label: tile.texts.get(tile.markLabel[best]!) ?? '', ts: tile.markTs[best]! };
}

/** Starts and ends of spans near a time on the lane at `y`, to snap to. */
export function edgesNear(scene: Scene, tiles: Tiles, y: number, ts: number, reach: number): number[] {
  const strip = stripAt(scene, y)?.strip;
  if (strip === undefined || strip === null) return [];
  const unit = CELLS * 2 ** scene.level;
  const edges: number[] = [];
  for (let x = Math.floor((ts - reach) / unit); x <= Math.floor((ts + reach) / unit); x++) {
    const { tile } = tiles.find(tiles.lane(strip.lane), scene.level, x);
    if (tile?.form === 'steps') edges.push(...tile.ts.filter((at) => Math.abs(at - ts) <= reach));
    if (tile?.form !== 'exact') continue;
    for (let i = firstEndingAfter(tile.end, ts - reach - 1); i < tile.start.length && tile.start[i]! <= ts + reach; i++)
      edges.push(tile.start[i]!, tile.end[i]!);
  }
  return edges;
}
