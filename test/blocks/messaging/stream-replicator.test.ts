import { Fn, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { EventStream } from '../../../lib/blocks/messaging/event-stream';
import {
  ReplicatedTopicName,
  StreamReplicator,
  type StreamReplicatorProps,
} from '../../../lib/blocks/messaging/stream-replicator';
import { agnosticStack, testStack } from '../../stacks';
import { existingVpc, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const SOURCE = 'arn:aws:kafka:eu-central-1:123456789012:cluster/shop/0a1b';
const SUBNETS = ['subnet-0aaaaaaaaaaaaaaa0', 'subnet-0aaaaaaaaaaaaaaa1'];

const replicated =
  (props: Partial<StreamReplicatorProps> = {}) =>
  (stack: Stack) => {
    const vpc = existingVpc(stack);
    const target = new EventStream(stack, 'EventStream', { vpc });
    return new StreamReplicator(stack, 'Replicator', {
      vpc,
      target,
      sourceClusterArn: SOURCE,
      sourceSubnetIds: SUBNETS,
      ...props,
    });
  };

describe('a stream replicator', () => {
  test('reads from the other Region without a security group there, and writes into its own', () => {
    templateOf(replicated()).hasResourceProperties('AWS::MSK::Replicator', {
      ReplicatorName: Match.stringLikeRegexp('^Shop-Replicator-'),
      KafkaClusters: [
        { AmazonMskCluster: { MskClusterArn: SOURCE }, VpcConfig: { SubnetIds: SUBNETS, SecurityGroupIds: Match.absent() } },
        { AmazonMskCluster: Match.anyValue(), VpcConfig: { SubnetIds: Match.anyValue(), SecurityGroupIds: [Match.anyValue()] } },
      ],
      ReplicationInfoList: [
        {
          SourceKafkaClusterArn: SOURCE,
          TargetCompressionType: 'ZSTD',
          TopicReplication: {
            TopicsToReplicate: ['.*'],
            TopicNameConfiguration: { Type: 'PREFIXED_WITH_SOURCE_CLUSTER_ALIAS' },
            StartingPosition: { Type: 'LATEST' },
          },
        },
      ],
    });
  });

  test('may only write where it is meant to', () => {
    const [policy] = Object.values(templateOf(replicated()).findResources('AWS::IAM::ManagedPolicy'));
    const writes = policy.Properties.PolicyDocument.Statement.filter((statement: { Action: string[] }) =>
      statement.Action.some((action) => action.startsWith('kafka-cluster:WriteData')),
    );
    expect(writes).toHaveLength(2);
    expect(JSON.stringify(writes)).not.toContain('eu-central-1');
    const everywhere = policy.Properties.PolicyDocument.Statement.filter(
      ({ Resource }: { Resource: unknown }) => Resource === '*',
    );
    expect(everywhere).toEqual([]);
  });

  test('waits for its permissions and for the way to the brokers', () => {
    const template = templateOf(replicated());
    const [replicator] = Object.values(template.findResources('AWS::MSK::Replicator'));
    const [policy] = Object.keys(template.findResources('AWS::IAM::ManagedPolicy'));
    const [ingress] = Object.keys(template.findResources('AWS::EC2::SecurityGroupIngress'));
    expect(replicator.DependsOn).toEqual(expect.arrayContaining([policy, ingress]));
  });

  test('copies the topics it is told to, under the same name if wanted', () => {
    templateOf(replicated({ topics: ['order-.*'], topicName: ReplicatedTopicName.IDENTICAL })).hasResourceProperties(
      'AWS::MSK::Replicator',
      {
        ReplicationInfoList: [
          { TopicReplication: { TopicsToReplicate: ['order-.*'], TopicNameConfiguration: { Type: 'IDENTICAL' } } },
        ],
      },
    );
  });

  test('comes and goes without touching the cluster', () => {
    const before = (stack: Stack) => void new EventStream(stack, 'EventStream', { vpc: existingVpc(stack) });
    expect(losses(before, replicated())).toEqual([]);
    expect(losses(replicated(), before).filter((loss) => /MSK::Cluster|Configuration|LogGroup/.test(loss))).toEqual([]);
  });

  test('needs two subnets of the source', () => {
    expect(() => replicated({ sourceSubnetIds: ['subnet-1'] })(testStack())).toThrow(
      'sourceSubnetIds must name at least two subnets of the source cluster, got: 1',
    );
  });

  test('takes a source that another stack tells at its deploy', () => {
    const stack = testStack();
    const told = (name: string) => Fn.getStackOutput('Shop', name, 'eu-central-1');
    replicated({ sourceClusterArn: told('Stream'), sourceSubnetIds: [told('Subnet1'), told('Subnet2')] })(stack);
    expect(nagFindings(stack)).toEqual([]);
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    replicated()(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});
