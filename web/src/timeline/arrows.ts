/**
 * Draws flows: an arrow from a cause to its effect. Ends that are scrolled away or hidden in a
 * group lead to the edge of the view, or to the group's strip.
 */

import type { Flow } from '../state/view';
import type { Colours } from './colours';
import { type Scene, stripOf } from './scene';

/** One end in device px; `hidden`: the lane itself is not on screen. */
interface End {
  readonly x: number;
  readonly y: number;
  readonly hidden: boolean;
}

/** Where a lane would be on the canvas (CSS px from its top), when it is not on screen. */
export type LaneTop = (lane: string) => { readonly top: number; readonly height: number } | null;

const HEAD = 7;

export function paintArrows(ctx: CanvasRenderingContext2D, scene: Scene, colours: Colours, flows: readonly Flow[], laneTop: LaneTop): void {
  const edge = 10 * scene.dpr;
  const end = ({ lane, ts }: Flow['from']): End | null => {
    const x = Math.min(Math.max(scene.scale.x(ts), -2 * scene.width), 3 * scene.width);
    const found = stripOf(scene, lane);
    if (found !== null) {
      const y = found.strip.y + found.strip.height / 2;
      if (found.row.pinned || y >= scene.pinnedBottom) return { x, y: Math.min(y, scene.height), hidden: false };
    }
    const place = laneTop(lane);
    if (place === null) return null;
    const y = (place.top + place.height / 2) * scene.dpr;
    return { x, y: Math.min(Math.max(y, scene.pinnedBottom + edge / 4), scene.height - edge / 4), hidden: true };
  };
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, scene.axisBottom, scene.width, scene.height);
  ctx.clip();
  for (const flow of flows) {
    const from = end(flow.from);
    const to = end(flow.to);
    // An arrow within its own head would only hide the span.
    if (from !== null && to !== null && Math.hypot(to.x - from.x, to.y - from.y) > HEAD * scene.dpr) paintArrow(ctx, scene.dpr, from, to, flow.chosen === true ? 1.8 : 1, colours[flow.kind], colours.bg);
  }
  ctx.restore();
}

function paintArrow(ctx: CanvasRenderingContext2D, dpr: number, from: End, to: End, weight: number, colour: string, halo: string): void {
  const dx = to.x - from.x;
  const bend = Math.min(Math.max(Math.abs(dx) * 0.45, 24 * dpr), 140 * dpr);
  // Leaves to the right and arrives from the left, whatever lies between.
  const c1 = { x: from.x + bend, y: from.y };
  const c2 = { x: to.x - bend, y: to.y };
  const head = HEAD * dpr * Math.sqrt(weight);
  const curve = (): void => {
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.bezierCurveTo(c1.x, c1.y, c2.x, c2.y, to.x - head * 0.8, to.y);
  };
  ctx.lineCap = 'round';
  ctx.setLineDash(from.hidden || to.hidden ? [5 * dpr, 4 * dpr] : []);
  ctx.globalAlpha = 0.8;
  ctx.strokeStyle = halo;
  ctx.lineWidth = (3 + 2 * weight) * dpr;
  curve();
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * weight * dpr;
  curve();
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fillStyle = colour;
  ctx.strokeStyle = halo;
  ctx.lineWidth = dpr;
  ctx.beginPath();
  ctx.moveTo(to.x, to.y);
  ctx.lineTo(to.x - head, to.y - head * 0.6);
  ctx.lineTo(to.x - head, to.y + head * 0.6);
  ctx.closePath();
  ctx.fill();
  ctx.stroke();
  ctx.beginPath();
  ctx.arc(from.x, from.y, 3 * dpr * Math.sqrt(weight), 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
}
