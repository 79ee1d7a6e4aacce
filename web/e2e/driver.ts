/** Drives the views beside the timeline: one served trace for a file of tests, a fresh page for each test. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Served, launch, open, serve, traceFile, unpacked } from './harness';

export let browser: Browser;
export let served: Served;
export let page: Page;
let folder: string;
let file: string;
let complaints: string[] = [];

/** Serves a trace of the test data while the tests of a file run; none of their pages may complain. */
export function serveTrace(name: string): void {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goroscope-'));
    file = join(folder, 'a.trace');
    writeFileSync(file, unpacked(name));
    [browser, served] = await Promise.all([launch(), serve(traceFile(name))]);
  });

  afterAll(async () => {
    await browser.close();
    await served.stop();
    rmSync(folder, { recursive: true });
  });

  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });
}

/** Opens the page at a place. */
export async function at(hash: string, colorScheme: 'light' | 'dark' = 'light'): Promise<void> {
  ({ page, complaints } = await open(browser, `${served.url}${hash}`, colorScheme));
}

/** Complaints that are meant: of the browser, about an answer that says no. */
export function forgive(part: string): void {
  complaints = complaints.filter((line) => !line.includes(part));
}

/** What the command line says, as JSON. */
export function says<T>(...args: string[]): T {
  const text = execFileSync(process.env['GOROSCOPE_BIN'] ?? '', [...args, '--json', file], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return JSON.parse(text) as T;
}

export const hashHas = (part: string): Promise<unknown> => page.waitForFunction((wanted) => decodeURIComponent(location.hash).includes(wanted), part);
export const rowsOf = (table: string) => page.locator(`[data-table=${table}] tbody tr[data-row]`);
export const cell = (table: string, row: number, column: string) => page.locator(`[data-table=${table}] tbody tr[data-row="${row}"] td[data-column="${column}"]`);
export const header = (table: string, column: string) => page.locator(`[data-table=${table}] thead th[data-column="${column}"]`);
export const nsIn = async (table: string, row: number, column: string): Promise<number> => Number(await cell(table, row, column).locator('[data-ns]').first().getAttribute('data-ns'));
export const total = (table: string, wanted: number): Promise<unknown> => page.waitForFunction(([id, n]) => document.querySelector(`[data-table=${id}] [data-field=total]`)?.getAttribute('data-total') === String(n), [table, wanted] as const);

/** Waits until a field has a value in one of its attributes. */
export const fieldIs = (field: string, attribute: string, value: unknown): Promise<unknown> =>
  page.waitForFunction(([name, of, wanted]) => document.querySelector(`[data-field="${name}"]`)?.getAttribute(of) === wanted, [field, attribute, String(value)] as const);

/** Whether the timeline is in front, at a selected span. */
export const onTimeline = (): Promise<unknown> => page.waitForFunction(() => location.hash.includes('sel=') && !location.hash.includes('page='));

/** Types into the filter box and applies it. */
export async function filterBy(text: string): Promise<void> {
  await page.locator('.filter input').fill(text);
  await page.keyboard.press('Enter');
}
