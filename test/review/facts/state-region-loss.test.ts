import { assembly, att, ref, resource, retained, stack, stackOutput } from '../../promotion/templates';
import { stateIn } from './in-words';

const NEVER = 'everything since the last copy outside the Region: there is none';

describe('the loss of a Region', () => {
  test('leaves members of a global database, told at both ends', () => {
    const home = stack(
      'Home',
      {
        Rows: retained('AWS::RDS::DBCluster'),
        Link: retained('AWS::RDS::GlobalCluster', { SourceDBClusterIdentifier: ref('Rows') }),
      },
      { outputs: { Link: { Value: ref('Link') } } },
    );
    const far = stack(
      'Far',
      { Copy: retained('AWS::RDS::DBCluster', { GlobalClusterIdentifier: stackOutput('Home', 'Link', 'us-east-1') }) },
      { region: 'eu-west-1' },
    );
    const found = stateIn(assembly(home, far));
    expect(found.Rows).toMatchObject({
      onRegionLoss: 'global database: copies in eu-west-1',
      recoveryPoint: 'about a second, not promised (copied asynchronously)',
    });
    expect(found['eu-west-1:Copy'].onRegionLoss).toBe('global database: copies in us-east-1');
    expect(found.Link).toMatchObject({ onRegionLoss: 'members in eu-west-1, us-east-1', recoveryPoint: 'nothing of its own' });
    expect(stateIn(assembly(home)).Rows).toMatchObject({ onRegionLoss: 'lost with its Region', recoveryPoint: NEVER });
  });

  test('leaves members of a global datastore', () => {
    const home = stack(
      'Home',
      {
        Cache: retained('AWS::ElastiCache::ReplicationGroup'),
        Link: retained('AWS::ElastiCache::GlobalReplicationGroup', {
          Members: [{ ReplicationGroupId: ref('Cache'), Role: 'PRIMARY' }],
        }),
      },
      { outputs: { Link: { Value: att('Link', 'GlobalReplicationGroupId') } } },
    );
    const far = stack(
      'Far',
      {
        Copy: retained('AWS::ElastiCache::ReplicationGroup', {
          GlobalReplicationGroupId: stackOutput('Home', 'Link', 'us-east-1'),
        }),
      },
      { region: 'eu-west-1' },
    );
    const found = stateIn(assembly(home, far));
    expect(found.Cache.onRegionLoss).toBe('global datastore: copies in eu-west-1');
    expect(found['eu-west-1:Copy']).toMatchObject({
      onRegionLoss: 'global datastore: copies in us-east-1',
      backup: 'none of its own: it is a copy',
    });
    expect(found['eu-west-1:Copy'].attention).toBeUndefined();
  });

  test('leaves copies of objects, as the rules of replication promise', () => {
    const bucket = (rule: Record<string, unknown>) =>
      retained('AWS::S3::Bucket', {
        ReplicationConfiguration: { Rules: [{ Status: 'Enabled', Destination: { Bucket: 'arn:aws:s3:::far-files', ...rule } }] },
      });
    const far = stack('Far', { Copy: retained('AWS::S3::Bucket', { BucketName: 'far-files' }) }, { region: 'eu-west-1' });
    const found = stateIn(assembly(stack('Home', { Files: bucket({}) }), far));
    expect(found.Files).toMatchObject({
      onRegionLoss: 'copies in eu-west-1',
      recoveryPoint: 'minutes as a rule, not promised (copied asynchronously)',
    });
    expect(found['eu-west-1:Copy']).toMatchObject({
      onRegionLoss: 'it is a copy of Files in us-east-1',
      recoveryPoint: 'what was written here directly; its source stays',
    });
    const timed = stateIn(assembly(stack('Home', { Files: bucket({ ReplicationTime: { Status: 'Enabled' } }) }), far));
    expect(timed.Files.recoveryPoint).toBe('15 minutes (S3 Replication Time Control)');
    expect(stateIn({ Files: bucket({}) }).Files.onRegionLoss).toBe('copies in a bucket outside of this assembly');
    const off = retained('AWS::S3::Bucket', {
      ReplicationConfiguration: { Rules: [{ Status: 'Disabled', Destination: { Bucket: 'arn:aws:s3:::far-files' } }] },
    });
    expect(stateIn(assembly(stack('Home', { Files: off }), far)).Files.onRegionLoss).toBe('lost with its Region');
  });

  test.each<[string, Record<string, unknown>, string, string]>([
    [
      'AWS::DynamoDB::GlobalTable',
      { Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] },
      'replicas in eu-west-1',
      'about a second, not promised (copied asynchronously)',
    ],
    [
      'AWS::DynamoDB::GlobalTable',
      { MultiRegionConsistency: 'STRONG', Replicas: [{ Region: 'us-east-1' }, { Region: 'us-east-2' }, { Region: 'us-west-2' }] },
      'replicas in us-east-2, us-west-2',
      'nothing (strong consistency)',
    ],
    ['AWS::DynamoDB::GlobalTable', { Replicas: [{ Region: 'us-east-1' }] }, 'lost with its Region', NEVER],
    [
      'AWS::SecretsManager::Secret',
      { ReplicaRegions: [{ Region: 'eu-west-1' }] },
      'replicas in eu-west-1',
      'the last change, if it was not copied yet',
    ],
    [
      'AWS::EFS::FileSystem',
      { ReplicationConfiguration: { Destinations: [{ Region: 'eu-west-1' }] } },
      'a replica in eu-west-1',
      '15 minutes for most file systems, not promised',
    ],
    ['AWS::KMS::Key', { MultiRegion: true }, 'lost with its Region', NEVER],
    ['AWS::Route53::HostedZone', {}, 'not tied to a Region', 'nothing'],
    [
      'AWS::RDS::DBInstance',
      { AutomaticBackupReplicationRegion: 'eu-west-1' },
      'copies of its backups in eu-west-1',
      'minutes, not promised (backups are copied as they are made)',
    ],
    [
      'AWS::Redshift::Cluster',
      { DestinationRegion: 'eu-west-1' },
      'copies of its snapshots in eu-west-1',
      'everything since the last snapshot (hours)',
    ],
    ['AWS::SQS::Queue', {}, 'lost with its Region', NEVER],
  ])('of %s with %j', (type, properties, onRegionLoss, recoveryPoint) => {
    expect(stateIn({ It: retained(type, properties) }).It).toMatchObject({ onRegionLoss, recoveryPoint });
  });

  test('leaves the same key where it has replicas', () => {
    const home = stack(
      'Home',
      { Key: retained('AWS::KMS::Key', { MultiRegion: true }) },
      { outputs: { Key: { Value: att('Key', 'Arn') } } },
    );
    const far = stack(
      'Far',
      { Copy: retained('AWS::KMS::ReplicaKey', { PrimaryKeyArn: stackOutput('Home', 'Key', 'us-east-1') }) },
      { region: 'eu-west-1' },
    );
    const found = stateIn(assembly(home, far));
    expect(found.Key).toMatchObject({ onRegionLoss: 'the same key in eu-west-1', recoveryPoint: 'nothing' });
    expect(found['eu-west-1:Copy'].onRegionLoss).toBe('the same key in us-east-1');
  });

  test('leaves what a replicator of streams copied, in its direction only', () => {
    const home = stack(
      'Home',
      { Stream: retained('AWS::MSK::Cluster') },
      { outputs: { Stream: { Value: att('Stream', 'Arn') } } },
    );
    const source = stackOutput('Home', 'Stream', 'us-east-1');
    const far = stack(
      'Far',
      {
        Stream: retained('AWS::MSK::Cluster'),
        Copier: resource('AWS::MSK::Replicator', {
          ReplicationInfoList: [{ SourceKafkaClusterArn: source, TargetKafkaClusterArn: att('Stream', 'Arn') }],
        }),
      },
      { region: 'eu-west-1' },
    );
    const found = stateIn(assembly(home, far));
    expect(found.Stream).toMatchObject({
      onRegionLoss: 'MSK Replicator copies its topics to eu-west-1',
      recoveryPoint: 'seconds to minutes, not promised (copied asynchronously)',
    });
    expect(found['eu-west-1:Stream']).toMatchObject({
      onRegionLoss: 'topics that came from Stream in us-east-1 stay there; its own are lost',
      recoveryPoint: 'everything that was written here directly',
    });
  });

  test('leaves what a warehouse was fed from', () => {
    const found = stateIn({
      Rows: retained('AWS::RDS::DBCluster'),
      Warehouse: retained('AWS::RedshiftServerless::Namespace'),
      Feed: resource('AWS::RDS::Integration', {
        SourceArn: att('Rows', 'DBClusterArn'),
        TargetArn: att('Warehouse', 'Namespace.NamespaceArn'),
      }),
    });
    expect(found.Warehouse).toMatchObject({
      onRegionLoss: 'none of its own; what Rows feeds it can be fed again to another',
      recoveryPoint: 'what is not in Rows',
    });
  });
});
