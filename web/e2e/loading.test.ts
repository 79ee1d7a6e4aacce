/** The page of a trace that is still being read. */

import type { Writable } from 'node:stream';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadingReport, Overview, TraceMeta } from '../src/api/types';
import { ask, launch, openEarly, serve, serveInput, settled, traceFile, unpacked } from './harness';

const TRACE = 'pubsub-serial.trace.zst';
const CARD = '.loading-card';

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});

afterAll(() => browser.close());

/** The colour of a place in the overview, given in parts of its width and height. */
const colourAt = (page: Page, x: number, y: number): Promise<string> =>
  page.evaluate(
    ([x, y]) => {
      const canvas = document.querySelector<HTMLCanvasElement>('.tl-growing .tl-canvas');
      const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      if (canvas === null || copy === null) return '';
      copy.drawImage(canvas, -Math.floor(canvas.width * x!), -Math.floor(canvas.height * y!));
      return [...copy.getImageData(0, 0, 1, 1).data.slice(0, 3)].join(' ');
    },
    [x, y],
  );

test('a pipe that is half full has a page, and its end a timeline at the place of the link', async () => {
  const file = unpacked(TRACE);
  let input: Writable | undefined;
  const half = file.length / 2;
  const served = await serveInput((stdin) => {
    input = stdin;
    stdin.write(file.subarray(0, half));
  });
  const { page, complaints } = await openEarly(browser);
  await page.goto(`${served.url}#view=1000000,2000000`);
  await page.locator(`${CARD}[data-phase="receiving"]`).waitFor();
  expect(await page.locator(`${CARD} h2`).innerText()).toMatch(/^Receiving\s+standard input$/);
  expect(await page.locator('[role="progressbar"]').getAttribute('aria-valuenow')).toBeNull();
  // The key works before there is a trace, too.
  await page.keyboard.press('t');
  await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
  input?.end(file.subarray(half));
  const view = await settled(page);
  expect([view.from, view.to]).toEqual([1_000_000, 2_000_000]);
  expect(await page.title()).toBe('standard input · Goroscope');
  expect(complaints).toEqual([]);
  await page.context().close();
  await served.stop();
});

test('the overview fills from the left while a trace is read, and is then that of the trace', async () => {
  const served = await serve(traceFile(TRACE));
  const [trace, whole] = [await ask<TraceMeta>(served, 'trace'), await ask<Overview>(served, 'overview?cells=512')];
  const { page, complaints } = await openEarly(browser);
  // The server has read the trace by now: the page is told otherwise, with the picture that it gets then.
  let report: LoadingReport | null = null;
  const first = (share: number): Overview => {
    const cells = Math.floor(whole.cells * share);
    const cut = (means: readonly number[]): number[] => means.slice(0, cells);
    const means = { running: cut(whole.running), runnable: cut(whole.runnable), waiting: cut(whole.waiting), syscall: cut(whole.syscall) };
    const none: null[] = Array<null>(cells).fill(null);
    return { ...whole, ...means, cells, heap: none, goal: none, gomaxprocs: none, gc: [], stw: [] };
  };
  const partly = (share: number): LoadingReport => ({
    name: trace.name,
    stage: 'loading',
    number: 1,
    error: null,
    elapsed_ms: 1000,
    progress: {
      phase: 'reading',
      bytes: share * 1000,
      total: 1000,
      events: Math.floor(trace.counts.events * share),
      generations: 1,
      overview: first(share),
    },
  });
  await page.route('**/api/loading*', (route) => (report === null ? route.continue() : route.fulfill({ json: report })));
  report = partly(0.25);
  await page.goto(served.url);
  await page.locator(CARD).waitFor();
  const percent = (text: string): Promise<unknown> => page.locator(`${CARD} h2 .num`, { hasText: text }).waitFor();
  await percent('25');
  // The right half is not read yet: one colour from top to bottom, but for the lines of the axis.
  const unread = await colourAt(page, 0.83, 0.4);
  expect([await colourAt(page, 0.83, 0.62), await colourAt(page, 0.63, 0.4)]).toEqual([unread, unread]);
  report = partly(0.75);
  await percent('75');
  await expect.poll(() => colourAt(page, 0.63, 0.4), { timeout: 30_000 }).not.toBe(unread);
  expect(await colourAt(page, 0.83, 0.4)).toBe(unread);
  report = null;
  expect(await settled(page)).toMatchObject({ from: trace.start, to: trace.end });
  expect(await page.locator('.loading').count()).toBe(0);
  expect(complaints).toEqual([]);
  await page.context().close();
  await served.stop();
});

test('a trace that cannot be read says why', async () => {
  const served = await serve(traceFile(TRACE));
  await ask<TraceMeta>(served, 'trace');
  const { page } = await openEarly(browser);
  await page.route('**/api/loading*', (route) => route.fulfill({ json: { name: 'x', stage: 'failed', number: 1, error: 'the disk gave up', elapsed_ms: 1, progress: null } }));
  await page.goto(served.url);
  const reason = page.locator('main.waiting p');
  await reason.waitFor();
  await page.waitForFunction(() => document.querySelector('main.waiting')?.textContent?.includes('the disk gave up'));
  await page.context().close();
  await served.stop();
});
