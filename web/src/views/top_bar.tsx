/** The top bar: which trace this is, the search box, and the page's switches. */

import type { Neighbour } from '../api/types';
import { duration, wallClock } from '../base/format';
import { openFile, showAll } from '../state/navigate';
import { drawerOpen, helpOpen, toggleTheme } from '../state/shell';
import { EMPTY, encode } from '../state/url';
import { meta, page, theme } from '../state/view';
import { IconButton } from '../widgets/basics';
import { SearchBox } from './search_box';

export function TopBar() {
  const trace = meta.value;
  return (
    <header class="top-bar">
      <button type="button" class="brand" title="Show the whole trace (0)" onClick={showAll}>
        <img src="./icon.svg" width="20" height="20" alt="" />
        <span>Goroscope</span>
      </button>
      {trace === null ? (
        <span class="grow" />
      ) : (
        <button type="button" class="trace-name" title="What the file holds" onClick={openFile}>
          <strong>{trace.name}</strong>
          <span class="num">{duration(trace.end - trace.start)}</span>
          {trace.wall === null ? null : <span class="num wall">{wallClock(trace.wall, trace.start).slice(0, 19)}</span>}
        </button>
      )}
      {trace === null ? null : trace.others.map((other) => <OtherTrace key={other.path} to={other} />)}
      <SearchBox />
      <nav class="switches" aria-label="Page">
        <IconButton icon="file" label="About this file" run={openFile} />
        <IconButton icon="panel" label="Toggle the drawer (Q)" pressed={drawerOpen.value} run={() => (drawerOpen.value = !drawerOpen.peek())} />
        <IconButton icon={theme.value === 'dark' ? 'sun' : 'moon'} label={theme.value === 'dark' ? 'Light colours' : 'Dark colours'} run={toggleTheme} />
        <button type="button" class="icon-button" title="Keys and help (?)" aria-label="Keys and help" onClick={() => (helpOpen.value = true)}>
          ?
        </button>
      </nav>
    </header>
  );
}

/** Leads to another trace, to the same view of it; times and rows of this one mean nothing there. */
function OtherTrace({ to }: { readonly to: Neighbour }) {
  const view = page.value.kind === 'goroutine' ? EMPTY.page : page.value;
  return (
    <a class="other-trace" href={`${to.path}${encode({ ...EMPTY, page: view })}`} title="Show this trace instead">
      <span>{to.name}</span>
      {to.duration === null ? null : <span class="num">{duration(to.duration)}</span>}
    </a>
  );
}
