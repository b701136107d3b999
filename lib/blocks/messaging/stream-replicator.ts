import { Names } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as msk from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import { letIn } from '../network/let-in';
import { acknowledgeWildcards } from '../operations/acknowledge';
import { type IEventStream, kafkaArn } from './event-stream';

/** What a topic is called where it was copied to. */
export enum ReplicatedTopicName {
  /** The source cluster's alias and the topic's name: copies in both directions never meet. */
  PREFIXED = 'PREFIXED_WITH_SOURCE_CLUSTER_ALIAS',
  /** The same name: one-way copies that consumers take over unchanged. */
  IDENTICAL = 'IDENTICAL',
}

/** Properties of a StreamReplicator. */
export interface StreamReplicatorProps {
  /**
   * ARN of the cluster to copy from, in another Region. It needs `multiVpcConnectivity` in a deploy before this one.
   */
  readonly sourceClusterArn: string;
  /**
   * ARN of all topics of that cluster, ending in `/*`. Give it, and `sourceGroupsArn`, where the cluster's ARN is an output of
   * another stack: what takes an ARN apart (`Fn::Split`) does not list `Fn::GetStackOutput` (cfn-lint 1.58.0, E1022; not verified
   * against AWS).
   * @default - worked out from sourceClusterArn
   */
  readonly sourceTopicsArn?: string;
  /**
   * ARN of all consumer groups of that cluster, ending in `/*`.
   * @default - worked out from sourceClusterArn
   */
  readonly sourceGroupsArn?: string;
  /** Subnets of the source's brokers, in the source's Region; at least two. A source in another Region takes no security group. */
  readonly sourceSubnetIds: string[];
  /** Cluster of this Region to copy to. */
  readonly target: IEventStream;
  /** VPC of the target cluster. */
  readonly vpc: ec2.IVpc;
  /**
   * Topics to copy, as regular expressions.
   * @default - all
   */
  readonly topics?: string[];
  /**
   * What copied topics are called. Changing it replaces the replicator.
   * @default ReplicatedTopicName.PREFIXED
   */
  readonly topicName?: ReplicatedTopicName;
}

/**
 * Copies the events of another Region's EventStream into this Region's; lives beside the target, as Amazon MSK wants it.
 *
 * Disposable: it holds nothing but its position, and nearly every property replaces it. A new one starts at the latest event, so
 * what came in between is not copied. For both directions make one in each Region.
 *
 * @throws if there are fewer than two source subnets
 */
export class StreamReplicator extends Construct implements ec2.IConnectable {
  public readonly replicator: msk.CfnReplicator;
  /** What Amazon MSK copies with. */
  public readonly role: iam.Role;
  public readonly connections: ec2.Connections;

  constructor(scope: Construct, id: string, props: StreamReplicatorProps) {
    super(scope, id);
    const { sourceClusterArn, sourceSubnetIds, target } = props;
    if (sourceSubnetIds.length < 2) {
      throw new Error(`sourceSubnetIds must name at least two subnets of the source cluster, got: ${sourceSubnetIds.length}`);
    }
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Event stream replicator',
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    letIn(target, this, 'Event stream replicator');

    this.role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('kafka.amazonaws.com') });
    const sourceTopics = props.sourceTopicsArn ?? kafkaArn(sourceClusterArn, 'topic', '*');
    const targetTopics = kafkaArn(target.clusterArn, 'topic', '*');
    const sourceGroups = props.sourceGroupsArn ?? kafkaArn(sourceClusterArn, 'group', '*');
    const groups = [sourceGroups, kafkaArn(target.clusterArn, 'group', '*')];
    // Not inline: auditors want policies that stand for themselves (NIST 800-53 AC-3, PCI DSS 7.1).
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Copies events from one event stream to another',
      roles: [this.role],
      statements: [
        allow(sourceClusterArn, ['AlterCluster', 'Connect', 'DescribeCluster']),
        allow(target.clusterArn, ['AlterCluster', 'Connect', 'DescribeCluster', 'WriteDataIdempotently']),
        allow(sourceTopics, [...TOPIC_ACTIONS, 'ReadData']),
        allow(targetTopics, [...TOPIC_ACTIONS, 'ReadData', 'WriteData']),
        ...groups.map((arn) => allow(arn, ['AlterGroup', 'DescribeGroup'])),
      ],
    });
    acknowledgeWildcards(
      policy,
      'The replicator copies all topics and consumer groups of one named cluster into one other, new ones included, so the ' +
        'wildcards stand for topic and group names only; the AWS managed policy for it would allow every cluster of the account.',
      // What another stack puts out shows no wildcard in this one's template.
      ...[sourceTopics, targetTopics, ...groups].filter((arn) => arn.endsWith('*')),
    );

    this.replicator = new msk.CfnReplicator(this, 'Resource', {
      replicatorName: Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }),
      serviceExecutionRoleArn: this.role.roleArn,
      kafkaClusters: [
        { amazonMskCluster: { mskClusterArn: sourceClusterArn }, vpcConfig: { subnetIds: sourceSubnetIds } },
        {
          amazonMskCluster: { mskClusterArn: target.clusterArn },
          vpcConfig: { subnetIds: target.subnetIds, securityGroupIds: [securityGroup.securityGroupId] },
        },
      ],
      replicationInfoList: [
        {
          sourceKafkaClusterArn: sourceClusterArn,
          targetKafkaClusterArn: target.clusterArn,
          // Seed: LZ4 or Zstandard; the tighter one, for traffic between Regions is paid by the GB.
          targetCompressionType: 'ZSTD',
          topicReplication: {
            topicsToReplicate: props.topics ?? ['.*'],
            topicNameConfiguration: { type: props.topicName ?? ReplicatedTopicName.PREFIXED },
            startingPosition: { type: 'LATEST' },
            copyTopicConfigurations: true,
            copyAccessControlListsForTopics: false,
            detectAndCopyNewTopics: true,
          },
          consumerGroupReplication: {
            consumerGroupsToReplicate: ['.*'],
            synchroniseConsumerGroupOffsets: true,
            detectAndCopyNewConsumerGroups: true,
          },
        },
      ],
    });
    // The role's policy and the rules between the security groups.
    this.replicator.node.addDependency(policy, ...target.connections.securityGroups);
  }
}

const TOPIC_ACTIONS = [
  'AlterTopic',
  'AlterTopicDynamicConfiguration',
  'CreateTopic',
  'DescribeTopic',
  'DescribeTopicDynamicConfiguration',
];

/** The actions are those of the managed policy AWSMSKReplicatorExecutionRole, split by what each side needs. */
function allow(resource: string, actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions: actions.map((action) => `kafka-cluster:${action}`), resources: [resource] });
}
