/** Columns of tables: how a value is shown, sorted and copied. */

import type { ComponentChildren } from 'preact';
import { type CellValue } from '../base/rows';
import { bytes, count, duration, exactDuration, share, time } from '../base/format';
import { Go } from './basics';
import { type Said } from '../state/words';

export interface Column<R> {
  /** Name of the column; what the server sorts by. */
  readonly id: string;
  readonly title: Said;
  /** What it means, for the pointer. */
  readonly hint?: Said;
  /** CSS px; those without share what is left. */
  readonly width?: number;
  /** How it is sorted at first; absent: it cannot be. */
  readonly sorts?: 'up' | 'down';
  readonly numeric?: boolean;
  readonly cell: (row: R) => ComponentChildren;
  /** As it is copied. */
  readonly value: (row: R) => CellValue;
  /** What the copied name ends in: `_ns`. */
  readonly unit?: string;
  /** The only language for whose traces it says anything. */
  readonly only?: 'go' | 'rust';
}

interface Extra {
  readonly hint?: Said;
  readonly width?: number;
  /** The server does not sort by it. */
  readonly unsorted?: true;
  readonly only?: 'go' | 'rust';
}

type Of<R, T> = (row: R) => T;

const sorting = (extra: Extra, first: 'up' | 'down'): { sorts?: 'up' | 'down' } => (extra.unsorted === true ? {} : { sorts: first });
const head = (extra: Extra, width: number): { hint?: Said; width: number; only?: 'go' | 'rust' } => ({
  width: extra.width ?? width,
  ...(extra.hint === undefined ? {} : { hint: extra.hint }),
  ...(extra.only === undefined ? {} : { only: extra.only }),
});

/** Columns of a list that may hold only its first rows: then a sort would leave out what belongs at the top. */
export const sortedIf = <R,>(whole: boolean, columns: readonly Column<R>[]): readonly Column<R>[] => (whole ? columns : columns.map(({ sorts: _, ...column }) => column));

/** How the browser sorts rows that are all here. */
export const valueIn =
  <R,>(columns: readonly Column<R>[]) =>
  (id: string): ((row: R) => CellValue) | undefined =>
    columns.find((column) => column.id === id && column.sorts !== undefined)?.value;

/** A text that may lead somewhere; takes the room that is left. */
export function textColumn<R>(id: string, title: Said, value: Of<R, string>, cell: Of<R, ComponentChildren>, extra: Extra = {}): Column<R> {
  return { id, title, ...(extra.hint === undefined ? {} : { hint: extra.hint }), ...(extra.width === undefined ? {} : { width: extra.width }), ...sorting(extra, 'up'), value, cell };
}

/** A duration; `to` leads to what lasted so long. */
export function durationColumn<R>(id: string, title: Said, value: Of<R, number | null>, extra: Extra & { readonly to?: (row: R) => void } = {}): Column<R> {
  return {
    id,
    title,
    ...head(extra, 92),
    ...sorting(extra, 'down'),
    numeric: true,
    unit: '_ns',
    value,
    cell: (row) => {
      const ns = value(row);
      if (ns === null) return <span class="faint">–</span>;
      const shown = <Amount ns={ns} />;
      return extra.to === undefined || ns === 0 ? shown : <Go to={() => extra.to?.(row)}>{shown}</Go>;
    },
  };
}

function Amount({ ns }: { readonly ns: number }) {
  return (
    <span class={ns === 0 ? 'faint' : undefined} title={exactDuration(ns)} data-ns={ns}>
      {ns === 0 ? '0' : duration(ns)}
    </span>
  );
}

export function countColumn<R>(id: string, title: Said, value: Of<R, number | null>, extra: Extra = {}): Column<R> {
  return {
    id,
    title,
    ...head(extra, 80),
    ...sorting(extra, 'down'),
    numeric: true,
    value,
    cell: (row) => {
      const n = value(row);
      return n === null ? <span class="faint">–</span> : <span class={n === 0 ? 'faint' : undefined}>{count(n)}</span>;
    },
  };
}

export function bytesColumn<R>(id: string, title: Said, value: Of<R, number | null>, extra: Extra = {}): Column<R> {
  return {
    id,
    title,
    ...head(extra, 84),
    ...sorting(extra, 'down'),
    numeric: true,
    unit: '_bytes',
    value,
    cell: (row) => {
      const n = value(row);
      return n === null ? <span class="faint">–</span> : <span title={`${count(n)} bytes`}>{bytes(n)}</span>;
    },
  };
}

/** A share of one, with a bar behind it. */
export function shareColumn<R>(id: string, title: Said, value: Of<R, number | null>, extra: Extra = {}): Column<R> {
  return {
    id,
    title,
    ...head(extra, 110),
    ...sorting(extra, 'down'),
    numeric: true,
    value,
    cell: (row) => {
      const of = value(row);
      return of === null ? (
        <span class="faint">–</span>
      ) : (
        <span class="part-of">
          <i>
            <b style={{ width: `${Math.min(100, of * 100)}%` }} />
          </i>
          <span>{share(of)}</span>
        </span>
      );
    },
  };
}

/** A point in time that leads to its place on the timeline. */
export function timeColumn<R>(id: string, title: Said, value: Of<R, number | null>, to: ((row: R) => void) | null, extra: Extra = {}): Column<R> {
  return {
    id,
    title,
    ...head(extra, 128),
    ...sorting(extra, 'up'),
    numeric: true,
    unit: '_ns',
    value,
    cell: (row) => {
      const ns = value(row);
      if (ns === null) return <span class="faint">–</span>;
      const shown = <span data-ns={ns}>{time(ns)}</span>;
      return to === null ? shown : (
        <Go to={() => to(row)} title="Show it on the timeline">
          {shown}
        </Go>
      );
    },
  };
}
