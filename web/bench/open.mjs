// How long a trace takes to be on screen, and what it costs: `cargo xtask bench open trace.out`.
//
// From the start of the program to lanes drawn with every tile there, in a headless browser that is already running.
// With GO_TRACE_VIEWER set to a built `cmd/trace`, each round also times that program until it says that it listens
// (its page is then still empty). Processor time and peak memory are the server process's own, from /proc.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import bundled from "@sparticuz/chromium";

const [trace, rounds = "5"] = process.argv.slice(2);
const goroscope = process.env.GOROSCOPE_BIN;
const other = process.env.GO_TRACE_VIEWER;
if (!trace || !goroscope) {
  console.error("usage: GOROSCOPE_BIN=path node bench/open.mjs trace.out [rounds]");
  process.exit(2);
}

const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
flags.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
const browser = await chromium.launch({ executablePath: await bundled.executablePath(), headless: true, args: flags });

/** Starts a server and waits for the line with its URL. */
async function listening(program, args) {
  const begin = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, BROWSER: "true" } });
  let text = "";
  const url = await new Promise((resolve, reject) => {
    child.stderr.on("data", (bytes) => {
      text += bytes;
      const found = text.match(/listening on (\S+)/);
      if (found) resolve(found[1]);
    });
    child.on("exit", () => reject(new Error(`${program} ended: ${text}`)));
  });
  return { child, url, begin, ready: performance.now() - begin };
}

/** Seconds of processor time and MiB of peak memory of a running process. */
function cost(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const peak = readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/);
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: Number(peak[1]) / 1024 };
}

async function end(child) {
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}

async function ours() {
  const server = await listening(goroscope, ["--no-browser", trace]);
  const page = await browser.newPage({ viewport: { width: 1920, height: 1080 } });
  await page.goto(server.url);
  await page.waitForFunction(() => window.__view && window.__view.frames > 0 && window.__view.tilesMissing === 0, null, {
    polling: 10,
    timeout: 600_000,
  });
  const drawn = performance.now() - server.begin;
  const spent = cost(server.child.pid);
  await page.close();
  await end(server.child);
  return { "listening s": server.ready / 1000, "on screen s": drawn / 1000, "cpu s": spent.cpu, "peak MiB": spent.memory };
}

async function theirs() {
  const server = await listening(other, ["-http=127.0.0.1:0", trace]);
  const spent = cost(server.child.pid);
  await end(server.child);
  return { "listening s": server.ready / 1000, "cpu s": spent.cpu, "peak MiB": spent.memory };
}

function report(name, runs) {
  for (const key of Object.keys(runs[0])) {
    const values = runs.map((run) => run[key]).sort((a, b) => a - b);
    const [least, median, most] = [values[0], values[values.length >> 1], values.at(-1)].map((value) => value.toFixed(2));
    console.log(`${name.padEnd(16)} ${key.padEnd(12)} min ${least}  median ${median}  max ${most}`);
  }
}

const runs = { goroscope: [], "go tool trace": [] };
await ours(); // not counted: the files are in the page cache and the browser is warm after it
for (let round = 0; round < Number(rounds); round += 1) {
  runs.goroscope.push(await ours());
  if (other) runs["go tool trace"].push(await theirs());
}
await browser.close();
for (const [name, list] of Object.entries(runs)) if (list.length > 0) report(name, list);
