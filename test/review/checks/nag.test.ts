import { App, type CfnElement, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as cdkNag from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { readAssembly } from '../../../lib/assembly/cloud-assembly';
import * as packages from '../../../lib/review/checks/installed';
import { nagPacks } from '../../../lib/review/checks/nag';
import { ACCOUNT } from '../../stacks';
import { addStage, testProps } from '../../synth-stages';
import { assemblyOf, hits, ODD, tally } from './assemblies';

const CLASSES = [
  cdkNag.AwsSolutionsChecks,
  cdkNag.HIPAASecurityChecks,
  cdkNag.NIST80053R4Checks,
  cdkNag.NIST80053R5Checks,
  cdkNag.PCIDSS321Checks,
  cdkNag.ServerlessChecks,
];
/** Rules of each pack in cdk-nag 3.0.2. */
const RULES = {
  AwsSolutions: 131,
  'HIPAA.Security': 90,
  'NIST.800.53.R4': 70,
  'NIST.800.53.R5': 85,
  'PCI.DSS.321': 69,
  Serverless: 18,
};
const [awsSolutions] = nagPacks;

/** What cdk-nag itself finds in a construct tree, acknowledged or not. */
function findingsInTree(scope: IConstruct, Pack: (typeof CLASSES)[number]): string[] {
  const constructs = new Map(scope.node.findAll().map((construct) => [construct.node.path, construct]));
  const pack = new Pack();
  Object.defineProperty(pack, 'isAcknowledged', { value: () => false });
  return pack
    .validateScope(scope)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => {
        const construct = constructs.get(constructPath) as CfnElement;
        const stack = Stack.of(construct);
        return `${pack.readPackName}::${ruleName} at ${stack.resolve(construct.logicalId)} of ${stack.node.path}`;
      }),
    )
    .sort();
}

/** The same from the templates that the tree became. */
async function findingsInTemplates(stage: Stage, index: number): Promise<string[]> {
  const { findings } = await nagPacks[index].run(readAssembly(stage.synth().directory));
  return findings.map(({ id, place }) => `${id} at ${place?.logicalId} of ${place?.stack}`).sort();
}

function product(number: number): Stage {
  const stage = new Stage(new App({ context: { '@aws-cdk/core:defaultCrossStackReferences': 'weak' } }), `stage${number}`);
  const stack = new Stack(stage, 'Shop', { stackName: 'Shop', env: { account: ACCOUNT, region: 'us-east-1' } });
  addStage(stack, number, testProps(stack));
  stage.synth();
  return stage;
}

