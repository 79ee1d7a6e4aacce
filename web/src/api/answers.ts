/**
 * The answers that take a filter, as `docs/answers.md` describes them.
 *
 * Times are integers: nanoseconds, points in time since the start of the trace.
 */

import type { Frame, GoRef, ResourceRef } from './types';

/** Time by state's key, ns: `running`, `runnable`, `network` … */
export type StateTimes = Readonly<Record<string, number>>;

/** What a page of rows begins with. */
export interface Listed<R> {
  readonly from: number;
  readonly to: number;
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly R[];
}

/** A stretch of a lane to go to. */
export interface Stretch {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

export interface Reason {
  readonly reason: string;
  readonly class: number;
  readonly ns: number;
  readonly spans: number;
}

/** A bucket of a histogram. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** `running`, `runnable` … and what overlaps with them, of a goroutine or a group. */
export interface GoTimes {
  readonly lifetime: number;
  readonly running: number;
  readonly runnable: number;
  readonly waiting: number;
  readonly syscall: number;
  readonly syscall_blocked: number;
  readonly unknown: number;
  readonly network: number;
  readonly channel: number;
  readonly sync: number;
  readonly select: number;
  readonly sleep: number;
  readonly gc_wait: number;
  readonly other_wait: number;
  readonly assist: number;
  readonly sweep: number;
  readonly stw: number;
  readonly samples: number;
  readonly blocked: readonly Reason[];
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** A row of `api/groups`. */
export interface GroupRow extends GoTimes, Stretch {
  readonly name: string;
  readonly label: string;
  readonly file: string;
  readonly count: number;
  readonly running_share: number;
  readonly distribution: { readonly lifetime: Percentiles; readonly running: Percentiles; readonly runnable: Percentiles };
  readonly histogram: readonly Bucket[];
}

export interface Groups extends Listed<GroupRow> {
  readonly sum: GoTimes & { readonly count: number };
}

/** A row of `api/goroutines`. */
export interface GoroutineRow extends GoTimes {
  readonly goroutine: GoRef;
  readonly created: number | null;
  readonly ended: number | null;
  readonly start: number;
  readonly end: number;
  readonly first_run: number | null;
}

export interface Goroutines extends Listed<GoroutineRow> {
  readonly sum: GoTimes & { readonly count: number };
}

/** `api/threads` */
export interface ThreadRow {
  readonly thread: ResourceRef;
  /** What the program calls it, if that is known. */
  readonly name: string | null;
  /** ns without a processor, if the kernel told. */
  readonly off_cpu?: number;
  readonly start: number;
  readonly end: number;
  readonly lifetime: number;
  readonly running: number;
  readonly running_gc: number;
  readonly running_runtime: number;
  readonly syscall: number;
  readonly syscall_blocked: number;
  readonly scheduler: number;
  readonly idle: number;
  readonly unknown: number;
  readonly open_syscall: boolean;
  readonly syscalls: number;
  readonly syscall_ns: number;
  readonly longest_syscall: (Stretch & { readonly go: GoRef | null; readonly function: string; readonly duration: number }) | null;
  readonly functions: readonly { readonly function: string; readonly count: number; readonly ns: number; readonly longest: number }[];
}

export interface Threads {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly offset: number;
  readonly rows: readonly ThreadRow[];
}

/** Of those that are complete. */
export interface Latency {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** A bucket to whom both edges belong. */
export interface LatencyBucket {
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** A row of `api/task_types`. */
export interface TaskTypeRow extends Stretch {
  readonly name: string;
  readonly filter: string;
  readonly count: number;
  readonly complete: number;
  readonly incomplete: number;
  readonly latency: Latency | null;
  readonly histogram: readonly LatencyBucket[];
  readonly ns: number;
  readonly peak: number;
  readonly subtasks: number;
  readonly regions: number;
  readonly logs: number;
}

export interface TaskTypes extends Listed<TaskTypeRow> {
  readonly tasks: number;
  readonly background: { readonly regions: number; readonly logs: number };
}

export interface TaskRef {
  readonly key: string;
  readonly id: number;
  readonly name: string;
}

/** A row of `api/tasks`. */
export interface TaskRow extends Stretch {
  readonly id: number;
  readonly name: string;
  readonly parent: TaskRef | null;
  readonly depth: number;
  readonly duration: number;
  readonly complete: boolean;
  readonly open_start: boolean;
  readonly open_end: boolean;
  readonly go: GoRef | null;
  readonly end_go: GoRef | null;
  readonly goroutines: number;
  readonly subtasks: number;
  readonly regions: number;
  readonly logs: number;
  readonly ns: number;
  readonly time: StateTimes;
}

/** A part of a task: itself, a task below it, a region, a log. */
export interface TaskPart extends Stretch {
  readonly row: number;
  readonly kind: 'task' | 'region' | 'log';
  readonly depth: number;
  readonly parent: number | null;
  readonly name: string;
  readonly category: string;
  readonly task: TaskRef | null;
  readonly go: GoRef | null;
  readonly open_start: boolean;
  readonly open_end: boolean;
  readonly since: number | null;
  readonly stack: readonly Frame[];
}

/** `api/task` */
export interface TaskDetails {
  readonly task: TaskRow;
  readonly wall: readonly { readonly class: number | null; readonly reason: string; readonly ns: number; readonly share: number }[];
  readonly goroutines_total: number;
  readonly goroutines: readonly { readonly go: GoRef; readonly start: number; readonly end: number; readonly parts: number; readonly time: StateTimes; readonly reasons: readonly Reason[] }[];
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly TaskPart[];
}

/** A row of `api/region_types`. */
export interface RegionTypeRow {
  readonly name: string;
  readonly at: string;
  readonly frame: Frame | null;
  readonly filter: string;
  readonly count: number;
  readonly complete: number;
  readonly incomplete: number;
  readonly latency: Latency | null;
  readonly histogram: readonly LatencyBucket[];
  readonly ns: number;
  readonly self_ns: number;
  readonly goroutines: number;
  readonly time: StateTimes;
}

/** A row of `api/regions`. */
export interface RegionRow extends Stretch {
  readonly row: number;
  readonly name: string;
  readonly at: string;
  readonly go: GoRef | null;
  readonly task: TaskRef | null;
  readonly duration: number;
  readonly depth: number;
  readonly complete: boolean;
  readonly open_start: boolean;
  readonly open_end: boolean;
  readonly ns: number;
  readonly self_ns: number;
  readonly time: StateTimes;
  readonly reasons: readonly Reason[];
}

/** A row of `api/logs`. */
export interface LogRow extends Stretch {
  readonly row: number;
  readonly ts: number;
  readonly go: GoRef | null;
  readonly task: TaskRef | null;
  readonly category: string;
  readonly message: string;
  readonly stack: readonly Frame[];
}

/** GOMAXPROCS, or the number of procs seen if the trace does not tell. */
export interface Procs {
  readonly value: number;
  readonly known: boolean;
}

/** What collection took, ns. */
export interface GcWork {
  readonly assists: number;
  readonly assist_ns: number;
  readonly assist_running_ns: number;
  readonly dedicated_ns: number;
  readonly fractional_ns: number;
  readonly idle_ns: number;
  readonly unlabelled_ns: number;
  readonly sweeps: number;
  readonly sweep_ns: number;
  readonly swept_bytes: number;
  readonly reclaimed_bytes: number;
  readonly sweeper_ns: number;
  readonly gc_share: number | null;
}

/** A stop of the world. */
export interface StopRow extends Stretch {
  readonly row: number;
  readonly cause: string;
  readonly gc: boolean;
  readonly open_start: boolean;
  readonly open_end: boolean;
  readonly duration: number;
  readonly go: GoRef | null;
  readonly stack: readonly Frame[];
  readonly cycle?: number | null;
}

export interface CycleRow extends GcWork, Stretch {
  readonly number: number;
  readonly open_start: boolean;
  readonly open_end: boolean;
  readonly duration: number;
  readonly forced: string | null;
  readonly go: GoRef | null;
  readonly stack: readonly Frame[];
  readonly phases: readonly { readonly phase: string; readonly start: number; readonly end: number }[];
  readonly pauses: readonly StopRow[];
  readonly pause_ns: number;
  readonly longest_pause: number;
  readonly heap_before: number | null;
  readonly heap_peak: number | null;
  readonly heap_mark_end: number | null;
  readonly heap_after: number | null;
  readonly goal: number | null;
  readonly next_goal: number | null;
  readonly idle_share: number | null;
}

export interface AssistRow {
  readonly go: GoRef;
  readonly count: number;
  readonly ns: number;
  readonly running_ns: number;
  readonly longest: Stretch;
}

export interface SubList<R> {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly R[];
}

/** `api/gc` */
export interface Gc {
  readonly from: number;
  readonly to: number;
  readonly lost: number;
  readonly gomaxprocs: Procs;
  readonly total: GcWork & { readonly cycles: number; readonly cycle_ns: number; readonly pauses: number; readonly pause_ns: number; readonly longest_pause: number; readonly stops: number; readonly stop_ns: number };
  readonly causes: readonly { readonly cause: string; readonly gc: boolean; readonly count: number; readonly ns: number; readonly p50: number; readonly p99: number; readonly max: number; readonly longest: Stretch }[];
  readonly cycles: SubList<CycleRow>;
  readonly stops: SubList<StopRow>;
  readonly assists: SubList<AssistRow>;
}

/** Waits of goroutines that could run. */
export interface Waits {
  readonly count: number;
  readonly ns: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p99_9: number;
  readonly max: number;
  readonly open: number;
  readonly open_ns: number;
}

export interface WaitBucket extends Bucket {
  readonly ns: number;
}

export interface WaitGroupRow extends Waits {
  readonly key: string;
  readonly label: string;
  readonly histogram: readonly WaitBucket[];
}

export interface WorstWait extends Stretch {
  readonly go: GoRef;
  readonly duration: number;
  readonly cause: string;
  readonly reason: string;
  readonly by: GoRef | null;
  readonly proc: ResourceRef | null;
}

/** `api/latency` */
export interface SchedulingLatency {
  readonly from: number;
  readonly to: number;
  readonly total: Waits;
  readonly causes: readonly (Waits & { readonly cause: string })[];
  readonly histogram: readonly WaitBucket[];
  readonly groups: SubList<WaitGroupRow>;
  readonly worst: readonly WorstWait[];
}

/** A window of the curve; null where no stretch is as long. */
export interface MmuPoint {
  readonly window: number;
  readonly mmu: number | null;
  readonly p99_9: number | null;
  readonly p99: number | null;
  readonly p95: number | null;
}

export interface WorstWindow extends Stretch {
  readonly proc: ResourceRef | null;
  readonly utilisation: number;
}

/** `api/mmu` */
export interface Mmu {
  readonly from: number;
  readonly to: number;
  readonly gomaxprocs: Procs;
  readonly mean: number | null;
  readonly changes: number;
  readonly curve: readonly MmuPoint[];
  readonly worst: { readonly window: number; readonly rows: readonly WorstWindow[] } | null;
}

export interface ProcTimes {
  readonly lifetime: number;
  readonly running: number;
  readonly running_gc: number;
  readonly running_runtime: number;
  readonly syscall: number;
  readonly scheduler: number;
  readonly idle: number;
  readonly unknown: number;
  readonly starts: number;
  readonly stops: number;
  readonly thread_changes: number;
  readonly retakes: number;
}

export type ProcState = 'running' | 'running_gc' | 'running_runtime' | 'syscall' | 'scheduler' | 'idle' | 'unknown';

export interface ProcRow extends ProcTimes {
  readonly proc: ResourceRef;
  readonly start: number;
  readonly end: number;
  readonly cells: Readonly<Record<ProcState, readonly number[]>>;
}

export interface ShortRow extends Stretch {
  readonly duration: number;
  readonly stopped_ns: number;
  readonly missed: number;
  readonly runnable: number;
  readonly runnable_max: number;
  readonly idle: number;
  readonly idle_max: number;
}

/** `api/procs` */
export interface ProcsAnswer {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly cells: number;
  readonly gomaxprocs: Procs;
  readonly changes: readonly { readonly ts: number; readonly value: number }[];
  readonly total: ProcTimes;
  readonly rows: SubList<ProcRow>;
  readonly over_time: {
    readonly active: readonly number[];
    readonly busy: readonly number[];
    readonly gomaxprocs: readonly (number | null)[];
    readonly runnable_mean: readonly number[];
    readonly runnable_max: readonly number[];
  };
  readonly short: { readonly count: number; readonly ns: number; readonly stopped_ns: number; readonly missed: number; readonly longest: number; readonly rows: readonly ShortRow[] };
}

/** Where a page of events begins. */
export interface EventCursor {
  readonly ts: number;
  readonly skip: number;
}

/** `api/events` */
export interface Events {
  readonly rows: readonly EventRow[];
  readonly next: EventCursor | null;
}

/** Something that happened. */
export interface EventRow {
  readonly ts: number;
  readonly topic: string;
  readonly text: string;
  /** How long what begins lasts. */
  readonly dur: number | null;
  readonly go: GoRef | null;
  /** Who woke or created the goroutine. */
  readonly cause: GoRef | null;
  readonly task: TaskRef | null;
  readonly stack: readonly Frame[];
  readonly lane: string;
}

/** `api/heap`: the largest values in equal buckets, bytes. */
export interface HeapCurve {
  readonly from: number;
  readonly width: number;
  readonly cells: number;
  readonly heap: readonly (number | null)[];
  readonly goal: readonly (number | null)[];
}
