/**
 * Where a lane stands in the content, also when it is not on screen: for revealing it, for
 * arrows that lead out of view, and for the names of pinned lanes.
 */

import type { Api } from '../api/client';
import type { LaneTree, Place } from '../api/types';
import { blockOf, closedKey, type Layout } from './layout';
import type { Members } from './members';
import type { PinnedLane } from './scene';

/** The lane that a nested lane belongs to: "regions:17:0" → "go:17". */
export function ownerOf(key: string): string {
  const [kind, row] = key.split(':');
  if (kind === 'regions' || kind === 'goranges') return `go:${row}`;
  if (kind === 'procranges' || kind === 'procoff') return `proc:${row}`;
  return kind === 'threadoff' ? `thread:${row}` : key;
}

export class Places {
  private known = new Map<string, Place>();
  private asked = new Map<string, Promise<Place | null>>();

  constructor(
    private readonly api: Pick<Api, 'locate'>,
    private readonly members: Members,
    private readonly tree: () => LaneTree | null,
    private readonly sortOf: (lane: string) => string,
    private readonly changed: () => void,
  ) {}

  /** Places depend on the order: after a new one they are asked for again. */
  reset(): void {
    this.known = new Map();
    this.asked = new Map();
  }

  /** Where a goroutine or task is, if that is known by now; asks otherwise. */
  peek(key: string): Place | undefined {
    const place = this.known.get(key);
    if (place === undefined) void this.find(key);
    return place;
  }

  /** Where a goroutine or task is; null when there is no such lane. */
  find(key: string): Promise<Place | null> {
    let asked = this.asked.get(key);
    if (asked === undefined) this.asked.set(key, (asked = this.ask(key)));
    return asked;
  }

  private async ask(key: string): Promise<Place | null> {
    const { asked, known } = this;
    const place = await this.api.locate(key, this.sortOf(key)).catch(() => null);
    if (place !== null) known.set(key, place);
    if (asked === this.asked) this.changed();
    return place;
  }

  /** The content height of a lane's row, or of the group or section that hides it. */
  top(layout: Layout, key: string): { top: number; height: number } | null {
    const lane = ownerOf(key);
    const own = blockOf(layout, 'lane', lane) ?? blockOf(layout, 'group', lane);
    if (own !== undefined) return { top: own.top, height: own.pitch };
    const place = /^(go|task):/.test(lane) ? this.peek(lane) : undefined;
    if (place !== undefined) {
      const members = blockOf(layout, 'members', place.group);
      if (members !== undefined) return { top: members.top + place.offset * members.pitch, height: members.pitch };
      const group = blockOf(layout, 'group', place.group);
      if (group !== undefined) return { top: group.top, height: group.pitch };
    }
    const section = this.sectionOf(place?.group ?? lane);
    const block = section === undefined ? undefined : blockOf(layout, 'section', section);
    return block === undefined ? null : { top: block.top, height: block.pitch };
  }

  /** The section that holds a lane or group of the tree. */
  sectionOf(key: string): string | undefined {
    return this.tree()?.sections.find((s) => (s.lanes ?? []).some((l) => l.key === key) || (s.groups ?? []).some((g) => g.key === key))?.id;
  }

  /** What must be open for a lane to have a row; null when there is no such lane. */
  async openFor(key: string, expanded: ReadonlySet<string>): Promise<ReadonlySet<string> | null> {
    const lane = ownerOf(key);
    const place = /^(go|task):/.test(lane) ? await this.find(lane) : null;
    const section = this.sectionOf(place?.group ?? lane);
    if (section === undefined) return null;
    const next = new Set(expanded);
    next.delete(closedKey(section));
    if (place !== null) next.add(place.group);
    return next;
  }

  /** What a pinned lane's row needs. */
  pinned(key: string): PinnedLane {
    const lane = ownerOf(key);
    for (const section of this.tree()?.sections ?? []) {
      const found = section.lanes?.find((l) => l.key === lane);
      if (found !== undefined) return { key: lane, label: found.label, depth: 0, ranges: found.ranges ?? false, off: found.off !== undefined };
      const group = section.groups?.find((g) => g.key === lane);
      if (group !== undefined) return { key: lane, label: group.label, depth: 0, ranges: false, off: false };
    }
    const row = this.members.byKey(lane);
    const place = this.peek(lane);
    return { key: lane, label: place?.label ?? row?.label ?? lane, depth: row?.depth ?? 0, ranges: row?.ranges ?? false, off: false };
  }
}
