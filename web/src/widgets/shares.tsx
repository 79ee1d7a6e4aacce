/** Times by state: one stacked bar, and a table with a bar in every row. */

import type { ComponentChildren } from 'preact';
import { classColors } from '../base/palette';
import { share } from '../base/format';
import { meta, theme } from '../state/view';
import { Duration, Swatch } from './basics';

export interface Slice {
  readonly class: number;
  readonly ns: number;
}

export const classLabel = (id: number): string => meta.value?.classes.find((known) => known.id === id)?.label ?? `state ${id}`;

/** The whole in one line; what is missing to `total` stays empty. */
export function ShareBar({ slices, total }: { readonly slices: readonly Slice[]; readonly total: number }) {
  const colors = classColors(theme.value);
  const text = slices.map((slice) => `${classLabel(slice.class)} ${share(total > 0 ? slice.ns / total : 0)}`).join(', ');
  return (
    <div class="share-bar" role="img" aria-label={text}>
      {slices
        .filter((slice) => slice.ns > 0)
        .map((slice, i) => (
          <span
            key={i}
            title={`${classLabel(slice.class)} ${share(total > 0 ? slice.ns / total : 0)}`}
            style={{ flexGrow: total > 0 ? slice.ns / total : 0, background: colors[slice.class] ?? 'transparent' }}
          />
        ))}
    </div>
  );
}

export interface ShareRow extends Slice {
  readonly label: string;
  /** Further cells, as many as `columns`. */
  readonly cells: readonly ComponentChildren[];
  /** Where the label leads. */
  readonly go?: () => void;
}

/** Rows sorted by the caller; `total` is the hundred per cent. */
export function ShareTable(props: {
  readonly caption: string;
  readonly rows: readonly ShareRow[];
  readonly total: number;
  readonly columns: readonly string[];
  readonly id: string;
}) {
  const colors = classColors(theme.value);
  const most = Math.max(...props.rows.map((row) => row.ns), 1);
  return (
    <table class="shares" data-table={props.id}>
      <caption class="unseen">{props.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{props.caption}</th>
          <th scope="col" class="num">
            time
          </th>
          <th scope="col" class="num">
            share
          </th>
          {props.columns.map((column) => (
            <th scope="col" class="num" key={column}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row, i) => (
          <tr key={i} data-class={row.class} data-label={row.label}>
            <th scope="row">
              <span class="bar" style={{ width: `${(row.ns / most) * 100}%`, background: colors[row.class] ?? 'transparent' }} />
              <Swatch id={row.class} />
              {row.go === undefined ? (
                <span class="label">{row.label}</span>
              ) : (
                <button type="button" class="go label" onClick={row.go}>
                  {row.label}
                </button>
              )}
            </th>
            <td class="num">
              <Duration ns={row.ns} />
            </td>
            <td class="num share">{share(props.total > 0 ? row.ns / props.total : 0)}</td>
            {row.cells.map((cell, j) => (
              <td class="num" key={j}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
