/** Which rows of a long table are in sight: pure arithmetic, also past the height that browsers can lay out. */

export interface RowWindow {
  /** The first row in sight. */
  readonly first: number;
  /** How many are, the last one maybe in part. */
  readonly count: number;
  /** Where the first one's upper edge is, px from the top of the rows. */
  readonly top: number;
  /** All rows together, px. */
  readonly height: number;
}

/** Browsers lose exactness, then rows, not far above this, px. */
const MOST = 12_000_000;

export function rowWindow(total: number, rowHeight: number, scrollTop: number, view: number): RowWindow {
  const full = total * rowHeight;
  const height = Math.min(full, MOST);
  const room = Math.max(0, height - view);
  const scrolled = Math.min(Math.max(0, scrollTop), room);
  // Past the greatest height, a pixel of the scroll bar is worth more than a pixel of rows.
  const at = full > MOST && room > 0 ? (scrolled / room) * (full - view) : scrolled;
  const first = Math.min(Math.floor(at / rowHeight), Math.max(0, total - 1));
  return { first, count: Math.min(total - first, Math.ceil(view / rowHeight) + 1), top: scrolled - (at - first * rowHeight), height };
}

/** Where to scroll so that a row is the first in sight. */
export function scrollFor(row: number, total: number, rowHeight: number, view: number): number {
  const full = total * rowHeight;
  if (full <= MOST) return row * rowHeight;
  return full > view ? (row * rowHeight * (MOST - view)) / (full - view) : 0;
}

/** The order of a table as text: `running`, or `-running` for descending. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

export const readOrder = (text: string): Order => (text.startsWith('-') ? { column: text.slice(1), descending: true } : { column: text, descending: false });
export const orderText = ({ column, descending }: Order): string => (descending ? `-${column}` : column);

/** A cell of a table as text. */
export type CellValue = string | number | boolean | null;

export const tsv = (rows: readonly (readonly CellValue[])[]): string => rows.map((row) => row.map((cell) => String(cell ?? '').replace(/[\t\r\n]/g, ' ')).join('\t')).join('\n');

/** Comma-separated values as in RFC 4180, but for the line ends, which are those of the clipboard. */
export const csv = (rows: readonly (readonly CellValue[])[]): string =>
  rows
    .map((row) =>
      row
        .map((cell) => String(cell ?? ''))
        .map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
        .join(','),
    )
    .join('\n');
