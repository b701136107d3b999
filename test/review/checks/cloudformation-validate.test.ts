import type { CheckRun } from '../../../lib/review/checks/check';
import { cloudFormationValidate } from '../../../lib/review/checks/cloudformation-validate';
import { assemblyOfAll, inStack, ODD, tally } from './assemblies';

jest.setTimeout(120_000);

const SUBNET = { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24', AvailabilityZone: 'us-east-1a' };
const PLANTED = {
  Resources: {
    Jobs: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 901, Colour: 'red' } },
    Subnet: { Type: 'AWS::EC2::Subnet', Properties: SUBNET },
  },
  Outputs: { Url: { Value: { Ref: 'Nobody' } } },
};

describe("the CDK's validator", () => {
  let run: CheckRun;

  beforeAll(async () => {
    run = await cloudFormationValidate.run(assemblyOfAll({ ...ODD, Shop: PLANTED }));
  });

  test('tells where a fault is, in which property, and how bad it is', () => {
    expect(
      inStack(run, 'Shop').map(({ id, severity, place, property }) => [id.split('::')[1], severity, place?.logicalId, property]),
    ).toEqual([
      ['F3002', 'error', 'Jobs', 'Colour'],
      ['F3034', 'error', 'Jobs', 'DelaySeconds'],
      ['F6101', 'error', 'Url', undefined],
      ['E1151', 'error', 'Subnet', 'VpcId'],
      ['W3010', 'warning', 'Subnet', 'AvailabilityZone'],
    ]);
    expect(inStack(run, 'Shop').find(({ id }) => id.endsWith('F6101'))?.place?.type).toBe('Output');
    expect(inStack(run, 'Shop').find(({ id }) => id.endsWith('W3010'))).toEqual({
      id: 'CloudFormation-Validate::W3010',
      severity: 'warning',
      message: "Avoid hardcoding availability zones 'us-east-1a'",
      source: 'AWS CloudFormation Validate, rule W3010',
      property: 'AvailabilityZone',
      place: {
        stack: 'Shop',
        region: 'us-east-1',
        templateFile: 'Shop.template.json',
        logicalId: 'Subnet',
        type: 'AWS::EC2::Subnet',
      },
    });
    expect(run.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('counts its rules, and they add up', () => {
    const { run: rules, passed, notApplicable, open } = tally(run);
    expect(rules).toBeGreaterThan(250);
    expect(passed + notApplicable + open).toBe(rules);
    expect([passed > 200, notApplicable, open > 5]).toEqual([true, 0, true]);
  });

  test('reads every odd template', () => {
    expect(run.notRun).toBeUndefined();
    expect(run.findings.filter(({ id }) => id.endsWith('not-checked'))).toEqual([]);
    expect(inStack(run, 'without resources').map(({ message }) => message)).toEqual([
      'Resources section must exist and be non-empty',
    ]);
  });
});
