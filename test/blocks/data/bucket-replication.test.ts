import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { BucketReplication } from '../../../lib/blocks/data/bucket-replication';
import { crossRegionValue } from '../../../lib/blocks/network/cross-region-value';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const copied =
  (...destinationBucketArns: string[]) =>
  (stack: Stack) =>
    new BucketReplication(stack, 'Copy', { source: new AssetBucket(stack, 'Assets'), destinationBucketArns });

const [WEST, EAST] = ['arn:aws:s3:::west', 'arn:aws:s3:::east'];

describe('a bucket replication', () => {
  test('copies new versions and deletions to every destination, with a role of its own', () => {
    const template = templateOf(copied(WEST, EAST));
    const rule = (Priority: number, Bucket: string) => ({
      Priority,
      Status: 'Enabled',
      Filter: { Prefix: '' },
      DeleteMarkerReplication: { Status: 'Enabled' },
      Destination: { Bucket },
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      ReplicationConfiguration: {
        Role: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CopyRole'), 'Arn'] },
        Rules: [rule(1, WEST), rule(2, EAST)],
      },
    });
    template.hasResourceProperties('AWS::IAM::Role', { RoleName: Match.absent() });
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      ManagedPolicyName: Match.absent(),
      Roles: [{ Ref: Match.stringLikeRegexp('^CopyRole') }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'],
            Resource: [`${WEST}/*`, `${EAST}/*`],
          }),
        ]),
      },
    });
  });

  test('comes, and takes further destinations, in place', () => {
    const before = (stack: Stack) => {
      new AssetBucket(stack, 'Assets');
    };
    expect(losses(before, copied(WEST))).toEqual([]);
    expect(losses(copied(WEST), copied(WEST, EAST))).toEqual([]);
  });

  test('reaches a bucket of another stack and Region without giving it a name', () => {
    const app = new App();
    const inRegion = (id: string, region: string) => new Stack(app, id, { env: { account: ACCOUNT, region } });
    const [primary, further] = [inRegion('Shop', 'us-east-1'), inRegion('ShopEu', 'eu-central-1')];
    const copy = new AssetBucket(further, 'Assets');
    const arn = crossRegionValue(primary, { producer: copy, name: 'Arn', value: copy.regionalArn });
    copied(arn)(primary);
    Template.fromStack(primary).hasResourceProperties('AWS::S3::Bucket', {
      ReplicationConfiguration: { Rules: [{ Destination: { Bucket: { 'Fn::GetStackOutput': Match.anyValue() } } }] },
    });
    const template = Template.fromStack(further);
    template.allResourcesProperties('AWS::S3::Bucket', { BucketName: Match.absent() });
    template.resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('is not changed by feature flags', () => {
    expect(flagDependent(copied(WEST), 'AWS::S3::Bucket', 'AWS::IAM::Role')).toEqual([]);
  });

  test('refuses no destination, and one twice', () => {
    expect(() => copied()(testStack())).toThrow(
      'destinationBucketArns must name at least one bucket, got none: leave the replication out instead',
    );
    expect(() => copied(WEST, WEST)(testStack())).toThrow(
      'destinationBucketArns must name every bucket once, got twice: arn:aws:s3:::west',
    );
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    copied(WEST)(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
