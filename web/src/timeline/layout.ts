/**
 * Where lanes are, top to bottom, as arithmetic.
 *
 * The content is a list of blocks; a block holds one row, or the members of a group as
 * uniform rows, so a million goroutines cost one block. Heights are CSS pixels.
 */

import type { GroupInfo, LaneInfo, LaneTree } from '../api/types';

/** Heights in CSS px; a row's pitch is its bars and the gaps under them. */
export const METRICS = {
  section: 28,
  lane: 18,
  group: 24,
  region: 14,
  ranges: 5,
  off: 5,
  /** A value over time needs more height than a state. */
  curve: 36,
  gap: 3,
  /** Between a bar and a thin lane nested under it. */
  nested: 1,
} as const;

/** A strip within a row: a lane key, and its place from the row's top. */
export interface Strip {
  readonly key: string;
  readonly dy: number;
  readonly height: number;
  readonly kind: 'main' | 'curve' | 'region' | 'ranges' | 'off';
}

export type BlockKind = 'section' | 'lane' | 'group' | 'members';

/** A stretch of the content. */
export interface Block {
  readonly kind: BlockKind;
  /** Section id, lane key or group key; unique together with `kind`. */
  readonly key: string;
  readonly section: string;
  readonly label: string;
  readonly top: number;
  /** Height of one row, with its gap. */
  readonly pitch: number;
  readonly rows: number;
  readonly open: boolean;
  readonly count: number;
  readonly depth: number;
  readonly ranges: boolean;
  /** Whether a thin lane for time without a processor belongs under it. */
  readonly off: boolean;
}

export interface Layout {
  readonly blocks: readonly Block[];
  readonly height: number;
  /** Blocks by kind and key. */
  readonly index: ReadonlyMap<string, Block>;
}

const indexKey = (kind: BlockKind, key: string): string => `${kind} ${key}`;

/** Sections are open unless this key is in the `expanded` set; groups are open when theirs is. */
export const closedKey = (section: string): string => `-${section}`;

/** Builds the layout. `totals`: rows of a group once its first page is known. */
export function layoutOf(tree: LaneTree, expanded: ReadonlySet<string>, totals: (group: string) => number | undefined): Layout {
  const blocks: Block[] = [];
  const index = new Map<string, Block>();
  let top = 0;
  const push = (part: Omit<Block, 'top'>): void => {
    const block = { ...part, top };
    blocks.push(block);
    index.set(indexKey(block.kind, block.key), block);
    top += block.pitch * block.rows;
  };
  for (const section of tree.sections) {
    const lanes = section.lanes ?? [];
    const groups = section.groups ?? [];
    if (lanes.length + groups.length === 0) continue;
    const open = !expanded.has(closedKey(section.id));
    const inside = { section: section.id, open: false, depth: 0, count: 0, off: false };
    push({
      ...inside,
      kind: 'section',
      key: section.id,
      label: section.title,
      pitch: METRICS.section,
      rows: 1,
      open,
      count: lanes.length + groups.reduce((n, g) => n + g.count, 0),
      ranges: false,
    });
    if (!open) continue;
    for (const lane of lanes) push({ ...inside, ...ofLane(lane) });
    for (const group of groups) {
      const unfolded = expanded.has(group.key);
      push({ ...inside, ...ofGroup(group, unfolded) });
      if (unfolded) push({ ...inside, ...ofMembers(group, totals(group.key) ?? group.count) });
    }
  }
  return { blocks, height: top, index };
}

type Part = Pick<Block, 'kind' | 'key' | 'label' | 'pitch' | 'rows' | 'open' | 'count' | 'depth' | 'ranges'> & Partial<Pick<Block, 'off'>>;

function ofLane(lane: LaneInfo): Part {
  const ranges = lane.ranges ?? false;
  const off = lane.off !== undefined;
  const pitch = rowHeight(mainHeight('lane', lane.key), 0, ranges) + (off ? METRICS.off + METRICS.nested : 0);
  return { kind: 'lane', key: lane.key, label: lane.label, pitch, rows: 1, open: false, count: 0, depth: 0, ranges, off };
}

