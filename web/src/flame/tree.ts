/**
 * A flame graph as a tree with places: pure, so that it can be tested.
 *
 * The server's boxes come with parents before children. Their order from left to right is the
 * reader's choice: by name, so that two pictures can be compared, or the heaviest first.
 */

import type { Box } from '../api/profiles';

export type FlameOrder = 'name' | 'heavy';

export interface FlameTree {
  readonly boxes: readonly Box[];
  readonly children: readonly (readonly number[])[];
  /** Left edge of each box, as a share of the root. */
  readonly left: Float64Array;
  /** Width of each box, as a share of the root. */
  readonly width: Float64Array;
  /** Rows, the root's included. */
  readonly rows: number;
}

/** Places the boxes. */
export function plant(boxes: readonly Box[], order: FlameOrder): FlameTree {
  const children: number[][] = boxes.map(() => []);
  boxes.forEach((box, i) => {
    if (box.parent !== null) children[box.parent]?.push(i);
  });
  const left = new Float64Array(boxes.length);
  const width = new Float64Array(boxes.length);
  const whole = Math.max(boxes[0]?.value ?? 0, 1);
  let rows = 0;
  boxes.forEach((box, i) => {
    rows = Math.max(rows, box.depth + 1);
    width[i] = box.value / whole;
    const mine = children[i] ?? [];
    mine.sort((a, b) => before(boxes[a], boxes[b], order));
    let at = left[i] ?? 0;
    for (const child of mine) {
      left[child] = at;
      at += (boxes[child]?.value ?? 0) / whole;
    }
  });
  return { boxes, children, left, width, rows };
}

/** What is summed up stands last. */
function before(a: Box | undefined, b: Box | undefined, order: FlameOrder): number {
  if (a === undefined || b === undefined) return 0;
  if (a.rest !== b.rest) return Number(a.rest) - Number(b.rest);
  if (order === 'heavy' && a.value !== b.value) return b.value - a.value;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

/** The box at a place: `x` is a share of the root. */
export function boxAt(tree: FlameTree, x: number, depth: number): number | null {
  let at = 0;
  for (let d = 0; d < depth; d++) {
    const next = (tree.children[at] ?? []).find((child) => x >= (tree.left[child] ?? 0) && x < (tree.left[child] ?? 0) + (tree.width[child] ?? 0));
    if (next === undefined) return null;
    at = next;
  }
  return tree.boxes.length === 0 ? null : at;
}

export interface Matches {
  readonly boxes: ReadonlySet<number>;
  /** What they hold together; a match within a match counts once. */
  readonly value: number;
}

/** The boxes whose name has the text; capitals matter only if there are any. */
export function matchesOf({ boxes }: FlameTree, text: string): Matches {
  const found = new Set<number>();
  const within = new Uint8Array(boxes.length);
  if (text === '') return { boxes: found, value: 0 };
  const exact = text !== text.toLowerCase();
  let value = 0;
  boxes.forEach((box, i) => {
    const inherited = box.parent === null ? 0 : (within[box.parent] ?? 0);
    const hit = i > 0 && !box.rest && (exact ? box.name : box.name.toLowerCase()).includes(text);
    if (hit) found.add(i);
    if (hit && inherited === 0) value += box.value;
    within[i] = hit || inherited === 1 ? 1 : 0;
  });
  return { boxes: found, value };
}

/** A box's ancestors, itself last. */
export function pathTo({ boxes }: FlameTree, box: number): number[] {
  const path: number[] = [];
  for (let at: number | null = box; at !== null; at = boxes[at]?.parent ?? null) path.unshift(at);
  return path;
}

export type Direction = 'parent' | 'child' | 'left' | 'right';

/** The box that an arrow key leads to: the widest child, or the neighbour in the row. */
export function step(tree: FlameTree, from: number, direction: Direction): number {
  const box = tree.boxes[from];
  if (box === undefined) return 0;
  if (direction === 'parent') return box.parent ?? from;
  if (direction === 'child') return (tree.children[from] ?? []).reduce((best, child) => (best === from || (tree.width[child] ?? 0) > (tree.width[best] ?? 0) ? child : best), from);
  const row = tree.boxes.map((_, i) => i).filter((i) => tree.boxes[i]?.depth === box.depth);
  row.sort((a, b) => (tree.left[a] ?? 0) - (tree.left[b] ?? 0));
  return row[row.indexOf(from) + (direction === 'right' ? 1 : -1)] ?? from;
}
