/**
 * What one frame shows: the visible rows with their places in device pixels.
 *
 * Painting and hit testing read the same scene, so what is under the pointer is what
 * was drawn there.
 */

import type { MemberRow } from '../api/types';
import { laneOfKey } from './decode';
import type { Interval, TimeScale } from './geometry';
import { type BlockKind, type Layout, mainHeight, METRICS, type Placed, rowsWithin, type Strip, stripsOf } from './layout';
import type { Axis } from './ticks';

/** A strip of a row; `y` and `height` in device px of the canvas. */
export interface SceneStrip {
  readonly key: string;
  readonly lane: number;
  readonly kind: Strip['kind'];
  readonly y: number;
  readonly height: number;
}

export type RowKind = Exclude<BlockKind, 'members'> | 'member';

export interface SceneRow {
  readonly kind: RowKind;
  /** Lane key; for a section its id; null for a member that is still being fetched. */
  readonly key: string | null;
  readonly label: string;
  readonly count: number;
  readonly open: boolean;
  /** Nesting: 0 sections, 1 lanes and groups, 2 members, 3… a task's children. */
  readonly indent: number;
  readonly pinned: boolean;
  /** CSS px from the canvas's top. */
  readonly cssTop: number;
  readonly cssHeight: number;
  /** Device px. */
  readonly y: number;
  readonly height: number;
  readonly strips: readonly SceneStrip[];
  /** Where the row is in the content: its block's key and its number there. */
  readonly group: string;
  readonly index: number;
}

export interface Scene {
  readonly dpr: number;
  readonly scale: TimeScale;
  readonly level: number;
  readonly width: number;
  readonly height: number;
  /** Device px: below the axis, below the pinned lanes. */
  readonly axisBottom: number;
  readonly pinnedBottom: number;
  readonly rows: readonly SceneRow[];
  readonly pinned: readonly SceneRow[];
  readonly axis: Axis;
  readonly trace: Interval;
}

/** Where a pinned lane's strips and label come from. */
export interface PinnedLane {
  readonly key: string;
  readonly label: string;
  readonly depth: number;
  readonly ranges: boolean;
  readonly off: boolean;
}

/** The rows of the scrolled area: `scroll` and `from`…`to` in CSS px. */
export function scrolledRows(
  layout: Layout,
  scroll: number,
  from: number,
  to: number,
  dpr: number,
  member: (group: string, index: number) => MemberRow | undefined,
): SceneRow[] {
  return rowsWithin(layout, scroll, scroll + to - from).map((placed) => rowOf(placed, from + placed.top - scroll, dpr, member));
}

function rowOf({ block, index }: Placed, top: number, dpr: number, member: (group: string, index: number) => MemberRow | undefined): SceneRow {
  const base = { pinned: false, group: block.key, index, ...placeOf(top, block.pitch, dpr) };
  if (block.kind === 'members') {
    const row = member(block.key, index);
    const key = row?.key ?? null;
    const strips = row === undefined ? [] : stripsOf(row.key, METRICS.lane, row.depth ?? 0, row.ranges ?? false);
    return {
      ...base,
      kind: 'member',
      key,
      label: row?.label ?? '',
      count: 0,
      open: false,
      indent: 2 + (row?.indent ?? 0),
      strips: sceneStrips(strips, top, dpr),
    };
  }
  const strips = block.kind === 'section' ? [] : stripsOf(block.key, mainHeight(block.kind, block.key), block.depth, block.ranges, block.off);
  return {
    ...base,
    kind: block.kind,
    key: block.key,
    label: block.label,
    count: block.count,
    open: block.open,
    indent: block.kind === 'section' ? 0 : 1,
    strips: sceneStrips(strips, top, dpr),
  };
}

/** The pinned rows, stacked from `top` (CSS px) down. */
export function pinnedRows(lanes: readonly PinnedLane[], top: number, dpr: number): SceneRow[] {
  let y = top;
  return lanes.map((lane) => {
    const kind: RowKind = /^(group|tasktype):/.test(lane.key) ? 'group' : 'lane';
    const strips = stripsOf(lane.key, mainHeight(kind === 'group' ? 'group' : 'lane', lane.key), lane.depth, lane.ranges, lane.off);
    const last = strips[strips.length - 1];
    const height = (last === undefined ? METRICS.lane : last.dy + last.height) + METRICS.gap;
    const row: SceneRow = {
      kind,
      key: lane.key,
      label: lane.label,
      count: 0,
      open: false,
      indent: 1,
      pinned: true,
      group: '',
      index: 0,
      ...placeOf(y, height, dpr),
      strips: sceneStrips(strips, y, dpr),
    };
    y += height;
    return row;
  });
}

function placeOf(top: number, height: number, dpr: number): Pick<SceneRow, 'cssTop' | 'cssHeight' | 'y' | 'height'> {
  const y = Math.round(top * dpr);
  return { cssTop: top, cssHeight: height, y, height: Math.round((top + height) * dpr) - y };
}

function sceneStrips(strips: readonly Strip[], top: number, dpr: number): SceneStrip[] {
  const placed: SceneStrip[] = [];
  for (const { key, dy, height, kind } of strips) {
    const lane = laneOfKey(key);
    // The height does not depend on the row's place: bitmaps of a lane fit wherever it is.
    if (lane !== null) placed.push({ key, lane, kind, y: Math.round((top + dy) * dpr), height: Math.max(1, Math.round(height * dpr)) });
  }
  return placed;
}

/** The row and strip at a height (CSS px from the canvas's top). */
export function stripAt(scene: Scene, cssY: number): { row: SceneRow; strip: SceneStrip | null } | null {
  const area = cssY * scene.dpr < scene.pinnedBottom ? scene.pinned : scene.rows;
  const row = area.find((r) => cssY >= r.cssTop && cssY < r.cssTop + r.cssHeight);
  if (row === undefined) return null;
  const y = cssY * scene.dpr;
  // The gap under a strip belongs to it, so that the pointer never falls between lanes.
  let strip: SceneStrip | null = null;
  for (const s of row.strips) if (y >= s.y) strip = s;
  return { row, strip: strip ?? row.strips[0] ?? null };
}

/** The first place where a lane is on screen. */
export function stripOf(scene: Scene, key: string): { row: SceneRow; strip: SceneStrip } | null {
  for (const row of [...scene.pinned, ...scene.rows]) for (const strip of row.strips) if (strip.key === key) return { row, strip };
  return null;
}
