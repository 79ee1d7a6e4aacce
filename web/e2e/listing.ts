/**
 * Reads the listing of Go's own reader (`go tool trace -d=parsed`, committed under
 * `testdata/golden`) and recomputes what goroutines did. It shares no code with Goroscope.
 *
 * Go's reader moves a time up when it would not be later than the time before it in the listing;
 * Goroscope shows the time that was recorded. A moved time is one more than the time before it,
 * which a recorded one never is here: the traces' clocks tick in steps of many nanoseconds. So a
 * time is known exactly, or, where it was moved, to lie between the last time of the same thread,
 * proc or goroutine and the listed one. All sums are kept as such pairs of bounds.
 */

/** What is known of a number: it is at least `lo` and at most `hi`. */
export interface Bounds {
  readonly lo: number;
  readonly hi: number;
}

export interface ListedEvent {
  readonly kind: string;
  readonly thread: string;
  readonly proc: string;
  readonly go: number;
  readonly time: Bounds;
  readonly attributes: ReadonlyMap<string, string>;
  readonly from: string;
  readonly to: string;
  /** Frames as `function file:line`; null where the listing shows none. */
  readonly stack: readonly string[] | null;
  /** The same for the resource that changes, when the listing names that stack apart. */
  readonly transitionStack: readonly string[] | null;
}

/** A goroutine's stay in one state. */
export interface Stay {
  readonly go: number;
  /** Go's name: `Running`, `Runnable`, `Waiting`, `Syscall`. */
  readonly state: string;
  readonly reason: string;
  readonly start: Bounds;
  readonly end: Bounds;
  /** The event that began it; null for what went on since before the trace. */
  readonly began: ListedEvent | null;
  /** The event that ended it; null when the trace ended first. */
  readonly ended: ListedEvent | null;
}

export interface Listing {
  readonly events: readonly ListedEvent[];
  /** Time of the first event as listed; times above are since then. */
  readonly end: Bounds;
  readonly stays: ReadonlyMap<number, readonly Stay[]>;
}

const LINE = /^M=(\S+) P=(\S+) G=(\S+) (\S+) Time=(\d+) ?(.*)$/;

export function parseListing(text: string): Listing {
  const events = parseEvents(text);
  const end = events.reduce((latest, event) => (event.time.hi > latest.hi ? event.time : latest), { lo: 0, hi: 0 });
  return { events, end, stays: staysOf(events, end) };
}

function parseEvents(text: string): ListedEvent[] {
  const events: ListedEvent[] = [];
  let first: number | null = null;
  let before = -1;
  const lastOf = new Map<string, number>();
  let frames: { stack: string[] | null; transitionStack: string[] | null } = { stack: null, transitionStack: null };
  let open: string[] | null = null;
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (match === null) {
      if (line === 'Stack=') open = frames.stack = [];
      else if (line === 'TransitionStack=') open = frames.transitionStack = [];
      else if (line.startsWith('\t\t')) open?.push(`${open.pop()} ${line.trim()}`);
      else if (line.startsWith('\t')) open?.push(line.trim().replace(/ @ 0x[0-9a-f]+$/, ''));
      continue;
    }
    const [, thread = '', proc = '', go = '', kind = '', listed = '', rest = ''] = match;
    first ??= Number(listed);
    const at = Number(listed) - first;
    const moved = at === before + 1;
    before = at;
    const touched = [`M${thread}`, ...[...rest.matchAll(/\b(ProcID|GoID)=\d+/g)].map((one) => one[0])];
    const lo = moved ? Math.max(0, ...touched.map((one) => lastOf.get(one) ?? 0)) : at;
    for (const one of touched) lastOf.set(one, lo);
    frames = { stack: null, transitionStack: null };
    open = null;
    const own = frames;
    events.push({
      kind,
      thread,
      proc,
      go: Number(go),
      time: { lo, hi: at },
      attributes: attributesOf(rest),
      from: /(\w+)->/.exec(rest)?.[1] ?? '',
      to: /->(\w+)/.exec(rest)?.[1] ?? '',
      get stack() {
        return own.stack;
      },
      get transitionStack() {
        return own.transitionStack;
      },
    });
  }
  return events;
}

function attributesOf(rest: string): Map<string, string> {
  return new Map([...rest.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S+)/g)].map((match) => [match[1] ?? '', (match[2] ?? '').replace(/^"|"$/g, '')]));
}

function staysOf(events: readonly ListedEvent[], end: Bounds): Map<number, Stay[]> {
  const stays = new Map<number, Stay[]>();
  const now = new Map<number, Omit<Stay, 'end' | 'ended'>>();
  for (const event of events) {
    const id = event.attributes.get('GoID');
    if (event.kind !== 'StateTransition' || id === undefined) continue;
    // A new generation repeats the states that it finds: nothing changed.
    if (event.from === event.to) continue;
    const go = Number(id);
    const known = now.get(go);
    if (known !== undefined) {
      const list = stays.get(go) ?? [];
      list.push({ ...known, end: event.time, ended: event });
      stays.set(go, list);
    }
    now.delete(go);
    if (event.to === 'NotExist') continue;
    // A state that the reader learns late began before the trace did.
    const late = event.from === 'Undetermined';
    now.set(go, { go, state: event.to, reason: event.attributes.get('Reason') ?? '', start: late ? { lo: 0, hi: 0 } : event.time, began: late ? null : event });
  }
  for (const [go, stay] of now) stays.set(go, [...(stays.get(go) ?? []), { ...stay, end, ended: null }]);
  return stays;
}

/** Bounds of the length of a stay within `[from, to)`. */
export function lengthWithin(stay: Stay, from: number, to: number): Bounds {
  const part = (start: number, end: number): number => Math.max(0, Math.min(end, to) - Math.max(start, from));
  return { lo: part(stay.start.hi, Math.max(stay.start.hi, stay.end.lo)), hi: part(stay.start.lo, stay.end.hi) };
}

export const add = (a: Bounds, b: Bounds): Bounds => ({ lo: a.lo + b.lo, hi: a.hi + b.hi });
export const isExact = (bounds: Bounds): boolean => bounds.lo === bounds.hi;
