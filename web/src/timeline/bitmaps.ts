/**
 * Rasterised strips, kept as small canvases: one `drawImage` per lane and tile.
 *
 * Rasterising has a budget per frame; over it, the painter draws what is there and asks
 * for another frame, so that a zoom never stalls.
 */

import type { StripTile } from './decode';
import { CELLS } from './geometry';
import { type LaneSlots, TileCache } from './lru';
import { type RasterPalette, rasterStrip } from './raster';

/** Enough for some screens of lanes; what leaves is used again, because new canvases are slow. */
const LIMIT_BYTES = 32 * 2 ** 20;
/** After this, tiles that have a stand-in wait for the next frame; after `MOST_MS`, all do. */
const BUDGET_MS = 2.5;
const MOST_MS = 5;
const MOST_SPARE = 400;

/** Off screen, because such a canvas is made in half the time. */
export type Bitmap = OffscreenCanvas;

export class Bitmaps {
  private readonly spare: Bitmap[] = [];
  private readonly cache = new TileCache<Bitmap>(LIMIT_BYTES, (bitmap) => {
    if (this.spare.length < MOST_SPARE) this.spare.push(bitmap);
  });
  private palette: RasterPalette | null = null;
  private image: ImageData | null = null;
  private spent = 0;

  /** A new palette (or pixel ratio): everything is rasterised anew. */
  reset(palette: RasterPalette): void {
    this.palette = palette;
    this.cache.clear();
  }

  begin(): void {
    this.spent = 0;
    this.cache.tick();
  }

  end(): void {
    this.cache.trim();
  }

  get overBudget(): boolean {
    return this.spent > BUDGET_MS;
  }

  get exhausted(): boolean {
    return this.spent > MOST_MS;
  }

  lane(lane: number): LaneSlots<Bitmap> {
    return this.cache.lane(lane);
  }

  get(slots: LaneSlots<Bitmap>, level: number, x: number): Bitmap | undefined {
    return this.cache.get(slots, level, x);
  }

  /** Rasterises a strip, which counts in the budget with the making of it; `height` and `least` in device px. */
  make(lane: number, level: number, x: number, height: number, of: () => StripTile, least: number): Bitmap {
    const began = performance.now();
    if (this.palette === null) throw new Error('bitmaps have no palette yet');
    if (this.image?.height !== height) this.image = new ImageData(CELLS, height);
    rasterStrip(this.image.data, height, of(), this.palette, least);
    const bitmap = this.blank(height);
    bitmap.getContext('2d')?.putImageData(this.image, 0, 0);
    this.cache.put(lane, level, x, bitmap, CELLS * height * 4);
    this.spent += performance.now() - began;
    return bitmap;
  }

  private blank(height: number): Bitmap {
    const at = this.spare.findIndex((b) => b.height === height);
    const spare = at < 0 ? undefined : this.spare.splice(at, 1)[0];
    if (spare !== undefined) return spare;
    return new OffscreenCanvas(CELLS, height);
  }
}
