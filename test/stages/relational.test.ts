import { Duration } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import type { DatabaseArchive } from '../../lib/blocks/data/database-archive';
import { RETAINED, synthesized } from './synthesized';

const ARCHIVE: DatabaseArchive = {
  tables: [{ table: 'visits', by: 'created_at', olderThan: Duration.days(90), keepFor: Duration.days(730) }],
};

function idsOf(template: Template, type: string, pattern: RegExp): string[] {
  return Object.keys(template.findResources(type)).filter((id) => pattern.test(id));
}

describe.each([3, 4])('the relational data of stage %d', (stage) => {
  const { primary, assembly, byName } = synthesized(stage);

  test('has two readers, one of them kept for reports behind its own endpoint', () => {
    const readers = idsOf(primary, 'AWS::RDS::DBInstance', /Reader/);
    expect(readers).toHaveLength(2);
    const host = { 'Fn::GetAtt': [readers[1], 'Endpoint.Address'] };
    primary.hasResource('AWS::RDS::DBInstance', { Properties: { PromotionTier: 15 }, DeletionPolicy: 'Delete' });
    const tasks = Object.values(primary.findResources('AWS::ECS::TaskDefinition'));
    expect(tasks.length).toBeGreaterThan(2);
    for (const { Properties } of tasks) {
      const [container] = Properties.ContainerDefinitions.filter((one: { Environment?: { Name: string }[] }) =>
        one.Environment?.some(({ Name }) => Name === 'DATABASE_READER_HOST'),
      );
      expect(container.Environment).toContainEqual({ Name: 'DATABASE_REPORTING_HOST', Value: host });
    }
  });

  test('makes the readers more when they have grown as far as they may', () => {
    primary.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      ScalableDimension: 'rds:cluster:ReadReplicaCount',
      MinCapacity: 2,
      MaxCapacity: 4,
    });
    primary.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyName: Match.stringLikeRegexp('^ProductDatabaseReaders'),
    });
  });

  test('pools connections in two zones, with a read-only end, and watches the pool', () => {
    const { VpcSubnetIds } = Object.values(primary.findResources('AWS::RDS::DBProxy'))[0].Properties;
    expect(VpcSubnetIds).toHaveLength(2);
    primary.hasResourceProperties('AWS::RDS::DBProxyEndpoint', { TargetRole: 'READ_ONLY', VpcSubnetIds });
    primary.hasResourceProperties('AWS::RDS::DBProxyTargetGroup', {
      ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: 90, ConnectionBorrowTimeout: 30 },
    });
    expect(idsOf(primary, 'AWS::CloudWatch::Alarm', /DatabaseProxyAlarms/)).toHaveLength(3);
  });

  test('holds the cache of every Region to nine hits in ten reads, and looks for hot shards', () => {
    const regions = Object.entries(byName).filter(
      ([name]) => name === 'Shop' || /^Shop-Product-(us|eu|ap)-[a-z]+-\d$/.test(name),
    );
    expect(regions).toHaveLength(stage === 3 ? 1 : 4);
    for (const [, template] of regions) {
      const [hits] = Object.entries(template.findResources('AWS::CloudWatch::Alarm')).filter(([id]) =>
        /CacheAlarmsHitRate/.test(id),
      );
      expect(hits[1].Properties).toMatchObject({ Threshold: 90, AlarmActions: [expect.anything()] });
      expect(idsOf(template, 'AWS::CloudWatch::Alarm', /CacheAlarmsHotShard/)).toHaveLength(1);
    }
    primary.hasResource('AWS::ElastiCache::ReplicationGroup', {
      ...RETAINED,
      Properties: { NumNodeGroups: 3 },
      UpdatePolicy: { UseOnlineResharding: true },
    });
  });

  test('archives nothing unless told to', () => {
    expect(idsOf(primary, 'AWS::S3::Bucket', /DatabaseArchive/)).toEqual([]);
    primary.hasResourceProperties('AWS::RDS::DBCluster', { EnableHttpEndpoint: Match.absent() });
    expect(assembly.stacks.filter(({ stackName }) => /Archive/.test(stackName))).toEqual([]);
  });
});

describe.each([3, 4])('the archive of stage %d', (stage) => {
  const { primary, byName } = synthesized(stage, { archive: ARCHIVE });

  test('is a bucket in the product, kept, and two resources of it', () => {
    primary.hasResource('AWS::S3::Bucket', {
      ...RETAINED,
      Properties: { LifecycleConfiguration: { Rules: Match.arrayWith([Match.objectLike({ ExpirationInDays: 730 })]) } },
    });
    primary.hasResourceProperties('AWS::RDS::DBCluster', { EnableHttpEndpoint: true });
    const count = (template: Template) => Object.keys(template.toJSON().Resources).length;
    expect(count(primary) - count(synthesized(stage).primary)).toBe(2);
  });

  test('is filled from a stack beside it', () => {
    const beside = byName['Shop-Product-Archive'];
    beside.resourceCountIs('AWS::Lambda::Function', 1);
    beside.hasResourceProperties('AWS::Events::Rule', { State: 'ENABLED' });
    beside.hasResource('AWS::Logs::LogGroup', RETAINED);
    const stopped = synthesized(stage, { archive: { ...ARCHIVE, runs: false } }).byName['Shop-Product-Archive'];
    stopped.hasResourceProperties('AWS::Events::Rule', { State: 'DISABLED' });
  });
});

test.each([1, 2])('stage %d does not scale its readers', (stage) => {
  expect(
    synthesized(stage).primary.findResources('AWS::ApplicationAutoScaling::ScalableTarget', {
      Properties: { ScalableDimension: 'rds:cluster:ReadReplicaCount' },
    }),
  ).toEqual({});
});
