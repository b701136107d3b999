import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { everyStack } from '../../lib/assembly/cloud-assembly';
import { RULES } from '../../lib/review/rules';
import { RuleCannotRun, type TemplateRule } from '../../lib/review/rules/rule';
import { TemplateRules } from '../../lib/review/template-rules';

/** Every queue is one too many; it says how many stacks it saw. */
const rule: TemplateRule = {
  id: 'no-queues',
  severity: 'error',
  sentence: 'there are no queues',
  source: 'this test',
  types: ['AWS::SQS::Queue'],
  find: (assembly) => {
    const stacks = everyStack(assembly);
    return stacks.flatMap((stack) =>
      Object.entries(stack.template.Resources ?? {})
        .filter(([, { Type }]) => Type === 'AWS::SQS::Queue')
        .map(([logicalId]) => ({
          stack,
          logicalId,
          property: 'KmsMasterKeyId',
          details: `one of ${stacks.length} stacks has one`,
        })),
    );
  },
};

let listed: TemplateRule[];
beforeEach(() => {
  // The CDK prints its report.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  listed = RULES.splice(0, RULES.length, rule);
});
afterEach(() => {
  jest.restoreAllMocks();
  RULES.splice(0, RULES.length, ...listed);
});

/** Two Regions and a nested stack in a stage, one stack beside it. */
function app(): App {
  const made = new App();
  const stage = new Stage(made, 'stage4');
  const shop = new Stack(stage, 'Shop', { env: { region: 'us-east-1', account: '111111111111' } });
  new Queue(shop, 'Jobs');
  new Queue(new NestedStack(shop, 'Nest'), 'Inner');
  new Queue(new Stack(stage, 'Far', { env: { region: 'eu-west-1', account: '111111111111' } }), 'Jobs');
  new Queue(new Stack(made, 'Other'), 'Jobs');
  return made;
}

/** The report of a synthesis, which fails where an error is left. */
function reportOf(made: App, plugin: TemplateRules, scope: App | Stage = made) {
  Validations.of(scope).addPlugins(plugin);
  const failed = (() => {
    try {
      made.synth();
      return false;
    } catch {
      return true;
    }
  })();
  const { pluginReports } = JSON.parse(readFileSync(join(made.outdir, 'validation-report.json'), 'utf8'));
  return { failed, report: pluginReports.find(({ pluginName }: { pluginName: string }) => pluginName === 'ScaleTiers') };
}

test('a rule sees the stacks of all Regions at once, and each finding is reported once, with its construct', () => {
  const { failed, report } = reportOf(app(), new TemplateRules());

  expect(failed).toBe(true);
  const paths = report.violations.flatMap(({ violatingConstructs }: { violatingConstructs: { constructPath: string }[] }) =>
    violatingConstructs.map(({ constructPath }) => constructPath),
  );
  expect(paths.sort()).toEqual([
    'Other/Jobs/Resource',
    'stage4/Far/Jobs/Resource',
    'stage4/Shop/Jobs/Resource',
    'stage4/Shop/Nest/Inner/Resource',
  ]);
  expect(report.violations[0]).toMatchObject({
    ruleName: 'no-queues',
    description: 'there are no queues; one of 4 stacks has one',
    severity: 'error',
    ruleMetadata: { source: 'this test' },
  });
});

test('attached to a stage it sees that stage alone', () => {
  const made = app();
  const { report } = reportOf(made, new TemplateRules(), made.node.findChild('stage4') as Stage);

  expect(report.violations.map(({ description }: { description: string }) => description)).toEqual(
    Array(3).fill('there are no queues; one of 3 stacks has one'),
  );
});

test('a finding is acknowledged in the construct tree, by the id of the review', () => {
  const made = app();
  Validations.of(made).acknowledge({ id: 'ScaleTiers::no-queues', reason: 'this is a test of queues alone' });
  const { failed, report } = reportOf(made, new TemplateRules());

  expect(failed).toBe(false);
  expect(report.violations).toEqual([]);
  expect(report.suppressedViolations).toHaveLength(4);
});

test.each([
  ['warning', 'warning'],
  ['note', 'info'],
] as const)('a %s is reported as %s, and fails nothing', (severity, reported) => {
  RULES.splice(0, 1, { ...rule, severity });
  const { failed, report } = reportOf(app(), new TemplateRules());

  expect(failed).toBe(false);
  expect(report.violations[0].severity).toBe(reported);
});

test('a rule that cannot tell is reported, and fails nothing', () => {
  const find = () => {
    throw new RuleCannotRun('the data about regions is not installed');
  };
  RULES.splice(0, 1, { ...rule, find });
  const { failed, report } = reportOf(app(), new TemplateRules());

  expect(failed).toBe(false);
  expect(report.violations[0].description).toBe(
    'nobody can tell whether there are no queues; the data about regions is not installed',
  );
});

test('it is named, versioned and lists its rules', () => {
  const plugin = new TemplateRules();

  expect([plugin.name, plugin.ruleIds]).toEqual(['ScaleTiers', ['no-queues']]);
  expect(plugin.version).toMatch(/^\d+\.\d+\.\d+/);
});

test('it says so when it is asked about no app', () => {
  const appConstruct = new Stack(new App(), 'Alone');
  const ask = () => new TemplateRules().validate({ appConstruct, stackTemplates: [], templatePaths: [] });

  expect(ask).toThrow('TemplateRules looks at whole apps, add it with Validations.of(app).addPlugins(new TemplateRules())');
});
