import type { TemplateResource } from '../../../lib/assembly/cloud-assembly';
import { databaseBackupsTooShort } from '../../../lib/review/rules/database-backups-too-short';
import { databaseInsightsRetention } from '../../../lib/review/rules/database-insights-retention';
import { databaseParameterFamily } from '../../../lib/review/rules/database-parameter-family';
import { databaseUnencrypted } from '../../../lib/review/rules/database-unencrypted';
import { readReplicaWithoutBackups } from '../../../lib/review/rules/read-replica-without-backups';
import { serverlessCapacity } from '../../../lib/review/rules/serverless-capacity';
import { serverlessNeverPauses } from '../../../lib/review/rules/serverless-never-pauses';
import { serverlessWithoutCapacity } from '../../../lib/review/rules/serverless-without-capacity';
import { stateNotKept } from '../../../lib/review/rules/state-not-kept';
import { subnetGroupZones } from '../../../lib/review/rules/subnet-group-zones';
import { writeForwarding } from '../../../lib/review/rules/write-forwarding';
import { zeroEtlSource } from '../../../lib/review/rules/zero-etl-source';
import { assembly, attribute, ref, resource, stack, testRules, UNKNOWN } from './rule-cases';

const cluster = (properties: Record<string, unknown> = {}, more: Partial<TemplateResource> = {}) =>
  resource('RDS::DBCluster', { Engine: 'aurora-postgresql', EngineVersion: '16.6', ...properties }, more);
const scaling = (MinCapacity: unknown, MaxCapacity: unknown, properties: Record<string, unknown> = {}) => ({
  Database: cluster({ ServerlessV2ScalingConfiguration: { MinCapacity, MaxCapacity }, ...properties }),
});
const instance = (properties: Record<string, unknown>) => resource('RDS::DBInstance', properties);
const member = instance({ DBClusterIdentifier: ref('Database'), DBInstanceClass: 'db.serverless' });
const parameters = (type: string, Family: unknown, Parameters: unknown = {}) => resource(`RDS::${type}`, { Family, Parameters });
const subnet = (zone: unknown) => resource('EC2::Subnet', { AvailabilityZone: zone });
const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
const subnets = { One: subnet(zone(0)), Two: subnet(zone(1)), Same: subnet(zone(0)), Named: subnet('us-east-1a') };
const REPLICATION = {
  'rds.logical_replication': '1',
  'aurora.enhanced_logical_replication': 1,
  'aurora.logical_replication_backup': '0',
  'aurora.logical_replication_globaldb': '0',
};
const feed = resource('RDS::Integration', { SourceArn: attribute('Database', 'DBClusterArn') });
const fed = (Parameters: unknown) => ({
  Feed: feed,
  Database: cluster({ DBClusterParameterGroupName: ref('Group') }),
  Group: parameters('DBClusterParameterGroup', 'aurora-postgresql16', Parameters),
});
const KEPT = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };

