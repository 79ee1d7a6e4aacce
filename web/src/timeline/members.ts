/**
 * The members of groups, fetched by the page as they come into view.
 */

import type { Api } from '../api/client';
import type { MemberRow } from '../api/types';

const PAGE = 200;
const MOST_AT_ONCE = 3;
const MOST_PAGES = 500;

interface Group {
  total: number | undefined;
  readonly pages: Map<number, readonly MemberRow[]>;
}

export class Members {
  private groups = new Map<string, Group>();
  private readonly known = new Map<string, MemberRow>();
  private readonly underway = new Set<string>();
  /** Pages that could not be had; a reset asks again. */
  private readonly failed = new Set<string>();
  private epoch = 0;

  /** `changed` learns whether the number of rows of some group is another now. */
  constructor(
    private readonly api: Pick<Api, 'members'>,
    private readonly sortOf: (group: string) => string,
    private readonly changed: (heights: boolean) => void,
  ) {}

  /** Rows of a group, once known. */
  total(group: string): number | undefined {
    return this.groups.get(group)?.total;
  }

  /** The member at a place, or undefined while its page is on the way. */
  at(group: string, index: number): MemberRow | undefined {
    const page = Math.floor(index / PAGE);
    const rows = this.groups.get(group)?.pages.get(page);
    if (rows === undefined) {
      this.fetch(group, page);
      return undefined;
    }
    return rows[index - page * PAGE];
  }

  /** A member seen on any page so far. */
  byKey(key: string): MemberRow | undefined {
    return this.known.get(key);
  }

  /** Forgets the order; rows are asked for again. */
  reset(): void {
    this.epoch++;
    this.underway.clear();
    this.failed.clear();
    for (const group of this.groups.values()) group.pages.clear();
    this.changed(false);
  }

  private fetch(group: string, page: number): void {
    const id = `${group} ${page}`;
    if (this.underway.has(id) || this.failed.has(id) || this.underway.size >= MOST_AT_ONCE) return;
    this.underway.add(id);
    const epoch = this.epoch;
    void this.api
      .members(group, page * PAGE, PAGE, this.sortOf(group))
      .then((answer) => {
        if (epoch !== this.epoch) return;
        let entry = this.groups.get(group);
        if (entry === undefined) this.groups.set(group, (entry = { total: undefined, pages: new Map() }));
        const heights = entry.total !== answer.total;
        entry.total = answer.total;
        if (entry.pages.size >= MOST_PAGES) entry.pages.clear();
        entry.pages.set(page, answer.rows);
        for (const row of answer.rows) this.known.set(row.key, row);
        this.underway.delete(id);
        this.changed(heights);
      })
      .catch((error: unknown) => {
        if (epoch !== this.epoch) return;
        this.underway.delete(id);
        this.failed.add(id);
        console.error(`members of ${group}, page ${page}`, error);
      });
  }
}
