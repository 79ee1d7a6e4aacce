/**
 * Draws the time axis, and under the lanes the grid, the trace's edges and what was lost.
 */

import { type Colours, font } from './colours';
import type { Scene } from './scene';
import { instantText, type Wall, wallText } from './ticks';

/** CSS px. */
export const AXIS = { oneLine: 24, twoLines: 38, text: 11, small: 10, baseline: 12, wallBaseline: 27, pad: 5 } as const;

/** Everything behind the lanes. */
export function paintGround(ctx: CanvasRenderingContext2D, scene: Scene, colours: Colours): void {
  const { scale, width, height, dpr } = scene;
  ctx.fillStyle = colours.bg;
  ctx.fillRect(0, 0, width, height);
  ctx.fillStyle = colours.header;
  for (const row of scene.rows) if (row.kind === 'section') ctx.fillRect(0, row.y, width, row.height);
  ctx.fillStyle = colours.lane;
  const x0 = Math.max(0, Math.round(scale.x(scene.trace.from)));
  const x1 = Math.min(width, Math.round(scale.x(scene.trace.to)));
  for (const row of scene.rows) for (const strip of row.strips) if ((strip.kind === 'main' || strip.kind === 'curve') && x1 > x0) ctx.fillRect(x0, strip.y, x1 - x0, strip.height);
  ctx.fillStyle = colours.grid;
  const line = Math.max(1, Math.floor(dpr));
  for (const { ts } of scene.axis.ticks) ctx.fillRect(Math.round(scale.x(ts)), scene.axisBottom, line, height);
}

/** Behind the pinned lanes: they stay while the rest scrolls under them. */
export function paintPinnedGround(ctx: CanvasRenderingContext2D, scene: Scene, colours: Colours): void {
  const { axisBottom, pinnedBottom, width, dpr } = scene;
  const line = Math.max(1, Math.floor(dpr));
  ctx.fillStyle = colours.header;
  ctx.fillRect(0, axisBottom, width, pinnedBottom - axisBottom);
  ctx.fillStyle = colours.border;
  ctx.fillRect(0, pinnedBottom - line, width, line);
}

/** The stretches before and after the trace, and where data was lost: over the lanes. */
export function paintEdges(ctx: CanvasRenderingContext2D, scene: Scene, colours: Colours, lost: readonly (readonly [number, number])[]): void {
  const { scale, width, height, axisBottom } = scene;
  ctx.fillStyle = colours.header;
  const begin = Math.round(scale.x(scene.trace.from));
  const end = Math.round(scale.x(scene.trace.to));
  if (begin > 0) ctx.fillRect(0, axisBottom, Math.min(begin, width), height);
  if (end < width) ctx.fillRect(Math.max(end, 0), axisBottom, width, height);
  ctx.fillStyle = colours.border;
  const line = Math.max(1, Math.floor(scene.dpr));
  if (begin > 0) ctx.fillRect(begin - line, axisBottom, line, height);
  if (end < width) ctx.fillRect(end, axisBottom, line, height);
  for (const [from, to] of lost) {
    const x0 = Math.max(Math.round(scale.x(from)), -1);
    const x1 = Math.min(Math.max(Math.round(scale.x(to)), x0 + 1), width + 1);
    if (x1 > 0 && x0 < width) hatch(ctx, scene, colours, x0, x1);
  }
}

/** Where data was lost: hatched, so that it cannot be taken for a state. */
function hatch(ctx: CanvasRenderingContext2D, { axisBottom, height, dpr }: Scene, colours: Colours, x0: number, x1: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x0, axisBottom, x1 - x0, height);
  ctx.clip();
  ctx.strokeStyle = colours.lost;
  ctx.lineWidth = 2 * dpr;
  ctx.beginPath();
  const tall = height - axisBottom;
  const step = 9 * dpr;
  for (let x = Math.floor((x0 - tall) / step) * step; x < x1; x += step) {
    ctx.moveTo(x, height);
    ctx.lineTo(x + tall, axisBottom);
  }
  ctx.stroke();
  ctx.fillStyle = colours.lost;
  const line = Math.max(1, Math.floor(dpr));
  ctx.fillRect(x0, axisBottom, line, height);
  ctx.fillRect(x1 - line, axisBottom, line, height);
  ctx.restore();
}

/** The axis itself, over everything that scrolls. */
export function paintAxis(ctx: CanvasRenderingContext2D, scene: Scene, colours: Colours, wall: Wall | null): void {
  const { scale, width, axisBottom, dpr, axis } = scene;
  const line = Math.max(1, Math.floor(dpr));
  ctx.fillStyle = colours.bg;
  ctx.fillRect(0, 0, width, axisBottom);
  ctx.fillStyle = colours.border;
  ctx.fillRect(0, axisBottom - line, width, line);
  paintMinor(ctx, scene, colours, line);
  ctx.textBaseline = 'alphabetic';
  ctx.textAlign = 'left';
  const face = font(AXIS.text, dpr);
  const small = font(AXIS.small, dpr);
  const pad = AXIS.pad * dpr;
  let free = 0;
  if (axis.anchor !== null) free = paintAnchor(ctx, scene, colours, face) + 2 * pad;
  for (const { ts, text } of axis.ticks) {
    const x = Math.round(scale.x(ts));
    ctx.fillStyle = colours.border;
    ctx.fillRect(x, 0, line, axisBottom - line);
    if (x + pad < free) continue;
    ctx.font = face;
    ctx.fillStyle = colours.dim;
    ctx.fillText(text, x + pad, AXIS.baseline * dpr + dpr);
    if (wall === null) continue;
    ctx.font = small;
    ctx.fillStyle = colours.faint;
    ctx.fillText(wallText(ts, axis.step, wall), x + pad, AXIS.wallBaseline * dpr);
  }
}

function paintMinor(ctx: CanvasRenderingContext2D, scene: Scene, colours: Colours, line: number): void {
  const { scale, axis, axisBottom, dpr } = scene;
  if (axis.parts < 2) return;
  const minor = axis.step / axis.parts;
  const tall = Math.round(4 * dpr);
  ctx.fillStyle = colours.border;
  const last = Math.floor(scale.to / minor);
  for (let i = Math.ceil(scale.from / minor); i <= last; i++)
    if (i % axis.parts !== 0) ctx.fillRect(Math.round(scale.x(i * minor)), axisBottom - line - tall, line, tall);
}

/** The instant that offsets count from, at the left; answers where it ends. */
function paintAnchor(ctx: CanvasRenderingContext2D, scene: Scene, colours: Colours, face: string): number {
  const { axis, dpr } = scene;
  if (axis.anchor === null) return 0;
  ctx.font = face;
  const pad = AXIS.pad * dpr;
  const width = ctx.measureText(axis.anchor.text).width + 2 * pad;
  const height = Math.round(17 * dpr);
  ctx.fillStyle = colours.lane;
  ctx.fillRect(0, Math.round(2 * dpr), width, height);
  ctx.fillStyle = colours.text;
  ctx.fillText(axis.anchor.text, pad, AXIS.baseline * dpr + dpr);
  return width;
}

/** The time under the cursor as text, one digit finer than a pixel. */
export function cursorText(scene: Scene, ts: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(scene.scale.perPx * scene.dpr)));
  return instantText(Math.round(ts / step) * step, step);
}
