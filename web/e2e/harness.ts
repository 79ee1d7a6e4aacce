/**
 * Starts the built program on a trace and opens its page in a headless Chromium.
 *
 * `GOROSCOPE_BIN` names the program; `cargo xtask test` sets it. Chromium comes with a package,
 * so that nothing but `npm ci` is needed.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import chromiumPackage from '@sparticuz/chromium';
import { decompress } from 'fzstd';
import { type Browser, type Page, chromium } from 'playwright-core';
import type { LoadingReport } from '../src/api/types';

const TESTDATA = join(import.meta.dirname, '../../testdata');

export const traceFile = (name: string): string => join(TESTDATA, name);

/** Bytes of a `.zst` file of the test data. */
export const unpacked = (name: string): Uint8Array => decompress(readFileSync(traceFile(name)));

export interface Served {
  /** The page's address, with its token and a slash at the end. */
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Serves a trace file on a free port. */
export const serve = (file: string): Promise<Served> => start(file, null);

/** Serves what comes through standard input; `feed` gives the first of it. */
export const serveInput = (feed: (input: Writable) => void): Promise<Served> => start('-', feed);

async function start(file: string, feed: ((input: Writable) => void) | null): Promise<Served> {
  const program = process.env['GOROSCOPE_BIN'];
  if (program === undefined) throw new Error('GOROSCOPE_BIN must name the built goroscope');
  const child = spawn(program, ['--no-browser', file], { stdio: [feed === null ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  const { stdin, stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  if (feed !== null && stdin !== null) feed(stdin);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let heard = '';
    const listen = (chunk: Buffer): void => {
      heard += chunk.toString();
      const match = /Trace viewer is listening on (\S+)/.exec(heard);
      if (match?.[1] !== undefined) resolve(match[1]);
    };
    stdout.on('data', listen);
    stderr.on('data', listen);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`goroscope ended: ${heard}`)));
  });
  return {
    url,
    process: child,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: await chromiumPackage.executablePath(),
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page, with every complaint of the browser about it. */
export interface Opened {
  readonly page: Page;
  /** Console errors and warnings, uncaught exceptions, violations of the security policy. */
  readonly complaints: string[];
}

export async function open(browser: Browser, url: string, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const opened = await openEarly(browser, colorScheme);
  await opened.page.goto(url);
  await settled(opened.page);
  return opened;
}

/** An empty page that will complain. */
export async function openEarly(browser: Browser, colorScheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1500, height: 900 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}

/** What `window.__view` tells: see `timeline.ts`. */
export interface View {
  readonly from: number;
  readonly to: number;
  readonly tilesMissing: number;
  readonly frames: number;
}

/**
 * Waits until the picture stands: all tiles are there, and nothing was drawn for ten frames of
 * the browser.
 */
export async function settled(page: Page): Promise<View> {
  await page.waitForFunction(() => ((window as unknown as { __view?: View }).__view?.frames ?? 0) > 0, null, { timeout: 30_000 });
  await page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const began = performance.now();
        let drawn = -1;
        let still = 0;
        const tick = (): void => {
          const { frames, tilesMissing } = (window as unknown as { __view: View }).__view;
          still = frames === drawn && tilesMissing === 0 ? still + 1 : 0;
          drawn = frames;
          if (still >= 10) resolve();
          else if (performance.now() - began > 30_000) reject(new Error(`the picture does not stand: ${tilesMissing} tiles missing`));
          else requestAnimationFrame(tick);
        };
        requestAnimationFrame(tick);
      }),
  );
  return viewOf(page);
}

export const viewOf = (page: Page): Promise<View> => page.evaluate(() => ({ ...(window as unknown as { __view: View }).__view }));

/** Where the lanes are drawn, in CSS px. */
export async function lanesBox(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await page.locator('.timeline-host .tl-canvas').first().boundingBox();
  if (box === null) throw new Error('no canvas');
  return box;
}

/** The place on the screen of a time in the lane whose name begins with `label`. */
export async function placeOf(page: Page, label: string, ts: number): Promise<{ x: number; y: number }> {
  const row = page.locator('.timeline-host .tl-row', { hasText: new RegExp(`^${label}`) }).first();
  await row.waitFor();
  const [view, lanes, name] = await Promise.all([viewOf(page), lanesBox(page), row.boundingBox()]);
  if (name === null) throw new Error(`${label} is not on the screen`);
  return { x: lanes.x + ((ts - view.from) / (view.to - view.from)) * lanes.width, y: name.y + 9 };
}

/** The number in `data-ns` of the first element in a field of a panel. */
export async function nsOf(page: Page, selector: string): Promise<number> {
  const field = page.locator(selector).first();
  const own = await field.getAttribute('data-ns');
  return Number(own ?? (await field.locator('[data-ns]').first().getAttribute('data-ns')));
}

/** A duration as the page writes it, in ns: "1.234567 ms" → 1234567. */
export function readDuration(text: string): number {
  const match = /^(-?[\d.]+)\s*(ns|µs|ms|s)$/.exec(text.trim());
  const unit = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 }[match?.[2] ?? ''];
  if (match?.[1] === undefined || unit === undefined) throw new Error(`not a duration: ${text}`);
  return Math.round(Number(match[1]) * unit);
}

/** A time as the page writes it, in ns: "0.001 234 567 s" → 1234567. */
export function readTime(text: string): number {
  const match = /^(−?)(\d+)\.(\d{3})\s(\d{3})\s(\d{3})\ss$/.exec(text.trim());
  if (match === null) throw new Error(`not a time: ${text}`);
  const ns = Number(match[2]) * 1e9 + Number(`${match[3]}${match[4]}${match[5]}`);
  return match[1] === '' ? ns : -ns;
}

/** Asks the page's own server, as the page does; a trace that is still being read is waited for. */
export async function ask<T>(served: Served, path: string): Promise<T> {
  for (;;) {
    const { stage } = (await (await fetch(`${served.url}api/loading`)).json()) as LoadingReport;
    if (stage !== 'loading') break;
  }
  const answer = await fetch(`${served.url}api/${path}`);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as T;
}
