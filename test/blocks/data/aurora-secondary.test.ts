import { App, CrossStackReferences, ReferenceStrength, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { AuroraGlobalDatabase } from '../../../lib/blocks/data/aurora-global-database';
import { AuroraSecondary, type AuroraSecondaryProps } from '../../../lib/blocks/data/aurora-secondary';
import { DatabaseSize } from '../../../lib/blocks/data/database-size';
import { testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { additions, FLAGS, losses } from './kept';
import { vpc } from './vpc';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/mrk-1';

function secondary(props: Partial<AuroraSecondaryProps> = {}, context: Record<string, unknown> = {}): Stack {
  const stack = testStack({ env: { account: '123456789012', region: 'eu-central-1' }, context });
  new AuroraSecondary(stack, 'Database', {
    vpc: vpc(stack),
    globalDatabase: AuroraGlobalDatabase.fromAttributes(stack, 'Global', {
      globalClusterIdentifier: 'world',
      engineVersion: rds.AuroraPostgresEngineVersion.VER_16_13,
    }),
    encryptionKey: kms.Key.fromKeyArn(stack, 'Key', KEY),
    ...props,
  });
  return stack;
}

test('it joins by identifier, forwards writes, and has no user, password or database of its own', () => {
  Template.fromStack(secondary()).hasResource('AWS::RDS::DBCluster', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      GlobalClusterIdentifier: 'world',
      EnableGlobalWriteForwarding: true,
      Engine: 'aurora-postgresql',
      EngineVersion: '16.13',
      StorageEncrypted: true,
      KmsKeyId: KEY,
      DeletionProtection: true,
      BackupRetentionPeriod: 14,
      Port: 5432,
      EnableIAMDatabaseAuthentication: true,
      ServerlessV2ScalingConfiguration: { MinCapacity: 8, MaxCapacity: 128 },
      MasterUsername: Match.absent(),
      MasterUserPassword: Match.absent(),
      ManageMasterUserPassword: Match.absent(),
      DatabaseName: Match.absent(),
      DBClusterIdentifier: Match.absent(),
      AvailabilityZones: Match.absent(),
    },
  });
  Template.fromStack(secondary()).resourceCountIs('AWS::SecretsManager::Secret', 0);
});

test('its parameters are the primary ones', () => {
  const stack = testStack();
  new AuroraDatabase(stack, 'Database', { vpc: vpc(stack) });
  const [ours, theirs] = [secondary(), stack].map((each) => {
    const [group] = Object.values(Template.fromStack(each).findResources('AWS::RDS::DBClusterParameterGroup'));
    return [group.Properties.Family, group.Properties.Parameters, group.DeletionPolicy];
  });
  expect(ours).toEqual(theirs);
});

test('every instance reports once a minute, and waits until its role may write', () => {
  const template = Template.fromStack(secondary({ instances: 2 }));
  const [policy] = Object.keys(template.findResources('AWS::IAM::ManagedPolicy'));
  template.allResources('AWS::RDS::DBInstance', {
    DependsOn: Match.arrayWith([policy]),
    Properties: Match.objectLike({
      MonitoringInterval: 60,
      MonitoringRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DatabaseMonitoringRole'), 'Arn'] },
    }),
  });
});

test('an application uses one host for reads and writes', () => {
  const stack = secondary();
  const database = stack.node.findChild('Database') as AuroraSecondary;
  expect(database.writerHost).toBe(database.readerHost);
  expect(stack.resolve(database.readerHost)).toEqual({ 'Fn::GetAtt': [expect.anything(), 'ReadEndpoint.Address'] });
  expect([database.port, database.databaseName]).toEqual([5432, 'app']);
  const lag = database.metricGlobalReplicationLag();
  expect([lag.metricName, lag.statistic]).toEqual(['AuroraGlobalDBReplicationLag', 'Maximum']);
});

test('connections open the port', () => {
  const stack = secondary();
  const { connections } = stack.node.findChild('Database') as AuroraSecondary;
  connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.1.0.0/16'));
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'Aurora PostgreSQL of the product',
    SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.1.0.0/16', FromPort: 5432 })],
  });
});

test('more instances, another size: nothing is lost, whatever the flags', () => {
  expect(losses(secondary(), secondary({ instances: 3, size: DatabaseSize.of(16, 256) }))).toEqual([]);
  expect(additions(secondary(), secondary({ instances: 3 }))).toEqual(['AWS::RDS::DBInstance', 'AWS::RDS::DBInstance']);
  expect(losses(secondary(), secondary({}, FLAGS))).toEqual([]);
  expect(losses(secondary({}, FLAGS), secondary())).toEqual([]);
});

test('the first instance stays with the retained cluster, further ones go', () => {
  const instances = Template.fromStack(secondary({ instances: 2 })).findResources('AWS::RDS::DBInstance');
  expect(Object.values(instances).map(({ DeletionPolicy, Properties }) => [DeletionPolicy, Properties.PromotionTier])).toEqual([
    ['Retain', 0],
    ['Delete', 1],
  ]);
});

test.each([
  [{ instances: 0 }, 'instances must be a whole number from 1 to 15, got 0: give a whole number, 1 at least'],
  [{ instances: 16 }, 'instances must be a whole number from 1 to 15, got 16: lower it (Aurora allows 15 readers a cluster)'],
  [
    { size: DatabaseSize.USERS_1K },
    'size must not start at 0 ACU in a global database, got 0: choose DatabaseSize.USERS_10M (AWS recommends 8 ACU)',
  ],
])('%j is refused', (props, message) => {
  expect(() => secondary(props)).toThrow(new Error(message));
});

test('two Regions in one app are tied by a weak reference alone', () => {
  const app = new App();
  const primary = new Stack(app, 'Shop', { env: { account: '123456789012', region: 'us-east-1' } });
  const other = new Stack(app, 'ShopEu', { env: { account: '123456789012', region: 'eu-central-1' } });
  CrossStackReferences.of(other).consume(ReferenceStrength.WEAK);
  const database = new AuroraDatabase(primary, 'Database', { vpc: vpc(primary), size: DatabaseSize.USERS_10M });
  const globalDatabase = new AuroraGlobalDatabase(primary, 'Global', { database });
  new AuroraSecondary(other, 'Database', {
    vpc: vpc(other),
    globalDatabase,
    encryptionKey: kms.Key.fromKeyArn(other, 'Key', KEY),
  });

  const template = Template.fromStack(other);
  template.hasResourceProperties('AWS::RDS::DBCluster', {
    GlobalClusterIdentifier: {
      'Fn::GetStackOutput': { StackName: 'Shop', OutputName: Match.anyValue(), Region: 'us-east-1' },
    },
  });
  for (const each of [template, Template.fromStack(primary)]) {
    expect(JSON.stringify(each.toJSON())).not.toMatch(/Custom::|AWS::Lambda|"Export"|ImportValue/);
  }
  expect(other.dependencies).toEqual([primary]);
});

test('AwsSolutions has no open finding', () => {
  expect(nagFindings(secondary({ instances: 2 })).filter((finding) => !finding.includes('/Network'))).toEqual([]);
});
