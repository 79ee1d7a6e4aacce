/** Starts the page: asks for the trace, restores the place in the address, connects the followers. */

import { batch } from '@preact/signals';
import { render } from 'preact';
import type { LoadingReport } from '../api/types';
import { register } from '../state/commands';
import { followSelection } from '../state/details';
import { connectHistory, showView } from '../state/history';
import { loading, percentOf, shareOf, untilRead } from '../state/loading';
import { followQuery } from '../state/search';
import { Latest, api, reasonOf } from '../state/session';
import { followDrawer, followTheme, restoreWheel } from '../state/shell';
import { followRange } from '../state/totals';
import { decode } from '../state/url';
import { lanes, meta } from '../state/view';
import { App, failure } from './app';
import { listenKeys } from './keyboard';
import { SHELL_COMMANDS } from './shell_commands';

/** Between two questions how far the reading is, ms; the server waits for news by itself. */
const PAUSE = 30;

/** Waits until the trace is read, and shows how that goes if it is not at once. */
async function read(): Promise<void> {
  const tell = (report: LoadingReport): void => {
    loading.value = report;
    const share = report.progress === null ? null : shareOf(report.progress);
    document.title = `${share === null ? '' : `${percentOf(share)} · `}${report.name} · Goroscope`;
  };
  await untilRead((after) => new Latest().ask((signal) => api.loading(after, signal)), tell, () => new Promise((resolve) => window.setTimeout(resolve, PAUSE)));
}

export async function start(host: HTMLElement): Promise<void> {
  followTheme();
  restoreWheel();
  register(...SHELL_COMMANDS);
  listenKeys();
  render(<App />, host);
  try {
    await read();
    const answers = await new Latest().ask((signal) => Promise.all([api.trace(signal), api.lanes(signal)]));
    if (answers === null) return;
    const [trace, tree] = answers;
    // Only now: the place may have been changed while the trace was read.
    const place = decode(location.hash);
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
