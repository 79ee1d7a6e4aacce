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

const LIMIT_BYTES = 96 * 2 ** 20;
const BUDGET_MS = 5;
const MOST_SPARE = 64;

export type Bitmap = HTMLCanvasElement;

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

  lane(lane: number): LaneSlots<Bitmap> {
    return this.cache.lane(lane);
  }

  get(slots: LaneSlots<Bitmap>, level: number, x: number): Bitmap | undefined {
    return this.cache.get(slots, level, x);
  }

  /** Rasterises a strip; `height` and `least` in device px. */
  make(lane: number, level: number, x: number, height: number, strip: StripTile, least: number): Bitmap {
    const began = performance.now();
    if (this.palette === null) throw new Error('bitmaps have no palette yet');
    if (this.image?.height !== height) this.image = new ImageData(CELLS, height);
    rasterStrip(this.image.data, height, strip, this.palette, least);
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
    const bitmap = document.createElement('canvas');
    bitmap.width = CELLS;
    bitmap.height = height;
    return bitmap;
  }
}
