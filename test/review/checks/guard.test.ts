import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckRun } from '../../../lib/review/checks/check';
import { guard } from '../../../lib/review/checks/guard';
import * as packages from '../../../lib/review/checks/installed';
import { assemblyOf, assemblyOfAll, inStack, ODD, tally } from './assemblies';

jest.setTimeout(180_000);
jest.mock('../../../lib/review/checks/installed', () => {
  const actual = jest.requireActual<typeof packages>('../../../lib/review/checks/installed');
  return { ...actual, installed: jest.fn(actual.installed) };
});

const BUCKET = { Type: 'AWS::S3::Bucket' };
const PUBLIC = {
  AccessControl: 'PublicRead',
  PublicAccessBlockConfiguration: { BlockPublicAcls: false, IgnorePublicAcls: false },
};

/** A permission to invoke a function, for a rule of EventBridge. */
function letIn(rule: string) {
  const Properties = {
    Action: 'lambda:InvokeFunction',
    FunctionName: 'f',
    Principal: 'events.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
  };
  return { Type: 'AWS::Lambda::Permission', Properties };
}

describe('the Control Tower controls', () => {
  let run: CheckRun;
  /** Ids of the findings in a stack. */
  const ids = (stack: string) => inStack(run, stack).map(({ id, place }) => `${id} at ${place?.logicalId}`);
  const gaps = (stack: string) =>
    inStack(run, stack)
      .filter(({ id }) => id === 'ControlTower::not-checked')
      .map(({ place, message }) => [place?.logicalId, message]);

  beforeAll(async () => {
    const below = assemblyOf({ Resources: { Files: BUCKET } }, { stackName: 'Below', templateFile: 'Below.template.json' });
    const parent = { Resources: { Below: { Type: 'AWS::CloudFormation::Stack' } } };
    const { stacks } = assemblyOf(parent, { stackName: 'parent', nested: { Below: below.stacks[0] } });
    const planted = assemblyOfAll({ ...ODD, Shop: { Resources: { Files: BUCKET, Open: { ...BUCKET, Properties: PUBLIC } } } });
    const clocked = { Resources: { Clock: { Type: 'AWS::Events::Rule' }, Let: letIn('Clock'), Lost: letIn('Gone') } };
    const { stacks: more } = assemblyOfAll({ Clocked: clocked });
    run = await guard.run({ ...planted, stacks: [...planted.stacks, ...stacks, ...more] });
  });

  test('tell where a fault is, what failed and what to do', () => {
    expect(inStack(run, 'Shop').filter(({ id }) => id === 'ControlTower::CT.S3.PR.2')).toEqual(
      ['Files', 'Open'].map((logicalId) => ({
        id: 'ControlTower::CT.S3.PR.2',
        severity: 'warning',
        message: `Require an Amazon S3 bucket to have server access logging configured (${logicalId === 'Files' ? 'Properties' : 'LoggingConfiguration'} is missing)`,
        remedy:
          "Set a 'LoggingConfiguration' on the S3 Bucket and optionally set 'DestinationBucketName' to an S3 bucket configured to receive S3 Access Logs.",
        source: 'AWS Control Tower control CT.S3.PR.2',
        place: { stack: 'Shop', region: 'us-east-1', templateFile: 'Shop.template.json', logicalId, type: 'AWS::S3::Bucket' },
      })),
    );
  });

  test('name the property, and are one finding however many clauses fail', () => {
    const blocked = inStack(run, 'Shop').filter(
      ({ id, place }) => id === 'ControlTower::CT.S3.PR.1' && place?.logicalId === 'Open',
    );
    expect(blocked.map(({ property, message, severity }) => [property, message, severity])).toEqual([
      [
        'PublicAccessBlockConfiguration',
        'Require an Amazon S3 bucket to have block public access settings configured (PublicAccessBlockConfiguration.BlockPublicPolicy is missing; PublicAccessBlockConfiguration.RestrictPublicBuckets is missing; 2 more)',
        'error',
      ],
    ]);
  });

  test('count their rules, and they add up', async () => {
    const { run: rules, passed, notApplicable, open } = tally(run);
    // 237 controls, and the gaps.
    expect(rules).toBe(238);
    expect(passed + notApplicable + open).toBe(rules);
    expect([notApplicable, passed, open].every((count) => count > 2)).toBe(true);
    expect(tally(await guard.run(assemblyOf({})))).toEqual({ run: 237, passed: 0, notApplicable: 237, open: 0 });
  });

  test('lose no other control to one that cannot judge a value of the wrong type', () => {
    expect(gaps('with values of the wrong type')).toEqual([
      [
        'B',
        'not checked: CT.CLOUDWATCH.PR.1 cannot judge with values of the wrong type: Types or variable assignments are incompatible `Attempting EMPTY operation on type int that does not support it at /Resources/B/Properties/AlarmActions[L:0,C:0]`',
      ],
    ]);
    expect(ids('with values of the wrong type')).toContain('ControlTower::CT.S3.PR.2 at C');
    expect(ids('with functions nobody knows')).toContain('ControlTower::CT.S3.PR.2 at A');
  });

  test('know a resource that is only referred to, of a type that no control judges', () => {
    expect(ids('Clocked')).toEqual(['ControlTower::CT.LAMBDA.PR.2 at Lost']);
  });

  test('say what a loop hides', () => {
    expect(gaps('with a loop')).toEqual([
      ['Fn::ForEach::Buckets', 'not checked: only CloudFormation knows what Fn::ForEach::Buckets of with a loop expands to'],
    ]);
    expect(ids('with a loop')).toContain('ControlTower::CT.S3.PR.2 at C');
  });

  test('look into nested stacks', () => {
    const found = inStack(run, 'Below').find(({ id }) => id === 'ControlTower::CT.S3.PR.2');
    expect(found?.place).toMatchObject({ logicalId: 'Files', templateFile: 'Below.template.json' });
  });

  test('read every other odd template without a gap', () => {
    const others = Object.keys(ODD).filter((name) => !['with values of the wrong type', 'with a loop'].includes(name));
    expect(others.flatMap(gaps)).toEqual([]);
    expect(run.notRun).toBeUndefined();
  });

  test('say how to install them', async () => {
    jest.mocked(packages.installed).mockReturnValueOnce(undefined);
    expect(await guard.run(assemblyOf({}))).toEqual({
      findings: [],
      notRun: '@cdklabs/cdk-validator-cfnguard is not installed: npm install --save-dev @cdklabs/cdk-validator-cfnguard',
    });
  });

  test('say why they do not run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guard-test-'));
    for (const kind of ['metadata', 'cfn-guard']) mkdirSync(join(folder, 'rules/control-tower', kind), { recursive: true });
    const metadata = { Id: 'CT.S3.PR.99', EvaluatedResourceTypes: ['AWS::S3::Bucket'] };
    writeFileSync(join(folder, 'rules/control-tower/metadata/x.metadata.json'), JSON.stringify(metadata));
    writeFileSync(join(folder, 'rules/control-tower/cfn-guard/x.guard'), 'let type = "AWS::S3::Bucket"\nrule {');
    jest.mocked(packages.installed).mockReturnValueOnce({ version: '9.9.9', folder, load: jest.fn() });
    const { notRun } = await guard.run(assemblyOf({ Resources: { Files: BUCKET } }));
    expect(notRun).toMatch(/^the CDK's engine cannot run these rules: Failed to parse Guard file 'CT\.S3\.PR\.99': /);
  });
});
