import { brokerCount } from '../../../lib/review/rules/broker-count';
import { brokerType } from '../../../lib/review/rules/broker-type';
import { kafkaReplicationFactor } from '../../../lib/review/rules/kafka-replication-factor';
import { kafkaWithoutLogin } from '../../../lib/review/rules/kafka-without-login';
import { replicatorPrerequisites } from '../../../lib/review/rules/replicator-prerequisites';
import { assembly, attribute, output, ref, resource, stack, testRules, UNKNOWN } from './rule-cases';

const IAM = { Sasl: { Iam: { Enabled: true } } };
const MULTI_VPC = { VpcConnectivity: { ClientAuthentication: IAM } };
const ZONES = ['subnet-1', 'subnet-2', 'subnet-3'];
const brokers = (group: Record<string, unknown> = {}, properties: Record<string, unknown> = {}) =>
  resource('MSK::Cluster', {
    KafkaVersion: '3.9.x.kraft',
    NumberOfBrokerNodes: 3,
    BrokerNodeGroupInfo: { ClientSubnets: ZONES, InstanceType: 'kafka.m7g.large', ...group },
    ClientAuthentication: IAM,
    ...properties,
  });
const stream = (group: Record<string, unknown> = {}, properties: Record<string, unknown> = {}) => ({
  Stream: brokers(group, properties),
});
const settings = (...lines: string[]) => ({
  ...stream({}, { ConfigurationInfo: { Arn: attribute('Settings', 'Arn') } }),
  Settings: resource('MSK::Configuration', { ServerProperties: lines.join('\n') }),
});
const lets = (service: string) =>
  resource('MSK::ClusterPolicy', {
    ClusterArn: ref('Stream'),
    Policy: { Statement: [{ Effect: 'Allow', Principal: { Service: service } }] },
  });

/** A stream, and one in another Region that a replicator copies it to. */
function replicated(source = stream({ ConnectivityInfo: MULTI_VPC }), target = stream(), policy = lets('kafka.amazonaws.com')) {
  const Outputs = { StreamArn: { Value: attribute('Stream', 'Arn') } };
  const from = output('Shop', 'us-east-1', 'StreamArn');
  const Replicator = resource('MSK::Replicator', {
    KafkaClusters: [from, ref('Stream')].map((MskClusterArn) => ({ AmazonMskCluster: { MskClusterArn } })),
    ReplicationInfoList: [{ SourceKafkaClusterArn: from, TargetKafkaClusterArn: ref('Stream') }],
  });
  return assembly(
    stack({ ...source, Policy: policy }, { sections: { Outputs } }),
    stack({ ...target, Replicator }, { stackName: 'Away', region: 'us-west-2' }),
  );
}

