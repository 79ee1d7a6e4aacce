/**
 * What things are called in this trace: Go's words, or those of async Rust. The server has the
 * table; until it answers, the page speaks Go. Keys, addresses and fields are the same for both.
 */

import { computed } from '@preact/signals';
import type { GoRef, Words } from '../api/types';
import { meta } from './view';

const UNTIL_KNOWN: Words = {
  language: 'go',
  goroutine: 'goroutine',
  goroutines: 'goroutines',
  goroutine_title: 'Goroutine',
  goroutines_title: 'Goroutines',
  goroutine_letter: 'G',
  proc: 'proc',
  procs: 'procs',
  proc_title: 'Proc',
  procs_title: 'Procs',
  proc_letter: 'P',
  proc_count_title: 'GOMAXPROCS',
  function_title: 'Start function',
  user_task: 'task',
  user_tasks: 'tasks',
  user_task_title: 'Task',
  user_tasks_title: 'Tasks',
  running_title: 'Running',
};

export const words = computed<Words>(() => meta.value?.words ?? UNTIL_KNOWN);

/** A text of a table that is made before the trace is known: with its words, where it is shown. */
export type Said = string | ((words: Words) => string);

export const said = (text: Said): string => (typeof text === 'string' ? text : text(words.value));

/** Whether there is a runtime that collects garbage and stops the world. */
export const hasCollector = computed(() => words.value.language === 'go');

/** `G17 main.worker` */
export const goName = (go: GoRef): string => `${words.value.goroutine_letter}${go.id} ${go.function}`;
