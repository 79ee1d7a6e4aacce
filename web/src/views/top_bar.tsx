/** The top bar: which trace this is, the search box, and the page's switches. */

import { duration, wallClock } from '../base/format';
import { openFile, showAll } from '../state/navigate';
import { drawerOpen, helpOpen, toggleTheme } from '../state/shell';
import { meta, theme } from '../state/view';
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
