// node test/browser/screenshots.mjs review/review.html docs/img: writes review-1280.png and review-390.png.
import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [file, folder] = process.argv.slice(2);
if (!folder) {
  process.stderr.write('usage: node test/browser/screenshots.mjs review/review.html docs/img\n');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [width, height] of [
  [1280, 900],
  [390, 844],
]) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light' });
  await page.goto(pathToFileURL(resolve(file)).href);
  const path = join(folder, `review-${width}.png`);
  await page.screenshot({ path, animations: 'disabled' });
  process.stdout.write(`${path}: ${Math.round(statSync(path).size / 1024)} KB\n`);
}
await browser.close();
