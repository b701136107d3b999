import { App, Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { ProductImage } from '../lib/blocks/compute/product-image';
import { Tracing } from '../lib/blocks/observability/tracing';
import { acknowledge } from '../lib/blocks/operations/acknowledge';
import { AuditedEvents } from '../lib/stages/audited-events';
import { ServerOption } from '../lib/stages/server-option';
import { nagFindings } from './blocks/nag';
import { allAcknowledgements, openAndUnused } from './policy-findings';
import { RECOMMENDED_FLAGS } from './recommended-flags';
import { ACCOUNT } from './stacks';
import { type AnyStageProps, addStage, testProps } from './synth-stages';

const STAGES = [1, 2, 3, 4];
/** What an acknowledgement may name. */
const PACKS =
  /^(AwsSolutions|HIPAA\.Security|NIST\.800\.53\.R[45]|PCI\.DSS\.321|Serverless|CloudFormation-Validate|ControlTower|ScaleTiers|cfn-lint|Checkov|Cloudsplaining|Parliament)::\S+/;
/** Nothing waits to be found. */
const CLEAN = { open: [], unused: [] };

/** How a product may differ where rules look. */
interface Variant {
  readonly props?: (stack: Stack) => Partial<AnyStageProps>;
  readonly region?: string;
  readonly context?: Record<string, unknown>;
}

const moved = () => ({ server: ServerOption.movedOut('row counts compared on 2026-03-02') });
const existing = (stack: Stack) =>
  ec2.Vpc.fromVpcAttributes(stack, 'Mine', {
    vpcId: 'vpc-0a',
    availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
    publicSubnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
    privateSubnetIds: ['subnet-d', 'subnet-e', 'subnet-f'],
    isolatedSubnetIds: ['subnet-g', 'subnet-h', 'subnet-i'],
  });

const VARIANTS: [string, Variant][] = [
  ['as it comes', {}],
  ['without a domain', { props: () => ({ domain: undefined }) }],
  [
    'with an image of the account',
    {
      props: (stack) => {
        return { image: ProductImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Images', 'shop'), '1.4.2') };
      },
    },
  ],
  ['in a VPC that exists', { props: (stack) => ({ vpc: existing(stack) }) }],
  ['with its database apart', { props: () => ({ server: ServerOption.withoutDatabase() }) }],
  ['with its requests traced', { props: () => ({ tracing: Tracing.xray() }) }],
  [
    'with its use recorded',
    { props: () => ({ audit: { events: AuditedEvents.ALL, managementEvents: true, fileBackups: true } }) },
  ],
  ['in Europe', { region: 'eu-central-1', props: () => ({ regions: [{ region: 'us-east-1' }] }) }],
  ['where CloudFront has no known addresses', { region: 'eu-south-1', props: zonesOf('eu-south-1') }],
  ['with every recommended feature flag', { context: RECOMMENDED_FLAGS }],
];

/** With a copy of the cache, and without. */
const REGIONS = [{ region: 'us-west-2' }, { region: 'ap-southeast-1', cacheCopy: false }];

function zonesOf(region: string) {
  return () => ({ availabilityZones: ['a', 'b', 'c'].map((letter) => region + letter), regions: [{ region: 'us-west-2' }] });
}

/** A product in a Stage, ready to be judged. */
function built(stage: number, { props, region = 'us-east-1', context }: Variant = {}): Stage {
  const parent = new Stage(new App({ context }), `stage${stage}`);
  const stack = new Stack(parent, 'Shop', { stackName: 'Shop', env: { account: ACCOUNT, region } });
  addStage(stack, stage, testProps(stack, { regions: REGIONS, ...props?.(stack) }));
  return parent;
}

describe.each(STAGES)('AwsSolutions at stage %d', (stage) => {
  test.each(VARIANTS)('has no open finding and no unused acknowledgement %s', (_, variant) => {
    expect(openAndUnused(built(stage, variant))).toEqual(CLEAN);
  });

  test('has none after the move from the server, nor without one', () => {
    if (stage === 1) return;
    expect(openAndUnused(built(stage, { props: moved }))).toEqual(CLEAN);
    const never = () => ({ server: ServerOption.never('starts with several tasks') });
    expect(openAndUnused(built(stage, { props: never }))).toEqual(CLEAN);
  });

  test('is acknowledged with its pack, and in words', () => {
    const written = allAcknowledgements(built(stage));
    expect(written.length).toBeGreaterThan(5);
    for (const { id, reason } of written) {
      expect(reason.trim().split(/\s+/).length).toBeGreaterThanOrEqual(6);
      expect(id).toMatch(PACKS);
    }
  });

  test('finds nothing when its plugin takes part in the synthesis', () => {
    const stack = new Stack(new App(), 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
    addStage(stack, stage, testProps(stack));
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('the judgement', () => {
  /** Takes every acknowledgement off a construct. */
  function forget({ node }: IConstruct): void {
    Object.defineProperty(node, 'metadata', { value: [] });
  }

  /** The second stage, after something was done to its stack. */
  function tampered(tamper: (stack: Stack) => void): { open: string[]; unused: string[] } {
    const parent = built(2);
    tamper(parent.node.findChild('Shop') as Stack);
    return openAndUnused(parent);
  }

  test('sees a bucket that somebody adds', () => {
    const { open } = tampered((stack) => new s3.Bucket(stack, 'Public', { publicReadAccess: false }));
    expect(open).toEqual([
      'AwsSolutions::AwsSolutions-S1 at stage2/Shop/Public/Resource',
      'AwsSolutions::AwsSolutions-S10 at stage2/Shop/Public/Resource',
    ]);
  });

  test('sees an acknowledgement that is gone', () => {
    const { open, unused } = tampered((stack) => {
      const server = stack.node.findChild('Product').node.findChild('Server').node.findChild('SecurityGroup');
      forget(server);
    });
    expect(open).toEqual(['AwsSolutions::AwsSolutions-EC23 at stage2/Shop/Product/Server/SecurityGroup/Resource']);
    expect(unused).toEqual([]);
  });

  test('sees an acknowledgement that nothing needs, and one in the wrong place', () => {
    const reason = 'nobody ever looked at this one twice';
    const { open, unused } = tampered((stack) => {
      const assets = stack.node.findChild('Product').node.findChild('Assets');
      acknowledge(assets, { id: 'AwsSolutions::AwsSolutions-S2', reason });
      acknowledge(assets, { id: 'AwsSolutions::AwsSolutions-EC23', reason });
    });
    expect(open).toEqual([]);
    expect(unused).toEqual([
      'AwsSolutions::AwsSolutions-S2 at stage2/Shop/Product/Assets',
      'AwsSolutions::AwsSolutions-EC23 at stage2/Shop/Product/Assets',
    ]);
  });

  test('looks into the stacks of further Regions', () => {
    const parent = built(4);
    const region = parent.node.findChild('Shop').node.findChild('Product').node.findChild('us-west-2');
    region.node.findAll().forEach(forget);
    const { open } = openAndUnused(parent);
    expect(open.length).toBeGreaterThan(20);
    for (const finding of open) expect(finding).toContain('/us-west-2/');
  });

  test('of the plugin reports what it finds', () => {
    const stack = new Stack(new App(), 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
    addStage(stack, 1, testProps(stack));
    new s3.Bucket(stack, 'Public');
    expect(nagFindings(stack)).toContain('AwsSolutions-S1 Shop/Public/Resource');
  });
});
