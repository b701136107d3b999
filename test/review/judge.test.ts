import type { CheckRun } from '../../lib/review/checks/check';
import type { Finding } from '../../lib/review/finding';
import { type Judged, judge } from '../../lib/review/judge';
import { placesOf } from '../../lib/review/places/places';
import type { AcknowledgementEntry } from '../../lib/review/register/acknowledgement-entry';
import { acknowledgementsOf } from '../../lib/review/register/acknowledgements';
import { CDK_ACKNOWLEDGEMENTS } from '../../lib/review/register/cdk-acknowledgements';
import { acknowledged, BUCKET, REASON, type WrittenStack, writtenAssembly } from './written-assembly';

const RULES = ['AwsSolutions::AwsSolutions-S1', 'AwsSolutions::AwsSolutions-IAM5', 'AwsSolutions::AwsSolutions-SQS3'];
const [S1, IAM5, SQS3] = RULES;

/** A finding at a resource, by its logical id; at nothing without one. */
type Found = [id: string, logicalId?: string, more?: Partial<Finding>];

async function judged(
  stack: Partial<WrittenStack>,
  found: Found[],
  run: Partial<CheckRun> = {},
  pack = 'AwsSolutions',
): Promise<Judged> {
  const assembly = writtenAssembly({ resources: { Pictures: BUCKET, Films: BUCKET }, ...stack });
  const places = placesOf(assembly);
  const findings = found.map(([id, logicalId, more]): Finding => {
    const place = logicalId === undefined ? {} : { place: places.place(assembly.stacks[0], logicalId) };
    return { id, severity: 'error', message: 'x', ...place, ...more };
  });
  const finished = { pack, title: pack, milliseconds: 5, run: { findings, ruleIds: RULES, ...run } };
  return judge([finished], await acknowledgementsOf(assembly, places), places);
}

/** Acknowledgements by construct path: `[id]`, or `[id, reason]`. */
function written(entries: Record<string, [string, string?][]>): Partial<WrittenStack> {
  const metadata = Object.entries(entries).map(([path, rules]) => [
    path,
    rules.map(([id, reason = REASON]) => acknowledged(id, reason)),
  ]);
  return { metadata: Object.fromEntries(metadata) };
}

const open = ({ findings }: Judged) =>
  findings.filter(({ acknowledgement }) => acknowledgement === undefined).map(({ id }) => id);
const covered = ({ acknowledgements }: Judged) => acknowledgements.map(({ covers, fault }) => [covers, fault]);

