/** Draws a flame graph: a function of the tree, the part in sight, and the colours. */

import { shortFunction } from '../base/format';
import { type Surface, type Theme, textOn } from '../base/palette';
import { packageColor, stateColor } from './packages';
import { type FlameTree, type Matches } from './tree';

export const ROW = 19;

export interface FlameSight {
  /** CSS px. */
  readonly width: number;
  readonly height: number;
  readonly dpr: number;
  /** Left edge and width of what is zoomed to, as shares of the root. */
  readonly from: number;
  readonly share: number;
  /** Depth of what is zoomed to: what is above it stands across the whole width, faint. */
  readonly depth: number;
  /** The root is at the foot. */
  readonly upright: boolean;
  readonly hovered: number | null;
  readonly chosen: number | null;
  readonly matches: Matches | null;
}

/** What the server calls the box of all; a sandwich has its function there. */
const ROOT = 'root';
const FONT = '11.5px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const LEAST_TEXT = 24;

export const yOf = (depth: number, rows: number, upright: boolean): number => (upright ? rows - 1 - depth : depth) * ROW;

export function paintFlame(context: CanvasRenderingContext2D, tree: FlameTree, sight: FlameSight, theme: Theme, surface: Surface): void {
  const { width, height, dpr } = sight;
  context.setTransform(dpr, 0, 0, dpr, 0, 0);
  context.fillStyle = surface.bg;
  context.fillRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = 'middle';
  const scale = width / sight.share;
  tree.boxes.forEach((box, i) => {
    const x = ((tree.left[i] ?? 0) - sight.from) * scale;
    const w = (tree.width[i] ?? 0) * scale;
    if (x >= width || x + w <= 0 || w < 0.3) return;
    const left = Math.max(0, x);
    const shown = Math.min(width, x + w) - left;
    const y = yOf(box.depth, tree.rows, sight.upright);
    const above = box.depth < sight.depth;
    const hit = sight.matches === null || sight.matches.boxes.has(i);
    context.globalAlpha = above ? 0.45 : hit ? 1 : 0.25;
    const state = stateColor(box.name, theme);
    context.fillStyle = box.name === ROOT && i === 0 ? surface.grid : box.rest ? surface.lane : sight.matches !== null && hit ? surface.accent : (state ?? packageColor(box.name, theme));
    // A hair between neighbours, unless there is no room for one.
    const gap = shown > 3 ? 1 : 0;
    context.fillRect(left, y, shown - gap, ROW - 1);
    context.globalAlpha = above ? 0.7 : hit ? 1 : 0.5;
    if (shown > LEAST_TEXT && !box.rest) {
      context.fillStyle = sight.matches !== null && hit && i > 0 ? surface.bg : state !== null && hit && !above ? textOn(state) : surface.text;
      write(context, box.name === ROOT && i === 0 ? 'all' : box.name, left + 5, y + ROW / 2, shown - 9);
    }
    context.globalAlpha = 1;
    if (i === sight.chosen || i === sight.hovered) {
      context.strokeStyle = i === sight.chosen ? surface.selection : surface.hover;
      context.lineWidth = i === sight.chosen ? 2 : 1;
      context.strokeRect(left + 1, y + 1, Math.max(1, shown - gap - 2), ROW - 3);
    }
  });
}

/** The name, shorter where there is no room: without folders, then cut. */
function write(context: CanvasRenderingContext2D, name: string, x: number, y: number, room: number): void {
  for (const text of [name, shortFunction(name)]) {
    if (context.measureText(text).width <= room) {
      context.fillText(text, x, y);
      return;
    }
  }
  const text = shortFunction(name);
  let letters = Math.floor((room / Math.max(1, context.measureText(text).width)) * text.length);
  // Letters differ in width: the first guess may be too long.
  while (letters >= 2 && context.measureText(`${text.slice(0, letters)}…`).width > room) letters--;
  if (letters >= 2) context.fillText(`${text.slice(0, letters)}…`, x, y);
}
