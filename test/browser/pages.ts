import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** A page that is open, and everything it complained about. */
export interface OpenPage {
  readonly page: Page;
  /** Messages of the console, errors of scripts, requests to elsewhere, dialogs. */
  readonly complaints: string[];
}

const SIZES = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };

/** Both widths, in both colour schemes. */
export const SETTINGS = Object.entries(SIZES).flatMap(([width, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme): [string, BrowserContextOptions] => [
    `${width} and ${colorScheme}`,
    { viewport, colorScheme },
  ]),
);

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** Writes a page to disk, and gives its address. */
export function written(html: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'review-page-')), 'review.html');
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

/** Opens a page as a reader does, from disk. */
export async function open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: SIZES.wide, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    const url = request.url();
    if (url.split('#')[0] !== address.split('#')[0] && !url.startsWith('data:')) complaints.push(`request: ${url}`);
  });
  page.on('dialog', async (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.goto(address);
  return { page, complaints };
}

/** Waits until the page has done what was asked of it: its own timers are shorter than this one, and come first. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 300))');
}
