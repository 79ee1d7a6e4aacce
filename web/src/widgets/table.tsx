/**
 * The one table of the page: rows come in pages as they scroll into sight, sorted by whoever
 * holds them; 100,000 rows cost what a screenful costs.
 *
 * Order and first row are settings of the view (`NAME.order`, `NAME.row`), so that a link and
 * Back show the table as it was.
 */

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { isAbort } from '../api/client';
import { count } from '../base/format';
import { type Order, csv, orderText, readOrder, rowWindow, scrollFor, tsv } from '../base/rows';
import { isRefusal } from '../state/answers';
import { choose, tweak } from '../state/navigate';
import { reasonOf } from '../state/session';
import { say } from '../state/shell';
import { settings } from '../state/view';
import { words } from '../state/words';
import type { Column } from './columns';
import { Trouble } from './no_answer';
import { PAGE, type Slice, type Source, everyRow } from './sources';
import { copyText } from './stack';
import { said } from '../state/words';

const ROW = 26;
const HEAD = 28;
/** Rows drawn beyond the edges, so that a slow frame shows no gap. */
const MARGIN = 6;
/** More are not copied: a clipboard is no database. */
const MOST_COPIED = 10_000;
const SCROLLED_AFTER = 200;

export interface TableProps<R> {
  /** Short name, part of the address. */
  readonly id: string;
  /** What the rows are, for the heading and the screen reader. */
  readonly title: string;
  readonly columns: readonly Column<R>[];
  readonly source: Source<R>;
  /** The order at first: `-running` is descending. */
  readonly order: string;
  /** What Enter and a double click on a row do. */
  readonly open?: (row: R) => void;
  /** What is said if there are no rows. */
  readonly empty: string;
  /** At the heading's right. */
  readonly children?: ComponentChildren;
  /** As high as its rows, up to so many, instead of what room there is. */
  readonly rows?: number;
}

/** The pages of one order of one source, and what went wrong. */
interface Held<R> {
  readonly of: string;
  readonly pages: Map<number, Slice<R>>;
  total: number | null;
  trouble: string | null;
}

