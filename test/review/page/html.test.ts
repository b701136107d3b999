import { createHash } from 'node:crypto';
import { htmlPage } from '../../../lib/review/page/html';
import { SCRIPT } from '../../../lib/review/page/script';
import type { Review } from '../../../lib/review/review';
import { bigReview } from './big-review';
import { pageFaults } from './page-check';
import { LONG_ARN, place, REGIONS } from './sample-places';
import { emptyReview, sampleReview } from './sample-review';

const SECTIONS = [
  'checks',
  'changes',
  'architecture',
  'internet',
  'state',
  'encryption',
  'statements',
  'findings',
  'acknowledged',
  'acknowledgements',
  'limits',
  'resources',
];

/** The text that a reader sees, without markup. */
function textOf(page: string): string {
  return page
    .replace(/<(script|style)>.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

function sectionOf(page: string, id: string): string {
  const start = page.indexOf(`<section id="${id}"`);
  return page.slice(start, page.indexOf('</section>', start));
}

const review = sampleReview();
const page = htmlPage(review);

describe('the page', () => {
  test('has sound markup, unique ids, and links that lead somewhere', () => {
    expect(pageFaults(page)).toEqual([]);
    expect(pageFaults(htmlPage(emptyReview()))).toEqual([]);
    expect(pageFaults(htmlPage(bigReview(200)))).toEqual([]);
  });

  test('is looked at closely enough to see a fault', () => {
    const broken = (from: string, to: string) => {
      expect(page).toContain(from);
      return pageFaults(page.replace(from, to));
    };
    expect(broken('href="#state"', 'href="#nowhere"')).toEqual(['a link to #nowhere']);
    expect(broken('id="state-0"', 'id="state-1"')).toEqual(['two elements with the id state-1', 'a link to #state-0']);
    expect(broken('</section>', '')).toContain('</main> closes <section>');
    expect(broken('&lt;script&gt;', '<script>')).not.toEqual([]);
    expect(broken('href="#state"', 'href="https://example.com/"')).toEqual(['a link to https://example.com/']);
    expect(broken('<h1>', '<h1 onclick="x">')).toEqual(['<h1> with onclick']);
  });

  test('has every section, in the order a reviewer reads them', () => {
    expect([...page.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)).toEqual(SECTIONS);
    expect([...page.matchAll(/<li><a href="#([^"]+)"><span>/g)].map(([, id]) => id)).toEqual(['verdict', ...SECTIONS]);
    expect(page.indexOf('id="verdict"')).toBeLessThan(page.indexOf('<section'));
  });

  test('says in every section that it is empty, and leaves out what changed where no earlier assembly was given', () => {
    const empty = htmlPage(emptyReview());
    expect([...empty.matchAll(/<section id="([^"]+)"/g)].map(([, id]) => id)).toEqual(SECTIONS.filter((id) => id !== 'changes'));
    for (const id of SECTIONS.filter((name) => !['changes', 'checks'].includes(name))) {
      expect(sectionOf(empty, id)).toMatch(/<p class="nothing">[A-Z][^<]+\.<\/p>/);
      expect(sectionOf(page, id)).not.toContain('class="nothing"');
    }
  });

  test('gives the verdict first, without saying the answer twice', () => {
    const verdict = { ...review.verdict, sentence: 'Not clean: 2 errors are open.' };
    const text = htmlPage({ ...review, verdict });
    expect(text).toContain('<span class="stamp">Not clean</span> Review of cdk.out/assembly-stage4');
    expect(text).toContain('<h1>2 errors are open.</h1>');
    expect(htmlPage(emptyReview())).toContain('<span class="stamp">Clean</span>');
  });

  test('says beside the verdict what a reviewer must know before believing it', () => {
    const start = page.indexOf('<ul class="cautions">');
    expect(textOf(page.slice(start, page.indexOf('</ul>', start)))).toBe(
      [
        '1 check did not run: Checkov',
        'The promotion guard objects: Not safe in one deploy: 1 resource must be the only change of its update.',
        '2 acknowledgements at fault: unused, duplicate, of an unknown rule, or without a reason',
        '1 way in for anyone on the internet',
        '1 resource with state to look at',
        '1 resource whose encryption to look at',
      ].join(''),
    );
    expect(htmlPage(emptyReview())).not.toContain('<ul class="cautions">');
  });

  test('escapes whatever a name, a message or a reason holds', () => {
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('<img');
    expect(page).not.toMatch(/onerror='alert/);
    expect(textOf(page)).toContain('<script>alert("x")</script>');
    expect(textOf(page)).toContain(LONG_ARN);
  });

  test('writes out characters that cannot be seen or turn the direction of reading', () => {
    const at = place(REGIONS[0], 'AWS::S3::Bucket', 'Bucket');
    const spoof = { id: 'ScaleTiers::x', severity: 'error' as const, message: 'safe\u202Eefasnu\u200B\u0000', place: at };
    const shown = sectionOf(htmlPage({ ...emptyReview(), findings: [spoof] }), 'findings');
    expect(shown).toContain('>safe\\u{202E}efasnu\\u{200B}\\u{0}</p>');
  });

  test('allows itself nothing but its own style sheet and its own script', () => {
    const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(page)!;
    const hashOf = (tag: string) => {
      const [, text] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page)!;
      return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    };
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hashOf('style')}`,
      `script-src ${hashOf('script')}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(page).not.toMatch(/https?:\/\//);
  });

  test('has a script that a browser can read', () => {
    expect(() => new Function(SCRIPT)).not.toThrow();
    expect(SCRIPT).not.toContain('</');
  });
});

describe('a row', () => {
  test('tells logical id, type, Region, construct path, line of the template and line of code', () => {
    const at = review.state[0].place;
    const [row] = /<tr id="state-0".*?<\/tr>/s.exec(page)!;
    for (const part of [
      at.logicalId,
      at.region,
      at.path!,
      `${at.templateFile}:${at.line}`,
      `${at.source!.file}:${at.source!.line}`,
    ]) {
      expect(textOf(row)).toContain(part);
    }
    expect(row).toContain(`href="#r0.${at.logicalId}"`);
    expect(page).toContain(`<tr id="r0.${at.logicalId}"`);
  });

  test('says that the assembly does not tell the construct path', () => {
    const [row] = /<tr id="finding-2".*?<\/tr>/s.exec(page)!;
    expect(textOf(row)).toContain('no construct path in the assembly');
  });

  test('is there for every member of the review, numbered as in review.json', () => {
    const expected: [string, unknown[]][] = [
      ['check', review.checks],
      ['finding', review.findings],
      ['acknowledgement', review.acknowledgements],
      ['entrance', review.entrances],
      ['state', review.state],
      ['encryption', review.encryption],
      ['statement', review.statements],
      ['stack', review.stacks],
      ['picture', review.pictures],
      ['added', review.changes!.added],
      ['removed', review.changes!.removed],
      ['changed', review.changes!.changed],
      ['problem', review.changes!.promotion.problems],
      ['new-finding', review.changes!.newFindings],
      ['new-acknowledgement', review.changes!.newAcknowledgements],
      ['gone-acknowledgement', review.changes!.goneAcknowledgements],
    ];
    for (const [name, members] of expected) {
      const ids = [...page.matchAll(new RegExp(`id="${name}-(\\d+)" data-row`, 'g'))].map(([, index]) => Number(index));
      expect([name, ids.sort((left, right) => left - right)]).toEqual([name, [...members.keys()]]);
    }
  });

  test('carries what the filters go by', () => {
    expect(page).toContain('id="finding-0" data-row data-s="error" data-p="ScaleTiers" data-k="1" data-o="open"');
    expect(page).toContain('id="finding-5" data-row data-s="error" data-p="AwsSolutions" data-k="0" data-o="acknowledged"');
  });
});

describe('the sections', () => {
  test('tell of a check that did not run, and of one that does not tell its rules', () => {
    const checks = textOf(sectionOf(page, 'checks'));
    expect(checks).toContain('did not run not installed: no findings of it were imported');
    expect(checks).toContain('ran in 6.1 s, does not tell its rules: 0 acknowledged findings, 1 open finding');
  });

  test('link a new finding and a new acknowledgement to its row', () => {
    const changes = sectionOf(page, 'changes');
    expect(changes).toContain('<a href="#finding-0"><code>ScaleTiers::certificate-outside-us-east-1 at ');
    expect(changes).toContain(
      '<a href="#acknowledgement-1"><code>HIPAA.Security::HIPAA.Security-IAMNoInlinePolicy at stage4/Shop<',
    );
    expect(changes).toContain('<code>AwsSolutions::AwsSolutions-SMG4 at stage4/Shop/Nowhere</code></li>');
  });

  test('put first what a reviewer should look at', () => {
    const first = (id: string) => /<tr id="([^"]+)"/.exec(sectionOf(page, id))![1];
    expect(review.state[Number(first('state').split('-')[1])].attention).toBeDefined();
    expect(review.encryption[Number(first('encryption').split('-')[1])].attention).toBeDefined();
    expect(review.entrances[Number(first('internet').split('-')[1])].from).toBe('anyone');
    expect(review.acknowledgements[Number(first('acknowledgements').split('-')[1])].fault).toBe('unused');
    expect(review.statements[Number(first('statements').split('-')[1])].acknowledgement).toBeUndefined();
  });

  test('say a reason and a message once for all findings that share them', () => {
    const acknowledged = sectionOf(page, 'acknowledged');
    const pack = 'HIPAA.Security';
    const group = acknowledged.slice(acknowledged.indexOf(`${pack}-IAMNoInlinePolicy`));
    const end = group.indexOf('</details>');
    // Once in the line that stays in sight, once below it.
    expect(group.slice(0, end).split('contains an inline policy').length - 1).toBe(2);
    expect(group.slice(0, end).split('lives and dies with its role').length - 1).toBe(1);
    expect(group.slice(0, end).split(' data-row').length - 1).toBe(28);
  });

  test('keep acknowledgements of one reason at one line together, and unfold those at fault', () => {
    const register = sectionOf(page, 'acknowledgements');
    expect(register.split('<article').length - 1).toBe(5);
    expect(register).toContain('<summary>4 entries</summary>');
    expect(register).toContain('<em>no reason was written</em>');
    const long: Review = {
      ...review,
      acknowledgements: review.acknowledgements.map((entry, index) => (index === 2 ? { ...entry, fault: 'duplicate' } : entry)),
    };
    expect(sectionOf(htmlPage(long), 'acknowledgements')).toContain('<details open><summary>4 entries');
  });

  test('colour a limit that is close, and one that is passed', () => {
    const rects = [...sectionOf(page, 'limits').matchAll(/<rect class="(passed|warning|error)" width="([\d.]+)"/g)];
    expect(rects.slice(8, 10).map(([, kind, width]) => [kind, width])).toEqual([
      ['warning', '82.20'],
      ['error', '100.00'],
    ]);
  });
});

describe('a large assembly', () => {
  test('has a page under 3 MB within three seconds', () => {
    const large = bigReview(0);
    const start = performance.now();
    const bytes = Buffer.byteLength(htmlPage(large));
    expect(bytes).toBeLessThan(3_000_000);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
