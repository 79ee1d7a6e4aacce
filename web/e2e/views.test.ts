/** The views beside the timeline: what a person does in each, and that its numbers are those of the command line. */

import { expect, test } from 'vitest';
import type { Gc, Goroutines, Groups, Listed, LogRow, Mmu, ProcsAnswer, RegionTypeRow, SchedulingLatency, TaskDetails, TaskTypes } from '../src/api/answers';
import type { Profile, Top } from '../src/api/profiles';
import { at, cell, filterBy, forgive, hashHas, header, nsIn, page, rowsOf, says, served, serveTrace, total } from './driver';
import { settled } from './harness';

/** Tasks, regions and logs, collections, locks, channels and system calls. */
const MIX = 'mix-1.27.trace.zst';

serveTrace(MIX);

test('every page is a click and a key away, has an address, and Back returns', async () => {
  await at('');
  const pages = ['goroutines', 'blocking', 'scheduler', 'gc', 'tasks', 'regions', 'profiles', 'file'];
  for (const name of [...pages, 'events']) {
    await page.locator(`.page-link[data-page=${name}]`).click();
    await hashHas(`page=${name}`);
    await page.locator(`.view[data-view=${name}]`).waitFor();
    expect(await page.locator('.page-link[aria-current=page]').getAttribute('data-page')).toBe(name);
  }
  for (const [i, name] of pages.entries()) {
    await page.keyboard.press(String(i + 2));
    await page.locator(`.view[data-view=${name}]`).waitFor();
  }
  await page.keyboard.press('E');
  await page.locator('.view[data-view=events]').waitFor();
  await page.keyboard.press('1');
  await page.waitForFunction(() => !location.hash.includes('page='));
  await page.keyboard.press('Alt+ArrowLeft');
  await hashHas('page=events');
  await page.keyboard.press('Alt+ArrowLeft');
  await hashHas('page=file');
  await page.keyboard.press('Alt+ArrowLeft');
  await hashHas('page=profiles');
});

test('the timeline waits behind a view as it was left, and draws nothing meanwhile', async () => {
  await at('#view=10000000,20000000');
  const before = await settled(page);
  await page.keyboard.press('2');
  await rowsOf('groups').first().waitFor();
  const behind = await settled(page);
  await page.keyboard.press('KeyD', { delay: 200 });
  await page.keyboard.press('+');
  expect((await settled(page)).frames).toBe(behind.frames);
  await page.keyboard.press('1');
  const after = await settled(page);
  expect({ from: after.from, to: after.to }).toEqual({ from: before.from, to: before.to });
});

test('groups are sorted by the server, and the numbers are those of the command line', async () => {
  await at('#page=goroutines');
  const groups = says<Groups>('goroutines', '--sort', 'runnable', '--order', 'desc');
  await header('groups', 'runnable').locator('button').click();
  await hashHas('groups.order=-runnable');
  expect(await header('groups', 'runnable').getAttribute('aria-sort')).toBe('descending');
  await total('groups', groups.total);
  await page.waitForFunction((ns) => document.querySelector('[data-table=groups] tr[data-row="0"] td[data-column=runnable] [data-ns]')?.getAttribute('data-ns') === String(ns), groups.rows[0]?.runnable);
  for (const [i, row] of groups.rows.slice(0, 3).entries()) expect(await nsIn('groups', i, 'runnable')).toBe(row.runnable);
  await header('groups', 'runnable').locator('button').click();
  await hashHas('groups.order=runnable');
  expect(await header('groups', 'runnable').getAttribute('aria-sort')).toBe('ascending');
});

