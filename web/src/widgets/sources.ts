/** Where a table's rows come from: pages of the server's answer, or rows that are all here. */

import type { Parameters } from '../api/client';
import { type CellValue, type Order, readOrder } from '../base/rows';
import { addressOf, ask, known } from '../state/answers';

/** Rows from `offset` on, and how many there are at all. */
export interface Slice<R> {
  readonly total: number;
  readonly rows: readonly R[];
}

export interface Source<R> {
  /** Another key, other rows. */
  readonly key: string;
  load(order: Order, offset: number, limit: number, signal: AbortSignal): Promise<Slice<R>>;
  /** What `load` would answer, if that is here. */
  here(order: Order, offset: number, limit: number): Slice<R> | null;
}

/** Rows that the server sorts and pages. */
export const remote = <A, R>(path: string, parameters: Parameters, pick: (answer: A) => Slice<R>): Source<R> => paged(path, parameters, pick, ({ column, descending }) => ({ sort: column, order: descending ? 'desc' : 'asc' }));

/** Rows that have one order. */
export const remoteInOrder = <A, R>(path: string, parameters: Parameters, pick: (answer: A) => Slice<R>): Source<R> => paged(path, parameters, pick, () => ({}));

function paged<A, R>(path: string, parameters: Parameters, pick: (answer: A) => Slice<R>, sorted: (order: Order) => Parameters): Source<R> {
  const at = (order: Order, offset: number, limit: number): Parameters => ({ ...parameters, ...sorted(order), offset, limit });
  return {
    key: addressOf(path, parameters),
    load: async (order, offset, limit, signal) => pick(await ask<A>(path, at(order, offset, limit), signal)),
    here: (order, offset, limit) => {
      const answer = known<A>(addressOf(path, at(order, offset, limit)));
      return answer === undefined ? null : pick(answer);
    },
  };
}

/** Rows of an answer that comes whole because there are few. */
export function local<R>(key: string, rows: readonly R[], valueOf: (column: string) => ((row: R) => CellValue) | undefined): Source<R> {
  let last = '';
  let sorted = rows;
  const slice = (order: Order, offset: number, limit: number): Slice<R> => {
    const now = `${order.column} ${order.descending}`;
    if (now !== last) {
      const value = valueOf(order.column);
      sorted = value === undefined ? rows : [...rows].sort((a, b) => compare(value(a), value(b)) * (order.descending ? -1 : 1));
      last = now;
    }
    return { total: rows.length, rows: sorted.slice(offset, offset + limit) };
  };
  return { key, load: (order, offset, limit) => Promise.resolve(slice(order, offset, limit)), here: slice };
}

/** Numbers by size, texts by letters, nothing before all. */
function compare(a: CellValue, b: CellValue): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

/** A page of rows, as the table asks for them. */
export const PAGE = 200;

/** All rows up to `most`, to be copied. */
export async function everyRow<R>(source: Source<R>, order: string, most: number): Promise<Slice<R>> {
  const rows: R[] = [];
  const never = new AbortController().signal;
  for (;;) {
    const slice = await source.load(readOrder(order), rows.length, Math.min(1000, most - rows.length), never);
    rows.push(...slice.rows);
    if (slice.rows.length === 0 || rows.length >= Math.min(slice.total, most)) return { total: slice.total, rows };
  }
}
