/** The views by name: what the bar calls them, which key opens them, what each is for. */

import type { ViewName } from '../state/view';

export interface ViewTitle {
  readonly name: ViewName | 'timeline';
  readonly title: string;
  readonly key: string;
  readonly about: string;
}

export const TITLES: readonly ViewTitle[] = [
  { name: 'timeline', title: 'Timeline', key: '1', about: 'What every goroutine, proc and thread did, over time' },
  { name: 'goroutines', title: 'Goroutines', key: '2', about: 'Where the time of goroutines went, by function, creation site or task' },
  { name: 'blocking', title: 'Blocking', key: '3', about: 'What goroutines waited for, and where' },
  { name: 'scheduler', title: 'Scheduler', key: '4', about: 'How busy the procs were, and how long goroutines waited for one' },
  { name: 'gc', title: 'GC', key: '5', about: 'Garbage collections, heap, pauses, and what they left of the processors' },
  { name: 'tasks', title: 'Tasks', key: '6', about: 'User tasks: how long they took and where that time went' },
  { name: 'regions', title: 'Regions', key: '7', about: 'User regions and log lines' },
  { name: 'profiles', title: 'Profiles', key: '8', about: 'Stacks weighted by time: flame graph, top functions, callers and callees' },
  { name: 'events', title: 'Events', key: 'E', about: 'What happened, one after the other' },
  { name: 'file', title: 'File', key: '9', about: 'What the file holds, and what could not be read' },
];
