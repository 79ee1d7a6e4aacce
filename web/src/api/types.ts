/**
 * The answers of the server, as `docs/http-api.md` describes them.
 *
 * Times are integers: nanoseconds since the start of the trace. A lane key is text.
 */

/** Index of a state's class, 0..25; names come with `TraceMeta.classes`. */
export type ClassId = number;

export type ClassKind = 'run' | 'ready' | 'wait' | 'syscall' | 'idle' | 'range' | 'user' | 'unknown';

export interface ClassInfo {
  readonly id: ClassId;
  readonly key: string;
  readonly label: string;
  readonly kind: ClassKind;
}

export interface Diagnostic {
  readonly severity: string;
  readonly offset: number | null;
  readonly generation: number | null;
  readonly thread: number | null;
  readonly lost_bytes: number;
  /** When it is that something is not known because of it: null if that has no time. */
  readonly lost_time: readonly [number, number] | 'unknown' | null;
  readonly message: string;
  /** The whole line, with its position. */
  readonly text: string;
}

export interface TraceCounts {
  readonly events: number;
  readonly goroutines: number;
  readonly procs: number;
  readonly threads: number;
  readonly groups: number;
  readonly generations: number;
  readonly ranges: number;
  readonly tasks: number;
  readonly regions: number;
  readonly logs: number;
  readonly samples: number;
  readonly experimental: number;
  readonly unknown: number;
}

export interface WallClock {
  readonly ts: number;
  readonly sec: number;
  readonly nsec: number;
}

/** Another trace that the server shows. */
export interface Neighbour {
  readonly name: string;
  /** Relative to this page. */
  readonly path: string;
  /** In nanoseconds; null while it is being read. */
  readonly duration: number | null;
}

/** `GET api/trace` */
export interface TraceMeta {
  readonly api: number;
  readonly name: string;
  readonly others: readonly Neighbour[];
  readonly format: string;
  readonly start: number;
  readonly end: number;
  readonly wall: WallClock | null;
  readonly bytes: number;
  readonly counts: TraceCounts;
  readonly gomaxprocs: number | null;
  readonly classes: readonly ClassInfo[];
  readonly lost: readonly (readonly [number, number])[];
  readonly diagnostics: readonly Diagnostic[];
  readonly words: Words;
  /** How a Rust program was recorded; null for a Go trace. */
  readonly recording: RecordingFacts | null;
}

/** What things are called: see `crates/analysis/src/words.rs`. */
export interface Words {
  readonly language: 'go' | 'rust';
  readonly goroutine: string;
  readonly goroutines: string;
  readonly goroutine_title: string;
  readonly goroutines_title: string;
  readonly goroutine_letter: string;
  readonly proc: string;
  readonly procs: string;
  readonly proc_title: string;
  readonly procs_title: string;
  readonly proc_letter: string;
  readonly proc_count_title: string;
  readonly function_title: string;
  readonly user_task: string;
  readonly user_tasks: string;
  readonly user_task_title: string;
  readonly user_tasks_title: string;
  /** Calls that block a thread. */
  readonly syscall_title: string;
  readonly running_title: string;
}

/** What goroscope-recorder says of its recording; null is what it does not say. */
export interface RecordingFacts {
  readonly recorder: string;
  readonly program: string | null;
  readonly pid: number | null;
  readonly clock: string | null;
  readonly stacks: string | null;
  readonly frame_pointers: string | null;
  readonly symbols: string | null;
  readonly perf: string | null;
  readonly hooks: string | null;
  readonly tasks: number | null;
  readonly untraced_tasks: number | null;
  readonly polls: number | null;
  readonly unheard_wakes: number | null;
  readonly superfluous_wakes: number | null;
  readonly outside_annotations: number | null;
  readonly dropped: number | null;
  readonly repaired: number | null;
  readonly forgotten_generations: number | null;
  readonly threads: readonly { readonly id: number; readonly name: string }[];
  readonly counters: number;
  readonly others: readonly (readonly [string, string])[];
  readonly warnings: readonly { readonly kind: string; readonly text: string }[];
}

