/**
 * A trace of goroscope-recorder: the page speaks Rust, and says what the recording lacks.
 *
 * `rust.trace.zst` is the text trace of `crates/goroscope/tests/cli/rust.rs` as a file.
 */

import { expect, test } from 'vitest';
import { at, hashHas, page, rowsOf, serveTrace } from './driver';

serveTrace('../web/e2e/rust.trace.zst');

test('the bar has no page of a collector, and the words of Rust', async () => {
  await at('');
  await page.locator('.tl-row').first().waitFor();
  const names = await page.locator('.page-link').allTextContents();
  expect(names).toEqual(['Timeline', 'Tasks', 'Blocking', 'Scheduler', 'User tasks', 'Regions', 'Profiles', 'Events', 'File']);
  const lanes = (await page.locator('.tl-row').allTextContents()).join(' ');
  expect(lanes).toContain('Worker 0');
  expect(lanes).toContain('Thread 1 · tokio-rt-worker');
  expect(lanes).not.toContain('Stop the world');
  const legends = `${await page.locator('.legend').textContent()} ${await page.locator('.tl-legend').textContent()}`;
  expect(legends).not.toMatch(/[Gg]arbage|Heap|GC|[Ss]ystem call|syscall|Mutex/);
  expect(legends).toContain('Preempted');
});

test('a counter has a row: the value at the pointer, a click for how long it holds, and it is found', async () => {
  await at('');
  const row = page.locator('.tl-row[data-lane="counter:0"]');
  await row.waitFor();
  expect(await row.textContent()).toContain('tokio.main.global_queue');
  await page.waitForFunction(() => window.__view?.tilesMissing === 0);
  const box = await row.boundingBox();
  if (box === null) throw new Error('the row has no place');
  const [x, y] = [box.x + box.width + 500, box.y + box.height / 2];
  await page.mouse.move(x, y);
  const tip = page.locator('.tooltip [data-field=value]');
  await tip.waitFor();
  const value = await tip.textContent();
  await page.mouse.click(x, y);
  await page.locator('[data-panel=span] h2').waitFor();
  expect(await page.locator('[data-panel=span] h2').textContent()).toBe(value);
  await page.keyboard.press('/');
  await page.keyboard.type('global_q');
  await page.locator('[data-kind=counter] .hit').waitFor();
});

test('where a thread had no processor is shown under its worker', async () => {
  await at('#sel=procoff:0@4000');
  await page.locator('[data-panel=span] h2').waitFor();
  expect(await page.locator('[data-panel=span] h2').textContent()).toContain('off the processor');
});

test('a notice says what is missing, and leads to how it was recorded', async () => {
  await at('');
  const notice = page.locator('[data-notice=recording]');
  await notice.waitFor();
  expect(await notice.textContent()).toContain('4 records were dropped');
  await notice.locator('.go').click();
  await hashHas('page=file');
  const facts = await page.locator('[data-field=recording]').textContent();
  for (const fact of ['goroscope-recorder 0.1.0', '/srv/app', '77', 'time stamp counter', 'absent']) expect(facts).toContain(fact);
  expect(await page.locator('[data-field=warnings] li').count()).toBe(4);
  expect(await page.locator('[data-field=threads]').textContent()).toContain('tokio-rt-worker');
});

test('tables and panels speak of tasks and workers', async () => {
  await at('#page=goroutines&group=none');
  await rowsOf('members').first().waitFor();
  expect(await page.locator('.view-head h2').textContent()).toBe('Tasks');
  const table = await page.locator('[data-table=members]').textContent();
  expect(table).toContain('T1 app::main');
  await page.evaluate(() => (location.hash = '#page=scheduler'));
  await rowsOf('procs').first().waitFor();
  expect(await page.locator('[data-table=procs] h3').textContent()).toContain('Workers');
  const text = (await page.locator('main.view').textContent()) ?? '';
  expect(text).not.toMatch(/[Gg]oroutine|GOMAXPROCS|\b[Pp]rocs?\b/);
});