describe('a finding', () => {
  test.each([
    ['at its resource', '/Shop/Pictures'],
    ['at the resource’s own construct', '/Shop/Pictures/Resource'],
    ['at the stack', '/Shop'],
  ])('is acknowledged by its id %s', async (_, path) => {
    const result = await judged(written({ [path]: [[S1]] }), [[S1, 'Pictures']]);

    expect(result.findings.filter(({ id }) => id === S1)).toMatchObject([{ acknowledgement: 0 }]);
    expect(covered(result)).toEqual([[1, undefined]]);
  });

  test.each([
    ['a sibling', '/Shop/Films', S1],
    ['a construct whose path begins alike', '/Shop/Pic', S1],
    ['another rule', '/Shop/Pictures', SQS3],
    ['another pack', '/Shop/Pictures', 'Other::AwsSolutions-S1'],
  ])('is not acknowledged by %s', async (_, path, id) => {
    expect(open(await judged(written({ [path]: [[id]] }), [[S1, 'Pictures']]))).toContain(S1);
  });

  test('of a sibling of the L1 construct is not answered for by one at that construct', async () => {
    const policy = { type: 'aws:cdk:logicalId', data: 'Films' };
    const metadata = { '/Shop/Pictures/Policy/Resource': [policy], '/Shop/Pictures/Resource': [acknowledged(S1, REASON)] };
    const assembly = writtenAssembly({ resources: { Pictures: BUCKET, Films: BUCKET }, metadata });
    const films = {
      ...assembly.stacks[0],
      constructs: { ...assembly.stacks[0].constructs, Films: { path: 'Shop/Pictures/Policy/Resource', trace: [] } },
    };
    const places = placesOf({ ...assembly, stacks: [films] });
    const findings = ['Pictures', 'Films'].map(
      (id): Finding => ({ id: S1, severity: 'error', message: 'x', place: places.place(films, id) }),
    );

    const entries = await acknowledgementsOf({ ...assembly, stacks: [films] }, places);
    const result = judge([{ pack: 'AwsSolutions', title: 'x', milliseconds: 1, run: { findings } }], entries, places);

    expect(result.findings.map(({ place, acknowledgement }) => [place?.logicalId, acknowledgement])).toEqual([
      ['Films', undefined],
      ['Pictures', 0],
    ]);
  });

  test('told apart by brackets needs an id of its own', async () => {
    const one = `${IAM5}[Resource::*]`;
    const result = await judged(written({ '/Shop/Pictures': [[IAM5]], '/Shop/Films': [[one]] }), [
      [one, 'Pictures'],
      [one, 'Films'],
    ]);

    expect(open(result)).toEqual([one, 'ScaleTiers::acknowledgement-unused']);
    expect(result.findings[1].remedy).toBe(`Name the finding, not the rule alone, such as ${one}`);
  });

  test('may be named by the expression that cdk-nag 2 allows', async () => {
    const metadata = {
      cdk_nag: {
        rules_to_suppress: [{ id: 'AwsSolutions-IAM5', reason: REASON, applies_to: [{ regex: '/^Resource::arn.*$/g' }] }],
      },
    };
    const resources = { Pictures: { ...BUCKET, Metadata: metadata } };
    const found: Found[] = [
      [`${IAM5}[Resource::arn:aws:s3:::x/*]`, 'Pictures'],
      [`${IAM5}[Resource::*]`, 'Pictures'],
      [`${SQS3}[Resource::arn:aws:s3:::x/*]`, 'Pictures'],
    ];

    expect(open(await judged({ resources }, found))).toEqual([`${IAM5}[Resource::*]`, `${SQS3}[Resource::arn:aws:s3:::x/*]`]);
  });

  test('is not named by an expression that is none', async () => {
    const metadata = {
      cdk_nag: { rules_to_suppress: [{ id: 'AwsSolutions-IAM5', reason: REASON, applies_to: [{ regex: '/(/' }] }] },
    };

    expect(
      open(await judged({ resources: { Pictures: { ...BUCKET, Metadata: metadata } } }, [[`${IAM5}[(]`, 'Pictures']])),
    ).toContain(`${IAM5}[(]`);
  });

  test.each(['AwsSolutions-S1', 'Annotation::AwsSolutions-S1', 'annotation::AwsSolutions-S1'])(
    'is acknowledged by %s, without the pack',
    async (id) => {
      const result = await judged(written({ '/Shop/Pictures': [[id]] }), [[S1, 'Pictures']]);

      expect(open(result)).toEqual([]);
      expect(result.acknowledgements[0].id).toBe(S1);
    },
  );

  test('with a space in its id is acknowledged with a hyphen, as the CDK keeps it', async () => {
    expect(
      open(await judged(written({ '/Shop/Pictures': [['My-Pack::a-rule']] }), [['My Pack::a rule', 'Pictures']], {}, 'My Pack')),
    ).toEqual([]);
  });

  test('that is fatal is acknowledged by nothing', async () => {
    const result = await judged(written({ '/Shop/Pictures': [[S1]] }), [[S1, 'Pictures', { fatal: true }]]);

    expect(open(result)).toEqual([S1, 'ScaleTiers::acknowledgement-unused']);
  });

  test('at nothing is acknowledged at nothing less than the app', async () => {
    expect(open(await judged(written({ '/Shop': [[S1]] }), [[S1]]))).toContain(S1);
  });

  test('is answered for by the closest of several', async () => {
    const assembly = writtenAssembly({ resources: { Pictures: BUCKET } });
    const places = placesOf(assembly);
    const entry = (path: string, id: string): AcknowledgementEntry => ({ id, reason: REASON, path, form: 'cdk', covers: 0 });
    const found: Finding = {
      id: `${IAM5}[Resource::*]`,
      severity: 'error',
      message: 'x',
      place: places.place(assembly.stacks[0], 'Pictures'),
    };
    const run = { findings: [found] };

    const result = judge(
      [{ pack: 'AwsSolutions', title: 'x', milliseconds: 1, run }],
      [entry('Shop', `${IAM5}[/Resource/]`), entry('Shop/Pictures', found.id)],
      places,
    );

    expect(result.findings.find(({ id }) => id === found.id)?.acknowledgement).toBe(1);
  });

  test('comes first while it is open, the worst before the rest', async () => {
    const found: Found[] = [
      [SQS3, 'Pictures', { severity: 'note' }],
      [S1, 'Films'],
      [S1, 'Pictures'],
      [SQS3, 'Films', { severity: 'warning' }],
    ];
    const result = await judged(written({ '/Shop/Films': [[S1]] }), found);

    expect(result.findings.map(({ severity, acknowledgement }) => [severity, acknowledgement])).toEqual([
      ['error', undefined],
      ['warning', undefined],
      ['note', undefined],
      ['error', 0],
    ]);
  });
});

