import { checkOf, ownRules } from '../../lib/review/own-rules';
import { RULES } from '../../lib/review/rules';
import { RuleCannotRun, type TemplateRule } from '../../lib/review/rules/rule';
import { assembly, resource, stack } from '../promotion/templates';

const rule: TemplateRule = {
  id: 'queue-unencrypted',
  severity: 'warning',
  sentence: 'a queue is encrypted',
  source: 'Amazon SQS Developer Guide, Encryption at rest',
  types: ['AWS::SQS::Queue'],
  find: ({ stacks }) =>
    stacks.map((one) => ({ stack: one, logicalId: 'Jobs', property: 'KmsMasterKeyId', details: 'this one is not' })),
};
const shop = assembly(
  stack('Shop', { Jobs: resource('AWS::SQS::Queue') }),
  stack('Far', { Jobs: resource('AWS::SQS::Queue') }, { region: 'eu-west-1' }),
);

test('a rule sees all stacks at once, and its findings carry its sentence, source and place', async () => {
  const run = await checkOf([rule]).run(shop);

  expect(run.findings.map(({ place }) => place?.region)).toEqual(['us-east-1', 'eu-west-1']);
  expect(run.findings[0]).toEqual({
    id: 'ScaleTiers::queue-unencrypted',
    severity: 'warning',
    message: 'a queue is encrypted; this one is not',
    source: 'Amazon SQS Developer Guide, Encryption at rest',
    property: 'KmsMasterKeyId',
    place: expect.objectContaining({ path: 'app/Shop/Jobs', type: 'AWS::SQS::Queue' }),
  });
  expect(run).toMatchObject({
    ruleIds: ['ScaleTiers::queue-unencrypted'],
    notApplicable: [],
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
  });
});

test('a finding says no more than the rule where there are no details', async () => {
  const find = () => [{ stack: shop.stacks[0], logicalId: 'Jobs' }];
  const [found] = (await checkOf([{ ...rule, find }]).run(shop)).findings;

  expect(found.message).toBe('a queue is encrypted');
  expect(found).not.toHaveProperty('property');
});

test('a rule is not asked where nothing of its types is there, nested stacks included', async () => {
  const find = () => {
    throw new Error('asked');
  };
  const topics = { ...rule, types: ['AWS::SNS::Topic'], find };
  expect(await checkOf([topics]).run(shop)).toMatchObject({ findings: [], notApplicable: ['ScaleTiers::queue-unencrypted'] });

  const nested = { Nest: stack('Shop/Nest', { Topic: resource('AWS::SNS::Topic') }) };
  await expect(checkOf([topics]).run(assembly(stack('Shop', {}, { nested })))).rejects.toThrow('asked');
});

test('a rule about all types is always asked', async () => {
  expect((await checkOf([{ ...rule, types: [] }]).run(shop)).findings).toHaveLength(2);
});

test('a rule that cannot tell does not pass', async () => {
  const find = () => {
    throw new RuleCannotRun('the data about regions is not installed');
  };
  const { findings } = await checkOf([{ ...rule, find }]).run(shop);

  expect(findings).toEqual([
    {
      id: 'ScaleTiers::queue-unencrypted',
      severity: 'note',
      message: 'nobody can tell whether a queue is encrypted; the data about regions is not installed',
      source: 'Amazon SQS Developer Guide, Encryption at rest',
    },
  ]);
});

test('the list has every rule once, in kebab case, with a sentence and a source', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  for (const { id, sentence, source } of RULES) {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(sentence).toMatch(/^[a-zA-Z].*[^.]$/);
    expect(source).not.toBe('');
  }
  expect([ownRules.pack, ownRules.title]).toEqual(['ScaleTiers', 'Rules of cdk-scale-tiers']);
});
