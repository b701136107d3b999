import { isObject, items } from '../../../assembly/values';
import { labelOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { siblingsOf } from '../state/databases';
import { bucketCopies } from '../state/files';
import { cacheSiblings, streamNeighbours } from '../state/flows';
import { regions } from '../state/keeping';
import type { Boxes } from './folds';
import { NODE_TYPES } from './node-types';

type Detail = (box: Thing, landscape: Landscape, boxes: Boxes) => (string | undefined)[];

function range(from: unknown, to: unknown, noun: string): string | undefined {
  const [least, most] = [from, to].map((value) => (typeof value === 'object' ? undefined : value));
  if (least === undefined && most === undefined) return undefined;
  if (least === undefined || most === undefined || String(least) === String(most)) return counted(least ?? most, noun);
  return `${least} to ${most} ${noun}s`;
}

function counted(count: unknown, noun: string): string {
  return `${count} ${noun}${String(count) === '1' ? '' : 's'}`;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function copied(names: string[]): string | undefined {
  return names.length > 0 ? `copied to ${regions(names)}` : undefined;
}

const service: Detail = (box, landscape) => {
  const target = landscape
    .ofType('AWS::ApplicationAutoScaling::ScalableTarget')
    .find(({ properties, stack }) => landscape.behind(properties.ResourceId, stack).includes(box));
  if (target) return [range(target.properties.MinCapacity, target.properties.MaxCapacity, 'task')];
  const { DesiredCount, SchedulingStrategy } = box.properties;
  return [SchedulingStrategy === 'DAEMON' ? 'one task a server' : range(DesiredCount ?? 1, DesiredCount ?? 1, 'task')];
};

const serverGroup: Detail = (box, landscape) => {
  const { MinSize, MaxSize, LaunchTemplate } = box.properties;
  const template = landscape.behind(LaunchTemplate, box.stack).find(({ type }) => type === 'AWS::EC2::LaunchTemplate');
  const data = template?.properties.LaunchTemplateData;
  return [range(MinSize, MaxSize, 'server'), isObject(data) ? text(data.InstanceType) : undefined];
};

const database: Detail = (box, landscape, boxes) => {
  const members = boxes.partsOf(box).filter(({ type }) => type.endsWith('::DBInstance'));
  const hasProxy = boxes.partsOf(box).some(({ type }) => type === 'AWS::RDS::DBProxy');
  const { ServerlessV2ScalingConfiguration: capacity, DBInstanceClass, MultiAZ } = box.properties;
  const units = isObject(capacity) ? range(capacity.MinCapacity, capacity.MaxCapacity, 'ACU')?.replace('ACUs', 'ACU') : undefined;
  const size = units ?? text(DBInstanceClass) ?? text(members[0]?.properties.DBInstanceClass);
  const others = siblingsOf(box, landscape);
  const primary =
    box.properties.GlobalClusterIdentifier === undefined
      ? undefined
      : others.find(({ properties }) => properties.GlobalClusterIdentifier === undefined);
  return [
    members.length > 0 ? counted(members.length, 'instance') : undefined,
    size,
    String(MultiAZ) === 'true' ? 'with a standby' : undefined,
    hasProxy ? 'behind a proxy' : undefined,
    primary ? `copy of ${labelOf(primary)} in ${primary.stack.region}` : copied(others.map(({ stack }) => stack.region)),
  ];
};

const cache: Detail = (box, landscape) => {
  const { NumNodeGroups, ReplicasPerNodeGroup, NumCacheClusters, CacheNodeType, GlobalReplicationGroupId } = box.properties;
  const replicas = Number(ReplicasPerNodeGroup ?? (NumCacheClusters === undefined ? 0 : Number(NumCacheClusters) - 1));
  const nodes = Number.isNaN(replicas) ? undefined : counted(replicas + 1, 'node');
  const others = cacheSiblings(box, landscape);
  if (GlobalReplicationGroupId !== undefined) {
    const primary = others.find(({ properties }) => properties.GlobalReplicationGroupId === undefined);
    return [
      primary ? `copy of ${labelOf(primary)} in ${primary.stack.region}` : 'copy of a cache in another Region',
      nodes && `${nodes} a shard`,
    ];
  }
  const shards = text(NumNodeGroups);
  const copies = copied(others.map(({ stack }) => stack.region));
  return [nodes && (shards ? `${counted(shards, 'shard')} x ${nodes}` : nodes), text(CacheNodeType), copies];
};

const bucket: Detail = (box, landscape) => {
  const { VersioningConfiguration } = box.properties;
  const versioned = isObject(VersioningConfiguration) && VersioningConfiguration.Status === 'Enabled' ? 'versioned' : undefined;
  const targets = bucketCopies(box, landscape).map(({ target }) => target?.stack.region ?? 'a bucket outside of this assembly');
  const source = landscape
    .ofType('AWS::S3::Bucket')
    .find((other) => bucketCopies(other, landscape).some(({ target }) => target === box));
  return [versioned, copied(targets), source ? `copy of ${labelOf(source)} in ${source.stack.region}` : undefined];
};

const kafka: Detail = (box, landscape) => {
  const { NumberOfBrokerNodes, BrokerNodeGroupInfo } = box.properties;
  const { to, from } = streamNeighbours(box, landscape);
  const brokers = text(NumberOfBrokerNodes);
  const sources = from.map(({ stack }) => stack.region);
  return [
    brokers && counted(brokers, 'broker'),
    isObject(BrokerNodeGroupInfo) ? text(BrokerNodeGroupInfo.InstanceType) : undefined,
    copied(to.map(({ stack }) => stack.region)),
    sources.length > 0 ? `topics from ${regions(sources)}` : undefined,
  ];
};

const table: Detail = ({ properties, stack }) => {
  const others = items(properties.Replicas)
    .filter(isObject)
    .flatMap(({ Region }) => (typeof Region === 'string' && Region !== stack.region ? [Region] : []));
  return [copied(others)];
};

const search: Detail = ({ properties: { ClusterConfig, ElasticsearchClusterConfig } }) => {
  const config = isObject(ClusterConfig) ? ClusterConfig : isObject(ElasticsearchClusterConfig) ? ElasticsearchClusterConfig : {};
  const nodes = text(config.InstanceCount);
  return [nodes && counted(nodes, 'node'), text(config.InstanceType)];
};

const warehouse: Detail = (box, _, boxes) => {
  const workgroup = boxes.partsOf(box).find(({ type }) => type === 'AWS::RedshiftServerless::Workgroup');
  const { BaseCapacity, MaxCapacity } = workgroup?.properties ?? {};
  return [range(BaseCapacity, MaxCapacity, 'RPU')?.replace('RPUs', 'RPU')];
};

const queue: Detail = ({ properties: { RedrivePolicy } }) => {
  const tries = isObject(RedrivePolicy) ? text(RedrivePolicy.maxReceiveCount) : undefined;
  return [tries && `dead letters after ${counted(tries, 'tr').replace(/trs?$/, tries === '1' ? 'try' : 'tries')}`];
};

const balancer: Detail = ({ properties: { Scheme } }) => [
  typeof Scheme === 'object' ? undefined : Scheme === 'internal' ? 'internal' : 'internet-facing',
];

const firewall: Detail = ({ properties: { Rules } }) => [counted(items(Rules).length, 'rule')];

const distribution: Detail = ({ properties: { DistributionConfig } }) => [
  isObject(DistributionConfig)
    ? items(DistributionConfig.Aliases)
        .filter((alias) => typeof alias === 'string')
        .join(', ') || undefined
    : undefined,
];

const handler: Detail = ({ properties: { Runtime, PackageType } }) => [
  text(Runtime) ?? (PackageType === 'Image' ? 'image' : undefined),
];

const DETAILS: Record<string, Detail> = {
  'AWS::ECS::Service': service,
  'AWS::AutoScaling::AutoScalingGroup': serverGroup,
  'AWS::EC2::Instance': ({ properties }) => [text(properties.InstanceType)],
  'AWS::RDS::DBCluster': database,
  'AWS::RDS::DBInstance': database,
  'AWS::DocDB::DBCluster': database,
  'AWS::Neptune::DBCluster': database,
  'AWS::ElastiCache::ReplicationGroup': cache,
  'AWS::S3::Bucket': bucket,
  'AWS::MSK::Cluster': kafka,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::OpenSearchService::Domain': search,
  'AWS::Elasticsearch::Domain': search,
  'AWS::RedshiftServerless::Namespace': warehouse,
  'AWS::SQS::Queue': queue,
  'AWS::ElasticLoadBalancingV2::LoadBalancer': balancer,
  'AWS::WAFv2::WebACL': firewall,
  'AWS::CloudFront::Distribution': distribution,
  'AWS::Lambda::Function': handler,
  'AWS::EC2::Volume': ({ properties }) => [text(properties.Size) && `${text(properties.Size)} GiB`],
};

/** What is worth knowing about a box, in a few words each. */
export function detailsOf(box: Thing, landscape: Landscape, boxes: Boxes): string[] {
  return (DETAILS[box.type]?.(box, landscape, boxes) ?? []).filter((part): part is string => part !== undefined && part !== '');
}

const ENGINES: Record<string, string> = {
  'aurora-postgresql': 'Aurora PostgreSQL',
  'aurora-mysql': 'Aurora MySQL',
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  valkey: 'Valkey',
  redis: 'Redis',
  memcached: 'Memcached',
};

/** What a box is: with its engine, where the template names it. */
export function kindOf({ type, properties: { Engine, ProtocolType, Type } }: Thing): string {
  const { kind } = NODE_TYPES[type];
  const engine = typeof Engine === 'string' ? ENGINES[Engine.toLowerCase()] : undefined;
  if (engine !== undefined && (kind === 'database' || kind === 'cache')) return `${engine} ${kind}`;
  if (ProtocolType === 'WEBSOCKET') return 'WebSocket API';
  return kind === 'load balancer' && Type === 'network' ? 'network load balancer' : kind;
}
