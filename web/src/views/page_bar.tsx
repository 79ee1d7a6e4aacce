/** The bar of pages, and the filter that goes with one from page to page. */

import { type ViewTitle, offered } from './titles';
import { openTimeline, openView } from '../state/navigate';
import { encode } from '../state/url';
import { currentView } from '../state/history';
import { filter, meta, page, viewOf } from '../state/view';
import { FilterBox } from './filter_box';
import { said } from '../state/words';

export function PageBar() {
  const shown = viewOf(page.value);
  return (
    <div class="page-bar">
      <nav aria-label="Pages">
        {offered().map((title) => (
          <PageLink key={title.name} to={title} here={title.name === (shown ?? 'timeline')} />
        ))}
      </nav>
      {meta.value === null || shown === null || shown === 'file' ? null : <FilterBox />}
    </div>
  );
}

/** A link with an address of its own, so that it opens in another tab, too. */
function PageLink({ to, here }: { readonly to: ViewTitle; readonly here: boolean }) {
  return (
    <a
      class="page-link"
      href={addressOf(to)}
      aria-current={here ? 'page' : undefined}
      aria-keyshortcuts={to.key}
      title={`${said(to.about)} (${to.key})`}
      data-page={to.name}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        openPage(to);
      }}
    >
      {said(to.title)}
    </a>
  );
}

function addressOf(to: ViewTitle): string {
  const view = { ...currentView(), filter: filter.value, settings: {} };
  return encode({ ...view, page: { kind: to.name } }) || '#';
}

export function openPage(to: ViewTitle): void {
  if (to.name === 'timeline') openTimeline();
  else if (viewOf(page.peek()) === to.name) openView(to.name, {});
  else openView(to.name);
}
