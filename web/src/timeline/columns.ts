/** The width of the column of names, which the lanes and the overview above them share. */

import { signal } from '@preact/signals';

/** CSS px. */
export const COLUMN = { least: 120, most: 640, first: 232 } as const;

export const columnWidth = signal<number>(COLUMN.first);
/** Width of the scroll bar at the right of the lanes: the overview leaves it free, too. */
export const barWidth = signal(0);