function ofGroup(group: GroupInfo, open: boolean): Part {
  return { kind: 'group', key: group.key, label: group.label, pitch: METRICS.group + METRICS.gap, rows: 1, open, count: group.count, depth: 0, ranges: false };
}

function ofMembers(group: GroupInfo, rows: number): Part {
  const depth = group.depth ?? 0;
  const ranges = group.ranges ?? false;
  return { kind: 'members', key: group.key, label: group.label, pitch: rowHeight(METRICS.lane, depth, ranges), rows, open: true, count: rows, depth, ranges };
}

function rowHeight(main: number, depth: number, ranges: boolean): number {
  return main + depth * (METRICS.region + METRICS.nested) + (ranges ? METRICS.ranges + METRICS.nested : 0) + METRICS.gap;
}

/** The height of a row's own bar. */
export function mainHeight(kind: BlockKind | 'member', key: string): number {
  if (kind === 'group') return METRICS.group;
  return isCurve(key) ? METRICS.curve : METRICS.lane;
}

/** Whether a lane shows a value over time. */
export const isCurve = (key: string): boolean => key.startsWith('counter:');

/** The strips of a row: the lane, under it the time without a processor and the ranges, then its regions by depth. */
export function stripsOf(key: string, main: number, depth: number, ranges: boolean, off = false): Strip[] {
  const strips: Strip[] = [{ key, dy: 0, height: main, kind: isCurve(key) ? 'curve' : 'main' }];
  const [kind, row] = key.split(':');
  let dy = main + METRICS.nested;
  if (off && (kind === 'proc' || kind === 'thread')) {
    strips.push({ key: `${kind}off:${row}`, dy, height: METRICS.off, kind: 'off' });
    dy += METRICS.off + METRICS.nested;
  }
  if (ranges && (kind === 'go' || kind === 'proc')) {
    strips.push({ key: `${kind}ranges:${row}`, dy, height: METRICS.ranges, kind: 'ranges' });
    dy += METRICS.ranges + METRICS.nested;
  }
  if (kind === 'go')
    for (let d = 0; d < depth; d++) {
      strips.push({ key: `regions:${row}:${d}`, dy, height: METRICS.region, kind: 'region' });
      dy += METRICS.region + METRICS.nested;
    }
  return strips;
}

/** One row of a block, with its place in the content. */
export interface Placed {
  readonly block: Block;
  /** The row within its block. */
  readonly index: number;
  readonly top: number;
}

/** The rows that touch `[top, bottom)`. */
export function rowsWithin(layout: Layout, top: number, bottom: number): Placed[] {
  const rows: Placed[] = [];
  for (let b = blockAt(layout, top); b < layout.blocks.length; b++) {
    const block = layout.blocks[b]!;
    if (block.top >= bottom) break;
    const first = Math.max(0, Math.floor((top - block.top) / block.pitch));
    const last = Math.min(block.rows - 1, Math.ceil((bottom - block.top) / block.pitch) - 1);
    for (let index = first; index <= last; index++) rows.push({ block, index, top: block.top + index * block.pitch });
  }
  return rows;
}

/** The row at a height, or null past the end. */
export function rowAt(layout: Layout, y: number): Placed | null {
  const block = layout.blocks[blockAt(layout, y)];
  if (block === undefined || y < block.top) return null;
  const index = Math.floor((y - block.top) / block.pitch);
  return index < block.rows ? { block, index, top: block.top + index * block.pitch } : null;
}

function blockAt(layout: Layout, y: number): number {
  let low = 0;
  let high = layout.blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const block = layout.blocks[middle]!;
    if (block.top + block.pitch * block.rows > y) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The block of a kind with a key, if the layout has it. */
export function blockOf(layout: Layout, kind: BlockKind, key: string): Block | undefined {
  return layout.index.get(indexKey(kind, key));
}

/** Browsers cannot scroll elements taller than this; beyond it scrolling is scaled. */
export const TALLEST = 15_000_000;

/** Content px ↔ the scroll bar's px when the content is too tall for an element. */
export function scrollScale(content: number, visible: number): number {
  const most = Math.max(0, Math.min(content, TALLEST) - visible);
  return most === 0 ? 1 : Math.max(1, (content - visible) / most);
}
