/** What a person does on the page, with real keys, wheel and mouse. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { RangeTotals, SearchPage, SpanDetails, TraceMeta } from '../src/api/types';
import { type Served, ask, lanesBox, launch, nsOf, open, placeOf, readDuration, readTime, serve, settled, traceFile, unpacked, viewOf } from './harness';

const TRACE = 'pubsub-serial.trace.zst';

let browser: Browser;
let served: Served;
let page: Page;
let complaints: string[] = [];

beforeAll(async () => {
  [browser, served] = await Promise.all([launch(), serve(traceFile(TRACE))]);
});

afterAll(async () => {
  await browser.close();
  await served.stop();
});

/** Opens the page at a place, in a fresh browser profile. */
async function at(hash = '', scheme: 'light' | 'dark' = 'light'): Promise<void> {
  const opened = await open(browser, `${served.url}${hash}`, scheme);
  page = opened.page;
  complaints = opened.complaints;
}

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

const width = (view: { from: number; to: number }): number => view.to - view.from;
const text = async (selector: string): Promise<string> => (await page.locator(selector).first().innerText()).trim();
const hash = (): Promise<string> => page.evaluate(() => location.hash);
const hashHas = (part: string): Promise<unknown> => page.waitForFunction((wanted) => location.hash.includes(wanted), part);

/** A goroutine that was woken by another, zoomed so that its spans are wide. */
async function wokenSpan(): Promise<SpanDetails> {
  const found = await ask<SearchPage>(served, 'search?q=backgroundRead&kinds=goroutine,function&limit=1');
  const group = found.hits.find((hit) => hit.kind === 'function')?.lane ?? '';
  const members = await ask<{ rows: { key: string; start: number }[] }>(served, `members?key=${group}&limit=1`);
  const first = members.rows[0];
  return ask<SpanDetails>(served, `span?lane=${first?.key}&ts=${first?.start}`);
}

test('the whole trace is on the screen at once', async () => {
  await at();
  const trace = await ask<TraceMeta>(served, 'trace');
  expect(await viewOf(page)).toMatchObject({ from: trace.start, to: trace.end });
  expect(await page.title()).toBe(`${TRACE} · Goroscope`);
  expect(await page.locator('.tl-row', { hasText: /^Proc 0/ }).count()).toBe(1);
  expect(await page.locator('.legend li').count()).toBeGreaterThanOrEqual(11);
});

test('W, S, A, D and 0 move the view', async () => {
  await at();
  const whole = await viewOf(page);
  await page.keyboard.press('KeyW', { delay: 150 });
  const zoomed = await settled(page);
  expect(width(zoomed)).toBeLessThan(width(whole));
  await page.keyboard.press('KeyD', { delay: 100 });
  const right = await settled(page);
  expect(right.from).toBeGreaterThan(zoomed.from);
  expect(width(right)).toBeCloseTo(width(zoomed), -2);
  await page.keyboard.press('KeyA', { delay: 100 });
  expect((await settled(page)).from).toBeLessThan(right.from);
  await page.keyboard.press('KeyS', { delay: 100 });
  expect(width(await settled(page))).toBeGreaterThan(width(zoomed));
  await page.keyboard.press('0');
  expect(await settled(page)).toMatchObject({ from: whole.from, to: whole.to });
});

test('Ctrl and the wheel zoom at the pointer, down to a nanosecond', async () => {
  await at();
  const box = await lanesBox(page);
  const x = box.x + box.width * 0.37;
  await page.mouse.move(x, box.y + 200);
  const under = (view: { from: number; to: number }): number => view.from + width(view) * 0.37;
  const before = under(await viewOf(page));
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -120);
  const once = await settled(page);
  expect(Math.abs(under(once) - before)).toBeLessThan(width(once) / box.width);
  for (let i = 0; i < 80; i++) await page.mouse.wheel(0, -480);
  await page.keyboard.up('Control');
  const deep = await settled(page);
  expect(width(deep)).toBeLessThan(200);
});

