/** What each class of state means, in one or two sentences for people who do not know Go's runtime. */

import { hasCollector, knowsProcessors, type Said } from '../state/words';

/** Classes shown in the legend, in order. Rust has no collector, and no system call that loses a worker. */
export const legend = (): readonly number[] => [1, 2, 3, 4, 5, 6, 7, ...(hasCollector.value ? [8, 9, 10, 11] : [9, 10]), ...(knowsProcessors.value ? [23, 24] : [])];

/** By class id. */
export const EXPLANATIONS: readonly Said[] = [
  'The trace does not say what it was doing, or this version of Goroscope does not know the state.',
  (w) => (w.language === 'go' ? 'It ran on a proc (P), that is, on a thread of the operating system.' : 'It was polled, on a worker or another thread, or a thread or a blocking job ran; also while it waits for a lock of the standard library or for the operating system.'),
  (w) => `It could have run, but no ${w.proc} was free: the time between being woken and being run. Much of it means too few ${w.procs} for the work.`,
  'It waited until a socket could be read or written, or for a timer of the network poller.',
  (w) => `It waited for another ${w.goroutine} to send on, or receive from, a channel.`,
  (w) => (w.language === 'go' ? 'It waited for a mutex, a condition or a wait group. Long waits here are lock contention.' : 'It waited for a lock of the runtime, a notification, a semaphore, or for another task to end.'),
  (w) => (w.language === 'go' ? 'It waited in a select until one of its channels was ready.' : 'It waited for the first of several: a select, a join, a set of futures.'),
  (w) => (w.language === 'go' ? 'It slept on its own wish: time.Sleep or a timer.' : 'It slept on its own wish: a timer.'),
  'It waited for the garbage collector: credit for assisting, a sweep, a stop of the world.',
  'It waited for a reason of another kind, which the details panel names.',
  (w) => (w.language === 'go' ? 'It was in a call to the operating system and kept its proc.' : 'It was in block_in_place and kept its worker.'),
  (w) => (w.language === 'go' ? 'It was in a call to the operating system for so long that its proc was given to others.' : 'It was in block_in_place, and its worker went on elsewhere.'),
  'It ran, but for the garbage collector rather than for the program.',
  "It ran, but inside the runtime's own machinery.",
  (w) => `The ${w.proc} was looking for a ${w.goroutine} to run.`,
  'Nothing ran.',
  'The garbage collector was marking what is alive, beside the program.',
  'The whole program was stopped.',
  'Memory that was found dead was being swept up.',
  'A goroutine had to help the garbage collector before it could allocate more.',
  'An interval that the runtime recorded under a name of its own.',
  (w) => (w.language === 'go' ? 'A region that the program marked: runtime/trace.WithRegion.' : 'A region that the program marked: goroscope_recorder::region.'),
  (w) => (w.language === 'go' ? 'A task that the program marked: runtime/trace.NewTask.' : 'A task that the program marked: goroscope_recorder::task.'),
  'Its thread could run and had no processor: the kernel gave it to another thread. Much of it means that the machine has too few processors for its work.',
  'Its thread slept in the kernel although something ran on it: a call that blocks, a lock of the standard library, a page that was not in memory.',
  'A value that the program, or what runs it, told over time. It holds until the next one.',
];
