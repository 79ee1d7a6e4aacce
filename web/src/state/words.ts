/**
 * What things are called in this trace: Go's words, or those of async Rust. The server has the
 * table; until it answers, the page speaks Go. Keys, addresses and fields are the same for both.
 */

import { computed } from '@preact/signals';
import type { GoRef, ResourceRef, Words } from '../api/types';
import { duration } from '../base/format';
import { lanes, meta } from './view';

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
  syscall_title: 'Syscall',
  running_title: 'Running',
};

export const words = computed<Words>(() => meta.value?.words ?? UNTIL_KNOWN);

/** A text of a table that is made before the trace is known: with its words, where it is shown. */
export type Said = string | ((words: Words) => string);

export const said = (text: Said): string => (typeof text === 'string' ? text : text(words.value));

/** Whether there is a runtime that collects garbage and stops the world. */
export const hasCollector = computed(() => words.value.language === 'go');

/** For how long a thread had no processor, and why: `off the processor 3.1 ms (preempted)`. */
export function offProcessor(ns: number, preempted: number): string {
  const why = preempted === 0 ? 'slept' : preempted >= ns ? 'preempted' : `preempted ${duration(preempted)}, slept ${duration(ns - preempted)}`;
  return `off the processor ${duration(ns)} (${why})`;
}

/** Whether the trace tells when threads had no processor. */
export const knowsProcessors = computed(() => lanes.value?.sections.some((section) => section.lanes?.some((lane) => lane.off !== undefined)) ?? false);

/** `Proc 3`, or what the server calls it: threads that are no workers have their names. */
export function procName(proc: Pick<ResourceRef, 'key' | 'id'>): string {
  const lane = lanes.value?.sections.find((section) => section.id === 'procs')?.lanes?.find((row) => row.key === proc.key);
  return lane?.label ?? `${words.value.proc_title} ${proc.id}`;
}

/** `P3`, or the name of a thread. */
export function procShort(proc: Pick<ResourceRef, 'key' | 'id'>): string {
  const name = procName(proc);
  return name === `${words.value.proc_title} ${proc.id}` ? `${words.value.proc_letter}${proc.id}` : name;
}

/** `G17 main.worker` */
export const goName = (go: GoRef): string => `${words.value.goroutine_letter}${go.id} ${go.function}`;
