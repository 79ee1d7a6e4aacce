/** The list of events, what is carried from the timeline into it, the heap of a stretch, and trying again. */

import { expect, test } from 'vitest';
import type { Events, Gc, Goroutines, HeapCurve } from '../src/api/answers';
import type { SpanDetails } from '../src/api/types';
import { at, cell, fieldIs, filterBy, forgive, hashHas, header, nsIn, onTimeline, page, rowsOf, says, served, serveTrace, total } from './driver';
import { ask } from './harness';

serveTrace('mix-1.27.trace.zst');

test('events are those of the command line, page by page, and each leads to its place', async () => {
  const all = says<Events>('events', '--limit', '600');
  await at('#page=events');
  await total('events', 500);
  for (const row of [0, 7]) {
    expect(await nsIn('events', row, 'dur')).toBe(all.rows[row]?.dur);
    expect(await cell('events', row, 'text').innerText()).toBe(all.rows[row]?.text);
  }
  await page.locator('[data-table=events] .go', { hasText: 'next' }).click();
  await hashHas('at=');
  await page.waitForFunction((text) => document.querySelector('[data-table=events] tr[data-row="0"] td[data-column=text]')?.textContent === text, all.rows[500]?.text);
  await page.keyboard.press('Alt+ArrowLeft');
  await page.waitForFunction(() => !location.hash.includes('at='));
  await page.locator('input[name=kind-region]').check();
  const regions = says<Events>('events', '--kind', 'region');
  await total('events', regions.rows.length);
  await cell('events', 0, 'place').locator('button').click();
  await onTimeline();
  await page.keyboard.press('Alt+ArrowLeft');
  await total('events', regions.rows.length);
});

test('a goroutine, a span and a group of the timeline are carried into the events', async () => {
  const first = says<Goroutines>('goroutines', '--list', '--func', 'main.main').rows[0];
  const row = first?.goroutine.row ?? 0;
  await at(`#page=goroutine:${row}`);
  await page.locator('[data-field=analyse] .go', { hasText: 'Events' }).click();
  await hashHas(`filter=goroutine=${first?.goroutine.id}`);
  await total('events', Math.min(500, says<Events>('events', '--goroutine', String(first?.goroutine.id), '--limit', '600').rows.length));
  await at(`#sel=go:${row}@${first?.start ?? 0}`);
  const span = await ask<SpanDetails>(served, `span?lane=go:${row}&ts=${first?.start ?? 0}`);
  await page.locator('[data-panel=span] [data-field=analyse] .go', { hasText: 'Events' }).click();
  const terms = `goroutine=${first?.goroutine.id} from=${span.start}ns to=${span.end}ns`;
  await hashHas(terms);
  await total('events', says<Events>('events', '--filter', terms, '--limit', '500').rows.length);
  await at('#sel=group:0@20000000');
  await page.locator('[data-field=analyse] .go', { hasText: 'Blocking' }).click();
  await hashHas('filter=func=^');
  forgive('404');
});

test('the curve of the heap is that of the stretch that the filter leaves', async () => {
  await at('#page=gc');
  const chart = page.locator('section[aria-label=Heap]');
  await chart.waitFor();
  await filterBy('from=20ms to=60ms');
  await page.waitForFunction(() => Number(document.querySelector('section[aria-label=Heap]')?.getAttribute('data-from')) > 1e7);
  const heap = await ask<HeapCurve>(served, 'heap?cells=1500&filter=from%3D20ms+to%3D60ms');
  expect(heap.from + heap.cells * heap.width).toBeLessThan(60e6 + 2 * heap.width);
  expect(heap.from).toBeGreaterThan(20e6 - 2 * heap.width);
  expect(Number(await chart.getAttribute('data-most'))).toBe(Math.max(...heap.heap.map((value) => value ?? 0)));
  // What cycles within saw of the heap is in sight of the curve.
  const gc = says<Gc>('gc', '--from', '20ms', '--to', '60ms');
  const within = gc.cycles.rows.filter((cycle) => cycle.start >= 20e6 && cycle.end <= 60e6);
  for (const cycle of within) expect(Math.max(...heap.heap.map((value) => value ?? 0))).toBeGreaterThanOrEqual(cycle.heap_before ?? 0);
});

test('lists of the first only do not offer a sort', async () => {
  await at('#page=scheduler&show=latency&list=worst');
  await rowsOf('worst').first().waitFor();
  await total('worst', 200);
  expect(await header('worst', 'duration').locator('button').count()).toBe(0);
  await filterBy('goroutine=1');
  await page.waitForFunction(() => document.querySelector('[data-table=worst] thead button') !== null);
});

test('after trouble one tries again', async () => {
  await at('');
  await page.route('**/api/groups**', (route) => route.abort());
  await page.keyboard.press('2');
  const again = page.locator('[data-table=groups] [role=alert] button');
  await again.waitFor();
  await page.unroute('**/api/groups**');
  await again.click();
  await rowsOf('groups').first().waitFor();
  await page.route('**/api/profile**', (route) => route.abort());
  await page.keyboard.press('8');
  await page.locator('.view-note[role=alert]').waitFor();
  await page.unroute('**/api/profile**');
  await page.locator('.view-note[role=alert] button').click();
  await page.locator('.flame-host').waitFor();
  forgive('ERR_FAILED');
  await fieldIs('sum-delay', 'data-value', says<{ total: number[] }>('profile', '--kind', 'blocking').total[1]);
});
