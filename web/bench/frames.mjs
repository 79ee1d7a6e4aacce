/**
 * Frame times while panning and zooming over a trace, in a headless browser without a GPU.
 *
 * usage: GOROSCOPE_BIN=goroscope node bench/frames.mjs TRACE
 *
 * Ten seconds of held keys, as a person does it: in, right, out, left, first over all lanes with
 * their groups closed, then with the largest groups open. Prints the intervals between frames,
 * and the time that our script took of each.
 */

import { spawn } from 'node:child_process';
import chromiumPackage from '@sparticuz/chromium';
import { chromium } from 'playwright-core';

const [trace] = process.argv.slice(2);
const program = process.env.GOROSCOPE_BIN;
if (trace === undefined || program === undefined) {
  console.error('usage: GOROSCOPE_BIN=goroscope node bench/frames.mjs TRACE');
  process.exit(2);
}

/** Seconds of each part; the keys are held by their place on the keyboard. */
const SCRIPT = [
  ['KeyW', 1.5],
  ['KeyD', 1],
  ['KeyW', 1],
  ['KeyA', 1],
  ['KeyS', 1.5],
  ['KeyD', 0.75],
  ['KeyW', 1.25],
  ['KeyS', 2],
];
const OPEN_GROUPS = 3;

function serve() {
  const child = spawn(program, ['--no-browser', trace], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let heard = '';
    const listen = (chunk) => {
      heard += chunk;
      const url = /listening on (\S+)/.exec(heard)?.[1];
      if (url !== undefined) resolve({ child, url });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(heard)));
  });
}

/** Records every frame of the page until told to stop. */
const record = () => {
  const frames = { intervals: [], script: [], missing: 0, on: true };
  window.__frames = frames;
  let last = performance.now();
  let drawn = window.__view.frames;
  const tick = (now) => {
    frames.intervals.push(now - last);
    last = now;
    const view = window.__view;
    if (view.frames !== drawn) frames.script.push(view.lastFrameMs);
    if (view.tilesMissing > 0) frames.missing++;
    drawn = view.frames;
    if (frames.on) requestAnimationFrame(tick);
  };
  requestAnimationFrame((now) => {
    last = now;
    requestAnimationFrame(tick);
  });
};

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
const ms = (x) => x.toFixed(1).padStart(6);

function report(name, frames) {
  const intervals = frames.intervals.toSorted((a, b) => a - b);
  const script = frames.script.toSorted((a, b) => a - b);
  const line = (of) => `p50 ${ms(quantile(of, 0.5))}  p95 ${ms(quantile(of, 0.95))}  p99 ${ms(quantile(of, 0.99))}  max ${ms(of.at(-1) ?? NaN)} ms`;
  console.log(`${name}`);
  console.log(`  frame interval  ${line(intervals)}   ${intervals.length} frames, ${intervals.filter((x) => x > 34).length} over 34 ms`);
  console.log(`  our script      ${line(script)}   ${frames.missing} frames with a tile still on its way`);
}

async function play(page, name) {
  await page.evaluate(record);
  for (const [key, seconds] of SCRIPT) {
    await page.keyboard.down(key);
    await page.waitForTimeout(seconds * 1000);
    await page.keyboard.up(key);
  }
  const frames = await page.evaluate(() => {
    window.__frames.on = false;
    return window.__frames;
  });
  report(name, frames);
}

const { child, url } = await serve();
const browser = await chromium.launch({
  executablePath: await chromiumPackage.executablePath(),
  headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1920, height: 1000 } });
  const ready = () => page.waitForFunction(() => window.__view?.frames > 0 && window.__view.tilesMissing === 0, null, { timeout: 60_000 });
  await page.goto(url);
  await ready();
  const { meta, groups } = await page.evaluate(async () => {
    const ask = async (path) => (await fetch(`./api/${path}`)).json();
    const [trace, lanes] = await Promise.all([ask('trace'), ask('lanes')]);
    const all = lanes.sections.flatMap((section) => (section.id === 'goroutines' ? (section.groups ?? []) : []));
    return { meta: trace, groups: all.toSorted((a, b) => b.count - a.count).map((group) => group.key) };
  });
  console.log(`${meta.name}: ${meta.counts.events} events, ${meta.counts.goroutines} goroutines, ${((meta.end - meta.start) / 1e9).toFixed(3)} s`);
  const box = await page.locator('.timeline-host').boundingBox();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.7);
  await play(page, 'groups closed');
  await page.evaluate((keys) => (location.hash = `#open=${keys.join(',')}&y=300`), groups.slice(0, OPEN_GROUPS));
  await ready();
  await play(page, 'largest groups open');
} finally {
  await browser.close();
  child.kill('SIGINT');
}