export interface LaneInfo {
  readonly key: string;
  readonly label: string;
  readonly ranges?: boolean;
  /** The thin lane under it of the time without a processor, where that is known. */
  readonly off?: string;
  /** Of a value over time, its scale. */
  readonly curve?: CurveScale;
}

/** What a value over time counts, and its least and largest value in the trace. */
export interface CurveScale {
  readonly unit: '' | 'bytes' | 'ns';
  readonly least: number;
  readonly most: number;
}

export interface GroupInfo {
  readonly key: string;
  readonly label: string;
  readonly count: number;
  readonly peak: number;
  readonly depth?: number;
  readonly ranges?: boolean;
  readonly running?: number;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly lanes?: readonly LaneInfo[];
  readonly groups?: readonly GroupInfo[];
}

/** `GET api/lanes` */
export interface LaneTree {
  readonly sections: readonly Section[];
}

export interface MemberRow {
  readonly key: string;
  readonly label: string;
  readonly start: number;
  readonly end: number;
  readonly depth?: number;
  readonly ranges?: boolean;
  readonly indent?: number;
}

/** `GET api/members` */
export interface MemberPage {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly MemberRow[];
}

/** `GET api/locate` */
export interface Place {
  readonly group: string;
  readonly offset: number;
  readonly label: string;
}

/** `GET api/overview` */
export interface Overview {
  readonly from: number;
  readonly width: number;
  readonly cells: number;
  readonly running: readonly number[];
  readonly runnable: readonly number[];
  readonly waiting: readonly number[];
  readonly syscall: readonly number[];
  readonly gomaxprocs: readonly (number | null)[];
  readonly heap: readonly (number | null)[];
  readonly goal: readonly (number | null)[];
  readonly heap_max: number;
  readonly waiting_max: number;
  readonly gc: readonly (readonly [number, number])[];
  readonly stw: readonly (readonly [number, number])[];
}

/** `progress` of `GET api/loading` */
export interface LoadingProgress {
  readonly phase: 'receiving' | 'unpacking' | 'reading' | 'indexing';
  readonly bytes: number;
  /** Null while nobody knows. */
  readonly total: number | null;
  readonly events: number;
  readonly generations: number;
  /** As far as the trace was read; null before the first event. */
  readonly overview: Overview | null;
}

/** `GET api/loading` */
export interface LoadingReport {
  readonly name: string;
  readonly stage: 'loading' | 'ready' | 'failed';
  /** Grows with everything that is new. */
  readonly number: number;
  readonly error: string | null;
  readonly elapsed_ms: number;
  readonly progress: LoadingProgress | null;
}

export interface GoRef {
  readonly key: string;
  readonly row: number;
  readonly id: number;
  readonly function: string;
}

/** A proc or a thread. */
export interface ResourceRef {
  readonly key: string;
  readonly row: number;
  readonly id: number;
}

export interface Frame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

/** The other end of a flow. */
export interface FlowEnd {
  readonly go: GoRef | null;
  readonly ts: number;
  readonly lane: string | null;
  readonly lane_label: string;
  readonly kind: string;
  readonly stack?: readonly Frame[];
  readonly proc?: ResourceRef | null;
  /** Start of the span in which it happened. */
  readonly span_start?: number | null;
}

export interface Neighbour {
  readonly start: number;
  readonly end: number;
  readonly class: ClassId;
  readonly title: string;
}

export interface RegionRef {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly lane: string;
}

export interface LogLine {
  readonly ts: number;
  readonly category: string;
  readonly message: string;
}

/** `GET api/span` */
export interface SpanDetails {
  readonly lane: string;
  readonly lane_label: string;
  readonly row: number | null;
  readonly start: number;
  readonly end: number;
  readonly dur: number;
  readonly class: ClassId;
  readonly state: string;
  readonly reason: string | null;
  readonly title: string;
  readonly open_start: boolean;
  readonly open_end: boolean;
  readonly go: GoRef | null;
  readonly proc: ResourceRef | null;
  readonly thread: ResourceRef | null;
  readonly stack: readonly Frame[];
  readonly end_stack: readonly Frame[];
  readonly cause: FlowEnd | null;
  readonly woken_by: FlowEnd | null;
  readonly effects: readonly FlowEnd[];
  readonly effects_total: number;
  readonly next_effect: FlowEnd | null;
  readonly prev: Neighbour | null;
  readonly next: Neighbour | null;
  readonly regions: readonly RegionRef[];
  readonly task: { readonly key: string; readonly id: number; readonly name: string } | null;
  readonly logs: readonly LogLine[];
  /** Of a span of running, for how long its thread had no processor; absent: the kernel did not tell. */
  readonly off_cpu?: number;
  /** Of that, ns for which it had been taken from the processor. */
  readonly preempted?: number;
  /** Of a value over time, which one, and its scale. */
  readonly value?: CurveScale & { readonly now: number };
  readonly values: readonly (readonly [string, string])[];
}