testRules([
  {
    rule: brokerCount,
    passes: {
      'as many in each zone': stream({}, { NumberOfBrokerNodes: 6 }),
      'two zones': stream({ ClientSubnets: ['subnet-1', 'subnet-2'] }, { NumberOfBrokerNodes: 4 }),
      'a number that is not known': stream({}, { NumberOfBrokerNodes: UNKNOWN }),
      'subnets that are not known': stream({ ClientSubnets: UNKNOWN }, { NumberOfBrokerNodes: 4 }),
    },
    fails: {
      'one broker too many': {
        in: stream({}, { NumberOfBrokerNodes: 16 }),
        at: ['Stream NumberOfBrokerNodes: 16 brokers in 3 zones'],
      },
      'fewer brokers than zones': {
        in: stream({}, { NumberOfBrokerNodes: '0' }),
        at: ['Stream NumberOfBrokerNodes: 0 brokers in 3 zones'],
      },
      'one zone': {
        in: stream({ ClientSubnets: ['subnet-1'] }),
        at: ['Stream BrokerNodeGroupInfo.ClientSubnets: they are in 1 zone'],
      },
      'Express brokers in two zones': {
        in: stream({ InstanceType: 'express.m7g.large', ClientSubnets: ['subnet-1', 'subnet-2'] }),
        at: ['Stream BrokerNodeGroupInfo.ClientSubnets: they are in 2 zones'],
      },
    },
  },
  {
    rule: brokerType,
    passes: {
      'a type': stream(),
      'a small one without KRaft': stream({ InstanceType: 'kafka.t3.small' }, { KafkaVersion: '3.8.x' }),
      'a type that is not known': stream({ InstanceType: UNKNOWN }),
    },
    fails: {
      'a type that MSK lacks': {
        in: stream({ InstanceType: 'kafka.m9g.large' }),
        at: ['Stream BrokerNodeGroupInfo.InstanceType: kafka.m9g.large is none'],
      },
      'a small one with KRaft': {
        in: stream({ InstanceType: 'kafka.t3.small' }),
        at: ['Stream BrokerNodeGroupInfo.InstanceType: kafka.t3.small does not run 3.9.x.kraft'],
      },
      'an Express broker with a disk': {
        in: stream({ InstanceType: 'express.m7g.large', StorageInfo: { EBSStorageInfo: { VolumeSize: 9 } } }),
        at: ['Stream BrokerNodeGroupInfo.StorageInfo: express.m7g.large has its own storage'],
      },
    },
  },
  {
    rule: replicatorPrerequisites,
    passes: {
      'clusters that are prepared': replicated(),
      'clusters that are not known': replicated(
        stream(
          { InstanceType: UNKNOWN, ConnectivityInfo: UNKNOWN },
          { NumberOfBrokerNodes: UNKNOWN, ClientAuthentication: UNKNOWN },
        ),
      ),
      'two clusters of one Region': {
        Stream: brokers(),
        Other: brokers(),
        Replicator: resource('MSK::Replicator', {
          ReplicationInfoList: [{ SourceKafkaClusterArn: ref('Stream'), TargetKafkaClusterArn: ref('Other') }],
        }),
      },
      'a cluster that nobody replicates': stream({ InstanceType: 'kafka.t3.small' }),
    },
    fails: {
      'small brokers at the source': {
        in: replicated(stream({ ConnectivityInfo: MULTI_VPC, InstanceType: 'kafka.t3.small' })),
        at: ['Stream BrokerNodeGroupInfo.InstanceType: it is kafka.t3.small'],
      },
      'a target with two brokers and no IAM': {
        in: replicated(undefined, stream({}, { NumberOfBrokerNodes: 2, ClientAuthentication: { Tls: { Enabled: true } } })),
        at: ['Away/Stream NumberOfBrokerNodes: it is 2', 'Away/Stream ClientAuthentication.Sasl.Iam: it takes no IAM logins'],
      },
      'a source that is not open to another Region': {
        in: replicated(
          stream({}, { ClientAuthentication: { ...IAM, Unauthenticated: { Enabled: true } } }),
          undefined,
          lets('lambda.amazonaws.com'),
        ),
        at: [
          'Stream BrokerNodeGroupInfo.ConnectivityInfo.VpcConnectivity.ClientAuthentication.Sasl.Iam: a replicator in another Region cannot connect',
          'Stream ClientAuthentication.Unauthenticated: it lets in clients without a login',
          'Stream: no AWS::MSK::ClusterPolicy lets kafka.amazonaws.com in',
        ],
      },
    },
  },
  {
    rule: kafkaReplicationFactor,
    passes: {
      'three copies, two of them waited for': settings('# copies', 'default.replication.factor=3', 'min.insync.replicas = 2'),
      'two zones, with two copies': {
        ...settings('default.replication.factor=2', 'min.insync.replicas=1'),
        ...stream({ ClientSubnets: ['subnet-1', 'subnet-2'] }, { ConfigurationInfo: { Arn: attribute('Settings', 'Arn') } }),
      },
      'settings that do not say': settings('auto.create.topics.enable=false'),
      'settings from elsewhere': stream({}, { ConfigurationInfo: { Arn: 'arn:aws:kafka:x' } }),
      'settings that are not known': {
        ...settings(),
        Settings: resource('MSK::Configuration', { ServerProperties: UNKNOWN }),
      },
    },
    fails: {
      'two copies': {
        in: settings('default.replication.factor=2'),
        at: ['Settings ServerProperties: it says default.replication.factor=2'],
      },
      'more copies than brokers': {
        in: settings('default.replication.factor=4', 'min.insync.replicas=2'),
        at: ['Settings ServerProperties: 4 copies, and 3 brokers'],
      },
      'writes that wait for all': {
        in: settings('default.replication.factor=3', 'min.insync.replicas=3'),
        at: ['Settings ServerProperties: every write waits for all 3 copies'],
      },
      'writes that wait for one': {
        in: settings('min.insync.replicas=1'),
        at: ['Settings ServerProperties: it says min.insync.replicas=1'],
      },
    },
  },
  {
    rule: kafkaWithoutLogin,
    passes: {
      IAM: stream(),
      certificates: stream({}, { ClientAuthentication: { Tls: { Enabled: true } } }),
      'a way that is not known': stream({}, { ClientAuthentication: UNKNOWN }),
    },
    fails: {
      'no way to log in': {
        in: stream({}, { ClientAuthentication: undefined }),
        at: ['Stream ClientAuthentication: it names no way to log in'],
      },
      'a way around': {
        in: stream({}, { ClientAuthentication: { ...IAM, Unauthenticated: { Enabled: true } } }),
        at: ['Stream ClientAuthentication.Unauthenticated: it lets in clients without a login'],
      },
    },
  },
]);
