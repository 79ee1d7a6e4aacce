/**
 * Draws what lies over the lanes: hover, selection, the chosen range, marks, the cursor's
 * time. It has a canvas of its own, so that a moving pointer does not repaint lanes.
 */

import type { HoverInfo, Mark, Selection } from '../state/view';
import { type Colours, font } from './colours';
import { AXIS, cursorText } from './paint_axis';
import type { Drawn } from './paint_lanes';
import type { Interval } from './geometry';
import { type Scene, stripOf } from './scene';
import { lengthText } from './ticks';

/** What the overlay shows besides the scene. */
export interface OverlayState {
  readonly hover: HoverInfo | null;
  /** A lane pointed out as a whole. */
  readonly spotlight: string | null;
  /** CSS px of the pointer over the canvas, or null when it is elsewhere. */
  readonly pointer: { readonly x: number; readonly y: number } | null;
  readonly selection: Selection | null;
  /** Extent of the selected span, once known. */
  readonly selected: Interval | null;
  readonly range: Interval | null;
  readonly rangeLanes: readonly string[] | null;
  /** The interval of a Ctrl+drag. */
  readonly zoomRange: Interval | null;
  readonly marks: readonly Mark[];
  readonly drawn: readonly Drawn[];
}

type Ctx = CanvasRenderingContext2D;

export function paintOverlay(ctx: Ctx, scene: Scene, colours: Colours, state: OverlayState): void {
  paintMarks(ctx, scene, colours, state.marks);
  if (state.range !== null) paintRange(ctx, scene, colours, state.range, state.rangeLanes);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, scene.axisBottom, scene.width, scene.height - scene.axisBottom);
  ctx.clip();
  if (state.hover !== null) paintHover(ctx, scene, colours, state.hover, state.drawn);
  if (state.spotlight !== null) paintSpotlight(ctx, scene, colours, state.spotlight);
  paintSelection(ctx, scene, colours, state);
  ctx.restore();
  if (state.zoomRange !== null) paintZoomRange(ctx, scene, colours, state.zoomRange);
  if (state.pointer !== null && state.zoomRange === null) paintCursor(ctx, scene, colours, state.pointer.x);
}

function line(scene: Scene): number {
  return Math.max(1, Math.floor(scene.dpr));
}

/** The hovered span, and all on screen with the same label. */
function paintHover(ctx: Ctx, scene: Scene, colours: Colours, hover: HoverInfo, drawn: readonly Drawn[]): void {
  const { span } = hover;
  if (span === undefined) return;
  const found = stripOf(scene, hover.lane);
  if (span.label !== '') {
    ctx.fillStyle = colours.hover;
    ctx.globalAlpha = 0.45;
    for (const { strip, tile, index, x0, x1 } of drawn) {
      if (tile.texts.get(tile.label[index]!) !== span.label || tile.cls[index] !== span.class) continue;
      ctx.fillRect(x0, strip.y, x1 - x0, Math.max(2, Math.round(2 * scene.dpr)));
    }
    ctx.globalAlpha = 1;
  }
  if (found === null) return;
  ctx.strokeStyle = colours.hover;
  outline(ctx, scene, span, found.strip.y, found.strip.height, line(scene));
}

function outline(ctx: Ctx, scene: Scene, part: { start: number; end: number }, y: number, height: number, width: number): void {
  const x0 = Math.max(Math.round(scene.scale.x(part.start)), -8);
  const x1 = Math.min(Math.max(Math.round(scene.scale.x(part.end)), x0 + 2), scene.width + 8);
  ctx.lineWidth = width;
  ctx.strokeRect(x0 - width / 2, y - width / 2, x1 - x0 + width, height + width);
}

function paintSelection(ctx: Ctx, scene: Scene, colours: Colours, { selection, selected }: OverlayState): void {
  if (selection === null) return;
  const found = stripOf(scene, selection.lane);
  if (found === null) return;
  const { y, height } = found.strip;
  const part = selected === null ? { start: selection.ts, end: selection.ts } : { start: selected.from, end: selected.to };
  // A halo in the page's colour keeps the outline readable on every state.
  const wide = Math.max(2, Math.round(2 * scene.dpr));
  ctx.strokeStyle = colours.bg;
  outline(ctx, scene, part, y, height, wide + 2 * line(scene));
  ctx.strokeStyle = colours.selection;
  outline(ctx, scene, part, y, height, wide);
}

/** A frame around a whole lane, open at the sides because it goes on there. */
function paintSpotlight(ctx: Ctx, scene: Scene, colours: Colours, lane: string): void {
  const found = stripOf(scene, lane);
  if (found === null || (!found.row.pinned && found.strip.y + found.strip.height < scene.pinnedBottom)) return;
  const wide = Math.max(2, Math.round(2 * scene.dpr));
  ctx.strokeStyle = colours.accent;
  ctx.lineWidth = wide;
  ctx.strokeRect(-wide, found.strip.y - wide / 2, scene.width + 2 * wide, found.strip.height + wide);
}

