/** Starts the page: asks for the trace, restores the place in the address, connects the followers. */

import { batch } from '@preact/signals';
import { render } from 'preact';
import { register } from '../state/commands';
import { followSelection } from '../state/details';
import { connectHistory, showView } from '../state/history';
import { followQuery } from '../state/search';
import { Latest, api, reasonOf } from '../state/session';
import { followDrawer, followTheme, restoreWheel } from '../state/shell';
import { followRange } from '../state/totals';
import { decode } from '../state/url';
import { lanes, meta } from '../state/view';
import { App, failure } from './app';
import { listenKeys } from './keyboard';
import { SHELL_COMMANDS } from './shell_commands';

export async function start(host: HTMLElement): Promise<void> {
  followTheme();
  restoreWheel();
  register(...SHELL_COMMANDS);
  listenKeys();
  render(<App />, host);
  const place = decode(location.hash);
  try {
    const answers = await new Latest().ask((signal) => Promise.all([api.trace(signal), api.lanes(signal)]));
    if (answers === null) return;
    const [trace, tree] = answers;
    document.title = `${trace.name} · Goroscope`;
    batch(() => {
      meta.value = trace;
      lanes.value = tree;
      showView(place);
    });
  } catch (error) {
    failure.value = reasonOf(error);
    return;
  }
  followDrawer();
  followSelection();
  followRange();
  followQuery();
  connectHistory();
}
