import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { htmlPage } from '../../lib/review/page/html';
import { emptyReview, sampleReview } from '../review/page/sample-review';
import { DEAD_LINKS, FAINT_TEXTS, OVERFLOWS, TEXT_OUTSIDE, UNFOLD, UNSEEN_ROWS } from './in-page';
import { launch, open, SETTINGS, settled, written } from './pages';

const html = htmlPage(sampleReview());
const sample = written(html);
const pages: [string, string][] = [
  ['a page with everything', sample],
  ['an empty page', written(htmlPage(emptyReview()))],
  // A page that the command wrote: REVIEW_PAGE=review/review.html
  ...(process.env.REVIEW_PAGE
    ? [['the page given', pathToFileURL(resolve(process.env.REVIEW_PAGE)).href] as [string, string]]
    : []),
];

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

describe.each(pages)('%s', (_name, address) => {
  test.each(SETTINGS)(
    'renders %s: no complaint, no dead link, nothing too wide, text that can be read',
    async (_setting, options) => {
      const { page, complaints } = await open(browser, address, options);
      await page.evaluate(UNFOLD);
      expect(await page.evaluate(OVERFLOWS)).toEqual([]);
      expect(await page.evaluate(DEAD_LINKS)).toEqual([]);
      expect(await page.evaluate(TEXT_OUTSIDE)).toEqual([]);
      expect(await page.evaluate(FAINT_TEXTS)).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  test('shows everything on paper, whatever is folded and filtered, and nothing to click', async () => {
    const { page } = await open(browser, address);
    await page.locator('#search').fill('database');
    await settled(page);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate(UNSEEN_ROWS)).toEqual([]);
    expect(await page.locator('#toolbar').isVisible()).toBe(false);
    expect(await page.locator('aside').isVisible()).toBe(false);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    await page.context().close();
  });

  test('reads the same without its script, but for the search', async () => {
    const { page } = await open(browser, address, { javaScriptEnabled: false });
    expect(await page.locator('h1').isVisible()).toBe(true);
    expect(await page.locator('#toolbar').isVisible()).toBe(false);
    const folded = page.locator('section > details:not([open])');
    const all = await folded.count();
    for (let count = all; count > Math.max(all - 12, 0); count--) {
      await folded.first().locator('> summary').click();
      expect(await folded.count()).toBe(count - 1);
    }
    await page.context().close();
  });
});

describe('the checks of this test', () => {
  const sabotaged = async (from: string, to: string) => {
    expect(html).toContain(from);
    const opened = await open(browser, written(html.replace(from, to)));
    await opened.page.evaluate(UNFOLD);
    return opened;
  };

  test('see a link that leads nowhere, and one that leaves the page', async () => {
    const { page } = await sabotaged('href="#state"', 'href="#nowhere"');
    expect(await page.evaluate(DEAD_LINKS)).toEqual(['#nowhere']);
    const { page: outward } = await sabotaged('href="#state"', 'href="https://example.com/"');
    expect(await outward.evaluate(DEAD_LINKS)).toEqual(['https://example.com/']);
  });

  test('see a row that is too wide', async () => {
    const { page } = await open(browser, sample);
    await page.evaluate(`document.querySelector('#state-0 td').innerHTML = '<p>' + 'x\\u00a0'.repeat(200) + '</p>';
      document.querySelector('#state-0 td p').style.whiteSpace = 'nowrap'`);
    expect(await page.evaluate<string[]>(OVERFLOWS)).toContainEqual(expect.stringMatching(/^state-0 TD\.: \d+ > \d+$/));
  });

  test('see a script, a handler and a style that are not of the page, and that they have no effect', async () => {
    const { page, complaints } = await sabotaged(
      '<h1>',
      '<script>window.hit = 1</script><img src="https://example.com/x.png"><h1 style="color:red">',
    );
    expect(await page.evaluate('window.hit')).toBeUndefined();
    expect(await page.evaluate("getComputedStyle(document.querySelector('h1')).color")).not.toBe('rgb(255, 0, 0)');
    expect(complaints.filter((complaint) => /Content Security Policy/.test(complaint)).length).toBeGreaterThanOrEqual(3);
  });

  test('see text that leaves its box, text that is hard to read, and a row that is not printed', async () => {
    const { page } = await open(browser, sample);
    await page.evaluate(`document.querySelector('svg.picture .label').textContent = 'W'.repeat(40);
      document.querySelector('h1').style.color = '#e0c0c0'; document.querySelector('#state-0').style.display = 'none'`);
    expect(await page.evaluate(TEXT_OUTSIDE)).toEqual(['W'.repeat(40)]);
    expect(await page.evaluate<string[]>(FAINT_TEXTS)).toContainEqual(expect.stringMatching(/^H1\. 1\.\d+$/));
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(UNSEEN_ROWS)).toEqual(['state-0']);
  });
});
