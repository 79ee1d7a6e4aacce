/**
 * The theme as the painters need it: class colours, the ink on each, bytes for strips.
 */

import { classColors, type Surface, surface, textOn, type Theme } from '../base/palette';
import { type RasterPalette, rasterPalette } from './raster';

/** Everything the canvases take from the theme. */
export interface Colours extends Surface {
  /** By class id. */
  readonly classes: readonly string[];
  /** Text colour on each class. */
  readonly inks: readonly string[];
  readonly raster: RasterPalette;
}

/** The page's fonts, in CSS px. */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

export function font(px: number, dpr: number, weight = 400): string {
  return `${weight} ${px * dpr}px ${FONT}`;
}

export function coloursOf(theme: Theme): Colours {
  const classes = classColors(theme);
  const colours = surface(theme);
  return { ...colours, classes, inks: classes.map(textOn), raster: rasterPalette(classes, colours.log, colours.sample) };
}
