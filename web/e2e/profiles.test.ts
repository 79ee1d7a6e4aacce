/** Profiles on the page: the call graph that Graphviz lays out, the options, and the way from a figure to its place. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Profile, Top, TopRow, Traces } from '../src/api/profiles';
import { at, cell, fieldIs, filterBy, hashHas, nsIn, onTimeline, page, rowsOf, says, served, serveTrace, total } from './driver';
import { ask } from './harness';

serveTrace('mix-1.27.trace.zst');

type TopAnswer = Profile<Top> & { readonly body: Top };

const heaviest = (top: TopAnswer): TopRow => [...top.body.rows].sort((a, b) => (b.cum[1] ?? 0) - (a.cum[1] ?? 0))[0]!;
const graphNode = (name: string) => page.locator(`.graph-node[data-name="${name}"]`);
const scale = async (): Promise<number> => Number(await page.locator('.pan-host').getAttribute('data-scale'));

test('the call graph has the numbers of the command line, leads to a function and is laid out beside the page', async () => {
  const top = says<TopAnswer>('profile', '--kind', 'blocking');
  await at('#page=profiles&mode=graph&nodes=20');
  const most = heaviest(top);
  await graphNode(most.name).waitFor();
  expect(Number(await graphNode(most.name).getAttribute('data-cum'))).toBe(most.cum[1]);
  expect(Number(await graphNode(most.name).getAttribute('data-flat'))).toBe(most.flat[1]);
  expect(page.workers()).toEqual([]);
  await graphNode(most.name).click();
  await hashHas(`function=${most.name}`);
  await page.locator('[data-field=chosen] .go', { hasText: 'callers' }).click();
  await page.locator('[data-profile=sandwich] [data-field=function]').waitFor();
  expect((await page.locator('[data-field=function]').innerText()).trim()).toBe(most.name);
});

test('the picture is zoomed and moved, kept as a file and copied as DOT', async () => {
  await at('#page=profiles&mode=graph&nodes=80');
  await page.locator('.graph-node').first().waitFor();
  const whole = await scale();
  await page.locator('.pan-host').focus();
  await page.keyboard.press('+');
  expect(await scale()).toBeGreaterThan(whole);
  const picture = page.locator('[data-picture]');
  const before = await picture.getAttribute('transform');
  await page.keyboard.press('ArrowRight');
  expect(await picture.getAttribute('transform')).not.toBe(before);
  await page.keyboard.press('0');
  expect(await scale()).toBe(whole);
  await page.locator('.pan-host').hover();
  await page.mouse.wheel(0, -300);
  await page.waitForFunction((least) => Number(document.querySelector('.pan-host')?.getAttribute('data-scale')) > least, whole);
  const nodes = await page.locator('.graph-node').count();
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('button', { hasText: 'save SVG' }).click()]);
  const svg = readFileSync(await download.path(), 'utf8');
  expect(download.suggestedFilename()).toBe('blocking.svg');
  expect(svg.match(/class="graph-node"/g)?.length).toBe(nodes);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.locator('button', { hasText: 'copy DOT' }).click();
  await page.locator('.toast[data-on=true]').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^digraph/);
});

test('only the worker may compile WebAssembly', async () => {
  await at('#page=profiles&mode=graph');
  await page.locator('.graph-node').first().waitFor();
  const worker = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name).find((name) => name.includes('/assets/worker-')));
  const policy = async (url: string): Promise<string> => (await fetch(url)).headers.get('content-security-policy') ?? '';
  expect(await policy(worker ?? '')).toBe("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'");
  expect(await policy(served.url)).not.toContain('wasm');
});

test('the options make the profile that the command line makes of them', async () => {
  await at('#page=profiles&mode=top');
  await page.locator('button', { hasText: 'Options' }).click();
  const sum = (top: TopAnswer): Promise<unknown> => fieldIs('sum-delay', 'data-value', top.shown[1]);
  await page.locator('#profile-focus').fill('net');
  await page.keyboard.press('Enter');
  await sum(says<TopAnswer>('profile', '--kind', 'blocking', '--focus', 'net'));
  await page.locator('#profile-ignore').fill('http');
  await page.keyboard.press('Enter');
  const narrowed = says<TopAnswer>('profile', '--kind', 'blocking', '--focus', 'net', '--ignore', 'http');
  await sum(narrowed);
  await total('top', narrowed.body.total);
  await page.locator('.profile-options select').first().selectOption('lines');
  const lines = says<TopAnswer>('profile', '--kind', 'blocking', '--focus', 'net', '--ignore', 'http', '--granularity', 'lines');
  await total('top', lines.body.total);
  await page.locator('button', { hasText: 'Reset' }).click();
  await sum(says<TopAnswer>('profile', '--kind', 'blocking'));
  await page.locator('#profile-hide').fill('^runtime');
  await page.keyboard.press('Enter');
  const hidden = says<TopAnswer>('profile', '--kind', 'blocking', '--hide', '^runtime');
  await total('top', hidden.body.total);
  await page.keyboard.press('Alt+ArrowLeft');
  await total('top', says<TopAnswer>('profile', '--kind', 'blocking').body.total);
});

test('the slowest tasks, and labels beside the stacks', async () => {
  await at('#page=profiles&mode=traces&options=open');
  await page.locator('input[name=label-function]').check();
  await page.locator('.one-stack .tag[title=function]').first().waitFor();
  await filterBy('region=.');
  await page.locator('.profile-options select').nth(1).selectOption('10%');
  const slow = says<TopAnswer>('profile', '--kind', 'blocking', '--region', '.', '--slowest', '10%');
  await fieldIs('sum-delay', 'data-value', slow.total[1]);
});

test('an inverted flame graph begins where stacks end', async () => {
  await at('#page=profiles&from=leaf');
  await page.locator('.flame-host').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const top = says<TopAnswer>('profile', '--kind', 'blocking');
  const leaf = [...top.body.rows].sort((a, b) => (b.flat[1] ?? 0) - (a.flat[1] ?? 0))[0];
  expect(await page.locator('[data-field=box]').innerText()).toBe(leaf?.name);
});

test('a function leads to what it sums up, one by one, and that to the timeline; Back returns', async () => {
  const top = says<TopAnswer>('profile', '--kind', 'sync');
  const row = top.body.rows.find((it) => (it.flat[0] ?? 0) > 300) ?? top.body.rows[0]!;
  await at('#page=profiles&kind=sync&mode=places');
  await fieldIs('places-count', 'data-value', top.total[0]);
  await fieldIs('places-ns', 'data-ns', top.total[1]);
  await page.locator('[data-option=top]').click();
  const place = top.body.rows.indexOf(row);
  await cell('top', place, 'actions').locator('.go', { hasText: 'one by one' }).click();
  await fieldIs('places-count', 'data-value', row.cum[0]);
  await fieldIs('places-ns', 'data-ns', row.cum[1]);
  await total('places', row.cum[0] ?? 0);
  const longest = await nsIn('places', 0, 'duration');
  await page.locator('[data-table=places] table').focus();
  await page.keyboard.press('End');
  await page.waitForFunction(() => location.hash.includes('places.row='));
  const hash = await page.evaluate(() => location.hash);
  await cell('places', (row.cum[0] ?? 1) - 1, 'place').locator('button').click();
  await onTimeline();
  await page.keyboard.press('Alt+ArrowLeft');
  await rowsOf('places').first().waitFor();
  expect(await page.evaluate(() => location.hash)).toBe(hash);
  await page.keyboard.press('Alt+ArrowLeft');
  await cell('top', place, 'actions').locator('.go', { hasText: 'longest' }).click();
  await onTimeline();
  await fieldIs('duration', 'data-ns', longest);
});

test('a stack leads to its longest, and each stack of a reason to its own', async () => {
  await at('#page=profiles&mode=traces');
  const traces = await ask<Profile<Traces>>(served, 'profile?kind=blocking&view=traces');
  await page.locator('.one-stack').first().locator('.go', { hasText: 'one by one' }).click();
  const [first] = traces.body.rows;
  await fieldIs('places-count', 'data-value', first?.values[0]);
  await fieldIs('places-ns', 'data-ns', first?.values[1]);
  await page.keyboard.press('3');
  await page.locator('.stacks li').first().waitFor();
  await page.locator('.stacks li').first().locator('.num .go').first().click();
  await onTimeline();
  await page.locator('[data-panel=span] [data-field=duration]').waitFor();
});
