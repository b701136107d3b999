import type { Browser, Page } from 'playwright-core';
import { htmlPage } from '../../lib/review/page/html';
import { bigReview } from '../review/page/big-review';
import { sampleReview } from '../review/page/sample-review';
import { ROWS_LEFT, UNFOLD } from './in-page';
import { launch, open, settled, written } from './pages';

interface Row {
  readonly id: string;
  readonly text: string;
  readonly s?: string;
  readonly p?: string;
  readonly k?: string;
  readonly o?: string;
}

const sample = written(htmlPage(sampleReview()));

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

const rowsLeft = (page: Page) => page.evaluate<Row[]>(ROWS_LEFT);
const told = (page: Page) => page.locator('#left').textContent();

async function search(page: Page, text: string): Promise<void> {
  await page.locator('#search').fill(text);
  await settled(page);
}

describe('the search', () => {
  test('leaves the rows that hold every word, unfolds them, and says how many are left', async () => {
    const { page } = await open(browser, sample);
    const all = await page.locator('[data-row]').count();
    expect(await told(page)).toBe(`${all} rows`);
    await search(page, 'TaskRole eu-central-1');
    const left = await rowsLeft(page);
    expect(left.length).toBeGreaterThan(20);
    for (const row of left) {
      expect(row.text.toLowerCase()).toContain('taskrole');
      expect(row.text).toContain('eu-central-1');
    }
    expect(await told(page)).toBe(`${left.length} of ${all} rows`);
    expect(await page.locator('section:visible').count()).toBeLessThan(6);
    await page.locator('#clear').click();
    await settled(page);
    expect(await told(page)).toBe(`${all} rows`);
    expect(await page.locator('#acknowledged > details[open]').count()).toBe(0);
  });

  test('finds rows by the reason that stands above them', async () => {
    const { page } = await open(browser, sample);
    await search(page, 'lives and dies with its role');
    expect((await rowsLeft(page)).filter(({ id }) => id.startsWith('finding-'))).toHaveLength(112);
  });

  test('says that nothing is left', async () => {
    const { page } = await open(browser, sample);
    await search(page, 'zebra');
    expect(await told(page)).toMatch(/^0 of \d+ rows$/);
    expect(await page.locator('#unmatched').textContent()).toBe('No row matches the search and the filters.');
    expect(await page.locator('#unmatched').isVisible()).toBe(true);
  });

  test('is quick in a large assembly', async () => {
    const { page } = await open(browser, written(htmlPage(bigReview(200, 1500))));
    const spent = await page.evaluate<number>(`(() => {
      const start = performance.now();
      document.getElementById('search').value = 'resource77';
      document.getElementById('by-status').dispatchEvent(new Event('change'));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    })()`);
    expect((await rowsLeft(page)).length).toBeGreaterThan(0);
    expect(spent).toBeLessThan(3000);
  });
});

describe('the filters', () => {
  const FITS: Record<string, (row: Row, value: string) => boolean> = {
    severity: ({ s }, value) => s === value,
    status: ({ o }, value) => o?.split(' ').includes(value) ?? false,
    pack: ({ p }, value) => p === value,
    stack: ({ k }, value) => value.split(' ').some((index) => k?.split(' ').includes(index)),
  };

  test.each(Object.keys(FITS))('by %s leave the rows that fit, for every choice', async (name) => {
    const { page } = await open(browser, sample);
    const all = (await rowsLeft(await unfolded(page))).length;
    const choice = page.locator(`#by-${name}`);
    const values = await choice
      .locator('option')
      .evaluateAll((options) => options.map((option) => option.getAttribute('value')!));
    expect(values.length).toBeGreaterThan(3);
    for (const value of values.filter((candidate) => candidate !== '')) {
      await choice.selectOption(value);
      const left = await rowsLeft(page);
      expect(left.length).toBeGreaterThan(0);
      expect(left.filter((row) => !FITS[name](row, value))).toEqual([]);
      expect(await told(page)).toBe(`${left.length} of ${all} rows`);
    }
    await choice.selectOption('');
    expect(await told(page)).toBe(`${all} rows`);
  });

  test('work together with the search', async () => {
    const { page } = await open(browser, sample);
    await page.locator('#by-severity').selectOption('error');
    await page.locator('#by-status').selectOption('open');
    await search(page, 'anyone');
    expect((await rowsLeft(page)).map(({ id }) => id)).toEqual(['finding-1']);
  });

  async function unfolded(page: Page): Promise<Page> {
    await page.evaluate(UNFOLD);
    return page;
  }
});

describe('a link', () => {
  test('leads into what is folded, below the bar that stays on top', async () => {
    for (const id of ['finding-40', 'acknowledgement-2', 'changed-0', 'picture-3']) {
      const { page } = await open(browser, `${sample}#${id}`);
      await settled(page);
      const place = await page.locator(`#${id}`).boundingBox();
      const bar = await page.locator('#toolbar').boundingBox();
      expect(place!.y).toBeGreaterThanOrEqual(bar!.y + bar!.height - 1);
      expect(place!.y).toBeLessThan(900);
      await page.context().close();
    }
  });

  test('leads to what the filters hide, and takes them away', async () => {
    const { page } = await open(browser, sample);
    await page.locator('#by-severity').selectOption('note');
    await page.evaluate("location.hash = '#state-3'");
    await settled(page);
    expect(await page.locator('#state-3').isVisible()).toBe(true);
    expect(await page.locator('#by-severity').inputValue()).toBe('');
  });

  test('leads from a box of the picture to its resource', async () => {
    const { page } = await open(browser, sample);
    await page.locator('#picture-0 .node.compute').first().click();
    await settled(page);
    const id = await page.evaluate<string>('decodeURIComponent(location.hash.slice(1))');
    expect(await page.locator(`[id="${id}"]`).isVisible()).toBe(true);
  });
});

describe('the keyboard', () => {
  test('reaches the search with a slash, leaves it with Escape, and unfolds with Enter', async () => {
    const { page } = await open(browser, sample);
    await page.keyboard.press('/');
    await page.keyboard.type('zebra');
    await settled(page);
    expect(await told(page)).toMatch(/^0 of/);
    await page.keyboard.press('Escape');
    expect(await told(page)).toMatch(/^\d+ rows$/);
    await page.locator('#acknowledged summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#acknowledged > details[open]').count()).toBe(1);
  });

  test('reaches the page past the contents with the first link', async () => {
    const { page } = await open(browser, sample);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the page');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('page');
  });

  test('lights the wires of the box that has the focus', async () => {
    const { page } = await open(browser, sample);
    await page
      .locator('#picture-0 a', { has: page.locator('.node.entry') })
      .first()
      .focus();
    expect(await page.locator('#picture-0 .wire.on').count()).toBeGreaterThan(1);
    expect(await page.locator('#picture-0 .wire:not(.on)').count()).toBeGreaterThan(10);
  });
});
