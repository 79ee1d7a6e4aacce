/**
 * The tiles that are here, and the asking for those that are not.
 *
 * A frame looks tiles up and says which it misses; `flush` then asks for all of them in
 * one request, which supersedes the request before. Exact and empty tiles are leaves:
 * every finer level is answered by them.
 */

import { say } from '../state/shell';
import { connection } from '../state/view';
import { type Frame, isLeaf, type Tile } from './decode';
import { ancestorX } from './geometry';
import { type LaneSlots, TileCache } from './lru';
import { TileSocket, type WantedRange } from './socket';

const CACHE_BYTES = 128 * 2 ** 20;
/** Requests are at least this far apart, so that a zoom does not flood the socket. */
const PACE_MS = 24;
/** Quiet time after the last tile before neighbours are fetched. */
const IDLE_MS = 120;
const MOST_LANES = 512;
const MOST_TILES = 4096;

/** What a lookup found; one object is reused for all lookups. */
export interface Found {
  tile: Tile | null;
  level: number;
  x: number;
  /** False: a stand-in from a coarser level until the right tile comes. */
  final: boolean;
}

/** Tiles wanted of one lane. */
export interface Wanted {
  readonly key: string;
  readonly lane: number;
  readonly xs: number[];
}

/** A request that may wait: neighbours of what is on screen. */
export interface Prefetch {
  readonly level: number;
  readonly lanes: readonly Wanted[];
}

const place = (level: number, x: number): number => x * 64 + level;

export class Tiles {
  private readonly cache = new TileCache<Tile>(CACHE_BYTES);
  private readonly socket: TileSocket;
  private readonly found: Found = { tile: null, level: 0, x: 0, final: false };
  private wants = new Map<number, Wanted>();
  private wantLevel = 0;
  private wantCount = 0;
  /** Tiles of the newest request that have not come, by lane. */
  private pending = new Map<number, Set<number>>();
  /** Tiles the server did not send although it finished: not asked for again. */
  private readonly refused = new Map<number, Set<number>>();
  private lastSent = -PACE_MS;
  private paceTimer: ReturnType<typeof setTimeout> | undefined;
  private idleTimer: ReturnType<typeof setTimeout> | undefined;
  private done = true;

  /** `changed`: new tiles came. `plan`: what to fetch when idle, in order of worth. */
  constructor(
    url: string,
    private readonly changed: () => void,
    private readonly plan: () => readonly Prefetch[],
  ) {
    this.socket = new TileSocket(url, {
      frame: (frame) => this.take(frame),
      open: () => {
        this.pending.clear();
        this.refused.clear();
        this.done = true;
        connection.value = 'open';
        changed();
      },
      lost: () => {
        connection.value = 'gone';
      },
      broken: (reason) => console.error(reason),
      refused: (reason) => say(`The server: ${reason}`, 6000),
    });
  }

  /** Tiles that the frame just drawn misses. */
  get missing(): number {
    return this.wantCount;
  }

  lane(lane: number): LaneSlots<Tile> {
    return this.cache.lane(lane);
  }

  /** A new frame at a level begins. */
  begin(level: number): void {
    this.cache.tick();
    this.wants = new Map();
    this.wantLevel = level;
    this.wantCount = 0;
  }

  /** The tile itself, a leaf above it, or the finest stand-in. The result is valid until the next call. */
  find(slots: LaneSlots<Tile>, level: number, x: number): Found {
    const found = this.found;
    found.tile = null;
    found.final = false;
    for (const coarser of slots.levels) {
      if (coarser < level) continue;
      const at = ancestorX(x, level, coarser);
      const tile = this.cache.get(slots, coarser, at);
      if (tile === undefined) continue;
      const final = coarser === level || isLeaf(tile);
      if (final || found.tile === null) {
        found.tile = tile;
        found.level = coarser;
        found.x = at;
        found.final = final;
      }
      if (final) break;
    }
    return found;
  }

  /** The tile at exactly this place, if it is here. */
  at(slots: LaneSlots<Tile>, level: number, x: number): Tile | undefined {
    return this.cache.get(slots, level, x);
  }

  /** The frame misses this tile. */
  want(key: string, lane: number, x: number): void {
    if (this.refused.get(lane)?.has(place(this.wantLevel, x)) === true) return;
    let wanted = this.wants.get(lane);
    if (wanted === undefined) this.wants.set(lane, (wanted = { key, lane, xs: [] }));
    wanted.xs.push(x);
    this.wantCount++;
  }

  /** Asks for what the frame misses, unless that is already on its way. */
  flush(now: number): void {
    this.cache.trim();
    if (!this.socket.ready) return;
    clearTimeout(this.idleTimer);
    if (this.wantCount === 0) {
      if (this.done) this.idleTimer = setTimeout(() => this.prefetch(), IDLE_MS);
      return;
    }
    let news = false;
    for (const { lane, xs } of this.wants.values()) {
      const coming = this.pending.get(lane);
      if (coming === undefined || xs.some((x) => !coming.has(place(this.wantLevel, x)))) news = true;
    }
    if (!news) return;
    clearTimeout(this.paceTimer);
    const wait = this.lastSent + PACE_MS - now;
    if (wait > 0) this.paceTimer = setTimeout(() => this.flush(performance.now()), wait);
    else this.send(this.wantLevel, [...this.wants.values()], now);
  }

  dispose(): void {
    clearTimeout(this.paceTimer);
    clearTimeout(this.idleTimer);
    this.socket.close();
    this.cache.clear();
  }

  private send(level: number, lanes: readonly Wanted[], now: number): void {
    this.pending = new Map();
    const ranges: WantedRange[] = [];
    let tiles = 0;
    for (const { key, lane, xs } of lanes.slice(0, MOST_LANES)) {
      if (tiles + xs.length > MOST_TILES) break;
      tiles += xs.length;
      this.pending.set(lane, new Set(xs.map((x) => place(level, x))));
      for (const [first, last] of runsOf(xs)) ranges.push([key, first, last]);
    }
    this.lastSent = now;
    this.done = false;
    this.socket.request(level, ranges);
  }

  private take(frame: Frame): void {
    for (const { lane, level, x, tile } of frame.tiles) {
      this.cache.put(lane, level, x, tile, tile.bytes);
      this.pending.get(lane)?.delete(place(level, x));
    }
    if (frame.last && frame.viewport === this.socket.latest) {
      for (const [lane, places] of this.pending) {
        if (places.size === 0) continue;
        const refused = this.refused.get(lane) ?? new Set();
        for (const p of places) refused.add(p);
        this.refused.set(lane, refused);
      }
      this.pending.clear();
      this.done = true;
    }
    this.changed();
  }

  private prefetch(): void {
    if (!this.socket.ready || !this.done) return;
    for (const { level, lanes } of this.plan()) {
      const missing: Wanted[] = [];
      for (const { key, lane, xs } of lanes) {
        const slots = this.cache.lane(lane);
        const not = xs.filter((x) => !this.find(slots, level, x).final && this.refused.get(lane)?.has(place(level, x)) !== true);
        if (not.length > 0) missing.push({ key, lane, xs: not });
      }
      if (missing.length > 0) {
        this.send(level, missing, performance.now());
        return;
      }
    }
  }
}

/** Ascending numbers as inclusive runs. */
export function runsOf(xs: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const x of xs) {
    const last = runs[runs.length - 1];
    if (last !== undefined && last[1] === x - 1) last[1] = x;
    else runs.push([x, x]);
  }
  return runs;
}