describe('an acknowledgement', () => {
  async function faults(stack: Partial<WrittenStack>, found: Found[], run?: Partial<CheckRun>, pack?: string) {
    const result = await judged(stack, found, run, pack);
    return result.findings.filter(({ id }) => id.startsWith('ScaleTiers::'));
  }

  test('that answers for nothing is a warning, at what it was written at', async () => {
    const result = await judged(written({ '/Shop/Pictures': [[S1]] }), []);

    expect(covered(result)).toEqual([[0, 'unused']]);
    expect(result.findings).toEqual([
      {
        id: 'ScaleTiers::acknowledgement-unused',
        severity: 'warning',
        message: `the acknowledgement of ${S1} at Shop/Pictures answers for no finding: it would hide the next one`,
        remedy: 'Remove it',
        source:
          'cdk-scale-tiers: an acknowledgement is signed together with the template, so it must be needed, known and reasoned',
        place: {
          stack: 'Shop',
          region: 'us-east-1',
          templateFile: 'Shop.template.json',
          logicalId: 'Pictures',
          type: 'AWS::S3::Bucket',
          path: 'Shop/Pictures',
          line: 3,
        },
      },
    ]);
  });

  test('at no resource is shown at its own path, and by the line that wrote it', async () => {
    const metadata = { '/Shop': [acknowledged(S1, REASON, ['main (/app/shop.ts:3:1)'])] };

    const [found] = await faults({ metadata }, []);
    expect(found.place).toMatchObject({ path: 'Shop', logicalId: 'Pictures', source: { file: '/app/shop.ts', line: 3 } });
  });

  test('is not called unused where its pack did not run, or nobody knows its pack', async () => {
    expect(await faults(written({ '/Shop': [[S1]] }), [], { notRun: 'not installed' })).toEqual([]);
    expect(await faults(written({ '/Shop': [['Other::X'], ['Annotation::@aws-cdk/core:x']] }), [])).toEqual([]);
  });

  test('in the form of cfn-lint is not called unused, because cfn-lint hides what it answers for', async () => {
    const Metadata = { 'cfn-lint': { config: { ignore_checks: ['W3005'] } } };
    const stack = { resources: { Pictures: { ...BUCKET, Metadata } } };
    const reasoned = { ...stack, ...written({ '/Shop/Pictures': [['cfn-lint::W3005']] }) };

    expect((await faults(stack, [], {}, 'cfn-lint')).map(({ id }) => id)).toEqual(['ScaleTiers::acknowledgement-no-reason']);
    expect(await faults(reasoned, [], { ruleIds: undefined }, 'cfn-lint')).toEqual([]);
  });

  test('that the CDK wrote by itself answers for findings, and is no fault where it is needless or written twice', async () => {
    const [rule, reason] = CDK_ACKNOWLEDGEMENTS[0];
    const id = `CloudFormation-Validate::${rule}`;
    const stack = written({ '/Shop': [[id, reason]], '/Shop/Pictures': [[id, reason]] });

    expect(await faults(stack, [], { ruleIds: [id] }, 'CloudFormation-Validate')).toEqual([]);
    const result = await judged(stack, [[id, 'Pictures']], {}, 'CloudFormation-Validate');
    expect(open(result)).toEqual([]);
    expect(result.acknowledgements.map(({ form }) => form)).toEqual(['aws-cdk-lib', 'aws-cdk-lib']);
    expect(await faults(written({ '/Shop': [[id, REASON]] }), [], { ruleIds: [id] }, 'CloudFormation-Validate')).toHaveLength(1);
  });

  test.each([
    ['above it', '/Shop', '/Shop/Pictures'],
    ['at the same construct', '/Shop/Pictures', '/Shop/Pictures'],
  ])('that repeats one %s is a warning', async (_, first, second) => {
    const metadata =
      first === second
        ? { [first]: [acknowledged(S1, REASON), acknowledged(S1, REASON)] }
        : written({ [first]: [[S1]], [second]: [[S1]] }).metadata;
    const result = await judged({ metadata }, [[S1, 'Pictures']]);

    expect(covered(result)).toEqual([
      [1, undefined],
      [0, 'duplicate'],
    ]);
    expect(result.findings[0]).toMatchObject({
      id: 'ScaleTiers::acknowledgement-duplicate',
      message: `the acknowledgement of ${S1} at Shop/Pictures is written a second time: one at the same construct, or above it, holds already`,
      remedy: 'Keep the narrower one of the two that is enough',
    });
  });

  test('is no duplicate of one beside it, or of one without a reason', async () => {
    const beside = await judged(written({ '/Shop/Pictures': [[S1]], '/Shop/Films': [[S1]] }), [
      [S1, 'Pictures'],
      [S1, 'Films'],
    ]);
    expect(covered(beside)).toEqual([
      [1, undefined],
      [1, undefined],
    ]);

    const reasoned = await judged(written({ '/Shop': [[S1, 'n/a']], '/Shop/Pictures': [[S1]] }), [[S1, 'Pictures']]);
    expect(covered(reasoned)).toEqual([
      [0, 'no reason'],
      [1, undefined],
    ]);
  });

  test('of a rule that its pack does not have is a warning', async () => {
    const [found] = await faults(written({ '/Shop/Pictures': [['AwsSolutions::AwsSolutions-S99']] }), []);

    expect(found).toMatchObject({
      id: 'ScaleTiers::acknowledgement-unknown-rule',
      message: 'the acknowledgement of AwsSolutions::AwsSolutions-S99 at Shop/Pictures names a rule that its pack does not have',
      remedy: 'Spell the id as the finding does, with its pack, or remove it',
    });
  });

  test('of a rule that its pack does not have, written without the pack, too', async () => {
    const [found] = await faults(written({ '/Shop/Pictures': [['AwsSolutions-S99']] }), []);

    expect(found.id).toBe('ScaleTiers::acknowledgement-unknown-rule');
  });

  test('is unused, and not unknown, where its pack does not tell its rules', async () => {
    const [found] = await faults(written({ '/Shop/Pictures': [['AwsSolutions::AwsSolutions-S99']] }), [], { ruleIds: undefined });

    expect(found.id).toBe('ScaleTiers::acknowledgement-unused');
  });

  test('without a reason acknowledges nothing, and says what it said', async () => {
    const result = await judged(written({ '/Shop/Pictures': [[S1, 'we know that']] }), [[S1, 'Pictures']]);

    expect(open(result)).toEqual([S1, 'ScaleTiers::acknowledgement-no-reason']);
    expect(result.findings[1]).toMatchObject({
      message: `the acknowledgement of ${S1} at Shop/Pictures gives no reason that somebody could sign, and so answers for nothing: 'we know that'`,
      remedy:
        'Say in six different words or more what the rule guards against, why that does not apply here, and what compensates',
    });
  });

  test('with an empty reason is not quoted', async () => {
    const [found] = await faults(written({ '/Shop/Pictures': [[S1, '']] }), []);

    expect(found.message).toMatch(/and so answers for nothing$/);
  });

  test('of a whole stack is a note, which counts what it answers for now', async () => {
    const result = await judged(written({ '/Shop': [[S1]] }), [
      [S1, 'Pictures'],
      [S1, 'Films'],
    ]);

    expect(open(result)).toEqual(['ScaleTiers::acknowledgement-of-a-whole-stack']);
    expect(result.findings[0]).toMatchObject({
      severity: 'note',
      message: `the acknowledgement of ${S1} at Shop answers for all that is below, and for whatever comes later: for now 2 findings`,
      remedy: 'Write it at the construct that it is about',
    });
    expect(open(await judged(written({ '/Shop/Pictures': [[S1]] }), [[S1, 'Pictures']]))).toEqual([]);
  });

  test('of a fault of acknowledgements is itself unused: nothing hides them', async () => {
    const unused = 'ScaleTiers::acknowledgement-unused';
    const entries = written({ '/Shop/Pictures': [[unused], ['ScaleTiers::geo']] });
    const result = await judged(entries, [], { ruleIds: ['ScaleTiers::geo'] }, 'ScaleTiers');

    expect(open(result)).toContain(unused);
  });

  test('that a tool tells of counts, unless the template told it already', async () => {
    const told = (path: string): AcknowledgementEntry => ({ id: S1, reason: REASON, path, form: 'Checkov', covers: 0 });
    const acknowledgements = [told('Shop/Pictures/Resource'), told('Shop/Films/Resource')];

    const result = await judged(
      written({ '/Shop/Pictures/Resource': [[S1], [SQS3]] }),
      [
        [S1, 'Pictures'],
        [SQS3, 'Pictures'],
        [S1, 'Films'],
      ],
      { acknowledgements },
    );

    expect(result.acknowledgements.map(({ form, covers }) => [form, covers])).toEqual([
      ['cdk', 1],
      ['cdk', 1],
      ['Checkov', 1],
    ]);
  });
});

