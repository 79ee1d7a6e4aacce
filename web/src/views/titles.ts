/** The views by name: what the bar calls them, which key opens them, what each is for. */

import type { ViewName } from '../state/view';
import { hasCollector, type Said } from '../state/words';

export interface ViewTitle {
  readonly name: ViewName | 'timeline';
  readonly title: Said;
  readonly key: string;
  readonly about: Said;
}

export const TITLES: readonly ViewTitle[] = [
  { name: 'timeline', title: 'Timeline', key: '1', about: (w) => `What every ${w.goroutine}, ${w.proc} and thread did, over time` },
  { name: 'goroutines', title: (w) => w.goroutines_title, key: '2', about: (w) => `Where the time of ${w.goroutines} went, by function, creation site or ${w.user_task}` },
  { name: 'blocking', title: 'Blocking', key: '3', about: (w) => `What ${w.goroutines} waited for, and where` },
  { name: 'scheduler', title: 'Scheduler', key: '4', about: (w) => `How busy the ${w.procs} were, and how long ${w.goroutines} waited for one` },
  { name: 'gc', title: 'GC', key: '5', about: 'Garbage collections, heap, pauses, and what they left of the processors' },
  { name: 'tasks', title: (w) => w.user_tasks_title, key: '6', about: 'User tasks: how long they took and where that time went' },
  { name: 'regions', title: 'Regions', key: '7', about: 'User regions and log lines' },
  { name: 'profiles', title: 'Profiles', key: '8', about: 'Stacks weighted by time: flame graph, top functions, callers and callees' },
  { name: 'events', title: 'Events', key: 'E', about: 'What happened, one after the other' },
  { name: 'file', title: 'File', key: '9', about: 'What the file holds, and what could not be read' },
];

/** Those that say something of this trace: without a collector there is nothing to say of it. */
export const offered = (): readonly ViewTitle[] => TITLES.filter(({ name }) => name !== 'gc' || hasCollector.value);