function paintRange(ctx: Ctx, scene: Scene, colours: Colours, range: Interval, lanes: readonly string[] | null): void {
  const x0 = Math.round(scene.scale.x(range.from));
  const x1 = Math.max(Math.round(scene.scale.x(range.to)), x0 + 1);
  const left = Math.max(x0, -2);
  const right = Math.min(x1, scene.width + 2);
  const { axisBottom, height } = scene;
  if (right > left) {
    ctx.fillStyle = colours.range;
    if (lanes === null) ctx.fillRect(left, axisBottom, right - left, height - axisBottom);
    else {
      const chosen = new Set(lanes);
      ctx.globalAlpha = 0.35;
      ctx.fillRect(left, axisBottom, right - left, height - axisBottom);
      ctx.globalAlpha = 1;
      for (const rows of [scene.pinned, scene.rows])
        for (const row of rows) {
          const top = Math.max(row.y, row.pinned ? axisBottom : scene.pinnedBottom);
          if (row.key !== null && chosen.has(row.key) && row.y + row.height > top) ctx.fillRect(left, top, right - left, row.y + row.height - top);
        }
    }
    ctx.fillRect(left, 0, right - left, axisBottom);
  }
  ctx.fillStyle = colours.rangeEdge;
  const w = line(scene);
  if (x0 >= 0 && x0 <= scene.width) ctx.fillRect(x0 - w, 0, w, height);
  if (x1 >= 0 && x1 <= scene.width) ctx.fillRect(x1, 0, w, height);
  pill(ctx, scene, `Δ ${lengthText(range.to - range.from)}`, (left + right) / 2, colours.rangeEdge, colours.bg, 0);
}

function paintZoomRange(ctx: Ctx, scene: Scene, colours: Colours, range: Interval): void {
  const x0 = Math.round(scene.scale.x(range.from));
  const x1 = Math.max(Math.round(scene.scale.x(range.to)), x0 + 1);
  ctx.fillStyle = colours.bg;
  ctx.globalAlpha = 0.6;
  ctx.fillRect(0, scene.axisBottom, x0, scene.height);
  ctx.fillRect(x1, scene.axisBottom, scene.width - x1, scene.height);
  ctx.globalAlpha = 1;
  pill(ctx, scene, lengthText(range.to - range.from), (x0 + x1) / 2, colours.text, colours.bg, 0);
}

function paintMarks(ctx: Ctx, scene: Scene, colours: Colours, marks: readonly Mark[]): void {
  const w = line(scene);
  for (const mark of marks) {
    const x0 = Math.round(scene.scale.x(mark.from));
    const x1 = Math.max(Math.round(scene.scale.x(mark.to)), x0 + w);
    if (x1 < 0 || x0 > scene.width) continue;
    ctx.fillStyle = colours.mark;
    ctx.globalAlpha = mark.temporary ? 0.55 : 0.9;
    const tall = Math.round(3 * scene.dpr);
    ctx.fillRect(Math.max(x0, 0), scene.axisBottom - tall, Math.min(x1, scene.width) - Math.max(x0, 0), tall);
    const dash = Math.round(4 * scene.dpr);
    ctx.globalAlpha = mark.temporary ? 0.35 : 0.7;
    for (const x of x1 - x0 > 2 * w ? [x0, x1 - w] : [x0])
      if (mark.temporary) for (let y = scene.axisBottom; y < scene.height; y += 2 * dash) ctx.fillRect(x, y, w, dash);
      else ctx.fillRect(x, scene.axisBottom, w, scene.height);
    ctx.globalAlpha = 1;
  }
}

function paintCursor(ctx: Ctx, scene: Scene, colours: Colours, cssX: number): void {
  const x = Math.round(cssX * scene.dpr);
  if (x < 0 || x > scene.width) return;
  ctx.fillStyle = colours.dim;
  ctx.globalAlpha = 0.55;
  ctx.fillRect(x, scene.axisBottom, line(scene), scene.height);
  ctx.globalAlpha = 1;
  pill(ctx, scene, cursorText(scene, scene.scale.ts(x)), x, colours.text, colours.bg, scene.axisBottom - Math.round(19 * scene.dpr));
}

/** A label on the axis, kept within the canvas. */
function pill(ctx: Ctx, scene: Scene, text: string, middle: number, back: string, ink: string, top: number): void {
  const { dpr } = scene;
  ctx.font = font(AXIS.text, dpr, 500);
  const width = Math.ceil(ctx.measureText(text).width + 12 * dpr);
  const x = Math.round(Math.min(Math.max(middle - width / 2, 2 * dpr), scene.width - width - 2 * dpr));
  const height = Math.round(17 * dpr);
  ctx.fillStyle = back;
  ctx.beginPath();
  ctx.roundRect(x, top + dpr, width, height, 4 * dpr);
  ctx.fill();
  ctx.fillStyle = ink;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(text, x + 6 * dpr, top + dpr + height / 2 + dpr / 2);
}
