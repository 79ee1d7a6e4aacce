/** The commands of the page around the timeline. */

import type { Command } from '../state/commands';
import { openFile, openGoroutine } from '../state/navigate';
import { clearSearch, step } from '../state/search';
import { drawerOpen, drawerTab, helpOpen, noticeClosed, say, setWheelZooms, toggleTheme } from '../state/shell';
import { details, wheelZooms } from '../state/view';
import { focusFilter } from '../views/filter_box';
import { openPage } from '../views/page_bar';
import { TITLES } from '../views/titles';
import { searchCommands, searchFor } from '../views/search_box';
import { copyText } from '../widgets/stack';
import { words } from '../state/words';

const FIND = 'Find';
const GO = 'Pages';
const PAGE = 'Page';
const MOUSE = 'Mouse';
const VIEWS = 'Tables and graphs';

const nothing = (): void => undefined;
const mouse = (id: string, title: string, how: string): Command => ({ id: `mouse.${id}`, title, keys: [how], section: MOUSE, documented: true, gesture: true, run: nothing });

/** Keys that a table or a graph listens to while it has the keyboard. */
const told = (id: string, title: string, keys: readonly string[]): Command => ({ id, title, keys, section: VIEWS, documented: true, gesture: true, run: nothing });

function goroutineOfSelection(): void {
  const go = details.peek()?.go;
  if (go == null) say(`select a span of a ${words.value.goroutine} first`);
  else openGoroutine(go.row);
}

function toggleWheel(): void {
  setWheelZooms(!wheelZooms.peek());
  say(wheelZooms.peek() ? 'the wheel zooms, Alt+wheel scrolls' : 'the wheel scrolls, Ctrl+wheel zooms', 3000);
}

export const SHELL_COMMANDS: readonly Command[] = [
  ...TITLES.map((title) => ({ id: `go.${title.name}`, title: title.title, keys: [title.key], section: GO, run: () => openPage(title) })),
  { id: 'go.filter', title: 'Edit the filter', keys: ['\\'], section: GO, run: focusFilter },
  { id: 'find.search', title: 'Search', keys: ['/', 'Ctrl+P', 'Ctrl+K', 'Ctrl+F'], section: FIND, run: searchFor },
  { id: 'find.next', title: 'Next hit', keys: ['Enter'], section: FIND, run: () => step(1) },
  { id: 'find.prev', title: 'Previous hit', keys: ['Shift+Enter'], section: FIND, run: () => step(-1) },
  { id: 'find.clear', title: 'Clear the search', section: FIND, run: clearSearch },
  { id: 'find.command', title: 'Run a command', keys: ['Ctrl+Shift+P', 'F1', '>'], section: FIND, run: searchCommands },
  { id: 'page.goroutine', title: (w) => `The selected ${w.goroutine}'s page`, keys: ['G'], section: PAGE, onTimeline: true, run: goroutineOfSelection },
  { id: 'page.file', title: 'About this file', keys: ['I'], section: PAGE, run: openFile },
  { id: 'page.drawer', title: 'Toggle the drawer', keys: ['Q', 'Ctrl+B'], section: PAGE, onTimeline: true, run: () => (drawerOpen.value = !drawerOpen.peek()) },
  {
    id: 'page.rangePanel',
    title: 'Show the sums of the range',
    section: PAGE,
    run: () => {
      drawerOpen.value = true;
      drawerTab.value = 'range';
    },
  },
  { id: 'page.theme', title: 'Toggle light and dark colours', keys: ['T'], section: PAGE, run: toggleTheme },
  { id: 'page.wheel', title: 'Wheel zooms: on or off', section: PAGE, run: toggleWheel },
  { id: 'page.back', title: 'Back', keys: ['Alt+ArrowLeft', 'Ctrl+Z'], section: PAGE, run: () => history.back() },
  { id: 'page.forward', title: 'Forward', keys: ['Alt+ArrowRight', 'Ctrl+Y', 'Ctrl+Shift+Z'], section: PAGE, run: () => history.forward() },
  { id: 'page.link', title: 'Copy a link to this view', section: PAGE, run: () => void copyText(location.href, 'link') },
  { id: 'page.notice', title: 'Show the notice of damage again', section: PAGE, run: () => (noticeClosed.value = false) },
  { id: 'page.help', title: 'Keys and mouse', keys: ['?'], section: PAGE, run: () => (helpOpen.value = true) },
  told('table.move', 'Move in a table', ['ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End']),
  told('table.open', 'Open the row, zoom into the box', ['Enter']),
  told('table.copy', 'Copy the rows of a table', ['Ctrl+C']),
  told('graph.out', 'Zoom out of a flame graph', ['Escape', 'Backspace']),
  mouse('zoom', 'Zoom at the pointer', 'Ctrl+wheel'),
  mouse('scroll', 'Scroll the lanes', 'wheel'),
  mouse('pan', 'Pan', 'Shift+wheel'),
  mouse('drag', 'Pan by dragging', 'Shift+drag'),
  mouse('range', 'Select a time range (Alt: no snapping)', 'drag'),
  mouse('zoomRange', 'Zoom into what is dragged over', 'Ctrl+drag'),
  mouse('fit', 'Fit a span', 'double click'),
];