test('a group leads to its members, a member to its page, its page to the timeline, and Back all the way', async () => {
  await at('#page=goroutines&filter=func=main&groups.order=-count');
  const groups = says<Groups>('goroutines', '--filter', 'func=main', '--sort', 'count', '--order', 'desc');
  const first = groups.rows[0];
  await cell('groups', 0, 'name').locator('.go').click();
  await hashHas(`of=${first?.name}`);
  await total('members', first?.count ?? 0);
  await cell('members', 0, 'id').locator('.go').click();
  await page.locator('[data-panel=goroutine] [data-field=lifetime]').waitFor();
  const lifetime = Number(await page.locator('[data-field=lifetime] [data-ns]').first().getAttribute('data-ns'));
  const members = says<Goroutines>('goroutines', '--list', '--group', 'func', '--of', first?.name ?? '', '--filter', 'func=main', '--sort', 'lifetime', '--order', 'desc');
  expect(lifetime).toBe(members.rows[0]?.lifetime);
  await page.locator('[data-panel=goroutine] [data-table=states] tbody tr .go').first().click();
  await page.waitForFunction(() => location.hash.includes('sel=') && !location.hash.includes('page='));
  await page.keyboard.press('Alt+ArrowLeft');
  await page.locator('[data-panel=goroutine]').first().waitFor();
  await page.keyboard.press('Alt+ArrowLeft');
  await total('members', first?.count ?? 0);
  await page.keyboard.press('Alt+ArrowLeft');
  await hashHas('groups.order=-count');
  await total('groups', groups.total);
});

test('a long table keeps its place when one comes back, and is walked with the keys', async () => {
  await at('#page=goroutines&group=none');
  const all = says<Goroutines>('goroutines', '--list');
  await total('members', all.total);
  await page.locator('[data-table=members] table').focus();
  await page.keyboard.press('End');
  await page.locator(`[data-table=members] tr[data-row="${all.total - 1}"].here`).waitFor();
  await page.waitForFunction(() => location.hash.includes('members.row='));
  const hash = await page.evaluate(() => location.hash);
  await page.keyboard.press('Enter');
  await page.locator('[data-panel=goroutine]').first().waitFor();
  await page.keyboard.press('Alt+ArrowLeft');
  await page.locator(`[data-table=members] tr[data-row="${all.total - 1}"]`).waitFor();
  expect(await page.evaluate(() => location.hash)).toBe(hash);
});

test('a wrong filter is told in the words of the server, a right one goes along to the next view', async () => {
  await at('#page=goroutines');
  await page.locator('.filter input').click();
  expect(await page.locator('.filter-keys').innerText()).toContain('state=waiting,runnable');
  await filterBy('state=wating');
  const said = page.locator('.filter-trouble');
  await said.waitFor();
  const refused = await fetch(`${served.url}api/groups?filter=${encodeURIComponent('state=wating')}`);
  const { error } = (await refused.json()) as { error: string };
  expect(`parameter filter: ${await said.innerText()}`).toBe(error);
  await filterBy('func=main');
  await said.waitFor({ state: 'detached' });
  await page.keyboard.press('8');
  await hashHas('page=profiles&filter=func=main');
  expect(await page.locator('.filter input').inputValue()).toBe('func=main');
  forgive('400');
});

test('rows are copied as they are', async () => {
  await at('#page=goroutines');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const groups = says<Groups>('goroutines', '--sort', 'running', '--order', 'desc');
  await total('groups', groups.total);
  await page.locator('[data-table=groups] .copy .go').first().click();
  await page.locator('.toast[data-on=true]').waitFor();
  const [head = '', ...lines] = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
  const column = head.split('\t').indexOf('running_ns');
  expect(lines.map((line) => Number(line.split('\t')[column]))).toEqual(groups.rows.map((row) => row.running));
});

test('a range of the timeline is carried into a view', async () => {
  await at('#range=10000000,40000000');
  await page.locator('[data-panel=range] [data-field=analyse] .go', { hasText: 'Blocking' }).click();
  await hashHas('page=blocking&filter=from=10000000ns to=40000000ns');
  const sums = says<Goroutines>('goroutines', '--list', '--filter', 'from=10000000ns to=40000000ns');
  await page.waitForFunction((ns) => document.querySelector('[data-field=waiting]')?.getAttribute('data-ns') === String(ns), sums.sum.waiting);
  await total('reasons', sums.sum.blocked.length);
});