export function Table<R>(props: TableProps<R>) {
  const { id, source } = props;
  const columns = shownOf(props.columns);
  const order = readOrder(settings.value[`${id}.order`] ?? props.order);
  const held = useHeld(id, source, order);
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  const [cursor, setCursor] = useState(-1);
  const total = held.now.total ?? 0;
  const seen = rowWindow(total, ROW, view.top, Math.max(0, view.height - HEAD));
  const first = Math.max(0, seen.first - MARGIN);
  const last = Math.min(total, seen.first + seen.count + MARGIN);

  useScroll({ id, of: held.now.of, total: held.now.total, scroller: scroller.current, setView });
  useLayoutEffect(() => {
    const node = scroller.current;
    if (node === null) return undefined;
    const measure = (): void => setView({ top: node.scrollTop, height: node.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(node);
    measure();
    return () => watch.disconnect();
  }, []);
  const fromPage = Math.floor(wantedRow(id, held.now.total, first) / PAGE);
  const toPage = Math.max(fromPage, Math.floor(Math.max(0, last - 1) / PAGE));
  useEffect(() => held.need(fromPage, toPage), [held.of, held.retries, fromPage, toPage]);
  useEffect(() => setCursor(-1), [held.now.of]);

  const rowAt = (index: number): R | undefined => held.now.pages.get(Math.floor(index / PAGE))?.rows[index % PAGE];
  const moveTo = (index: number): void => {
    const next = Math.min(Math.max(0, index), total - 1);
    setCursor(next);
    const node = scroller.current;
    if (node === null) return;
    const room = node.clientHeight - HEAD;
    const shown = rowWindow(total, ROW, node.scrollTop, room);
    if (next <= shown.first) node.scrollTop = scrollFor(next, total, ROW, room);
    else if (next >= shown.first + shown.count - 2) node.scrollTop = scrollFor(next + 1, total, ROW, room) - room;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((view.height - HEAD) / ROW) - 1);
    const steps: Readonly<Record<string, number>> = { ArrowDown: cursor + 1, ArrowUp: cursor - 1, PageDown: cursor + page, PageUp: cursor - page, Home: 0, End: total - 1 };
    const step = steps[event.key];
    const row = rowAt(cursor);
    if (event.ctrlKey && event.key === 'c' && window.getSelection()?.isCollapsed !== false) void copyRows(props, order, 'tsv');
    else if (event.ctrlKey) return;
    else if (step !== undefined && total > 0) moveTo(step);
    else if (event.key === 'Enter' && row !== undefined && props.open !== undefined) props.open(row);
    else return;
    event.preventDefault();
  };

  const wide = columns.reduce((sum, column) => sum + (column.width ?? 230), 0);
  const height = props.rows === undefined ? undefined : HEAD + ROW * Math.min(props.rows, Math.max(held.now.total === null || total === 0 ? 3 : 1, total)) + 1;
  return (
    <section class={props.rows === undefined ? 'table tall' : 'table'} data-table={id} aria-label={props.title}>
      <header class="table-head">
        <h3>{props.title}</h3>
        <span class="num dim" data-field="total" data-total={held.now.total ?? undefined}>
          {held.now.total === null ? '' : count(total)}
        </span>
        <span class="grow" />
        {props.children}
        <CopyButtons copy={(form) => void copyRows(props, order, form)} />
      </header>
      <div
        class="table-scroll"
        ref={scroller}
        style={height === undefined ? {} : { height: `${height}px` }}
        onScroll={(event) => setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })}
      >
        <table
          role="grid"
          tabIndex={0}
          style={{ minWidth: `${wide}px` }}
          aria-label={props.title}
          aria-rowcount={total + 1}
          aria-busy={held.busy}
          aria-activedescendant={cursor >= first && cursor < last ? `${id}-${cursor}` : undefined}
          onKeyDown={onKey}
          onFocus={(event) => {
            if (event.target === event.currentTarget && cursor < 0 && total > 0) setCursor(seen.first);
          }}
        >
          <colgroup>
            {columns.map((column) => (
              <col key={column.id} style={column.width === undefined ? {} : { width: `${column.width}px` }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <Head key={column.id} column={column} order={order} sort={(next) => choose({ [`${id}.order`]: next, [`${id}.row`]: null })} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Gap height={first * ROW - (seen.first * ROW - seen.top)} columns={columns.length} />
            {Array.from({ length: Math.max(0, last - first) }, (_, i) => {
              const index = first + i;
              const row = rowAt(index);
              return (
                <tr
                  key={index}
                  id={`${id}-${index}`}
                  aria-rowindex={index + 2}
                  class={index === cursor ? 'here' : undefined}
                  data-row={index}
                  onClick={() => setCursor(index)}
                  onDblClick={() => row !== undefined && props.open?.(row)}
                >
                  {columns.map((column) => (
                    <td key={column.id} class={column.numeric === true ? 'num' : undefined} data-column={column.id}>
                      {row === undefined ? <span class="pending" /> : column.cell(row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            <Gap height={seen.height - seen.top - (last - seen.first) * ROW} columns={columns.length} />
          </tbody>
        </table>
        {held.now.trouble !== null ? (
          <p class="table-note" role="alert">
            <Trouble text={held.now.trouble} again={held.again} />
          </p>
        ) : held.now.total === 0 ? (
          <p class="table-note">{props.empty}</p>
        ) : held.now.total === null ? (
          <p class="table-note">Counting…</p>
        ) : null}
      </div>
    </section>
  );
}

function Gap({ height, columns }: { readonly height: number; readonly columns: number }) {
  return height <= 0 ? null : (
    <tr class="gap" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  );
}

function Head<R>({ column, order, sort }: { readonly column: Column<R>; readonly order: Order; readonly sort: (order: string) => void }) {
  const mine = order.column === column.id;
  const descending = mine ? !order.descending : column.sorts === 'down';
  const direction = mine ? (order.descending ? 'descending' : 'ascending') : 'none';
  return (
    <th scope="col" class={column.numeric === true ? 'num' : undefined} title={column.hint === undefined ? undefined : said(column.hint)} aria-sort={column.sorts === undefined ? undefined : direction} data-column={column.id}>
      {column.sorts === undefined ? (
        <span>{said(column.title)}</span>
      ) : (
        <button type="button" onClick={() => sort(orderText({ column: column.id, descending }))}>
          {said(column.title)}
          <i aria-hidden="true">{mine ? (order.descending ? '↓' : '↑') : ''}</i>
        </button>
      )}
    </th>
  );
}

function CopyButtons({ copy }: { readonly copy: (form: 'tsv' | 'csv') => void }) {
  return (
    <span class="copy">
      <span class="dim">copy</span>
      <button type="button" class="go" title="Copy the rows with tabs between the values (Ctrl+C in the table)" onClick={() => copy('tsv')}>
        TSV
      </button>
      <button type="button" class="go" title="Copy the rows as comma-separated values" onClick={() => copy('csv')}>
        CSV
      </button>
    </span>
  );
}

/** The columns that say anything for this trace. */
const shownOf = <R,>(columns: readonly Column<R>[]): readonly Column<R>[] => columns.filter(({ only }) => only === undefined || only === words.value.language);

async function copyRows<R>({ source, columns: all, title }: TableProps<R>, order: Order, form: 'tsv' | 'csv'): Promise<void> {
  const columns = shownOf(all);
  try {
    const { total, rows } = await everyRow(source, orderText(order), MOST_COPIED);
    const lines = [columns.map((column) => `${column.id.replaceAll(/[^A-Za-z0-9]+/g, '_')}${column.unit ?? ''}`), ...rows.map((row) => columns.map((column) => column.value(row)))];
    const what = rows.length < total ? `the first ${count(rows.length)} of ${count(total)} rows` : `${count(rows.length)} rows`;
    await copyText(form === 'tsv' ? tsv(lines) : csv(lines), what);
  } catch (error) {
    say(`${title} not copied: ${reasonOf(error)}`, 4000);
  }
}

/** Until the table knows how long it is, it asks for where it shall be scrolled to. */
function wantedRow(id: string, total: number | null, first: number): number {
  return total === null ? Number(settings.peek()[`${id}.row`] ?? 0) || 0 : first;
}

/** Keeps the scroll and the setting of the first row in step. */
function useScroll(it: { readonly id: string; readonly of: string; readonly total: number | null; readonly scroller: HTMLDivElement | null; readonly setView: (view: { top: number; height: number }) => void }): void {
  const { id, of, total, scroller } = it;
  const name = `${id}.row`;
  const written = useRef(0);
  const wanted = Number(settings.value[name] ?? 0) || 0;
  useLayoutEffect(() => {
    if (scroller === null || total === null || wanted === written.current) return;
    scroller.scrollTop = scrollFor(wanted, total, ROW, scroller.clientHeight - HEAD);
    written.current = wanted;
    it.setView({ top: scroller.scrollTop, height: scroller.clientHeight });
  }, [scroller, of, total === null, wanted]);
  useEffect(() => {
    if (scroller === null || total === null) return undefined;
    let timer = 0;
    const tell = (): void => {
      const { first } = rowWindow(total, ROW, scroller.scrollTop, scroller.clientHeight - HEAD);
      if (first === written.current) return;
      written.current = first;
      tweak({ [name]: first === 0 ? null : String(first) });
    };
    const onScroll = (): void => {
      window.clearTimeout(timer);
      timer = window.setTimeout(tell, SCROLLED_AFTER);
    };
    scroller.addEventListener('scroll', onScroll, { passive: true });
    // A click or Enter may leave this page before the timer: what is on the screen then is what Back shall show.
    scroller.addEventListener('click', tell, true);
    scroller.addEventListener('keydown', tell, true);
    return () => {
      window.clearTimeout(timer);
      scroller.removeEventListener('scroll', onScroll);
      scroller.removeEventListener('click', tell, true);
      scroller.removeEventListener('keydown', tell, true);
    };
  }, [scroller, total, name]);
}

/** The rows that are here, and how to have more of them. */
function useHeld<R>(id: string, source: Source<R>, order: Order): { readonly now: Held<R>; readonly of: string; readonly busy: boolean; readonly retries: number; need(from: number, to: number): () => void; again(): void } {
  const [, redraw] = useReducer((n: number, _: void) => n + 1, 0);
  const [retries, again] = useReducer((n: number, _: void) => n + 1, 0);
  const of = `${source.key} ${orderText(order)}`;
  const fresh = useMemo((): Held<R> => ({ of, pages: new Map(), total: null, trouble: null }), [of]);
  const shown = useRef<Held<R>>(fresh);
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  // What is here already is shown at once; else the old rows stay until the new ones come.
  if (shown.current !== fresh) {
    const first = Math.floor((Number(settings.peek()[`${id}.row`]) || 0) / PAGE);
    const here = source.here(order, first * PAGE, PAGE);
    if (here !== null) put(fresh, first, here);
    if (here !== null || fresh.total !== null || fresh.trouble !== null || shown.current.total === null) shown.current = fresh;
  }
  const need = (from: number, to: number): (() => void) => {
    const control = new AbortController();
    for (let page = from; page <= to; page++) {
      if (fresh.pages.has(page)) continue;
      source.load(order, page * PAGE, PAGE, control.signal).then(
        (slice) => {
          put(fresh, page, slice);
          if (alive.current) redraw();
        },
        (error: unknown) => {
          if (isAbort(error) || control.signal.aborted) return;
          fresh.trouble = isRefusal(error) ? 'The filter does not fit here: see what is said under its box.' : reasonOf(error);
          if (alive.current) redraw();
        },
      );
    }
    return () => control.abort();
  };
  return { now: shown.current, of, busy: shown.current !== fresh || fresh.total === null, retries, need, again };
}

function put<R>(held: Held<R>, page: number, slice: Slice<R>): void {
  held.pages.set(page, slice);
  held.total = slice.total;
  held.trouble = null;
}
