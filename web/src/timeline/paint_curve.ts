/** Draws a value over time: a filled area from zero, the line above it, and what the top of the row stands for. */

import type { CurveScale } from '../api/types';
import { amount } from '../base/format';
import { type Colours, font } from './colours';
import { type CurvePixels, extentOf } from './curve';
import type { Scene, SceneStrip } from './scene';

const COUNTER = 25;
/** CSS px. */
const TEXT = 10;
const PAD = 4;

export function paintCurve(ctx: CanvasRenderingContext2D, scene: Scene, strip: SceneStrip, colours: Colours, pixels: CurvePixels, scale: CurveScale): void {
  const line = Math.max(1, Math.round(1.25 * scene.dpr));
  const { low, high } = extentOf(scale);
  const tall = strip.height - line;
  const y = (value: number): number => Math.round(strip.y + tall * (1 - (value - low) / (high - low)));
  const zero = y(0) + line;
  const colour = colours.classes[COUNTER]!;
  const runs = runsOf(pixels);
  ctx.fillStyle = colour;
  ctx.globalAlpha = 0.22;
  for (const { from, to, least, most } of runs) {
    const top = Math.min(y(most), zero);
    const bottom = Math.max(y(least) + line, zero);
    ctx.fillRect(from, top, to - from, bottom - top);
  }
  ctx.globalAlpha = 1;
  for (const { from, to, least, most } of runs) ctx.fillRect(from, y(most), to - from, y(least) + line - y(most));
  paintScale(ctx, scene, strip, colours, scale);
}

interface Run {
  readonly from: number;
  readonly to: number;
  readonly least: number;
  readonly most: number;
}

/** Neighbouring pixels with the same values as one. */
function runsOf({ least, most }: CurvePixels): Run[] {
  const runs: Run[] = [];
  for (let x = 0; x < least.length; ) {
    const from = x;
    const [low, high] = [least[x]!, most[x]!];
    do x++;
    while (x < least.length && least[x] === low && most[x] === high);
    if (!Number.isNaN(low)) runs.push({ from, to: x, least: low, most: high });
  }
  return runs;
}

/** The value of the row's top, at its left. */
function paintScale(ctx: CanvasRenderingContext2D, scene: Scene, strip: SceneStrip, colours: Colours, { most, least, unit }: CurveScale): void {
  const { dpr } = scene;
  const text = least < 0 ? `${amount(least, unit)} to ${amount(Math.max(most, 0), unit)}` : amount(most, unit);
  ctx.font = font(TEXT, dpr);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  const left = Math.max(0, Math.round(scene.scale.x(scene.trace.from))) + 2 * dpr;
  const width = ctx.measureText(text).width + 2 * PAD * dpr;
  const height = Math.round(14 * dpr);
  ctx.fillStyle = colours.bg;
  ctx.globalAlpha = 0.78;
  ctx.fillRect(left, strip.y + dpr, width, height);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colours.dim;
  ctx.fillText(text, left + PAD * dpr, strip.y + dpr + height / 2 + 0.5 * dpr);
}