test('the arrow beside a lane leads to its page', async () => {
  await at('');
  const row = page.locator('.tl-row.tl-group').first();
  const label = (await row.getAttribute('title')) ?? '';
  await row.hover();
  await row.locator('.tl-open-view').click();
  await hashHas('page=goroutines');
  const groups = says<Groups>('goroutines', '--filter', `func=^${label.replace(/[.*()]/g, '\\$&')}$`);
  await total('groups', groups.total);
  expect(groups.rows[0]?.name).toBe(label);
});

test('reasons lead to stacks and to who waited', async () => {
  await at('#page=blocking');
  const sums = says<Goroutines>('goroutines', '--list');
  const most = [...sums.sum.blocked].sort((a, b) => b.ns - a.ns)[0];
  await total('reasons', sums.sum.blocked.length);
  expect(await nsIn('reasons', 0, 'ns')).toBe(most?.ns);
  await cell('reasons', 1, 'reason').locator('.go').click();
  await hashHas('reason=');
  await rowsOf('who').first().waitFor();
  await page.locator('.stacks li .go').first().waitFor();
});

test('the profile of the page is the one of the command line; a flame graph zooms, finds and returns', async () => {
  await at('#page=profiles&kind=sync');
  const top = says<Profile<Top> & { body: Top }>('profile', '--kind', 'sync');
  const sum = page.locator('[data-field=sum-delay]');
  await sum.waitFor();
  expect(Number(await sum.getAttribute('data-value'))).toBe(top.total[1]);
  const flame = page.locator('.flame-host');
  await flame.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const name = await page.locator('[data-field=box]').innerText();
  expect(name).not.toBe('All');
  await page.keyboard.press('Enter');
  await hashHas('zoom=');
  await page.keyboard.press('Alt+ArrowLeft');
  await page.waitForFunction(() => !location.hash.includes('zoom='));
  await page.locator('input[type=search]').fill(name.slice(0, 12));
  await page.locator('[data-field=matched]').waitFor();
  expect(Number(await page.locator('[data-field=matched]').getAttribute('data-value'))).toBeGreaterThan(0);
  await page.locator('[data-option=top]').click();
  await rowsOf('top').first().waitFor();
  await cell('top', 0, 'name').locator('.go').click();
  await page.locator('[data-profile=sandwich] .flame-canvas').nth(1).waitFor();
  await page.locator('[data-option=graph]').click();
  await page.locator('.graph-node').first().waitFor();
  await page.locator('[data-option=traces]').click();
  await page.locator('.one-stack').first().waitFor();
});

test('the profile can be taken away as a file', async () => {
  await at('#page=profiles&kind=blocking');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[download]').click()]);
  expect(download.suggestedFilename()).toMatch(/\.pb\.gz$/);
});

test('types of tasks lead to tasks, a bar of the histogram narrows them, a task shows its parts', async () => {
  await at('#page=tasks');
  const types = says<TaskTypes>('tasks');
  const first = types.rows[0];
  await total('types', types.total);
  expect(await nsIn('types', 0, 'ns')).toBe(first?.ns);
  await cell('types', 0, 'name').locator('.go').click();
  await total('tasks', first?.count ?? 0);
  const bar = page.locator('.histogram-bars button:not(:disabled)').first();
  const inBar = Number(await bar.getAttribute('data-count'));
  await bar.click();
  await hashHas('min=');
  await total('tasks', inBar);
  await page.keyboard.press('Alt+ArrowLeft');
  await total('tasks', first?.count ?? 0);
  await cell('tasks', 0, 'name').locator('.go').click();
  await page.locator('[data-field=duration]').waitFor();
  const id = decodeURIComponent((await page.evaluate(() => location.hash)).split('task=task:')[1]?.split('&')[0] ?? '');
  const details = await (await fetch(`${served.url}api/task?key=task:${id}`)).json() as TaskDetails;
  expect(Number(await page.locator('[data-field=duration]').getAttribute('data-ns'))).toBe(details.task.duration);
  await total('parts', details.total);
  await rowsOf('parts').first().locator('.part-bar').click();
  await page.waitForFunction(() => location.hash.includes('sel=') && !location.hash.includes('page='));
});