test('the wheel scrolls, with Shift it pans; Shift and drag pan', async () => {
  await at('#view=100000000,200000000');
  const box = await lanesBox(page);
  await page.mouse.move(box.x + 400, box.y + 300);
  await page.mouse.wheel(0, 200);
  await hashHas('y=');
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, 120);
  const wheeled = await settled(page);
  expect(wheeled.from).toBeGreaterThan(100000000);
  await page.mouse.down();
  await page.mouse.move(box.x + 600, box.y + 300, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  const dragged = await settled(page);
  expect(dragged.from).toBeLessThan(wheeled.from);
  expect(width(dragged)).toBeCloseTo(1e8, -2);
});

test('hovering tells what is there, beside the pointer', async () => {
  const span = await wokenSpan();
  await at(`#view=${span.start - span.dur},${span.end + span.dur}&sel=${span.lane}@${span.start}&open=group:0`);
  await page.keyboard.press('f');
  await settled(page);
  const place = await placeOf(page, `G${span.go?.id}`, (span.start + span.end) / 2);
  await page.mouse.move(place.x, place.y);
  const tip = page.locator('.tooltip');
  await tip.waitFor();
  expect(await tip.innerText()).toContain(`G${span.go?.id}`);
  expect(readDuration((await tip.locator('.tip-head .num').innerText()).replace(/(\.\d+)/, '$1'))).toBeGreaterThan(0);
  const box = await tip.boundingBox();
  expect(box === null || place.x < box.x || place.x > box.x + box.width || place.y < box.y || place.y > box.y + box.height).toBe(true);
});

test('a click opens the details, a link leads to the cause, Back returns', async () => {
  const span = await wokenSpan();
  await at(`#view=${span.start - span.dur},${span.end + span.dur}&sel=${span.lane}@${span.end}`);
  await page.keyboard.press('f');
  await settled(page);
  const place = await placeOf(page, `G${span.go?.id}`, (span.start + span.end) / 2);
  await page.mouse.click(place.x, place.y);
  await page.waitForFunction((start) => document.querySelector('[data-panel=span] [data-field=start] [data-ns]')?.getAttribute('data-ns') === String(start), span.start);
  expect(readTime(await text('[data-field=start] .num'))).toBe(span.start);
  expect(readTime(await text('[data-field=end] .num'))).toBe(span.end);
  expect(readDuration(await text('[data-field=duration]'))).toBe(span.dur);
  expect(await text('[data-field=state]')).toBe(span.state);
  const cause = span.cause;
  expect(cause?.lane).toBeTruthy();
  await page.waitForFunction((before) => !location.hash.includes(before), `@${span.end}`);
  const here = await hash();
  await page.locator('[data-field=cause] .go').first().click();
  await hashHas(`sel=${cause?.lane}@${cause?.ts}`);
  await page.waitForFunction((id) => document.querySelector('[data-panel=span] .facts')?.textContent?.includes(`G${id} `), cause?.go?.id);
  await page.keyboard.press('Alt+ArrowLeft');
  await page.waitForFunction((wanted) => location.hash.replace(/&y=\d+/, '') === wanted.replace(/&y=\d+/, ''), here);
  await page.keyboard.press('Alt+ArrowRight');
  await hashHas(`sel=${cause?.lane}@${cause?.ts}`);
  await settled(page);
});

test('the keys [ and ] follow the wakings', async () => {
  const span = await wokenSpan();
  await at(`#view=${span.start - span.dur},${span.end + span.dur}&sel=${span.lane}@${span.start}`);
  await page.locator('[data-panel=span] [data-field=cause]').waitFor();
  await page.keyboard.press('[');
  await hashHas(`sel=${span.cause?.lane}@${span.cause?.ts}`);
  await page.waitForFunction((id) => document.querySelector('[data-panel=span] .facts')?.textContent?.includes(`G${id} `), span.cause?.go?.id);
  await page.keyboard.press('.');
  await page.waitForFunction((before) => !location.hash.includes(before), `@${span.cause?.ts}`);
});

