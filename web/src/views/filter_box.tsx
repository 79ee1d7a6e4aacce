/**
 * The filter: one text for all views. The server alone understands it; what it says of a wrong
 * one stands below the box in its words.
 */

import { signal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { keyOf, termsOf } from '../base/terms';
import { refusal } from '../state/answers';
import { setFilter } from '../state/navigate';
import { filter, page, range } from '../state/view';
import { IconButton } from '../widgets/basics';
import { termsOfRange } from '../state/carry';
import { type Said, said } from '../state/words';

/** The keys of `docs/answers.md`, for who does not know them by heart. */
const KEYS: readonly (readonly [key: string, example: string, what: Said])[] = [
  ['from', 'from=620ms', 'what lies after, since the start of the trace'],
  ['to', 'to=1.5s', 'what lies before'],
  ['goroutine', 'goroutine=17,18', (w) => `these ${w.goroutines}`],
  ['func', 'func=main\\.worker', (w) => (w.language === 'go' ? 'goroutines whose start function matches' : 'tasks whose name matches')],
  ['state', 'state=waiting,runnable', 'spans in one of these states'],
  ['reason', 'reason=chan', 'spans that began for such a reason'],
  ['task', 'task=request', (w) => `what was done for such a ${w.user_task}, or #3 for one`],
  ['region', 'region="parse body"', 'what was done inside such a region'],
  ['min', 'min=1ms', 'what lasts so long or longer'],
  ['max', 'max=10ms', 'what lasts so long or shorter'],
];

const open = signal(false);
/** What is typed and not yet asked. */
const draft = signal('');
let field: HTMLInputElement | null = null;

export function focusFilter(): void {
  field?.focus();
  field?.select();
}

export function FilterBox() {
  const box = useRef<HTMLFormElement>(null);
  useSignalEffect(() => {
    void page.value;
    draft.value = filter.value;
    refusal.value = null;
  });
  const apply = (): void => setFilter(draft.peek().trim());
  const trouble = refusal.value?.text ?? null;
  return (
    <form
      class="filter"
      ref={box}
      role="search"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
        // The keys of the page work again; `\\` comes back here.
        field?.blur();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget instanceof Node && box.current?.contains(event.relatedTarget) === true) return;
        open.value = false;
        apply();
      }}
    >
      <label class={trouble === null ? 'filter-field' : 'filter-field wrong'}>
        <span class="dim">Filter</span>
        <input
          ref={(node) => {
            field = node;
          }}
          type="text"
          spellcheck={false}
          autocomplete="off"
          placeholder="all of the trace   (\)"
          value={draft.value}
          aria-invalid={trouble !== null}
          aria-describedby={trouble === null ? undefined : 'filter-trouble'}
          onFocus={() => (open.value = true)}
          onInput={(event) => (draft.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            draft.value = filter.peek();
            event.currentTarget.blur();
            event.stopPropagation();
          }}
        />
        {draft.value === '' ? null : (
          <IconButton
            icon="close"
            label="Clear the filter"
            run={() => {
              draft.value = '';
              apply();
            }}
          />
        )}
      </label>
      {trouble === null ? null : (
        <p class="filter-trouble" id="filter-trouble" role="alert">
          {trouble}
        </p>
      )}
      {open.value ? <Keys /> : null}
    </form>
  );
}

/** The keys, each a click away, and those in the box to take out. */
function Keys() {
  const terms = termsOf(draft.value);
  const put = (text: string): void => {
    draft.value = text;
    field?.focus();
  };
  const add = (key: string, example: string): void => {
    const text = [...terms, `${key}=`].join(' ');
    put(text);
    if (field === null) return;
    field.value = text;
    field.setSelectionRange(text.length, text.length);
    field.title = example;
  };
  const marked = range.value;
  return (
    <div class="filter-keys" onMouseDown={(event) => event.preventDefault()}>
      {terms.length === 0 ? null : (
        <p class="chips">
          {terms.map((term, i) => (
            <button type="button" class="chip" key={i} title="Take it out" onClick={() => put(terms.filter((_, at) => at !== i).join(' '))}>
              {term} <span aria-hidden="true">×</span>
            </button>
          ))}
        </p>
      )}
      {marked === null ? null : (
        <p class="chips">
          <button type="button" class="chip" onClick={() => put(termsOfRange(draft.peek(), marked))}>
            + the range marked on the timeline
          </button>
        </p>
      )}
      <dl>
        {KEYS.filter(([key]) => !terms.some((term) => keyOf(term) === key)).map(([key, example, what]) => (
          <div key={key} class="row">
            <dt>
              <button type="button" class="go" onClick={() => add(key, example)}>
                {example}
              </button>
            </dt>
            <dd class="dim">{said(what)}</dd>
          </div>
        ))}
      </dl>
      <p class="dim">All terms must hold. Enter applies them.</p>
    </div>
  );
}
