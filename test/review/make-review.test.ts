import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import type { Check, CheckRun } from '../../lib/review/checks/check';
import type { Finding } from '../../lib/review/finding';
import { type CheckProgress, makeReview } from '../../lib/review/make-review';
import { placesOf } from '../../lib/review/places/places';
import { ROOT } from '../generated-section';
import { acknowledged, BUCKET, REASON, type WrittenStack, writtenAssembly } from './written-assembly';

const S1 = 'AwsSolutions::AwsSolutions-S1';

function shop(more: Partial<WrittenStack> = {}) {
  return writtenAssembly({ resources: { Pictures: BUCKET, Films: BUCKET }, ...more });
}

/** A check that finds something at every bucket. */
function bucketCheck(more: Partial<CheckRun> = {}): Check {
  return {
    pack: 'AwsSolutions',
    title: 'Buckets',
    run: async (assembly) => {
      const places = placesOf(assembly);
      const findings = assembly.stacks.flatMap((stack) =>
        Object.keys(stack.template.Resources ?? {}).map(
          (id): Finding => ({ id: S1, severity: 'error', message: 'x', place: places.place(stack, id) }),
        ),
      );
      return { findings, ruleIds: [S1], version: '1.0.0', ...more };
    },
  };
}

test('a review says what was found, what was acknowledged, and whether somebody can sign', async () => {
  const assembly = shop({ metadata: { '/Shop/Pictures': [acknowledged(S1, REASON)] } });
  const review = await makeReview(assembly, { checks: [bucketCheck()] });

  expect(review).toMatchObject({
    version: 1,
    library: expect.stringMatching(/^\d+\.\d+\.\d+/),
    assembly: assembly.directory,
    verdict: { clean: false, failOn: 'warning', open: { error: 1, warning: 0, note: 0 }, acknowledged: 1 },
    acknowledgements: [{ id: S1, covers: 1 }],
  });
  expect(review.findings.map(({ place, acknowledgement }) => [place?.logicalId, acknowledgement])).toEqual([
    ['Films', undefined],
    ['Pictures', 0],
  ]);
  expect(review.checks).toEqual([
    {
      pack: 'AwsSolutions',
      title: 'Buckets',
      version: '1.0.0',
      rules: { run: 1, passed: 0, notApplicable: 0, acknowledged: 0, open: 1 },
      milliseconds: expect.any(Number),
    },
  ]);
  expect(Number.isNaN(Date.parse(review.made))).toBe(false);
  expect(review).not.toHaveProperty('changes');
});

test('it gathers the facts of every stack, also of one product at two of its stages', async () => {
  const assembly = writtenAssembly(
    { path: 'stage1/Shop', resources: { Pictures: BUCKET } },
    { path: 'stage2/Shop', resources: { Pictures: BUCKET } },
  );
  const sameName = { ...assembly, stacks: assembly.stacks.map((stack) => ({ ...stack, stackName: 'Shop' })) };
  const review = await makeReview(sameName, { checks: [] });

  expect(review.stacks.map(({ stack }) => stack)).toEqual(['stage1/Shop', 'stage2/Shop']);
  expect(review.state.map(({ place }) => place.path)).toEqual(['stage1/Shop/Pictures', 'stage2/Shop/Pictures']);
  expect(review.encryption.map(({ place }) => place.path)).toEqual(['stage1/Shop/Pictures', 'stage2/Shop/Pictures']);
});

test('the statements to read have the acknowledgement that answers for them', async () => {
  const policy = {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'p',
      Roles: ['r'],
      PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
    },
  };
  const id = 'AwsSolutions::AwsSolutions-IAM5[Action::s3:*]';
  const assembly = writtenAssembly({ resources: { Policy: policy }, metadata: { '/Shop/Policy': [acknowledged(id, REASON)] } });
  const check: Check = {
    pack: 'AwsSolutions',
    title: 'x',
    run: async (read) => ({
      findings: [{ id, severity: 'error', message: 'x', place: placesOf(read).place(read.stacks[0], 'Policy') }],
    }),
  };

  expect((await makeReview(assembly, { checks: [check] })).statements).toMatchObject([{ actions: ['s3:*'], acknowledgement: 0 }]);
});

