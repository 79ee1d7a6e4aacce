/** The views of `api/profile`, as `docs/answers.md` describes them. */

import type { ClassId, GoRef } from './types';

/** What every view begins with. */
export interface Profile<B> {
  readonly kind: string;
  readonly view: string;
  readonly from: number;
  readonly to: number;
  /** What `slowest` was resolved to, ns. */
  readonly min: number | null;
  readonly types: readonly { readonly kind: string; readonly unit: string }[];
  readonly type: number;
  /** Sums of each type before `focus` and the like, and after. */
  readonly total: readonly number[];
  readonly shown: readonly number[];
  readonly samples: number;
  readonly stacks: number;
  readonly comments: readonly string[];
  readonly body: B;
}

export interface TopRow {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly flat: readonly number[];
  readonly cum: readonly number[];
}

export interface Top {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly TopRow[];
}

/** A box of a flame graph, parents before children; `x` and `value` in the profile's unit. */
export interface Box {
  readonly parent: number | null;
  readonly depth: number;
  readonly name: string;
  readonly file: string;
  readonly x: number;
  readonly value: number;
  readonly self: number;
  /** Sums up what is narrower than a pixel. */
  readonly rest: boolean;
}

export interface Flame {
  readonly depth: number;
  readonly boxes: readonly Box[];
}

export interface Sandwich {
  readonly function: string;
  readonly callers: Flame;
  readonly callees: Flame;
}

export interface CallGraph {
  readonly dot: string;
  readonly nodes: readonly { readonly id: string; readonly name: string; readonly file: string; readonly flat: number; readonly cum: number }[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly value: number; readonly residual: boolean }[];
  readonly hidden_nodes: number;
}

export interface TraceRow {
  readonly values: readonly number[];
  readonly labels: readonly { readonly key: string; readonly text: string }[];
  readonly frames: readonly { readonly name: string; readonly file: string; readonly line: number }[];
  /** Which frame is the first that is the program's own; the innermost one if none is. */
  readonly own: number;
}

/** `api/places`: what a profile sums up, one by one. */
export interface Places {
  readonly total: number;
  /** All of them together, as far as the filter lets them pass. */
  readonly ns: number;
  readonly offset: number;
  readonly rows: readonly PlaceRow[];
}

export interface PlaceRow {
  readonly key: string;
  readonly go: GoRef;
  readonly class: ClassId;
  readonly state: string;
  readonly reason: string;
  readonly start: number;
  readonly end: number;
  /** What of it passes the filter, ns. */
  readonly duration: number;
}

export interface Traces {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly TraceRow[];
}

export interface Listing {
  readonly functions: readonly {
    readonly name: string;
    readonly file: string;
    readonly source: boolean;
    readonly flat: number;
    readonly cum: number;
    readonly lines: readonly { readonly line: number; readonly flat: number; readonly cum: number; readonly text: string | null }[];
  }[];
  readonly more: number;
}
