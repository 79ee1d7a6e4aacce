/**
 * Values at (lane, level, x) with an account of their bytes: the least recently
 * used ones leave when the account is over its limit.
 */

interface Kept<V> {
  readonly value: V;
  readonly bytes: number;
  /** The frame that used it last. */
  used: number;
}

/** The values of one lane, by level and tile number. */
export class LaneSlots<V> {
  /** Levels that hold something, ascending. */
  readonly levels: number[] = [];
  readonly byLevel: (Map<number, Kept<V>> | undefined)[] = [];
}

export class TileCache<V> {
  private readonly lanes = new Map<number, LaneSlots<V>>();
  private clock = 1;
  private held = 0;

  /** `limit` in bytes; `dropped` learns of each value that leaves. */
  constructor(
    private readonly limit: number,
    private readonly dropped: (value: V) => void = () => undefined,
  ) {}

  get bytes(): number {
    return this.held;
  }

  /** A lane's slots; kept by callers only within one frame. */
  lane(lane: number): LaneSlots<V> {
    let slots = this.lanes.get(lane);
    if (slots === undefined) this.lanes.set(lane, (slots = new LaneSlots<V>()));
    return slots;
  }

  /** The value at a place, which counts as a use. */
  get(slots: LaneSlots<V>, level: number, x: number): V | undefined {
    const kept = slots.byLevel[level]?.get(x);
    if (kept === undefined) return undefined;
    kept.used = this.clock;
    return kept.value;
  }

  put(lane: number, level: number, x: number, value: V, bytes: number): void {
    const slots = this.lane(lane);
    let tiles = slots.byLevel[level];
    if (tiles === undefined) {
      slots.byLevel[level] = tiles = new Map();
      slots.levels.push(level);
      slots.levels.sort((a, b) => a - b);
    }
    const old = tiles.get(x);
    if (old !== undefined) {
      this.held -= old.bytes;
      this.dropped(old.value);
    }
    tiles.set(x, { value, bytes, used: this.clock });
    this.held += bytes;
  }

  /** A new frame begins: what it uses is newer than what earlier frames used. */
  tick(): void {
    this.clock++;
  }

  /** When over the limit, drops the oldest until three quarters are left; never what this frame used. */
  trim(): void {
    if (this.held <= this.limit) return;
    const old: { used: number; slots: LaneSlots<V>; level: number; x: number }[] = [];
    for (const slots of this.lanes.values())
      for (const level of slots.levels)
        for (const [x, kept] of slots.byLevel[level] ?? []) if (kept.used < this.clock) old.push({ used: kept.used, slots, level, x });
    old.sort((a, b) => a.used - b.used);
    for (const { slots, level, x } of old) {
      if (this.held <= this.limit * 0.75) break;
      this.drop(slots, level, x);
    }
    for (const [lane, slots] of this.lanes) if (slots.levels.length === 0) this.lanes.delete(lane);
  }

  clear(): void {
    for (const slots of this.lanes.values())
      for (const level of slots.levels) for (const kept of slots.byLevel[level]?.values() ?? []) this.dropped(kept.value);
    this.lanes.clear();
    this.held = 0;
  }

  private drop(slots: LaneSlots<V>, level: number, x: number): void {
    const tiles = slots.byLevel[level];
    const kept = tiles?.get(x);
    if (tiles === undefined || kept === undefined) return;
    tiles.delete(x);
    this.held -= kept.bytes;
    this.dropped(kept.value);
    if (tiles.size === 0) {
      slots.byLevel[level] = undefined;
      slots.levels.splice(slots.levels.indexOf(level), 1);
    }
  }
}