test('the bar can be set', async () => {
  const check = bucketCheck({ findings: [{ id: S1, severity: 'note', message: 'x' }] });

  expect((await makeReview(shop(), { checks: [check] })).verdict.clean).toBe(true);
  expect((await makeReview(shop(), { checks: [check], failOn: 'note' })).verdict).toMatchObject({ clean: false, failOn: 'note' });
});

test('a check that fails is an error, and not one that found nothing', async () => {
  const failing: Check = {
    pack: 'Guard',
    title: 'Guard rules',
    run: async () => {
      throw new Error('out of memory\n  at somewhere');
    },
  };
  const { checks, findings, verdict } = await makeReview(shop(), { checks: [failing] });

  expect(findings).toEqual([
    {
      id: 'Guard::check-failed',
      severity: 'error',
      message: 'Guard rules failed and has not looked at everything: out of memory',
    },
  ]);
  expect(checks[0]).toMatchObject({ pack: 'Guard', notRun: 'it failed: out of memory' });
  expect(verdict.clean).toBe(false);
});

test('it tells of each check that is through', async () => {
  const told: CheckProgress[] = [];
  await makeReview(shop(), { checks: [bucketCheck()], onCheck: (progress) => told.push(progress) });

  expect(told).toEqual([
    {
      title: 'Buckets',
      earlier: false,
      finished: expect.objectContaining({ pack: 'AwsSolutions', run: expect.objectContaining({ version: '1.0.0' }) }),
    },
  ]);
});

describe('against an earlier assembly', () => {
  const promotion = { safe: true, sentence: 'Safe.', problems: [] };

  test('a review says what changed, what is new, and what the promotion guard says', async () => {
    const before = writtenAssembly({
      resources: { Pictures: BUCKET, Old: BUCKET },
      metadata: { '/Shop/Old': [acknowledged(S1, REASON)] },
    });
    const changed = { ...BUCKET, Properties: { AccessControl: 'Private' } };
    const after = shop({
      resources: { Pictures: changed, Films: BUCKET },
      metadata: { '/Shop/Films': [acknowledged(S1, REASON)] },
    });
    const told: boolean[] = [];

    const { changes } = await makeReview(after, {
      checks: [bucketCheck()],
      against: { assembly: before, promotion },
      onCheck: ({ earlier }) => told.push(earlier),
    });

    expect(changes).toMatchObject({
      against: before.directory,
      added: [{ logicalId: 'Films' }],
      removed: [{ logicalId: 'Old' }],
      changed: [{ place: { logicalId: 'Pictures' }, properties: ['AccessControl'] }],
      newFindings: [`${S1} at Shop/Films`],
      newAcknowledgements: [`${S1} at Shop/Films`],
      goneAcknowledgements: [`${S1} at Shop/Old`],
      promotion,
    });
    expect(told).toEqual([false, true]);
  });

  test('results from a file are not asked about the earlier assembly', async () => {
    const told: string[] = [];
    const imported = { ...bucketCheck(), title: 'Imported', imported: true };
    const against = { assembly: shop(), promotion };
    const onCheck = ({ title, earlier, finished }: CheckProgress) => finished && told.push(`${title} ${earlier}`);

    await makeReview(shop(), { checks: [bucketCheck(), imported], against, onCheck });

    expect(told).toEqual(['Buckets false', 'Imported false', 'Buckets true']);
  });

  test('it is not clean where the promotion guard says no', async () => {
    const against = { assembly: shop(), promotion: { ...promotion, safe: false } };

    expect((await makeReview(shop(), { checks: [], against })).verdict.clean).toBe(false);
  });
});

test('a review of a real assembly satisfies the documented schema', async () => {
  const validate = new Ajv2020({ strict: true }).compile(
    JSON.parse(readFileSync(join(ROOT, 'docs', 'review-schema.json'), 'utf8')),
  );
  const assembly = shop({ metadata: { '/Shop/Pictures': [acknowledged(S1, 'n/a', ['main (/app/shop.ts:3:1)'])] } });
  const review = await makeReview(assembly, {
    checks: [bucketCheck()],
    against: { assembly: shop(), promotion: { safe: true, sentence: 'Safe.', problems: [] } },
  });

  expect([validate(JSON.parse(JSON.stringify(review))), validate.errors]).toEqual([true, null]);
});
