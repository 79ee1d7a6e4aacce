/** That everyone can use the page: rules of WCAG 2.1, level AA, on every page in both themes, and the keyboard alone. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { at, hashHas, page, rowsOf, serveTrace } from './driver';

serveTrace('mix-1.27.trace.zst');

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A place, and what is there once it stands. */
const PLACES: readonly (readonly [string, string])[] = [
  ['', '.tl-row'],
  ['#sel=go:1@10000000', '[data-panel=span]'],
  ['#range=20000000,40000000', '[data-panel=range] table'],
  ['#page=goroutine:1', '[data-panel=goroutine]'],
  ['#page=goroutines', '[data-table=groups] .go'],
  ['#page=goroutines&go=1', '[data-panel=goroutine]'],
  ['#page=blocking', '.stacks li .go'],
  ['#page=scheduler', '.heat-map canvas'],
  ['#page=scheduler&show=latency', '.histogram-bars'],
  ['#page=gc', '.curves canvas'],
  ['#page=gc&show=mmu', '.curves canvas'],
  ['#page=tasks', '[data-table=types] .go'],
  ['#page=regions&list=logs', '[data-table=logs] tbody tr'],
  ['#page=profiles&options=open', '.flame-canvas'],
  ['#page=profiles&mode=top', '[data-table=top] .go'],
  ['#page=profiles&mode=graph', '.graph-node'],
  ['#page=profiles&mode=traces', '.one-stack'],
  ['#page=profiles&mode=places', '[data-table=places] .go'],
  ['#page=events', '[data-table=events] .go'],
  ['#page=file', '[data-panel=file]'],
];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

for (const theme of ['light', 'dark'] as const) {
  test(`no page breaks a rule, ${theme}`, async () => {
    // One rule is left out: it wants a lane's name and count read as one word, because they stand side by side.
    const found: string[] = [];
    await at('', theme);
    await page.evaluate(AXE);
    for (const [hash, ready] of PLACES) {
      await page.evaluate((next) => (location.hash = next), hash);
      await page.locator(ready).first().waitFor();
      const violations = await page.evaluate(
        (tags) => (window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: Violation[] }> } }).axe.run(document, { runOnly: tags, rules: { 'label-content-name-mismatch': { enabled: false } } }).then((result) => result.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) }))),
        ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
      );
      for (const { id, nodes } of violations) found.push(`${hash} ${id}: ${nodes.slice(0, 2).map((node) => node.html.slice(0, 160)).join(' | ')}`);
    }
    expect(found).toEqual([]);
  }, 120_000);
}

/** The name of what has the keyboard. */
const here = (): Promise<string> => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '');

test('the keyboard alone goes from a page to a row, to the timeline and back', async () => {
  await at('#page=goroutines');
  await rowsOf('groups').first().waitFor();
  const passed: string[] = [];
  for (let i = 0; i < 60 && (await here()) !== 'Groups'; i++) {
    await page.keyboard.press('Tab');
    passed.push(await here());
  }
  // Bar, filter, choice, headers come in the order of the page; then the table itself.
  expect(passed.findIndex((name) => name === 'Events')).toBeLessThan(passed.findIndex((name) => name === 'Start function'));
  expect(passed.at(-1)).toBe('Groups');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await hashHas('of=');
  await page.keyboard.press('Alt+ArrowLeft');
  await page.waitForFunction(() => !location.hash.includes('of='));
});

test('the call graph is walked with the keyboard', async () => {
  await at('#page=profiles&mode=graph');
  await page.locator('.graph-node').first().waitFor();
  await page.locator('.pan-host').focus();
  await page.keyboard.press('Tab');
  const name = await page.evaluate(() => document.activeElement?.getAttribute('data-name'));
  await page.keyboard.press('Enter');
  await hashHas(`function=${name}`);
  expect((await page.locator('[data-field=chosen] strong').innerText()).trim()).toBe(name);
});