export interface ClassTime {
  readonly class: ClassId;
  readonly ns: number;
  readonly spans: number;
  readonly longest: number;
  readonly longest_ts: number;
}

export interface ReasonTime extends StateSpans {
  readonly reason: string;
}

/** Who ended waits, or whose waits were ended. */
export interface Peer {
  readonly kind: string;
  readonly go: GoRef | null;
  readonly count: number;
  /** Time of the waits that ended so. */
  readonly waited: number;
  readonly longest: number;
  /** Begin of the longest. */
  readonly longest_ts: number;
  /** Places where the waker stood; `stack` is where for most of `waited`. */
  readonly stacks: number;
  readonly stack: readonly Frame[];
  /** Which frame of `stack` is the first that is the program's own. */
  readonly own: number;
}

/** Times of one state, with percentiles of the lengths of its spans. */
export interface StateSpans extends ClassTime {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

export interface Child extends GoRef {
  readonly created: number | null;
  readonly end: number;
  readonly running: number;
}

/** `GET api/goroutine` */
export interface GoroutineDetails {
  readonly go: GoRef;
  readonly group: string | null;
  readonly label: string;
  readonly created: number | null;
  readonly ended: number | null;
  readonly start: number;
  readonly end: number;
  readonly lifetime: number;
  readonly creator: GoRef | null;
  readonly creation_stack: readonly Frame[];
  readonly children_total: number;
  readonly children: readonly Child[];
  /** From its creation until it first ran; null if either is not in the trace. */
  readonly first_run: number | null;
  readonly time: readonly StateSpans[];
  readonly reasons: readonly ReasonTime[];
  readonly ranges: readonly { readonly name: string; readonly ns: number; readonly count: number }[];
  readonly woken_by: readonly Peer[];
  readonly woken_by_total: number;
  readonly woke: readonly Peer[];
  readonly woke_total: number;
  readonly regions: number;
  readonly logs: number;
  readonly samples: number;
  readonly spans: number;
}

/** Body of `POST api/select` */
export interface SelectRequest {
  readonly from: number;
  readonly to: number;
  readonly lanes: readonly string[];
}

/** `POST api/select` */
export interface RangeTotals {
  readonly from: number;
  readonly to: number;
  readonly dur: number;
  readonly lanes: number;
  /** Time that the lanes existed within the range; shares are of it. */
  readonly lane_time: number;
  readonly time: readonly { readonly class: ClassId; readonly ns: number; readonly share: number }[];
  readonly reasons: readonly { readonly reason: string; readonly class: ClassId; readonly ns: number; readonly spans: number }[];
  readonly top: readonly { readonly lane: string; readonly label: string; readonly class: ClassId; readonly ns: number }[];
  /** How the values over time among the lanes went within the range. */
  readonly counters: readonly CounterTotals[];
}

/** A value over time within a range; null where it has none. */
export interface CounterTotals {
  readonly name: string;
  readonly unit: CurveScale['unit'];
  readonly points: number;
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  readonly last: number | null;
}

export type HitKind = 'goroutine' | 'function' | 'counter' | 'frame' | 'region' | 'task' | 'log';

export interface Hit {
  readonly kind: HitKind;
  readonly label: string;
  readonly detail: string;
  readonly lane: string;
  readonly start: number;
  readonly end: number;
  readonly class: ClassId;
}

/** `GET api/search` */
export interface SearchPage {
  readonly q: string;
  readonly total: number;
  readonly counts: Readonly<Record<HitKind, number>>;
  readonly hits: readonly Hit[];
}