/** What three rules of cdk-nag recognize by construct paths only, and nested stacks. */
function pathDependent(): Stage {
  const stage = new Stage(new App(), 'paths');
  const stack = new Stack(stage, 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
  new ec2.Vpc(stack, 'Closed', { restrictDefaultSecurityGroup: true });
  new ec2.Vpc(stack, 'Open', { restrictDefaultSecurityGroup: false });
  new ec2.CfnVPC(stack, 'Bare', { cidrBlock: '10.0.0.0/16' });
  const closed = new opensearch.Domain(stack, 'Search', { version: opensearch.EngineVersion.OPENSEARCH_2_11 });
  const principals = [new iam.AccountRootPrincipal()];
  closed.addAccessPolicies(new iam.PolicyStatement({ actions: ['es:*'], principals, resources: [`${closed.domainArn}/*`] }));
  new opensearch.Domain(stack, 'Anyone', { version: opensearch.EngineVersion.OPENSEARCH_2_11 });
  new s3.Bucket(new NestedStack(stack, 'Below'), 'Files');
  stage.synth();
  return stage;
}

jest.setTimeout(180_000);
jest.mock('../../../lib/review/checks/installed', () => {
  const actual = jest.requireActual<typeof packages>('../../../lib/review/checks/installed');
  return { ...actual, installed: jest.fn(actual.installed) };
});

describe('cdk-nag over templates', () => {
  test.each([1, 2, 3, 4])('finds in the templates of stage %i what it finds in the construct tree', async (number) => {
    const stage = product(number);
    for (const [index, Pack] of CLASSES.entries()) {
      const inTree = findingsInTree(stage, Pack);
      expect(await findingsInTemplates(stage, index)).toEqual(inTree);
      if (index < 5) expect(inTree.length).toBeGreaterThan(3);
    }
  });

  test('finds it where rules look at construct paths, and in nested stacks', async () => {
    const stage = pathDependent();
    // The CDK makes these as resources without a class, which no rule knows: in a template they are a role and a function.
    const unseen = /at CustomVpcRestrictDefaultSGCustomResourceProvider(Role|Handler)[0-9A-F]{8} of/;
    const more: string[] = [];
    for (const [index, Pack] of CLASSES.entries()) {
      const found = await findingsInTemplates(stage, index);
      more.push(...found.filter((finding) => unseen.test(finding)));
      expect(found.filter((finding) => !unseen.test(finding))).toEqual(findingsInTree(stage, Pack));
    }
    expect(more).toHaveLength(15);
    const withoutHash = (finding: string) => finding.split(' ')[2].replace(/[0-9A-F]{8}$/, '');
    const named = async (index: number, rule: string) =>
      (await findingsInTemplates(stage, index)).filter((finding) => finding.includes(`-${rule} `)).map(withoutHash);
    expect(await named(1, 'VPCDefaultSecurityGroupClosed')).toEqual(['Bare', 'Open']);
    expect(await named(0, 'OS5')).toEqual(['Anyone']);
    expect(await named(0, 'S1')).toEqual(['Files']);
  });

  test('tells where a fault is, what to do and where the rule is written', async () => {
    const bucket = { Type: 'AWS::S3::Bucket' };
    const Statement = [{ Effect: 'Allow', Action: 's3:*', Resource: { 'Fn::Sub': '$' + '{Files.Arn}/*' } }];
    const policy = { Type: 'AWS::IAM::Policy', Properties: { PolicyName: 'all', PolicyDocument: { Statement } } };
    const run = await awsSolutions.run(assemblyOf({ Resources: { Files: bucket, Policy: policy } }));
    expect(hits(run)).toEqual([
      'AwsSolutions::AwsSolutions-IAM5[Action::s3:*] at Policy',
      'AwsSolutions::AwsSolutions-IAM5[Resource::<Files.Arn>/*] at Policy',
      'AwsSolutions::AwsSolutions-S1 at Files',
      'AwsSolutions::AwsSolutions-S10 at Files',
    ]);
    expect(run.findings.find(({ id }) => id.endsWith('-S1'))).toEqual({
      id: 'AwsSolutions::AwsSolutions-S1',
      severity: 'error',
      message: 'The S3 Bucket has server access logs disabled.',
      remedy:
        'The bucket should have server access logging enabled to provide detailed records for the requests that are made to the bucket.',
      source: 'cdk-nag 3.0.2, rule AwsSolutions-S1',
      place: {
        stack: 'Shop',
        region: 'us-east-1',
        templateFile: 'Shop.template.json',
        logicalId: 'Files',
        type: 'AWS::S3::Bucket',
      },
    });
    expect(run.version).toBe('3.0.2');
  });

  test('tells what a rule threw', async () => {
    const Properties = { StorageEncrypted: { 'Fn::GetStackOutput': { StackName: 'Other', OutputName: 'Encrypted' } } };
    const { findings } = await awsSolutions.run(assemblyOf({ Resources: { Db: { Type: 'AWS::RDS::DBInstance', Properties } } }));
    expect(findings.find(({ id }) => id.endsWith('-RDS2'))?.message).toBe(
      'the rule cannot judge this resource: The parameter resolved to to a non-primitive value ' +
        `"{"Fn::GetStackOutput":{"StackName":"Other","OutputName":"Encrypted"}}", therefore the rule could not be validated.`,
    );
  });

  test('counts its rules, and they add up', async () => {
    const assembly = assemblyOf({ Resources: { Files: { Type: 'AWS::S3::Bucket' }, Jobs: { Type: 'AWS::SQS::Queue' } } });
    for (const pack of nagPacks) {
      const { run, passed, notApplicable, open } = tally(await pack.run(assembly));
      expect([pack.pack, run]).toEqual([pack.pack, RULES[pack.pack as keyof typeof RULES]]);
      expect(passed + notApplicable + open).toBe(run);
      expect([pack.pack, notApplicable < run]).toEqual([pack.pack, true]);
    }
    const nothing = tally(await awsSolutions.run(assemblyOf({})));
    expect(nothing).toEqual({ run: 131, passed: 0, notApplicable: 131, open: 0 });
  });

  test.each(Object.keys(ODD))('reads a template %s', async (name) => {
    for (const pack of nagPacks) {
      const run = await pack.run(assemblyOf(ODD[name]));
      expect(run.notRun).toBeUndefined();
      const { run: rules, passed, notApplicable, open } = tally(run);
      expect(passed + notApplicable + open).toBe(rules);
    }
  });

  test('names what it could not look at, and looks at the rest', async () => {
    const gaps = async (name: string) => {
      const { findings } = await awsSolutions.run(assemblyOf(ODD[name]));
      return findings.filter(({ id }) => id === 'AwsSolutions::not-checked').map(({ message }) => message);
    };
    expect(await gaps('with a loop')).toEqual([
      'not checked: only CloudFormation knows what Fn::ForEach::Buckets expands to, in Shop',
    ]);
    expect(await gaps('with properties that are no object')).toEqual([
      'not checked: the Properties of A are no object, in Shop',
      'not checked: the Properties of B are no object, in Shop',
    ]);
    expect(await gaps('with values of the wrong type')).toEqual([
      "not checked: Expected 'true' or 'false' for boolean value, got: 'perhaps', in Shop",
    ]);
    const subnet = await awsSolutions.run(assemblyOf({ Resources: { Subnet: { Type: 'AWS::EC2::Subnet' } } }));
    expect(subnet.findings.map(({ message }) => message)).toEqual([
      'not checked: Subnet [AWS::EC2::Subnet] is missing required property: vpcId, in Shop',
    ]);
    expect(hits(await awsSolutions.run(assemblyOf(ODD['with a loop'])))).toContain('AwsSolutions::AwsSolutions-S1 at C');
    expect(hits(await awsSolutions.run(assemblyOf(ODD['with values of the wrong type'])))).toContain(
      'AwsSolutions::AwsSolutions-S1 at C',
    );
  });

  test('says how to install cdk-nag where it is missing, or too old', async () => {
    const installed = jest.mocked(packages.installed);
    installed.mockReturnValueOnce(undefined);
    expect(await awsSolutions.run(assemblyOf({}))).toEqual({
      findings: [],
      notRun: 'cdk-nag is not installed: npm install --save-dev cdk-nag',
    });
    const load = <T>(): T => ({ AwsSolutionsChecks: class {} }) as T;
    installed.mockReturnValueOnce({ version: '2.36.0', folder: '/old', load });
    expect(await awsSolutions.run(assemblyOf({}))).toEqual({
      findings: [],
      version: '2.36.0',
      notRun: 'cdk-nag 2.36.0 judges only while an app synthesizes: npm install --save-dev cdk-nag@3',
    });
    installed.mockReturnValueOnce({
      version: '3.0.2',
      folder: '/alone',
      load: () => {
        throw new Error("Cannot find module 'aws-cdk-lib'");
      },
    });
    expect((await awsSolutions.run(assemblyOf({}))).notRun).toBe("cdk-nag 3.0.2 does not load: Cannot find module 'aws-cdk-lib'");
  });
});
