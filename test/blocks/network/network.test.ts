import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Network, type NetworkProps } from '../../../lib/blocks/network/network';
import { agnosticStack, testStack } from '../../stacks';
import { everyPack } from '../every-pack';

function subnets(props: NetworkProps): Record<string, { cidr: string; zone: unknown }> {
  const stack = testStack();
  new Network(stack, 'Network', props);
  const found = Template.fromStack(stack).findResources('AWS::EC2::Subnet');
  return Object.fromEntries(
    Object.entries(found).map(([id, { Properties }]) => [id, { cidr: Properties.CidrBlock, zone: Properties.AvailabilityZone }]),
  );
}

const TWO_ZONES = ['us-east-1a', 'us-east-1b'];

describe('a network', () => {
  test('starts with public and data subnets in three zones and no NAT gateway', () => {
    const stack = testStack();
    new Network(stack, 'Network');
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::Subnet', 6);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' });
  });

  test.each<[string, NetworkProps, NetworkProps]>([
    ['app subnets and NAT gateways come', {}, { natGateways: 1 }],
    ['NAT gateways multiply', { natGateways: 1 }, { natGateways: 3 }],
    [
      'a third zone comes',
      { availabilityZones: TWO_ZONES, natGateways: 1 },
      { availabilityZones: [...TWO_ZONES, 'us-east-1d'], natGateways: 3 },
    ],
    [
      'everything comes at once',
      { availabilityZones: TWO_ZONES },
      { availabilityZones: [...TWO_ZONES, 'us-east-1d'], natGateways: 3 },
    ],
    ['the range is as small as can be', { cidr: '10.9.64.0/18' }, { cidr: '10.9.64.0/18', natGateways: 3 }],
  ])('moves no subnet when %s', (_, before, after) => {
    expect(subnets(after)).toMatchObject(subnets(before));
  });

  test('never asks for a zone look-up, even with a concrete environment', () => {
    const app = new App();
    const stack = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'eu-central-1' } });
    new Network(stack, 'Network');
    expect(app.synth().manifest.missing).toBeUndefined();
  });

  test('leaves the zones of a stack that names its own as they were', () => {
    class Zoned extends Stack {
      public get availabilityZones(): string[] {
        return ['us-east-1f'];
      }
    }
    const stack = new Zoned(new App(), 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
    new Network(stack, 'Network');
    expect(stack.availabilityZones).toEqual(['us-east-1f']);
  });

  test('spreads over three zones and warns when the environment is not known', () => {
    const stack = agnosticStack();
    new Network(stack, 'Network');
    Template.fromStack(stack).resourceCountIs('AWS::EC2::Subnet', 6);
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('no concrete account and Region'));
  });

  test.each<[string, string, NetworkProps, boolean]>([
    ['warns', 'us-east-1', {}, true],
    ['does not warn of named zones', 'us-east-1', { availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1d'] }, false],
    ['does not warn in another Region', 'eu-central-1', {}, false],
  ])('%s that a zone of us-east-1 takes no MSK: %s, %j', (_, region, props, warned) => {
    const stack = testStack({ env: { account: '123456789012', region } });
    new Network(stack, 'Network', props);
    const message = Match.stringLikeRegexp('use1-az3.*name three other zones in availabilityZones before the first deploy');
    expect(Annotations.fromStack(stack).findWarning('/Shop/Network', message)).toHaveLength(warned ? 1 : 0);
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toHaveLength(warned ? 1 : 0);
  });

  test('keeps its flow log when it leaves the template', () => {
    const stack = testStack();
    new Network(stack, 'Network');
    Template.fromStack(stack).hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'REJECT' });
  });

  test('keeps its flow log for a year, encrypted with the key given', () => {
    const stack = testStack();
    new Network(stack, 'Network', { encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', {
      RetentionInDays: 365,
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
  });

  test.each([0, 3])('answers every pack with %d NAT gateways', (natGateways) => {
    const stack = testStack();
    const encryptionKey = new kms.Key(stack, 'Key', { enableKeyRotation: true });
    expect(everyPack(new Network(stack, 'Network', { natGateways, encryptionKey }))).toEqual({ open: [], unused: [] });
  });

  test('opens no subnet to public addresses by itself', () => {
    const stack = testStack();
    new Network(stack, 'Network', { natGateways: 1 });
    Template.fromStack(stack).allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  test('of an existing VPC without isolated subnets keeps data in private ones', () => {
    const stack = testStack();
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    expect(Network.fromVpc(vpc).dataSubnets).toEqual({ subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS });
  });
});

describe('a network fails', () => {
  test.each<[NetworkProps, string]>([
    [{ cidr: '10.0.0.0' }, "vpcCidr must be an IPv4 range such as 10.0.0.0/16, got: '10.0.0.0'"],
    [{ cidr: '10.0.0.0/33' }, "vpcCidr must be a /16, /17 or /18 so that the subnets of every stage fit, got: '10.0.0.0/33'"],
    [{ cidr: '10.0.0.0/24' }, "vpcCidr must be a /16, /17 or /18 so that the subnets of every stage fit, got: '10.0.0.0/24'"],
    [{ cidr: '10.0.0.7/16' }, "vpcCidr must start at its network address 10.0.0.0/16, got: '10.0.0.7/16'"],
    [{ cidr: '' }, "vpcCidr must be an IPv4 range such as 10.0.0.0/16, got: ''"],
    [{ cidr: 'fd00::/16' }, "vpcCidr must be an IPv4 range such as 10.0.0.0/16, got: 'fd00::/16'"],
    [{ natGateways: 4 }, 'natGateways must be a whole number from 0 to the 3 zones, got: 4'],
    [{ natGateways: 0.5 }, 'natGateways must be a whole number from 0 to the 3 zones, got: 0.5'],
    [{ availabilityZones: [] }, 'availabilityZones must name two or three zones, got 0: the subnet plan holds three for life'],
    [
      { availabilityZones: ['us-east-1a'] },
      'availabilityZones must name two or three zones, got 1: the subnet plan holds three for life',
    ],
    [
      { availabilityZones: ['us-east-1a', 'us-east-1a'] },
      'availabilityZones must name each zone once, got: us-east-1a, us-east-1a',
    ],
    [
      { availabilityZones: ['us-east-1a', 'us-east-1x'] },
      "availabilityZones must be zones of us-east-1 (us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f), got: 'us-east-1x'",
    ],
    [
      { availabilityZones: ['us-east-1a', 'eu-central-1b'] },
      "availabilityZones must be zones of us-east-1 (us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f), got: 'eu-central-1b'",
    ],
  ])('given %j', (props, message) => {
    expect(() => new Network(testStack(), 'Network', props)).toThrow(new Error(message));
  });

  test('in a Region whose zones it does not know, unless they are given', () => {
    const stack = () => testStack({ env: { account: '123456789012', region: 'mx-central-1' } });
    expect(() => new Network(stack(), 'Network')).toThrow(/availabilityZones must be given in Region 'mx-central-1'/);
    expect(
      () => new Network(stack(), 'Network', { availabilityZones: ['mx-central-1a', 'mx-central-1b', 'mx-central-1c'] }),
    ).not.toThrow();
  });
});