test('a drag selects a time range and sums it', async () => {
  await at();
  const view = await viewOf(page);
  const box = await lanesBox(page);
  await page.mouse.move(box.x + 200, box.y + 250);
  await page.mouse.down();
  await page.keyboard.down('Alt');
  await page.mouse.move(box.x + 500, box.y + 260, { steps: 6 });
  await page.mouse.up();
  await page.keyboard.up('Alt');
  await page.locator('[data-panel=range] [data-table=states] tbody tr').first().waitFor();
  const length = await nsOf(page, '[data-field=length]');
  expect(length).toBeGreaterThan((width(view) * 290) / box.width);
  expect(length).toBeLessThan((width(view) * 310) / box.width);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().postData()?.includes('["all"]') === true),
    page.locator('.panel .select').selectOption('all'),
  ]);
  const sums = (await answer.json()) as RangeTotals;
  await page.waitForFunction((ns) => document.querySelector('[data-field=lane-time]')?.getAttribute('data-ns') === String(ns), sums.lane_time);
  const shares = await page.locator('[data-table=states] td.share').allInnerTexts();
  const total = shares.reduce((all, share) => all + Number(/[\d.]+/.exec(share)?.[0] ?? 0), 0);
  expect(total, shares.join(', ')).toBeGreaterThan(99);
  expect(total, shares.join(', ')).toBeLessThan(101);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !location.hash.includes('range='));
});

test('search counts by kind, and Enter steps through the hits', async () => {
  await at();
  await page.keyboard.press('/');
  await page.keyboard.type('publish');
  const list = page.locator('.search-list');
  await list.locator('[data-kind=region]').waitFor();
  const answer = await ask<SearchPage>(served, 'search?q=publish&limit=3');
  await page.waitForFunction((total) => document.querySelector('[data-field=hits] .num')?.textContent === total, answer.total.toLocaleString('en-US'));
  expect(await text('[data-kind=region] .hit-kind .num')).toBe(answer.counts.region.toLocaleString('en-US'));
  for (const n of [1, 2, 3]) {
    await page.keyboard.press('Enter');
    await page.waitForFunction((wanted) => document.querySelector('[data-field=hits]')?.textContent?.startsWith(wanted), `${n} of`);
  }
  const third = answer.hits[2];
  await hashHas(`sel=${third?.lane}@${third?.start}`);
  const view = await settled(page);
  expect(view.from).toBeLessThanOrEqual(third?.start ?? 0);
  expect(view.to).toBeGreaterThanOrEqual(third?.end ?? 0);
  await page.keyboard.press('Shift+Enter');
  await page.waitForFunction(() => document.querySelector('[data-field=hits]')?.textContent?.startsWith('2 of'));
});

test('after a hit the keys walk on from it, though the box has the keyboard', async () => {
  await at();
  await page.keyboard.press('/');
  await page.keyboard.type('G111');
  await page.locator('.search-list [data-kind=goroutine]').waitFor();
  await page.keyboard.press('Enter');
  await hashHas('sel=');
  await page.locator('[data-panel=span] [data-field=start]').waitFor();
  const here = await hash();
  await page.keyboard.press('.');
  await page.waitForFunction((before) => location.hash.split('sel=')[1]?.split('&')[0] !== before.split('sel=')[1]?.split('&')[0], here);
  expect(await page.locator('.search input').inputValue()).toBe('G111');
  await page.keyboard.type('x.');
  expect(await page.locator('.search input').inputValue()).toBe('G111x.');
});

test('a function that was searched for is in view and pointed out, with no span selected', async () => {
  const span = await wokenSpan();
  await at(`#sel=${span.lane}@${span.start}`);
  await page.locator('[data-panel=span] [data-field=start]').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('backgroundRead');
  await page.locator('.search-list [data-kind=function] .hit').first().click();
  const row = page.locator('.tl-row.tl-spotlight');
  await row.waitFor();
  expect(await row.innerText()).toContain('backgroundRead');
  await page.waitForFunction(() => !location.hash.includes('sel='));
  const [lanes, box] = await Promise.all([lanesBox(page), row.boundingBox()]);
  expect(box !== null && box.y >= lanes.y && box.y + box.height <= lanes.y + lanes.height).toBe(true);
});

test('the wheel alone zooms when it is told to, also after a reload', async () => {
  await at();
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('wheel zooms');
  await page.locator('.search-list .hit').first().waitFor();
  await page.keyboard.press('Enter');
  await page.reload();
  const whole = await settled(page);
  const box = await lanesBox(page);
  await page.mouse.move(box.x + 300, box.y + 300);
  await page.mouse.wheel(0, -120);
  expect(width(await settled(page))).toBeLessThan(width(whole));
});

