import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { writeAssembly } from '../../lib/assembly/assembly-writer';
import { readAssembly } from '../../lib/assembly/cloud-assembly';
import { ServerOption } from '../../lib/stages/server-option';
import { Stage2Replicated } from '../../lib/stages/stage2-replicated';
import { Stage3Specialized } from '../../lib/stages/stage3-specialized';
import { ACCOUNT, testStack } from '../stacks';
import { type AnyStageProps, IMAGE, synthStage, testProps } from '../synth-stages';
import { catchOutput, check, type ExpectedFinding, expectFinding } from './run-check';

const directory = mkdtempSync(join(tmpdir(), 'rewrites-'));
let folders = 0;

afterAll(() => rmSync(directory, { recursive: true }));

catchOutput();

type Props = (stack: Stack) => Partial<AnyStageProps>;

/** A change to the code that uses a stage, as somebody might well make it. */
interface Rewrite {
  readonly what: string;
  readonly before: () => string;
  readonly after: () => string;
  /** What must be found: the end of the construct path, and the region where that is a further one. */
  readonly finds: (ExpectedFinding & { readonly part: string; readonly region?: string })[];
}

const reference =
  (stage: number, props: Props = () => ({})) =>
  () =>
    synthStage(stage, props);

/** A VPC as anybody would write it, which leaves no room for a third zone. */
function plainVpc(zones: number): Props {
  return (stack) => ({
    vpc: new ec2.Vpc(stack, 'Vpc', {
      availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'].slice(0, zones),
      natGateways: 1,
      subnetConfiguration: [
        { name: 'public', subnetType: ec2.SubnetType.PUBLIC },
        { name: 'app', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'data', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      ],
    }),
  });
}

/** The reference product with its own stack, or one in a further region, under another name. */
function withStackRenamed(stage: number, from: string, to: string): () => string {
  return () => {
    const folder = join(directory, String(++folders));
    writeAssembly(readAssembly(synthStage(stage)), folder);
    const file = join(folder, 'manifest.json');
    expect(readdirSync(folder)).toContain('manifest.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    for (const artifact of Object.values<{ properties?: Record<string, unknown> }>(manifest.artifacts)) {
      if (artifact.properties?.stackName === from) artifact.properties.stackName = to;
    }
    writeFileSync(file, JSON.stringify(manifest));
    return folder;
  };
}

function synthStage2(build: (stack: Stack) => void): () => string {
  return () => {
    const stack = testStack();
    build(stack);
    return (stack.node.root as App).synth().directory;
  };
}

const LEFT_BEHIND: ExpectedFinding = { verdict: 'orphaned', rule: 'stack-left-behind' };
const GONE: ExpectedFinding = { verdict: 'orphaned', rule: 'removed-and-retained' };
const SUBNETS_IN_USE: ExpectedFinding = { verdict: 'refused', rule: 'subnet-group-in-use', property: 'SubnetIds' };
const SUBNET_GROUPS = ['Database/SubnetGroup/Default', 'Cache/SubnetGroup'];

const REWRITES: Rewrite[] = [
  {
    what: 'the product gets another construct id',
    before: synthStage2((stack) => void new Stage2Replicated(stack, 'Product', { image: IMAGE })),
    after: synthStage2((stack) => void new Stage2Replicated(stack, 'Store', { image: IMAGE })),
    finds: ['Database/Cluster', 'Database/Secret', 'Cache', 'Jobs/Queue', 'Assets/Bucket', 'DataKey/Key'].map((part) => ({
      ...GONE,
      part: `Product/${part}`,
    })),
  },
  {
    what: 'a plain VPC goes from two zones to three, with stage 3',
    before: reference(2, plainVpc(2)),
    after: reference(3, plainVpc(3)),
    finds: SUBNET_GROUPS.map((part) => ({ ...SUBNETS_IN_USE, part })),
  },
  {
    what: 'a plain VPC goes from two zones to three, at stage 2',
    before: reference(2, plainVpc(2)),
    after: reference(2, plainVpc(3)),
    finds: SUBNET_GROUPS.map((part) => ({ ...SUBNETS_IN_USE, part })),
  },
  {
    what: 'the VPC gets another range',
    before: reference(2),
    after: reference(2, () => ({ vpcCidr: '10.1.0.0/16' })),
    finds: SUBNET_GROUPS.map((part) => ({ ...SUBNETS_IN_USE, part })),
  },
  {
    what: 'the product moves into a VPC that exists',
    before: reference(2),
    after: reference(2, (stack) => ({
      vpc: ec2.Vpc.fromVpcAttributes(stack, 'Existing', {
        vpcId: 'vpc-1',
        availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
        publicSubnetIds: ['subnet-1', 'subnet-2', 'subnet-3'],
        privateSubnetIds: ['subnet-4', 'subnet-5', 'subnet-6'],
      }),
    })),
    finds: SUBNET_GROUPS.map((part) => ({ ...SUBNETS_IN_USE, part })),
  },
  {
    what: 'the zones change their order',
    before: reference(1, () => ({ availabilityZones: ['us-east-1a', 'us-east-1b'] })),
    after: reference(1, () => ({ availabilityZones: ['us-east-1b', 'us-east-1a'] })),
    finds: [{ part: 'ServerVolume/Volume', verdict: 'refused', rule: 'ebs-volume-immutable', property: 'AvailabilityZone' }],
  },
  {
    what: 'the user brings a key after the product has made its own',
    before: reference(2),
    after: reference(2, (stack) => ({
      encryptionKey: kms.Key.fromKeyArn(
        stack,
        'Own',
        `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab`,
      ),
    })),
    finds: [
      { ...GONE, part: 'DataKey/Key' },
      { part: 'Database/Cluster', verdict: 'replaced', rule: 'create-only', property: 'KmsKeyId' },
      { part: 'Product/Cache', verdict: 'replaced', rule: 'create-only', property: 'KmsKeyId' },
    ],
  },
  {
    what: 'the user brings a key while climbing from stage 1, whose volume has none',
    before: reference(1),
    after: reference(2, (stack) => ({
      encryptionKey: kms.Key.fromKeyArn(
        stack,
        'Own',
        `arn:aws:kms:us-east-1:${ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab`,
      ),
    })),
    finds: [{ part: 'ServerVolume/Volume', verdict: 'refused', rule: 'ebs-volume-immutable', property: 'KmsKeyId' }],
  },
  {
    what: 'the server is said never to have been, though it was',
    before: reference(2),
    after: reference(2, () => ({ server: ServerOption.never('nobody remembers any server') })),
    finds: ['ServerVolume/Volume', 'ServerVolume/Vault', 'ServerLogs'].map((part) => ({ ...GONE, part })),
  },
  {
    what: 'a further region is left out',
    before: reference(4, () => ({ regions: [{ region: 'us-west-2' }, { region: 'eu-central-1' }] })),
    after: reference(4, () => ({ regions: [{ region: 'us-west-2' }] })),
    finds: ['Database/Cluster', 'Product/eu-central-1/Cache', 'DataKey', 'EventStream/Cluster', 'Assets/Bucket'].map((part) => ({
      ...LEFT_BEHIND,
      part,
      region: 'eu-central-1',
    })),
  },
  {
    what: 'a further region gets another range',
    before: reference(4, () => ({ regions: [{ region: 'us-west-2' }] })),
    after: reference(4, () => ({ regions: [{ region: 'us-west-2', vpcCidr: '10.99.0.0/16' }] })),
    finds: [
      {
        part: 'EventStream/Cluster',
        region: 'us-west-2',
        verdict: 'refused',
        rule: 'replaced-reference',
        property: 'BrokerNodeGroupInfo.ClientSubnets',
      },
      { ...SUBNETS_IN_USE, part: 'Database/SubnetGroup', region: 'us-west-2' },
    ],
  },
  {
    what: 'the copy of the cache is taken from a region',
    before: reference(4, () => ({ regions: [{ region: 'us-west-2' }] })),
    after: reference(4, () => ({ regions: [{ region: 'us-west-2', cacheCopy: false }] })),
    finds: [
      { ...GONE, part: 'CacheCopy', region: 'us-west-2' },
      { ...GONE, part: 'CacheReplication' },
    ],
  },
  {
    what: 'the stack of a further region is renamed',
    before: reference(4),
    after: withStackRenamed(4, 'Shop-Product-us-west-2', 'Shop-west'),
    finds: ['Database/Cluster', 'EventStream/Cluster', 'DataKey'].map((part) => ({
      ...LEFT_BEHIND,
      part,
      region: 'us-west-2',
    })),
  },
  {
    what: "the product's own stack is renamed",
    before: reference(2),
    after: withStackRenamed(2, 'Shop', 'Store'),
    finds: ['Database/Cluster', 'Database/Secret', 'ServerVolume/Volume'].map((part) => ({ ...LEFT_BEHIND, part })),
  },
  {
    what: 'the zero-ETL feed comes before the database is restarted with its parameters',
    before: reference(1, () => ({ server: ServerOption.withoutDatabase() })),
    after: reference(3, () => ({ server: ServerOption.withoutDatabase() })),
    finds: [{ part: 'WarehouseFeed', verdict: 'own-deploy', rule: 'zero-etl-before-reboot', property: 'SourceArn' }],
  },
];

test.each(REWRITES)('caught: $what', async ({ before, after, finds }) => {
  const { code, report, table } = await check(before(), after());

  for (const { part, region = 'us-east-1', ...expected } of finds) {
    const change = report.changes.find(
      (one) => one.region === region && one.path?.endsWith(`/${part}`) && one.verdict === expected.verdict,
    );
    expectFinding(change, expected);
    expect(table).toContain(`rule ${expected.rule}, source:`);
  }
  expect(report.safe).toBe(false);
  expect(code).toBe(1);
});

test('tags on the whole app change nothing that holds state, the warehouse included', async () => {
  const synth = (tag?: string) => {
    const stack = testStack();

    new Stage3Specialized(stack, 'Product', testProps(stack));
    if (tag) Tags.of(stack.node.root).add('stage', tag);
    return (stack.node.root as App).synth().directory;
  };
  const { code, report } = await check(synth(), synth('3'));

  expect(code).toBe(0);
  const namespace = report.changes.find(({ type }) => type === 'AWS::RedshiftServerless::Namespace');
  expect(namespace?.verdict).toBe('kept');
});