test('regions and logs are counted as on the command line, and lead to the timeline', async () => {
  await at('#page=regions');
  const types = says<Listed<RegionTypeRow>>('regions');
  await total('types', types.total);
  expect(await nsIn('types', 0, 'ns')).toBe(types.rows[0]?.ns);
  await cell('types', 0, 'name').locator('.go').click();
  await total('regions', types.rows[0]?.count ?? 0);
  await page.locator('[data-table=regions] tr[data-row="0"] [data-column=place] button').click();
  await page.waitForFunction(() => location.hash.includes('sel=') && !location.hash.includes('page='));
  await page.keyboard.press('Alt+ArrowLeft');
  await total('regions', types.rows[0]?.count ?? 0);
  const logs = says<Listed<LogRow>>('logs');
  await page.keyboard.press('7');
  await page.locator('[data-option=logs]').click();
  await total('logs', logs.total);
});

test('cycles, stops and the utilisation are those of the command line', async () => {
  await at('#page=gc');
  const gc = says<Gc>('gc');
  await total('cycles', gc.cycles.total);
  expect((await page.locator('[data-field=cycles]').innerText()).trim()).toBe(String(gc.total.cycles));
  expect(await nsIn('cycles', 0, 'duration')).toBe(gc.cycles.rows[0]?.duration);
  await page.locator('.curves canvas').first().waitFor();
  await page.locator('[data-option=stops]').click();
  await total('stops', gc.stops.total);
  await page.locator('[data-option=mmu]').click();
  const mmu = says<Mmu>('mmu');
  await page.waitForFunction((mean) => document.querySelector('[data-field=mean]')?.getAttribute('data-value') === String(mean), mmu.mean);
  await page.locator('.curves canvas').first().waitFor();
  const box = await page.locator('.curves .u-over').boundingBox();
  await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) * 0.6, (box?.y ?? 0) + 40);
  await hashHas('window=');
  await rowsOf('worst').first().waitFor();
  await page.locator('[data-table=worst] tr[data-row="0"] [data-column=place] button').click();
  await page.waitForFunction(() => location.hash.includes('view=') && !location.hash.includes('page='));
});

test('the scheduler: procs, latency, idle moments and threads', async () => {
  await at('#page=scheduler');
  const procs = says<ProcsAnswer>('procs');
  await total('procs', procs.rows.total);
  expect(Number(await page.locator('[data-field=missed]').getAttribute('data-ns'))).toBe(procs.short.missed);
  await page.locator('.heat-map canvas').waitFor();
  await page.locator('[data-option=latency]').click();
  const latency = says<SchedulingLatency>('latency');
  await page.waitForFunction((count) => document.querySelector('[data-field=waits]')?.getAttribute('data-count') === String(count), latency.total.count);
  await page.locator('[data-option=worst]').click();
  expect(await nsIn('worst', 0, 'duration')).toBe(latency.worst[0]?.duration);
  await page.locator('[data-option=short]').click();
  await rowsOf('short').first().waitFor();
  await page.locator('[data-option=threads]').click();
  await rowsOf('threads').first().waitFor();
});

test('an old link still opens the drawer with a goroutine', async () => {
  await at('#page=goroutine:1&view=0,50000000');
  await page.locator('.drawer [data-panel=goroutine]').waitFor();
  expect(await page.locator('.page-link[aria-current=page]').getAttribute('data-page')).toBe('timeline');
});
