import { Duration, Fn, Names, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as msk from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import { dataSubnets } from '../data/data-subnets';
import { acknowledgeGrant, wildcardResource } from '../operations/acknowledge';
import { retain } from '../operations/retain';
import { serviceLog } from '../operations/service-log';
import { openToOtherVpcs } from './other-vpcs';
import { StreamSize } from './stream-size';
import { growStorage } from './stream-storage';

/** An Amazon MSK cluster that exists. */
export interface IEventStream extends ec2.IConnectable {
  /** ARN of the cluster. */
  readonly clusterArn: string;
  /** Subnets of the brokers; a replicator that reads from another Region has to name them. */
  readonly subnetIds: string[];
}

/** What to know of an Amazon MSK cluster that exists. */
export interface EventStreamAttributes {
  readonly clusterArn: string;
  readonly subnetIds: string[];
  /** @default - none: you let clients in where the cluster is made */
  readonly securityGroup?: ec2.ISecurityGroup;
}

/** Properties of an EventStream. */
export interface EventStreamProps {
  readonly vpc: ec2.IVpc;
  /**
   * Subnets in three zones at least, of which the first three are taken; they can never change.
   * @default - subnets without a way out, else private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Key for the brokers' disks; it can never change.
   * @default - the AWS managed key of Amazon MSK
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Brokers and their disks.
   * @default StreamSize.USERS_1M
   */
  readonly size?: StreamSize;
  /**
   * How long events are kept.
   * @default Duration.days(30) (seed)
   */
  readonly retention?: Duration;
  /**
   * Whether services outside the VPC, above all a StreamReplicator of another Region, may connect.
   *
   * Amazon MSK refuses this at creation ("all vpcConnectivity auth schemes must be disabled"): deploy once without, then with it.
   * @default false
   */
  readonly multiVpcConnectivity?: boolean;
}

/** Every client authenticates with IAM over TLS. */
const IAM_TLS_PORT = 9098;

/**
 * An Amazon MSK cluster for events that many read and nobody may lose.
 *
 * Zones, subnets, security group, key and broker type are for ever: their properties are create-only one level below where a
 * template diff looks. KRaft from birth, since a cluster cannot leave ZooKeeper in place (Amazon MSK developer guide, metadata
 * management). CloudFormation tells no bootstrap brokers; clients ask GetBootstrapBrokers for them with the cluster's ARN.
 *
 * @throws if there are fewer than three zones, or the retention is no whole number of hours
 */
export class EventStream extends Construct implements IEventStream {
  /** Uses a cluster that exists. */
  public static fromEventStreamAttributes(_scope: Construct, _id: string, attributes: EventStreamAttributes): IEventStream {
    const { clusterArn, subnetIds, securityGroup } = attributes;
    const defaultPort = ec2.Port.tcp(IAM_TLS_PORT);
    return {
      clusterArn,
      subnetIds,
      connections: new ec2.Connections({ securityGroups: securityGroup ? [securityGroup] : [], defaultPort }),
    };
  }

  public readonly cluster: msk.CfnCluster;
  /** The brokers' settings. */
  public readonly configuration: msk.CfnConfiguration;
  /** Where the brokers log. */
  public readonly logGroup: logs.LogGroup;
  public readonly clusterArn: string;
  public readonly subnetIds: string[];
  public readonly connections: ec2.Connections;

  /** What is acknowledged already for whom, for one principal may produce, consume and manage. */
  private readonly acknowledged = new Map<iam.IPrincipal, Set<string>>();

  constructor(scope: Construct, id: string, props: EventStreamProps) {
    super(scope, id);
    const selection = { ...dataSubnets(props.vpc, props.vpcSubnets), onePerAz: true };
    const { subnetIds, isPendingLookup } = props.vpc.selectSubnets(selection);
    if (!Token.isUnresolved(subnetIds) && !isPendingLookup && subnetIds.length < 3) {
      throw new Error(
        `vpcSubnets must lie in at least three zones, got: ${subnetIds.length}; a cluster made in two can never spread to a third`,
      );
    }
    this.subnetIds = subnetIds.slice(0, 3);
    const size = props.size ?? StreamSize.USERS_1M;
    const name = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc: props.vpc, description: 'Event stream brokers' });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(IAM_TLS_PORT) });
    this.logGroup = serviceLog(this, 'LogGroup', { encryptionKey: props.encryptionKey });
    this.configuration = new msk.CfnConfiguration(this, 'Configuration', {
      name,
      serverProperties: [
        'auto.create.topics.enable=false',
        'default.replication.factor=3',
        'min.insync.replicas=2',
        'unclean.leader.election.enable=false',
        // For topics made without a count. Seed: 36, then 100 a topic with dozens of brokers; a multiple of the three zones.
        'num.partitions=36',
        `log.retention.hours=${(props.retention ?? Duration.days(30)).toHours()}`,
      ].join('\n'),
    });

    this.cluster = new msk.CfnCluster(this, 'Cluster', {
      clusterName: name,
      kafkaVersion: '3.9.x.kraft',
      numberOfBrokerNodes: size.brokers,
      brokerNodeGroupInfo: {
        clientSubnets: this.subnetIds,
        securityGroups: [securityGroup.securityGroupId],
        instanceType: size.instanceType,
        storageInfo: { ebsStorageInfo: { volumeSize: size.storageGiB } },
        connectivityInfo: props.multiVpcConnectivity
          ? { vpcConnectivity: { clientAuthentication: { sasl: { iam: { enabled: true } } } } }
          : undefined,
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      encryptionInfo: {
        encryptionAtRest: props.encryptionKey ? { dataVolumeKmsKeyId: props.encryptionKey.keyArn } : undefined,
        encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
      },
      configurationInfo: { arn: this.configuration.attrArn, revision: this.configuration.attrLatestRevisionRevision },
      // Metrics beyond this level cost per broker and topic.
      enhancedMonitoring: 'DEFAULT',
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: this.logGroup.logGroupName } } },
    });
    this.clusterArn = this.cluster.attrArn;
    // The security group and the settings are part of a cluster that stays, so they have to stay with it.
    for (const kept of [this.cluster, this.configuration, securityGroup]) retain(kept);

    growStorage(this, this.clusterArn);
    if (props.multiVpcConnectivity) {
      openToOtherVpcs(this, this.clusterArn);
    }
  }

  /** Lets a principal find the brokers and connect. Its security group needs `connections.allowDefaultPortFrom` besides. */
  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    const actions = ['Connect', 'DescribeCluster'].map((action) => `kafka-cluster:${action}`);
    acknowledgeGrant(grantee, {
      id: wildcardResource(this, '*'),
      reason:
        'The rule wants a policy to name its resources. kafka:GetBootstrapBrokers knows none (Service Authorization Reference, ' +
        'Amazon MSK): with an ARN it is denied. It tells host names of brokers, who let nobody in without kafka-cluster:Connect.',
    });
    return allow(grantee, [...actions, 'kafka:DescribeClusterV2'], [this.clusterArn]).combine(
      allow(grantee, ['kafka:GetBootstrapBrokers'], ['*']),
    );
  }

  /** Lets a principal write to topics, each once and in order if it asks for that; without names, to all topics. */
  public grantProduce(grantee: iam.IGrantable, ...topics: string[]): iam.Grant {
    this.acknowledgeNames(grantee, ...this.topicArns(topics));
    return this.grantConnect(grantee)
      .combine(allow(grantee, ['kafka-cluster:WriteDataIdempotently'], [this.clusterArn]))
      .combine(allow(grantee, ['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], this.topicArns(topics)));
  }

  /** Lets a principal read from topics, in any consumer group; without names, from all topics. */
  public grantConsume(grantee: iam.IGrantable, ...topics: string[]): iam.Grant {
    this.acknowledgeNames(grantee, ...this.topicArns(topics), this.groupArn('*'));
    return this.grantConnect(grantee)
      .combine(allow(grantee, ['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], this.topicArns(topics)))
      .combine(allow(grantee, ['kafka-cluster:AlterGroup', 'kafka-cluster:DescribeGroup'], [this.groupArn('*')]));
  }

  /** Lets a principal create and configure topics, which no producer makes by itself here; without names, all topics. */
  public grantManageTopics(grantee: iam.IGrantable, ...topics: string[]): iam.Grant {
    const actions = [
      'CreateTopic',
      'DescribeTopic',
      'AlterTopic',
      'DescribeTopicDynamicConfiguration',
      'AlterTopicDynamicConfiguration',
    ];
    const arns = this.topicArns(topics);
    this.acknowledgeNames(grantee, ...arns);
    return this.grantConnect(grantee).combine(
      allow(
        grantee,
        actions.map((action) => `kafka-cluster:${action}`),
        arns,
      ),
    );
  }

  /** ARN of a topic, or of several with `*`. */
  public topicArn(topic: string): string {
    return kafkaArn(this.clusterArn, 'topic', topic);
  }

  /** ARN of a consumer group, or of several with `*`. */
  public groupArn(group: string): string {
    return kafkaArn(this.clusterArn, 'group', group);
  }

  private acknowledgeNames(grantee: iam.IGrantable, ...arns: string[]): void {
    const reason =
      'Producers and consumers name topics and consumer groups themselves, so the wildcard stands for those names in this one ' +
      'cluster; give the grant topic names to narrow it.';
    const known = this.acknowledged.get(grantee.grantPrincipal) ?? new Set<string>();
    this.acknowledged.set(grantee.grantPrincipal, known);
    const ids = arns.filter((arn) => arn.endsWith('*')).map((arn) => wildcardResource(this, arn));
    for (const id of ids.filter((each) => !known.has(each))) acknowledgeGrant(grantee, { id, reason });
    for (const id of ids) known.add(id);
  }

  private topicArns(topics: string[]): string[] {
    return (topics.length > 0 ? topics : ['*']).map((topic) => this.topicArn(topic));
  }
}

/** ARN of something in a cluster: `arn:…:cluster/NAME/ID` becomes `arn:…:topic/NAME/ID/TOPIC`. */
export function kafkaArn(clusterArn: string, resource: 'topic' | 'group', name: string): string {
  // Not one Fn::Join of an Fn::Split: cdk-nag cannot read that and fails the whole policy.
  const [service, cluster] = Fn.split(':cluster/', clusterArn, 2);
  return `${service}:${resource}/${cluster}/${name}`;
}

function allow(grantee: iam.IGrantable, actions: string[], resourceArns: string[]): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
}