describe('the tally of a pack', () => {
  test('has every rule once', async () => {
    const ruleIds = [...RULES, 'AwsSolutions::AwsSolutions-RDS2', 'AwsSolutions::AwsSolutions-RDS3'];
    const found: Found[] = [
      [`${IAM5}[Resource::*]`, 'Pictures'],
      [`${IAM5}[Action::*]`, 'Pictures'],
      [S1, 'Pictures'],
      [S1, 'Films'],
    ];
    const entries = written({ '/Shop': [[S1], [`${IAM5}[Action::*]`]] });
    const result = await judged(entries, found, { ruleIds, notApplicable: [ruleIds[3]], version: '3.0.2' });

    expect(result.checks).toEqual([
      {
        pack: 'AwsSolutions',
        title: 'AwsSolutions',
        version: '3.0.2',
        rules: { run: 5, passed: 2, notApplicable: 1, acknowledged: 1, open: 1 },
        milliseconds: 5,
      },
    ]);
  });

  test('is missing where the tool does not tell its rules, or did not run', async () => {
    expect((await judged({}, [], { ruleIds: undefined })).checks[0]).not.toHaveProperty('rules');
    expect((await judged({}, [], { notRun: 'not installed' })).checks[0]).toEqual({
      pack: 'AwsSolutions',
      title: 'AwsSolutions',
      notRun: 'not installed',
      milliseconds: 5,
    });
  });

  test('counts the rules about acknowledgements with our own', async () => {
    const own = { ruleIds: ['ScaleTiers::geo'] };
    const none = await judged({}, [], own, 'ScaleTiers');
    expect(none.checks[0].rules).toEqual({ run: 6, passed: 1, notApplicable: 5, acknowledged: 0, open: 0 });

    const one = await judged(written({ '/Shop': [['ScaleTiers::geo']] }), [], own, 'ScaleTiers');
    expect(one.checks[0].rules).toEqual({ run: 6, passed: 5, notApplicable: 0, acknowledged: 0, open: 1 });
  });
});
