/**
 * The numbers on the page equal numbers recomputed from Go's own listing of the same trace:
 * ten spans, ten goroutines and three time ranges, picked at random.
 *
 * `GOROSCOPE_SEED` repeats a run; the seed is printed. Exact where the listing is exact; where
 * Go's reader moved a time (see `listing.ts`), the page's number must lie within the bounds that
 * the listing leaves, and the test prints how wide those are.
 */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Served, launch, open, readDuration, readTime, serve, traceFile, unpacked } from './harness';
import { type Bounds, type Listing, type Stay, add, isExact, lengthWithin, parseListing } from './listing';

const TRACES = ['pubsub-serial', 'pubsub-concurrent', 'mix-1.27', 'mix-1.22'];

/** The page's classes of states, by label, as Go's listing names the states. */
const STATES: Readonly<Record<string, string>> = {
  Running: 'Running',
  'Running GC worker': 'Running',
  'Running runtime': 'Running',
  Runnable: 'Runnable',
  Network: 'Waiting',
  Channel: 'Waiting',
  'Mutex or sync': 'Waiting',
  Select: 'Waiting',
  Sleep: 'Waiting',
  'Garbage collector': 'Waiting',
  'Other wait': 'Waiting',
  'System call': 'Syscall',
  'Blocked system call': 'Syscall',
};

const seed = Number(process.env['GOROSCOPE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** mulberry32: a small generator with a seed. */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function pick<T>(random: () => number, from: readonly T[], n: number): T[] {
  const rest = [...from];
  const taken: T[] = [];
  while (taken.length < n && rest.length > 0) taken.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return taken;
}

const within = (value: number, bounds: Bounds, what: string): void => {
  expect(value, `${what}: ${value} in [${bounds.lo}, ${bounds.hi}]`).toBeGreaterThanOrEqual(bounds.lo);
  expect(value, `${what}: ${value} in [${bounds.lo}, ${bounds.hi}]`).toBeLessThanOrEqual(bounds.hi);
};

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
  console.log(`GOROSCOPE_SEED=${seed}`);
});
afterAll(() => browser.close());