testRules([
  {
    rule: serverlessCapacity,
    passes: {
      'a range': scaling(0.5, 128),
      'numbers as text': scaling('8', '16.5'),
      'a minimum of 0 where the version pauses': scaling(0, 4),
      'a minimum of 0 of a newer major version': scaling(0, 4, { EngineVersion: '17.4' }),
      'a minimum of 0 of a major version alone': scaling(0, 4, { EngineVersion: '16' }),
      'a minimum of 0 with Aurora MySQL 3.08': scaling(0, 4, {
        Engine: 'aurora-mysql',
        EngineVersion: '8.0.mysql_aurora.3.08.0',
      }),
      parameters: scaling(UNKNOWN, UNKNOWN),
      'a configuration that is not known': { Database: cluster({ ServerlessV2ScalingConfiguration: UNKNOWN }) },
      'a cluster whose condition is never true': assembly(
        stack(
          { Database: { ...scaling(9, 1).Database, Condition: 'Never' } },
          { sections: { Conditions: { Never: { 'Fn::Equals': ['one', 'other'] } } } },
        ),
      ),
    },
    fails: {
      'a minimum above the maximum': {
        in: scaling(64, 2),
        at: ['Database ServerlessV2ScalingConfiguration.MinCapacity: the minimum is 64, the maximum 2'],
      },
      'a step that does not exist': {
        in: scaling(0.3, 2),
        at: ['Database ServerlessV2ScalingConfiguration.MinCapacity: it is 0.3, which is no multiple of 0.5'],
      },
      'more than there is': {
        in: scaling(1, 300),
        at: ['Database ServerlessV2ScalingConfiguration.MaxCapacity: it is 300, allowed are 1 to 256'],
      },
      'a maximum of half a unit': {
        in: scaling(0.5, 0.5),
        at: ['Database ServerlessV2ScalingConfiguration.MaxCapacity: it is 0.5, allowed are 1 to 256'],
      },
      'a minimum of 0 where the version cannot pause': {
        in: scaling(0, 4, { EngineVersion: '15.4' }),
        at: [
          'Database ServerlessV2ScalingConfiguration.MinCapacity: it is 0, and aurora-postgresql 15.4 cannot pause: the least is 0.5',
        ],
      },
    },
  },
  {
    rule: serverlessNeverPauses,
    passes: {
      'a cluster alone': scaling(0, 4),
      'a minimum above 0 behind a proxy': {
        ...scaling(0.5, 4),
        Targets: resource('RDS::DBProxyTargetGroup', { DBClusterIdentifiers: [ref('Database')] }),
      },
    },
    fails: {
      'a cluster behind a proxy': {
        in: { ...scaling(0, 4), Targets: resource('RDS::DBProxyTargetGroup', { DBClusterIdentifiers: [ref('Database')] }) },
        at: ['Database ServerlessV2ScalingConfiguration.MinCapacity: a proxy keeps it awake'],
      },
      'a source of zero-ETL': {
        in: { ...scaling(0, 4), Feed: feed },
        at: ['Database ServerlessV2ScalingConfiguration.MinCapacity: a zero-ETL integration keeps it awake'],
      },
      'a global database': {
        in: { ...scaling(0, 4), Link: resource('RDS::GlobalCluster', { SourceDBClusterIdentifier: ref('Database') }) },
        at: ['Database ServerlessV2ScalingConfiguration.MinCapacity: its global database keeps it awake'],
      },
      'logical replication': {
        in: {
          ...scaling(0, 4, { DBClusterParameterGroupName: ref('Group') }),
          Group: parameters('DBClusterParameterGroup', 'aurora-postgresql16', { 'rds.logical_replication': 1 }),
        },
        at: ['Database ServerlessV2ScalingConfiguration.MinCapacity: logical replication keeps it awake'],
      },
    },
  },
  {
    rule: serverlessWithoutCapacity,
    passes: {
      'a cluster that says how far': { ...scaling(1, 2), Member: member },
      'a provisioned instance': {
        Database: cluster(),
        Member: instance({ DBClusterIdentifier: ref('Database'), DBInstanceClass: 'db.r7g.large' }),
      },
      'a cluster from elsewhere': { Member: instance({ DBClusterIdentifier: 'elsewhere', DBInstanceClass: 'db.serverless' }) },
      'a configuration that is not known': { Database: cluster({ ServerlessV2ScalingConfiguration: UNKNOWN }), Member: member },
    },
    fails: { 'a cluster that does not': { in: { Database: cluster(), Member: member }, at: ['Member DBInstanceClass'] } },
  },
  {
    rule: databaseUnencrypted,
    passes: {
      'an encrypted cluster': { Database: cluster({ StorageEncrypted: true }) },
      'a switch that is not known': { Database: cluster({ StorageEncrypted: UNKNOWN }) },
      'a snapshot that decides': { Database: cluster({ SnapshotIdentifier: 'snap' }) },
    },
    fails: {
      'a cluster that says nothing': { in: { Database: cluster() }, at: ['Database StorageEncrypted: it is not set'] },
      'a cluster in the clear': {
        in: { Database: cluster({ StorageEncrypted: 'false' }) },
        at: ['Database StorageEncrypted: it is false'],
      },
      'documents in the clear': {
        in: { Documents: resource('DocDB::DBCluster') },
        at: ['Documents StorageEncrypted: it is not set'],
      },
    },
  },
  {
    rule: stateNotKept,
    passes: {
      'what is retained': { Database: cluster({}, KEPT) },
      'what is retained once it is there': {
        Table: resource('DynamoDB::GlobalTable', {}, { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }),
      },
      'what leaves a snapshot': { Database: cluster({}, { DeletionPolicy: 'Snapshot', UpdateReplacePolicy: 'Snapshot' }) },
      'the member of a cluster': { Member: member },
      'what holds nothing': { Role: resource('IAM::Role') },
      'a nested stack that is here': assembly(
        stack(
          { Nest: resource('CloudFormation::Stack') },
          { nested: { Nest: stack({ Role: resource('IAM::Role') }, { stackName: 'Shop/Nest' }) } },
        ),
      ),
      'a loop': { 'Fn::ForEach::Roles': [] as unknown as TemplateResource },
    },
    fails: {
      'what leaves with its stack': {
        in: { Database: cluster({}, { DeletionPolicy: 'Delete' }) },
        at: ['Database: DeletionPolicy is Delete, UpdateReplacePolicy is not set'],
      },
      'a database that leaves a snapshot by default, when it is deleted only': {
        in: { Database: cluster(), Member: resource('RDS::DBInstance', {}, { UpdateReplacePolicy: 'Retain' }) },
        at: ['Database: UpdateReplacePolicy is not set'],
      },
      'a bucket that is kept and emptied all the same': {
        in: {
          Files: resource('S3::Bucket', {}, KEPT),
          Emptier: { Type: 'Custom::S3AutoDeleteObjects', Properties: { BucketName: ref('Files') } },
        },
        at: ['Files: Custom::S3AutoDeleteObjects empties it before'],
      },
      'a queue in a nested stack': {
        in: assembly(
          stack(
            { Nest: resource('CloudFormation::Stack') },
            { nested: { Nest: stack({ Queue: resource('SQS::Queue') }, { stackName: 'Shop/Nest' }) } },
          ),
        ),
        at: ['Shop/Nest/Queue: DeletionPolicy is not set, UpdateReplacePolicy is not set'],
      },
      'what is replaced without a trace': {
        in: { Queue: resource('SQS::Queue', {}, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Delete' }) },
        at: ['Queue: UpdateReplacePolicy is Delete'],
      },
    },
  },
  {
    rule: databaseBackupsTooShort,
    passes: {
      'a week': { Database: cluster({ BackupRetentionPeriod: 7 }) },
      'a parameter': { Database: cluster({ BackupRetentionPeriod: UNKNOWN }) },
    },
    fails: {
      'the default': {
        in: { Database: cluster() },
        at: ['Database BackupRetentionPeriod: it is not set, which means one day'],
      },
      'three days': {
        in: { Graph: resource('Neptune::DBCluster', { BackupRetentionPeriod: '3' }) },
        at: ['Graph BackupRetentionPeriod: it is 3'],
      },
    },
  },
  {
    rule: readReplicaWithoutBackups,
    passes: {
      'a source with backups': { Source: instance({}), Copy: instance({ SourceDBInstanceIdentifier: ref('Source') }) },
      'a source that is not known': {
        Source: instance({ BackupRetentionPeriod: UNKNOWN }),
        Copy: instance({ SourceDBInstanceIdentifier: ref('Source') }),
      },
    },
    fails: {
      'a source without': {
        in: { Source: instance({ BackupRetentionPeriod: 0 }), Copy: instance({ SourceDBInstanceIdentifier: ref('Source') }) },
        at: ['Copy SourceDBInstanceIdentifier: Source keeps none'],
      },
    },
  },
  {
    rule: databaseInsightsRetention,
    passes: {
      'a week, months, two years': {
        Week: cluster({ PerformanceInsightsRetentionPeriod: 7 }),
        Months: cluster({ PerformanceInsightsRetentionPeriod: 93 }),
        Years: instance({ PerformanceInsightsRetentionPeriod: '731' }),
      },
      'the advanced mode': {
        Database: cluster({
          DatabaseInsightsMode: 'advanced',
          PerformanceInsightsEnabled: true,
          PerformanceInsightsRetentionPeriod: 465,
        }),
      },
      'a member, whose cluster has the mode': {
        Member: instance({ DBClusterIdentifier: 'x', DatabaseInsightsMode: 'advanced' }),
      },
      'a parameter': { Database: cluster({ PerformanceInsightsRetentionPeriod: UNKNOWN }) },
    },
    fails: {
      'ten days': {
        in: { Database: cluster({ PerformanceInsightsRetentionPeriod: 10 }) },
        at: ['Database PerformanceInsightsRetentionPeriod: it is 10'],
      },
      'the advanced mode for a week': {
        in: { Database: cluster({ DatabaseInsightsMode: 'advanced', PerformanceInsightsEnabled: true }) },
        at: ['Database PerformanceInsightsRetentionPeriod: the advanced mode needs 465 days, it is 7'],
      },
      'the advanced mode of nothing': {
        in: { Single: instance({ DatabaseInsightsMode: 'advanced', PerformanceInsightsRetentionPeriod: 465 }) },
        at: ['Single EnablePerformanceInsights: the advanced mode needs Performance Insights'],
      },
    },
  },
  {
    rule: databaseParameterFamily,
    passes: {
      'the family of the engine': {
        Database: cluster({ DBClusterParameterGroupName: ref('Group') }),
        Group: parameters('DBClusterParameterGroup', 'aurora-postgresql16'),
      },
      'families of MySQL': {
        Database: cluster({
          Engine: 'aurora-mysql',
          EngineVersion: '8.0.mysql_aurora.3.05.2',
          DBClusterParameterGroupName: ref('Group'),
        }),
        Group: parameters('DBClusterParameterGroup', 'aurora-mysql8.0'),
        Single: instance({ Engine: 'mysql', EngineVersion: '8.4.3', DBParameterGroupName: ref('Own') }),
        Own: parameters('DBParameterGroup', 'mysql8.4'),
      },
      'a family that is not known': {
        Database: cluster({ DBClusterParameterGroupName: ref('Group') }),
        Group: parameters('DBClusterParameterGroup', UNKNOWN),
      },
      'a group from elsewhere': { Database: cluster({ DBClusterParameterGroupName: 'default.aurora-postgresql15' }) },
    },
    fails: {
      'the family of another major version': {
        in: {
          Database: cluster({ DBClusterParameterGroupName: ref('Group') }),
          Group: parameters('DBClusterParameterGroup', 'aurora-postgresql15'),
        },
        at: ['Database DBClusterParameterGroupName: Group is of family aurora-postgresql15, the engine of aurora-postgresql16'],
      },
      'the family of another engine': {
        in: {
          Single: instance({ Engine: 'mariadb', EngineVersion: '11.4.2', DBParameterGroupName: ref('Own') }),
          Own: parameters('DBParameterGroup', 'mysql8.0'),
        },
        at: ['Single DBParameterGroupName: Own is of family mysql8.0, the engine of mariadb11.4'],
      },
    },
  },
  {
    rule: subnetGroupZones,
    passes: {
      'two zones': { ...subnets, Group: resource('RDS::DBSubnetGroup', { SubnetIds: [ref('One'), ref('Two')] }) },
      'subnets from elsewhere': { Group: resource('RDS::DBSubnetGroup', { SubnetIds: ['subnet-0a', 'subnet-0b'] }) },
      'a list that is a parameter': { Group: resource('RDS::DBSubnetGroup', { SubnetIds: UNKNOWN }) },
      'a list that is split': { Group: resource('RDS::DBSubnetGroup', { SubnetIds: [{ 'Fn::Split': [',', UNKNOWN] }] }) },
      'a warehouse in two zones': {
        ...subnets,
        Warehouse: resource('RedshiftServerless::Workgroup', { SubnetIds: [ref('One'), ref('Two')] }),
      },
    },
    fails: {
      'one subnet': {
        in: { ...subnets, Group: resource('RDS::DBSubnetGroup', { SubnetIds: [ref('One')] }) },
        at: ['Group SubnetIds: they lie in 1 zone, 2 are needed'],
      },
      'two subnets of one zone': {
        in: { ...subnets, Proxy: resource('RDS::DBProxy', { VpcSubnetIds: [ref('One'), ref('Same')] }) },
        at: ['Proxy VpcSubnetIds: they lie in 1 zone, 2 are needed'],
      },
      'a warehouse with its own routing in two zones': {
        in: {
          ...subnets,
          Warehouse: resource('RedshiftServerless::Workgroup', { EnhancedVpcRouting: true, SubnetIds: [ref('One'), ref('Two')] }),
        },
        at: ['Warehouse SubnetIds: they lie in 2 zones, 3 are needed'],
      },
    },
  },
  {
    rule: writeForwarding,
    passes: {
      'versions that can': {
        Local: cluster({ EnableLocalWriteForwarding: true }),
        Global: cluster({ EnableGlobalWriteForwarding: true, EngineVersion: '15.4' }),
        Link: resource('RDS::GlobalCluster', { SourceDBClusterIdentifier: ref('Global') }),
        Old: cluster({
          GlobalClusterIdentifier: 'x',
          EnableGlobalWriteForwarding: true,
          Engine: 'aurora-mysql',
          EngineVersion: '5.7.mysql_aurora.2.11.2',
        }),
      },
      'a version that cannot, and need not': { Database: cluster({ EngineVersion: '13.9', EnableLocalWriteForwarding: false }) },
      'a version that is not known': { Database: cluster({ EngineVersion: UNKNOWN, EnableLocalWriteForwarding: true }) },
    },
    fails: {
      'a version that cannot forward in its cluster': {
        in: { Database: cluster({ EngineVersion: '16.3', EnableLocalWriteForwarding: true }) },
        at: ['Database EnableLocalWriteForwarding: aurora-postgresql 16.3 cannot'],
      },
      'a version that cannot forward to another Region': {
        in: { Database: cluster({ GlobalClusterIdentifier: 'x', EngineVersion: '13.9', EnableGlobalWriteForwarding: 'true' }) },
        at: ['Database EnableGlobalWriteForwarding: aurora-postgresql 13.9 cannot'],
      },
      'a cluster that is not in a global database': {
        in: { Database: cluster({ EnableGlobalWriteForwarding: true }) },
        at: ['Database EnableGlobalWriteForwarding: it is in no global database'],
      },
      'an engine that cannot': {
        in: { Database: cluster({ Engine: 'postgres', EnableLocalWriteForwarding: true }) },
        at: ['Database EnableLocalWriteForwarding: postgres cannot'],
      },
    },
  },
  {
    rule: zeroEtlSource,
    passes: {
      'a source that is prepared': fed(REPLICATION),
      'a source from elsewhere': { Feed: resource('RDS::Integration', { SourceArn: 'arn:aws:rds:us-east-1:1:cluster:x' }) },
      'a group from elsewhere': { Feed: feed, Database: cluster({ DBClusterParameterGroupName: 'theirs' }) },
      'parameters that are not known': fed({ ...REPLICATION, 'rds.logical_replication': UNKNOWN }),
    },
    fails: {
      'the default group': {
        in: { Feed: feed, Database: cluster() },
        at: ['Feed SourceArn: Database has the default parameter group'],
      },
      'a group that does not replicate': {
        in: fed({ ...REPLICATION, 'rds.logical_replication': '0', 'aurora.logical_replication_backup': undefined }),
        at: ['Group Parameters: Database needs rds.logical_replication=1, aurora.logical_replication_backup=0'],
      },
    },
  },
]);
