import { App, CrossStackReferences, ReferenceStrength, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { AuroraGlobalDatabase } from '../../../lib/blocks/data/aurora-global-database';
import { DatabaseSize } from '../../../lib/blocks/data/database-size';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { additions, losses } from './kept';
import { vpc } from './vpc';

function shop(global: boolean, size = DatabaseSize.USERS_10M, stack: Stack = testStack()): Stack {
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), size, readers: 2 });
  if (global) new AuroraGlobalDatabase(stack, 'Global', { database });
  return stack;
}

test('the global database points at the cluster by id and says nothing else of it', () => {
  const template = Template.fromStack(shop(true));
  const [cluster] = Object.keys(template.findResources('AWS::RDS::DBCluster'));
  const [global] = Object.values(template.findResources('AWS::RDS::GlobalCluster'));
  expect(global).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  // No identifier: the handler makes one from the logical id. No engine and encryption: they are the source's.
  expect(global.Properties).toEqual({ SourceDBClusterIdentifier: { Ref: cluster }, DeletionProtection: true });
});

test('it waits for the instances of the cluster it is made from', () => {
  const template = Template.fromStack(shop(true));
  const instances = Object.keys(template.findResources('AWS::RDS::DBInstance'));
  expect(instances).toHaveLength(3);
  template.hasResource('AWS::RDS::GlobalCluster', { DependsOn: Match.arrayWith(instances.sort()) });
});

test('it is one addition; the primary never names it', () => {
  expect(losses(shop(false), shop(true))).toEqual([]);
  expect(additions(shop(false), shop(true))).toEqual(['AWS::RDS::GlobalCluster']);
  Template.fromStack(shop(true)).hasResourceProperties('AWS::RDS::DBCluster', { GlobalClusterIdentifier: Match.absent() });
});

test('the comparison sees an identifier set on the primary', () => {
  const stack = shop(true);
  const cluster = stack.node.findChild('Database').node.findChild('Cluster').node.defaultChild as rds.CfnDBCluster;
  cluster.globalClusterIdentifier = 'global';
  expect(losses(shop(false), stack)).toEqual([expect.stringMatching(/DBCluster\) changes GlobalClusterIdentifier/)]);
});

test('a database that may sleep is refused, a small one warned of', () => {
  expect(() => shop(true, DatabaseSize.USERS_1K)).toThrow(
    new Error(
      'database.size must not start at 0 ACU in a global database, got 0: choose DatabaseSize.USERS_10M (AWS recommends 8 ACU or more)',
    ),
  );
  Annotations.fromStack(shop(true, DatabaseSize.USERS_1M)).hasWarning(
    '/Shop/Global',
    Match.stringLikeRegexp('at least 8 ACU .* got 2'),
  );
  Annotations.fromStack(shop(true)).hasNoWarning('*', Match.anyValue());
});

test('a global database and a primary that exist already', () => {
  const stack = testStack();
  const version = rds.AuroraPostgresEngineVersion.VER_16_13;
  const existing = AuroraGlobalDatabase.fromAttributes(stack, 'Existing', {
    globalClusterIdentifier: 'world',
    engineVersion: version,
  });
  expect([existing.globalClusterIdentifier, existing.engineVersion]).toEqual(['world', version]);
});

test('the writer of the whole world has a host', () => {
  const stack = agnosticStack();
  const database = new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), size: DatabaseSize.USERS_10M });
  const global = new AuroraGlobalDatabase(stack, 'Global', { database });
  expect(stack.resolve(global.writerHost)).toEqual({
    'Fn::GetAtt': [expect.stringContaining('Global'), 'GlobalEndpoint.Address'],
  });
});

test('its identifier reaches another Region by a weak reference, without a custom resource', () => {
  const app = new App();
  const primary = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  const secondary = new Stack(app, 'ShopEu', { env: { account: '123456789012', region: 'eu-central-1' } });
  CrossStackReferences.of(secondary).consume(ReferenceStrength.WEAK);
  const database = new AuroraDatabase(primary, 'Database', { vpc: vpc(primary), size: DatabaseSize.USERS_10M });
  const global = new AuroraGlobalDatabase(primary, 'Global', { database });
  new rds.CfnDBCluster(secondary, 'Cluster', { globalClusterIdentifier: global.globalClusterIdentifier });
  Template.fromStack(secondary).hasResourceProperties('AWS::RDS::DBCluster', {
    GlobalClusterIdentifier: { 'Fn::GetStackOutput': Match.objectLike({ StackName: 'Shop', Region: 'us-east-1' }) },
  });
});

test('AwsSolutions has no open finding', () => {
  expect(nagFindings(shop(true)).filter((finding) => !finding.includes('/Network'))).toEqual([]);
});