describe.each(TRACES)('%s', (name) => {
  let served: Served;
  let page: Page;
  let listing: Listing;
  let random: () => number;

  beforeAll(async () => {
    listing = parseListing(new TextDecoder().decode(unpacked(`golden/${name}.parsed.zst`)));
    random = generator(seed);
    served = await serve(traceFile(`${name}.trace.zst`));
    ({ page } = await open(browser, served.url));
  });
  afterAll(async () => {
    await page.context().close();
    await served.stop();
  });

  const text = async (selector: string): Promise<string> => (await page.locator(selector).first().innerText()).trim();

  /** Our row of a goroutine, as a person finds it: by its id in the search box. */
  async function laneOf(go: number): Promise<string> {
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type(`G${go}`);
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('[data-field=hits] .num')?.textContent?.startsWith('1 of'));
    await page.waitForFunction((label) => [...document.querySelectorAll('[data-panel=span] .facts .row')].some((row) => row.textContent?.startsWith('Lane') && row.textContent.slice(4).startsWith(`${label} `)), `G${go}`);
    const lane = /sel=([^@]+)@/.exec(await page.evaluate(() => location.hash))?.[1];
    if (lane === undefined) throw new Error(`G${go} has no lane`);
    return lane;
  }

  /** Changes the place in the address, as Back and Forward or a link do. */
  async function goTo(hash: string): Promise<void> {
    await page.evaluate((wanted) => {
      location.hash = wanted;
    }, hash);
  }

  /** Rows of one of the page's tables: label → ns, as written out in full. */
  async function table(id: string): Promise<Map<string, { ns: number; share: string; cells: string[] }>> {
    const rows = await page.locator(`[data-table=${id}] tbody tr`).evaluateAll((list) =>
      list.map((row) => ({
        label: (row as HTMLElement).dataset['label'] ?? '',
        exact: row.querySelector('td [title]')?.getAttribute('title') ?? '',
        share: row.querySelector('td.share')?.textContent ?? '',
        cells: [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? ''),
      })),
    );
    return new Map(rows.map((row) => [row.label, { ns: readDuration(row.exact), share: row.share, cells: row.cells }]));
  }

  function inStates(rows: Map<string, { ns: number }>): Map<string, number> {
    const sums = new Map<string, number>();
    for (const [label, { ns }] of rows) {
      const state = STATES[label];
      expect(state, `the page's state ${label}`).toBeDefined();
      sums.set(state ?? '', (sums.get(state ?? '') ?? 0) + ns);
    }
    return sums;
  }

  const stayTotals = (stays: readonly Stay[], from: number, to: number, key: (stay: Stay) => string): Map<string, Bounds> => {
    const sums = new Map<string, Bounds>();
    for (const stay of stays) {
      const length = lengthWithin(stay, from, to);
      if (length.hi > 0) sums.set(key(stay), add(sums.get(key(stay)) ?? { lo: 0, hi: 0 }, length));
    }
    return sums;
  };

  const allStays = (): Stay[] => [...listing.stays.values()].flat();

  test('ten spans', async () => {
    // A system call whose proc was taken away is two spans here and one stay there.
    const whole = (stay: Stay): boolean => stay.state !== 'Syscall' || stay.ended?.to === 'Running';
    const candidates = allStays().filter((stay) => isExact(stay.start) && isExact(stay.end) && stay.end.lo > stay.start.lo && stay.ended !== null && whole(stay));
    const picked = pick(random, candidates, 10);
    expect(picked).toHaveLength(10);
    for (const stay of picked) {
      const what = `G${stay.go} ${stay.state} at ${stay.start.lo}`;
      const lane = await laneOf(stay.go);
      await goTo(`#sel=${lane}@${stay.start.lo}`);
      await page.waitForFunction((start) => document.querySelector('[data-panel=span] [data-field=start] [data-ns]')?.getAttribute('data-ns') === String(start), stay.start.lo);
      expect(readTime(await text('[data-field=start] .num')), what).toBe(stay.start.lo);
      expect(readTime(await text('[data-field=end] .num')), what).toBe(stay.end.lo);
      expect(readDuration(await text('[data-field=duration]')), what).toBe(stay.end.lo - stay.start.lo);
      expect(await text('[data-field=state]'), what).toBe(stay.state.toLowerCase());
      const reason = page.locator('[data-panel=span] [data-field=reason]');
      expect((await reason.count()) === 0 ? '' : (await reason.innerText()).trim(), what).toBe(stay.reason);
      await checkStack(stay, what);
    }
  });

  /** The stack at the start, where the goroutine itself made the transition and so left one. */
  async function checkStack(stay: Stay, what: string): Promise<void> {
    const began = stay.began;
    if (began === null || began.go !== stay.go || began.stack === null || began.stack.length === 0) return;
    const more = page.locator('[data-field=stack] .more');
    if ((await more.count()) > 0) await more.click();
    const frames = await page.locator('[data-field=stack] li').evaluateAll((list) => list.map((frame) => frame.getAttribute('title')?.replace('\n', ' ') ?? ''));
    expect(frames, what).toEqual(began.stack);
  }

  test('ten goroutines', async () => {
    let widest = 0;
    const long = [...listing.stays.entries()].filter(([, stays]) => stays.length > 3);
    const picked = pick(random, long, 10);
    expect(picked.length).toBeGreaterThan(5);
    for (const [go, stays] of picked) {
      const lane = await laneOf(go);
      await goTo(`#page=goroutine:${lane.split(':')[1]}`);
      await page.waitForFunction((label) => document.querySelector('[data-field=goroutine]')?.textContent?.startsWith(`${label} `), `G${go}`);
      const first = stays[0];
      const last = stays[stays.length - 1];
      if (first === undefined || last === undefined) throw new Error('no stays');
      const life = { lo: last.end.lo - first.start.hi, hi: last.end.hi - first.start.lo };
      const lifetime = readDuration(await text('[data-field=lifetime]'));
      within(lifetime, life, `G${go} lifetime`);
      const rows = await table('states');
      const shown = inStates(rows);
      const expected = stayTotals(stays, 0, Infinity, (stay) => stay.state);
      for (const [state, bounds] of expected) {
        within(shown.get(state) ?? 0, bounds, `G${go} ${state}`);
        widest = Math.max(widest, bounds.hi - bounds.lo);
      }
      for (const [state, ns] of shown) if (ns > 0) expect(expected.has(state), `G${go} ${state}`).toBe(true);
      for (const [label, row] of rows) expect(Number.parseFloat(row.share.replace('<', '')), `share of ${label}`).toBeCloseTo((row.ns / lifetime) * 100, row.ns / lifetime < 0.0001 ? 1 : row.ns / lifetime < 0.1 ? 1.9 : 0.9);
      const waits = stays.filter((stay) => stay.state === 'Waiting' && stay.reason !== '');
      if (waits.length === 0) continue;
      const reasons = await table('reasons');
      for (const [reason, bounds] of stayTotals(waits, 0, Infinity, (stay) => stay.reason)) {
        within(reasons.get(reason)?.ns ?? 0, bounds, `G${go} ${reason}`);
        const times = waits.filter((stay) => stay.reason === reason && stay.end.hi > stay.start.lo).length;
        expect(Number(reasons.get(reason)?.cells[2]?.replace(/,/g, '')), `G${go} ${reason} times`).toBe(times);
      }
    }
    console.log(`${name}: totals of goroutines are known to ${widest} ns or better`);
  });

  test('three time ranges', async () => {
    let widest = 0;
    for (let i = 0; i < 3; i++) {
      const [a, b] = [random(), random()].map((part) => Math.floor(part * listing.end.lo)).sort((x, y) => x - y) as [number, number];
      await Promise.all([page.waitForResponse((response) => response.url().endsWith('api/select') && (response.request().postData() ?? '').includes(`"from":${a},`)), goTo(`#range=${a},${b}&over=all`)]);
      await page.waitForFunction((length) => document.querySelector('[data-panel=range] [data-field=length]')?.getAttribute('data-ns') === String(length), b - a);
      expect(readDuration(await text('[data-field=length]'))).toBe(b - a);
      const stays = allStays();
      const expected = stayTotals(stays, a, b, (stay) => stay.state);
      const alive = [...expected.values()].reduce(add, { lo: 0, hi: 0 });
      await page.waitForFunction(
        ([lo, hi]) => {
          const ns = Number(document.querySelector('[data-field=lane-time]')?.getAttribute('data-ns') ?? -1);
          return ns >= (lo ?? 0) && ns <= (hi ?? 0);
        },
        [alive.lo, alive.hi],
      );
      const laneTime = readDuration(await text('[data-field=lane-time]'));
      const rows = await table('states');
      const shown = inStates(rows);
      for (const [state, bounds] of expected) {
        within(shown.get(state) ?? 0, bounds, `[${a}, ${b}) ${state}`);
        widest = Math.max(widest, bounds.hi - bounds.lo);
      }
      for (const [label, row] of rows) expect(Number.parseFloat(row.share.replace('<', '')), `share of ${label}`).toBeCloseTo((row.ns / laneTime) * 100, row.ns / laneTime < 0.0001 ? 1 : row.ns / laneTime < 0.1 ? 1.9 : 0.9);
      const reasons = await table('reasons');
      const waits = stays.filter((stay) => stay.state === 'Waiting' && stay.reason !== '');
      for (const [reason, bounds] of stayTotals(waits, a, b, (stay) => stay.reason)) within(reasons.get(reason)?.ns ?? 0, bounds, `[${a}, ${b}) ${reason}`);
    }
    console.log(`${name}: totals of ranges are known to ${widest} ns or better`);
  });
});
