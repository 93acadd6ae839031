#!/usr/bin/env node
// Takes the README's picture again: `npm run picture`. Converts a real PyTorch trace, opens the result in the real
// Perfetto UI in headless Chromium, zooms to a few milliseconds of a training step and selects one GPU kernel.
//
//   PERFETTO_UI      the folder of a built Perfetto UI (the one with index.html); it is served on this machine only
//   TRACE_DATA       the folder with training_rank0_ns.json.gz, from the test data of HolisticTraceAnalysis (MIT)
//   CHROMIUM         the browser, if it is not /usr/bin/chromium
//   playwright-core  drives the browser and is no dependency: npm install --no-save playwright-core, or NODE_PATH

import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { display, inRoot } from './lib/project.mjs';

const require = createRequire(import.meta.url);
const INPUT = 'training_rank0_ns.json.gz';
const PICTURE = inRoot('docs', 'images', 'training-step.png');
const MAX_BYTES = 200_000;
/** Small, so that its texts can be read in the width of a README; sharp on dense screens. */
const SIZE = { viewport: { width: 1000, height: 740 }, deviceScaleFactor: 1.25 };

/** Part of the first training step, in nanoseconds of the trace, and the kernel whose details are shown. */
const VIEW = { start: '1712195495507850000', end: '1712195495508950000' };
const KERNEL = { ts: '1712195495508491003', dur: '462013' };

/** Pixels that the details panel gives to the timeline. */
const PANEL_SHRINKS = 95;

/** Groups of no interest here. */
const COLLAPSED = ['System', 'Global Track Events'];

const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.html': 'text/html', '.json': 'application/json' };

function playwright() {
  try {
    return require('playwright-core');
  } catch {
    return null;
  }
}

const ui = path.resolve(process.env.PERFETTO_UI ?? '');
const input = path.resolve(process.env.TRACE_DATA ?? '', INPUT);
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const driver = playwright();
const missing = [
  [process.env.PERFETTO_UI && existsSync(path.join(ui, 'index.html')), 'PERFETTO_UI: a folder with the index.html of a built Perfetto UI'],
  [process.env.TRACE_DATA && existsSync(input), `TRACE_DATA: a folder with ${INPUT}`],
  [existsSync(browserPath), `Chromium: ${browserPath} is not there; CHROMIUM names another`],
  [driver, 'playwright-core: npm install --no-save playwright-core'],
  [existsSync(inRoot('dist', 'index.js')), 'dist/: npm run build'],
].flatMap(([there, text]) => (there ? [] : [text]));

function serve(folder) {
  const server = createServer((request, response) => {
    const file = path.join(folder, path.normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname)));
    const name = file.endsWith(path.sep) ? path.join(file, 'index.html') : file;
    if (!existsSync(name)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[path.extname(name)] ?? 'application/octet-stream' });
    createReadStream(name).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function takePicture(trace, address) {
  // The host rule keeps the page from asking anything of the internet.
  const args = ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
  const browser = await driver.chromium.launch({ executablePath: browserPath, args });
  try {
    const page = await browser.newPage(SIZE);
    const idle = () => page.evaluate('window.waitForPerfettoIdle()');
    await page.addInitScript("localStorage.setItem('cookieAck', 'true')");
    await page.goto(`${address}/#!/?hideSidebar=true`);
    await page.waitForSelector('input[type=file]', { state: 'attached' });
    await page.setInputFiles('input[type=file]', trace);
    await page.waitForFunction("location.hash.includes('/viewer')", null, { timeout: 120_000 });
    await idle();
    await page.getByTitle('Expand all').first().click();
    await page.evaluate(`(async () => {
      const { engine, selection, timeline, currentWorkspace } = window.app.trace;
      for (const group of currentWorkspace.children) if (${JSON.stringify(COLLAPSED)}.includes(group.name)) group.collapse();
      const found = await engine.query('select id from slice where ts = ${KERNEL.ts} and dur = ${KERNEL.dur}');
      selection.selectSqlEvent('slice', found.firstRow({ id: 0 }).id, { switchToCurrentSelectionTab: true });
      timeline.panSpanIntoView(${VIEW.start}n, ${VIEW.end}n, { align: 'zoom' });
    })()`);
    await idle();
    // The details panel is dragged down, so that all nested operators are in the picture.
    const { y } = await page.getByText('Current Selection').boundingBox();
    await page.mouse.move(SIZE.viewport.width / 2, y + 10);
    await page.mouse.down();
    await page.mouse.move(SIZE.viewport.width / 2, y + 10 + PANEL_SHRINKS, { steps: 5 });
    await page.mouse.up();
    await page.mouse.move(0, 0);
    await idle();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: PICTURE });
  } finally {
    await browser.close();
  }
}

async function main() {
  const { convertTrace } = require('..');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tracesmith-picture-'));
  const server = await serve(ui);
  try {
    const trace = path.join(folder, INPUT.replace('.json.gz', '.perfetto-trace'));
    await convertTrace(input, trace, { fallback: 'error' });
    mkdirSync(path.dirname(PICTURE), { recursive: true });
    await takePicture(trace, `http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const { size } = statSync(PICTURE);
  console.log(`${display(PICTURE)}: ${size} bytes`);
  if (size > MAX_BYTES) throw new Error(`the picture is over ${MAX_BYTES} bytes`);
}

if (missing.length > 0) {
  console.error(`The picture cannot be taken here. Missing:\n${missing.map((text) => `  ${text}`).join('\n')}`);
  process.exitCode = 1;
} else {
  await main();
}