test('a goroutine is found by its id, and its lane is brought into view', async () => {
  await at();
  await page.keyboard.press('Control+p');
  await page.keyboard.type('G111');
  await page.keyboard.press('Enter');
  const row = page.locator('.tl-row', { hasText: /^G111/ });
  await row.waitFor();
  const [lanes, box] = await Promise.all([lanesBox(page), row.boundingBox()]);
  expect(box !== null && box.y > lanes.y && box.y < lanes.y + lanes.height).toBe(true);
});

test('the command palette finds and runs a command', async () => {
  await at();
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('light dark');
  await page.locator('.search-list .hit').first().waitFor();
  expect(await page.locator('.search-list .hit').first().innerText()).toContain('Toggle light and dark');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
});

test('? lists the keys, Escape puts the list away', async () => {
  await at();
  await page.keyboard.press('?');
  const help = page.locator('dialog.help');
  await help.locator('h2').waitFor();
  const words = await help.innerText();
  for (const title of ['Zoom in', 'Next span in the lane', 'Go to who woke it', 'Search', 'Back', 'Select a time range']) expect(words).toContain(title);
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'hidden' });
});

test('a reload shows the same place', async () => {
  const span = await wokenSpan();
  await at(`#view=${span.start - span.dur},${span.end + span.dur}&sel=${span.lane}@${span.start}&range=${span.start},${span.end}`);
  await page.keyboard.press('f');
  await page.keyboard.press('p');
  const before = await settled(page);
  await hashHas('pin=');
  await page.locator('[data-panel=span] [data-field=start]').waitFor();
  const address = await hash();
  await page.reload();
  const after = await settled(page);
  expect({ from: after.from, to: after.to }).toEqual({ from: before.from, to: before.to });
  expect(await hash()).toBe(address);
  expect(await nsOf(page, '[data-panel=span] [data-field=start]')).toBe(span.start);
});

test("a goroutine's page adds up, and leads to the longest wait", async () => {
  await at('#page=goroutine:1');
  await page.locator('[data-panel=goroutine] [data-table=states] tbody tr').first().waitFor();
  const times = await page.locator('[data-panel=goroutine] [data-table=states] tbody tr td:nth-child(2) [data-ns]').evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-ns'))));
  expect(times.reduce((sum, ns) => sum + ns, 0)).toBe(await nsOf(page, '[data-field=lifetime]'));
  await page.locator('[data-panel=goroutine] [data-table=states] tbody tr .go').first().click();
  await hashHas('sel=go:1@');
  await page.locator('[data-panel=span]').waitFor();
});

test('the file page shows what the file holds', async () => {
  await at();
  const trace = await ask<TraceMeta>(served, 'trace');
  await page.keyboard.press('i');
  await page.locator('[data-panel=file]').waitFor();
  for (const [key, n] of Object.entries(trace.counts)) expect(await text(`[data-count=${key}] td`)).toBe(n.toLocaleString('en-US'));
});

test('dark when the system is dark', async () => {
  await at('', 'dark');
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = (/\d+/.exec(ground)?.[0] ?? '255') as string;
  expect(Number(light)).toBeLessThan(60);
});

test('a cut trace says what was lost and where', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'goroscope-'));
  const file = join(folder, 'cut.trace');
  const whole = unpacked(TRACE);
  writeFileSync(file, whole.subarray(0, Math.floor(whole.length * 0.7)));
  const cut = await serve(file);
  try {
    const opened = await open(browser, cut.url);
    ({ page, complaints } = opened);
    const notice = page.locator('.notice.warn');
    await notice.waitFor();
    expect(await notice.innerText()).toMatch(/byte \d+/);
    await notice.locator('.go').click();
    await page.locator('.diagnostics li').first().waitFor();
  } finally {
    await cut.stop();
    rmSync(folder, { recursive: true });
    complaints = complaints.filter((line) => !/WebSocket|ERR_/.test(line));
  }
});

test('a server that is gone is said, and what is drawn stays', async () => {
  const mine = await serve(traceFile(TRACE));
  const opened = await open(browser, mine.url);
  ({ page, complaints } = opened);
  await mine.stop();
  await page.keyboard.press('/');
  await page.keyboard.type('main');
  await page.locator('.notice.gone').waitFor();
  expect(await page.locator('.notice.gone').innerText()).toContain('does not answer');
  expect(await page.locator('.tl-row', { hasText: /^Proc 0/ }).count()).toBe(1);
  complaints = complaints.filter((line) => !/WebSocket|ERR_|Failed to load/.test(line));
});
