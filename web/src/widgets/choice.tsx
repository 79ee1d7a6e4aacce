/** One of a few: a row of buttons of which one is pressed, moved with the arrow keys. */

import type { JSX } from 'preact';
import { type Said, said } from '../state/words';

export interface Option<T extends string> {
  readonly id: T;
  readonly label: Said | JSX.Element;
  readonly hint?: Said;
}

export function Choice<T extends string>(props: { readonly label: string; readonly now: T; readonly options: readonly Option<T>[]; readonly choose: (id: T) => void }) {
  const { options, now } = props;
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const at = options.findIndex((option) => option.id === now);
    const next = options[(at + step + options.length) % options.length];
    event.preventDefault();
    event.stopPropagation();
    if (next === undefined) return;
    props.choose(next.id);
    (event.currentTarget as HTMLElement).querySelector<HTMLElement>(`[data-option="${next.id}"]`)?.focus();
  };
  return (
    <div class="choice" role="radiogroup" aria-label={props.label} onKeyDown={onKey}>
      {options.map((option) => (
        <button
          type="button"
          role="radio"
          key={option.id}
          aria-checked={option.id === now}
          tabIndex={option.id === now ? 0 : -1}
          title={option.hint === undefined ? undefined : said(option.hint)}
          data-option={option.id}
          onClick={() => props.choose(option.id)}
        >
          {typeof option.label === 'object' ? option.label : said(option.label)}
        </button>
      ))}
    </div>
  );
}

/** A menu, for more than a few. */
export function Menu(props: { readonly label: string; readonly now: string; readonly options: readonly { readonly id: string; readonly label: Said }[]; readonly choose: (id: string) => void }) {
  return (
    <label class="menu">
      <span class="dim">{props.label}</span>
      <select class="select" value={props.now} onChange={(event) => props.choose(event.currentTarget.value)}>
        {props.options.map((option) => (
          <option key={option.id} value={option.id} selected={option.id === props.now}>
            {said(option.label)}
          </option>
        ))}
      </select>
    </label>
  );
}
