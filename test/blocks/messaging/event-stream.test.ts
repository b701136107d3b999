import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { EventStream, type EventStreamProps, kafkaArn } from '../../../lib/blocks/messaging/event-stream';
import { StreamSize } from '../../../lib/blocks/messaging/stream-size';
import { acknowledgeWildcards } from '../../../lib/blocks/operations/acknowledge';
import { agnosticStack, testStack } from '../../stacks';
import { existingVpc, flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const stream =
  (props: Partial<EventStreamProps> = {}) =>
  (stack: Stack) =>
    new EventStream(stack, 'EventStream', { vpc: existingVpc(stack), ...props });

function clusterOf(template: Template): Record<string, never> {
  return Object.values(template.findResources('AWS::MSK::Cluster'))[0].Properties;
}

describe('an event stream', () => {
  test('is born with everything that can never change', () => {
    const template = templateOf((stack) => stream({ encryptionKey: new kms.Key(stack, 'Key') })(stack));
    template.hasResourceProperties('AWS::MSK::Cluster', {
      ClusterName: Match.stringLikeRegexp('^Shop-EventStream-[0-9A-F]{8}$'),
      KafkaVersion: Match.stringLikeRegexp('kraft$'),
      NumberOfBrokerNodes: 3,
      BrokerNodeGroupInfo: {
        ClientSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'],
        SecurityGroups: [Match.anyValue()],
        InstanceType: 'kafka.m7g.large',
        ConnectivityInfo: Match.absent(),
      },
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } }, Unauthenticated: { Enabled: false } },
      EncryptionInfo: {
        EncryptionAtRest: { DataVolumeKMSKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } },
        EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true },
      },
    });
  });

  test('stays, with what it stands on', () => {
    const template = templateOf(stream());
    for (const [type, DeletionPolicy] of [
      ['MSK::Cluster', 'RetainExceptOnCreate'],
      ['MSK::Configuration', 'RetainExceptOnCreate'],
      ['Logs::LogGroup', 'Retain'],
      ['EC2::SecurityGroup', 'Retain'],
    ]) {
      template.allResources(`AWS::${type}`, { DeletionPolicy, UpdateReplacePolicy: 'Retain' });
    }
  });

  test('keeps events thirty days on three brokers and makes no topic by accident', () => {
    const properties = (template: Template) =>
      Object.values(template.findResources('AWS::MSK::Configuration'))[0].Properties.ServerProperties.split('\n');
    expect(properties(templateOf(stream()))).toEqual([
      'auto.create.topics.enable=false',
      'default.replication.factor=3',
      'min.insync.replicas=2',
      'unclean.leader.election.enable=false',
      'num.partitions=36',
      'log.retention.hours=720',
    ]);
    expect(properties(templateOf(stream({ retention: Duration.days(2) })))).toContain('log.retention.hours=48');
  });

  test('grows its disks and never shrinks them', () => {
    const template = templateOf(stream());
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      ScalableDimension: 'kafka:broker-storage:VolumeSize',
      MaxCapacity: 16384,
    });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: { DisableScaleIn: true, TargetValue: 60 },
    });
  });

  test('lets other Regions in only when told to', () => {
    templateOf(stream()).resourceCountIs('AWS::MSK::ClusterPolicy', 0);
    const template = templateOf(stream({ multiVpcConnectivity: true }));
    template.hasResourceProperties('AWS::MSK::Cluster', {
      BrokerNodeGroupInfo: {
        ConnectivityInfo: { VpcConnectivity: { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } } },
      },
    });
    template.hasResourceProperties('AWS::MSK::ClusterPolicy', {
      Policy: {
        Statement: [
          {
            Principal: { Service: 'kafka.amazonaws.com' },
            Action: ['kafka:CreateVpcConnection', 'kafka:GetBootstrapBrokers', 'kafka:DescribeClusterV2'],
          },
        ],
      },
    });
  });

  test.each<[string, Partial<EventStreamProps>]>([
    ['more and larger brokers', { size: StreamSize.of('kafka.m7g.2xlarge', 6, 1000) }],
    ['another retention', { retention: Duration.days(7) }],
    ['other Regions', { multiVpcConnectivity: true }],
  ])('takes %s in place, nested create-only properties included', (_, change) => {
    expect(losses(stream(), stream(change))).toEqual([]);
    // fullDiff does not look below the top level, so the nested ones are compared here.
    const frozen = (template: Template) => {
      const { BrokerNodeGroupInfo, EncryptionInfo } = clusterOf(template) as Record<string, Record<string, unknown>>;
      return [BrokerNodeGroupInfo.ClientSubnets, BrokerNodeGroupInfo.SecurityGroups, EncryptionInfo];
    };
    expect(frozen(templateOf(stream(change)))).toEqual(frozen(templateOf(stream())));
  });

  test('does not move when the VPC gets a fourth zone', () => {
    const four = templateOf((stack) => new EventStream(stack, 'EventStream', { vpc: existingVpc(stack, 4) }));
    expect(clusterOf(four)).toEqual(clusterOf(templateOf(stream())));
  });

  test('is not changed by feature flags', () => {
    expect(flagDependent(stream(), 'AWS::MSK::Cluster', 'AWS::MSK::Configuration', 'AWS::EC2::SecurityGroup')).toEqual([]);
  });

  test('grants connecting, writing and reading by name', () => {
    const stack = testStack();
    const events = stream()(stack);
    const role = (id: string) => new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    events.grantProduce(role('Producer'), 'orders');
    events.grantConsume(role('Consumer'));
    const template = Template.fromStack(stack);
    const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': [':cluster/', Match.anyValue()] }] });
    const arn = (resource: string, name: string) => ({ 'Fn::Join': ['', [part(0), `:${resource}/`, part(1), `/${name}`]] });
    const statement = (Action: string | string[], Resource: unknown = Match.anyValue()) => Match.objectLike({ Action, Resource });
    const connect = statement(['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster', 'kafka:DescribeClusterV2']);
    // It takes no resource (Service Authorization Reference, Amazon MSK): with the cluster's ARN it would be denied.
    const brokers = statement('kafka:GetBootstrapBrokers', '*');
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          connect,
          brokers,
          statement('kafka-cluster:WriteDataIdempotently'),
          statement(['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], arn('topic', 'orders')),
        ],
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          connect,
          brokers,
          statement(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], arn('topic', '*')),
          statement(['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'], arn('group', '*')),
        ],
      },
    });
  });

  test.each([
    ['the topics named', ['orders'], 'orders'],
    ['all topics', [], '*'],
  ])('lets somebody create and configure %s, and neither write nor read them', (_, topics, name) => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    stream()(stack).grantManageTopics(role, ...topics);
    const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': [':cluster/', Match.anyValue()] }] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Action: Match.arrayWith(['kafka-cluster:Connect']) }),
          Match.objectLike({ Action: 'kafka:GetBootstrapBrokers', Resource: '*' }),
          {
            Effect: 'Allow',
            Action: [
              'kafka-cluster:CreateTopic',
              'kafka-cluster:DescribeTopic',
              'kafka-cluster:AlterTopic',
              'kafka-cluster:DescribeTopicDynamicConfiguration',
              'kafka-cluster:AlterTopicDynamicConfiguration',
            ],
            Resource: { 'Fn::Join': ['', [part(0), ':topic/', part(1), `/${name}`]] },
          },
        ],
      },
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('opens the port for IAM over TLS, also where the cluster was there before', () => {
    const stack = testStack();
    const vpc = existingVpc(stack);
    const client = new ec2.SecurityGroup(stack, 'Client', { vpc });
    new EventStream(stack, 'EventStream', { vpc }).connections.allowDefaultPortFrom(client);
    EventStream.fromEventStreamAttributes(stack, 'Old', {
      clusterArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/old/1',
      subnetIds: ['subnet-1', 'subnet-2', 'subnet-3'],
      securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'OldGroup', 'sg-0123456789abcdef0'),
    }).connections.allowDefaultPortFrom(client);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
    template.allResourcesProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 9098, ToPort: 9098, IpProtocol: 'tcp' });
  });

  test('names topics and groups of a cluster that is known by its ARN', () => {
    const arn = 'arn:aws:kafka:us-east-1:123456789012:cluster/old/1';
    expect(kafkaArn(arn, 'topic', 'orders')).toBe('arn:aws:kafka:us-east-1:123456789012:topic/old/1/orders');
    expect(kafkaArn(arn, 'group', '*')).toBe('arn:aws:kafka:us-east-1:123456789012:group/old/1/*');
  });

  test('lets an owner say why somebody may read everything', () => {
    const stack = testStack();
    const events = stream()(stack);
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    events.grantConsume(role);
    acknowledgeWildcards(role, 'A test that reads all topics of one cluster.', events.topicArn('*'), events.groupArn('*'));
    expect(nagFindings(stack)).toEqual([]);
  });

  test('refuses two zones', () => {
    const stack = testStack();
    expect(() => new EventStream(stack, 'EventStream', { vpc: existingVpc(stack, 2) })).toThrow(
      'vpcSubnets must lie in at least three zones, got: 2; a cluster made in two can never spread to a third',
    );
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    stream({ multiVpcConnectivity: true })(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a stream size', () => {
  test.each([
    [0, 3],
    [6000, 3],
    [6001, 6],
    // The seeds' own sum: 51 brokers for 100,000 events a second.
    [100_000, 51],
  ])('for %i events a second has %i brokers', (rate, brokers) => {
    expect(StreamSize.brokersFor(rate)).toBe(brokers);
  });

  test('is at first what the seeds have in a large Region', () => {
    expect(StreamSize.USERS_10M).toMatchObject({ instanceType: 'kafka.m7g.large', brokers: 15 });
  });

  test.each([
    [
      'kafka.t3.small',
      3,
      500,
      "instanceType must be a standard broker, kafka.m5 or kafka.m7g with a size of large or above, got: 'kafka.t3.small'",
    ],
    [
      'express.m7g.large',
      3,
      500,
      "instanceType must be a standard broker, kafka.m5 or kafka.m7g with a size of large or above, got: 'express.m7g.large'",
    ],
    ['kafka.m7g.large', 4, 500, 'brokers must be a multiple of the three zones from 3 to 60, got: 4'],
    ['kafka.m7g.large', 0, 500, 'brokers must be a multiple of the three zones from 3 to 60, got: 0'],
    ['kafka.m7g.large', 63, 500, 'brokers must be a multiple of the three zones from 3 to 60, got: 63'],
    ['kafka.m7g.large', 3, 99, 'storageGiB must be a whole number from 100 to 16384, got: 99'],
    ['kafka.m7g.large', 3, 16385, 'storageGiB must be a whole number from 100 to 16384, got: 16385'],
  ])('refuses %s, %i brokers, %i GiB', (type, brokers, storage, message) => {
    expect(() => StreamSize.of(type, brokers, storage)).toThrow(message);
  });
});
