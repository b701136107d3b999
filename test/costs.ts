import type { Assembly, AssemblyStack, TemplateResource } from '../lib/assembly/cloud-assembly';
import { ServerMetrics } from '../lib/blocks/compute/server-metrics';
import { text } from './generated-section';

interface Price {
  readonly price: number;
  readonly unit: string;
}

/** The prices of docs/prices.json, and what an account gets for nothing. */
const { prices, freeTier, hoursPerMonth } = JSON.parse(text('docs/prices.json')) as {
  readonly prices: { readonly [key: string]: { readonly [region: string]: Price } };
  readonly freeTier: { readonly [key: string]: { readonly amount: number | string } };
  readonly hoursPerMonth: number;
};

/** Keys of docs/prices.json that were asked for, so that a test can find the ones nobody needs. */
export const asked = new Set<string>();

/** A price by its key; an unknown one is a fault, never zero. */
export function price(key: string, region: string): Price {
  asked.add(key);
  const found = prices[key]?.[region] ?? prices[key]?.global;
  if (!found) throw new Error(`docs/prices.json has no price of ${key} in ${region}`);
  return found;
}

/** Every key of docs/prices.json. */
export const PRICE_KEYS = Object.keys(prices);

/** So many of something, each of which is charged for by these amounts at these prices. */
export interface Charge {
  readonly what: string;
  readonly region: string;
  readonly count: number;
  readonly terms: { readonly amount: number; readonly key: string }[];
}

/** A charge with its sum. */
export interface CostLine extends Charge {
  readonly arithmetic: string;
  readonly usd: number;
}

/** What an account gets for nothing a month, by price key (CloudWatch: 10 metrics, 10 alarms, 3 dashboards; Route 53: 50 checks). */
const ALLOWANCES: { [key: string]: number } = {
  'cloudwatch.metrics.0-10k': freeOfCloudWatch('metrics'),
  'cloudwatch.alarm.standard': freeOfCloudWatch('alarms'),
  'cloudwatch.dashboard': freeOfCloudWatch('dashboards'),
  'route53.health-check.aws-endpoint': Number(freeTier['route53.health-check.aws-endpoint'].amount),
};

/**
 * Metrics that Container Insights sends for a Fargate cluster and for each service, counted from the names AWS lists and the
 * dimensions it gives them; an estimate, since AWS documents no count.
 */
const INSIGHTS = { cluster: 11, service: 21 };

/** What a server with database and domain reports; one method each. */
const SERVER_METRICS = Object.getOwnPropertyNames(ServerMetrics.prototype).filter(
  (name) => name !== 'constructor' && name !== 'metric',
).length;

/** Fewest capacity units that an RDS Proxy is charged for (RDS Proxy pricing, Aurora Serverless v2). */
const PROXY_LEAST_ACU = 8;

interface Context {
  readonly stack: AssemblyStack;
  readonly assembly: Assembly;
  readonly properties: Properties;
  readonly path: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a template's properties have the shape of their type's schema
type Properties = any;

type Rule = (context: Context) => Omit<Charge, 'region'>[];

const one = (what: string, key: string, amount = 1, count = 1): Omit<Charge, 'region'> => ({
  what,
  count,
  terms: [{ amount, key }],
});

/** What is charged for by the hour or month, whether or not anybody comes. */
const FIXED: { [type: string]: Rule } = {
  'AWS::AutoScaling::AutoScalingGroup': ({ stack, properties }) => {
    const template = referred(stack, properties.LaunchTemplate.LaunchTemplateId).LaunchTemplateData;
    const count = Number(properties.MinSize);
    const disks = template.BlockDeviceMappings.map(({ Ebs }: Properties) => Ebs.VolumeSize);
    return [
      one(`Server, ${template.InstanceType}`, `ec2.${template.InstanceType}`, 1, count),
      one('Metric of its own (the server reports)', 'cloudwatch.metrics.0-10k', 1, SERVER_METRICS),
      ...disks.map((size: number) => one(`Disk of the server, ${size} GB gp3`, 'ebs.gp3.storage', size, count)),
    ];
  },
  'AWS::EC2::Volume': ({ properties: { Size, VolumeType } }) => [
    one(`Data volume of the server, ${Size} GB ${VolumeType}`, `ebs.${VolumeType}.storage`, Size),
  ],
  'AWS::EC2::EIP': () => [one('Public IPv4 address', 'vpc.public-ipv4.in-use')],
  'AWS::EC2::NatGateway': () => [one('NAT gateway', 'vpc.nat-gateway.hour')],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ properties }) => [
    one('Load balancer', 'elb.alb.hour'),
    ...(properties.Scheme === 'internet-facing'
      ? [one('Public IPv4 address', 'vpc.public-ipv4.in-use', 1, properties.Subnets.length)]
      : []),
  ],
  'AWS::ECS::Cluster': () => [
    one('Metric of its own (Container Insights: estimate)', 'cloudwatch.metrics.0-10k', 1, INSIGHTS.cluster),
  ],
  'AWS::ECS::Service': ({ stack, properties, path }) => {
    const { Cpu, Memory } = referred(stack, properties.TaskDefinition);
    const count = fewestTasks(stack, path);
    const [cpu, memory] = [Number(Cpu) / 1024, Number(Memory) / 1024];
    const what = `Task of ${serviceName(path)}, ${cpu} vCPU, ${memory} GB`;
    const terms = [
      { amount: cpu, key: 'fargate.arm.vcpu' },
      { amount: memory, key: 'fargate.arm.memory' },
    ];
    const insights = one('Metric of its own (Container Insights: estimate)', 'cloudwatch.metrics.0-10k', 1, INSIGHTS.service);
    return count === 0 ? [] : [{ what, count, terms }, insights];
  },
  'AWS::RDS::DBInstance': ({ stack, properties }) => {
    if (properties.DBInstanceClass !== 'db.serverless') throw new Error(`no price of ${properties.DBInstanceClass}`);
    const acu = referred(stack, properties.DBClusterIdentifier).ServerlessV2ScalingConfiguration.MinCapacity;
    return [one(`Aurora instance at its least, ${acu} ACU`, 'aurora-postgresql.serverless-v2.standard', acu)];
  },
  'AWS::RDS::DBProxy': ({ stack }) => {
    const clusters = resources(stack, 'AWS::RDS::DBCluster');
    const acu = resources(stack, 'AWS::RDS::DBInstance').length * clusters[0].ServerlessV2ScalingConfiguration.MinCapacity;
    return [
      one(`Database proxy, at least ${PROXY_LEAST_ACU} ACU`, 'rds-proxy.aurora-postgresql.acu', Math.max(acu, PROXY_LEAST_ACU)),
    ];
  },
  'AWS::ElastiCache::ReplicationGroup': ({ assembly, properties }) => {
    // A copy has the shards and the node type of the primary Region's cache.
    const primary = properties.GlobalReplicationGroupId
      ? resources(assembly.stacks[0], 'AWS::ElastiCache::ReplicationGroup')[0]
      : {};
    const { CacheNodeType, NumNodeGroups, ReplicasPerNodeGroup } = { ...primary, ...properties };
    const nodes = NumNodeGroups * (1 + ReplicasPerNodeGroup);
    return [one(`Valkey node, ${CacheNodeType}`, `elasticache.valkey.${CacheNodeType}`, 1, nodes)];
  },
  'AWS::MSK::Cluster': ({ properties: { NumberOfBrokerNodes, BrokerNodeGroupInfo } }) => {
    const { InstanceType, StorageInfo, ConnectivityInfo } = BrokerNodeGroupInfo;
    const size = StorageInfo.EBSStorageInfo.VolumeSize;
    return [
      one(`Kafka broker, ${InstanceType}`, `msk.${InstanceType}`, 1, NumberOfBrokerNodes),
      one(`Disk of a Kafka broker, ${size} GB`, 'msk.storage.gp2', size, NumberOfBrokerNodes),
      ...(ConnectivityInfo ? [one('Kafka open to other VPCs', 'msk.private-connectivity.hour')] : []),
    ];
  },
  'AWS::MSK::Replicator': () => [one('Kafka replicator', 'msk.replicator.hour')],
  'AWS::OpenSearchService::Domain': ({ properties: { ClusterConfig, EBSOptions } }) => [
    one(`Search node, ${ClusterConfig.InstanceType}`, `opensearch.${ClusterConfig.InstanceType}`, 1, ClusterConfig.InstanceCount),
    one(
      `Search master, ${ClusterConfig.DedicatedMasterType}`,
      `opensearch.${ClusterConfig.DedicatedMasterType}`,
      1,
      ClusterConfig.DedicatedMasterCount,
    ),
    one(
      `Disk of a search node, ${EBSOptions.VolumeSize} GB`,
      'opensearch.ebs.gp3',
      EBSOptions.VolumeSize,
      ClusterConfig.InstanceCount,
    ),
  ],
  'AWS::KMS::Key': () => [one('Key', 'kms.key')],
  'AWS::KMS::ReplicaKey': () => [one('Key', 'kms.key')],
  'AWS::SecretsManager::Secret': ({ properties }) => [
    one('Secret, or its copy in another Region', 'secretsmanager.secret', 1, 1 + (properties.ReplicaRegions ?? []).length),
  ],
  // Redshift keeps the administrator's password in a secret of its own making.
  'AWS::RedshiftServerless::Namespace': ({ properties }) =>
    properties.ManageAdminPassword ? [one('Secret, or its copy in another Region', 'secretsmanager.secret')] : [],
  // An alarm on a formula is charged for every metric that the formula reads (CloudWatch pricing, alarms).
  'AWS::CloudWatch::Alarm': ({ properties: { Metrics = [] } }) => {
    const read = Metrics.filter(({ MetricStat }: Properties) => MetricStat).length;
    return [one('Alarm, by the metrics it reads', 'cloudwatch.alarm.standard', 1, read || 1)];
  },
  // Eight metrics beyond the free ones (CloudFront developer guide, additional distribution metrics).
  'AWS::CloudFront::MonitoringSubscription': () => [one('Metric of its own (CloudFront)', 'cloudwatch.metrics.0-10k', 1, 8)],
  'AWS::CloudWatch::CompositeAlarm': () => [one('Alarm on alarms', 'cloudwatch.alarm.composite')],
  'AWS::CloudWatch::Dashboard': () => [one('Dashboard', 'cloudwatch.dashboard')],
  // Target tracking makes an alarm for more and one for less, each charged for by the metrics it reads.
  'AWS::ApplicationAutoScaling::ScalingPolicy': ({ properties }) => {
    const { CustomizedMetricSpecification: custom } = properties.TargetTrackingScalingPolicyConfiguration ?? {};
    const read = (custom?.Metrics ?? []).filter(({ MetricStat }: Properties) => MetricStat).length;
    const tracking = properties.PolicyType === 'TargetTrackingScaling';
    return tracking ? [one('Alarm of scaling, by the metrics it reads', 'cloudwatch.alarm.standard', 1, 2 * (read || 1))] : [];
  },
  // HTTPS and the measuring of latency are charged for beside the check itself (Route 53 pricing, optional features).
  'AWS::Route53::HealthCheck': ({ properties: { HealthCheckConfig } }) => [
    one('Health check', 'route53.health-check.aws-endpoint'),
    ...(HealthCheckConfig.MeasureLatency
      ? [one('Option of a health check: HTTPS, latency', 'route53.health-check.optional-feature.aws', 1, 2)]
      : []),
  ],
  'AWS::WAFv2::WebACL': ({ properties }) => [
    one('Firewall', 'waf.web-acl'),
    one('Rule of the firewall', 'waf.rule', 1, properties.Rules.length),
  ],
};

/** What is charged for by use: docs/costs.md names the rates. */
export const BY_USE: { [type: string]: string } = {
  'AWS::Backup::BackupVault': 'Backups of the data volume, the database and the shared table',
  'AWS::Backup::RestoreTestingPlan': 'Restore tests: what is restored, while it is there',
  'AWS::CloudFront::Distribution': 'CloudFront requests and traffic',
  'AWS::Cognito::UserPool': 'Cognito users beyond 10,000 a month',
  'AWS::DynamoDB::GlobalTable': 'Shared table and idempotency table: reads, writes, storage, backups',
  'AWS::EC2::FlowLog': 'Flow logs (rejected connections only)',
  'AWS::Events::EventBus': 'Events on the bus',
  'AWS::Lambda::Function': 'Runs of the functions that rotate the password and look after the search',
  'AWS::Logs::LogGroup': 'Logs',
  'AWS::RDS::DBCluster': 'Aurora storage, I/O, and capacity above the least',
  'AWS::RDS::GlobalCluster': 'Aurora writes copied to other Regions',
  'AWS::RDS::Integration': 'Changes copied to the warehouse',
  'AWS::RedshiftServerless::Workgroup': 'Warehouse while queries run, and its storage',
  'AWS::S3::Bucket': 'Files, dumps and access logs in S3',
  'AWS::SNS::Topic': 'Messages of topics',
  'AWS::SQS::Queue': 'Messages of queues',
};

/** What is free, or only describes something that is charged for elsewhere. */
const FREE = new Set(
  `ApplicationAutoScaling::ScalableTarget Athena::NamedQuery Athena::WorkGroup Backup::BackupPlan Backup::BackupSelection
   Backup::RestoreTestingSelection Cognito::ManagedLoginBranding Cognito::UserPoolDomain SSM::Association Scheduler::Schedule ServiceDiscovery::HttpNamespace
   CertificateManager::Certificate CloudFront::CachePolicy CloudFront::OriginAccessControl CloudFront::ResponseHeadersPolicy Cognito::UserPoolClient EC2::InternetGateway EC2::LaunchTemplate
   EC2::Route EC2::RouteTable EC2::SecurityGroup EC2::SecurityGroupEgress EC2::SecurityGroupIngress EC2::Subnet
   EC2::SubnetRouteTableAssociation EC2::VPC EC2::VPCGatewayAttachment ECS::ClusterCapacityProviderAssociations ECS::TaskDefinition
   ElastiCache::GlobalReplicationGroup ElastiCache::ParameterGroup ElastiCache::SubnetGroup ElastiCache::User ElastiCache::UserGroup
   ElasticLoadBalancingV2::Listener ElasticLoadBalancingV2::ListenerRule ElasticLoadBalancingV2::TargetGroup Events::Rule Glue::Database Glue::Table
   IAM::InstanceProfile IAM::ManagedPolicy IAM::Policy IAM::Role Lambda::Permission Logs::QueryDefinition Logs::ResourcePolicy MSK::ClusterPolicy MSK::Configuration
   RDS::DBClusterParameterGroup RDS::DBProxyEndpoint RDS::DBProxyTargetGroup RDS::DBSubnetGroup Route53::RecordSet S3::BucketPolicy
   SNS::Subscription SNS::TopicPolicy SQS::QueuePolicy SSM::Document SSM::Parameter SecretsManager::RotationSchedule SecretsManager::SecretTargetAttachment
   WAFv2::LoggingConfiguration WAFv2::WebACLAssociation`
    .split(/\s+/)
    .map((type) => `AWS::${type}`),
);

/** The fixed charges of an assembly. @throws on a resource type that nobody has judged yet */
export function fixedCharges(assembly: Assembly): Charge[] {
  const charges = assembly.stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources ?? {}).flatMap(([id, resource]) =>
      chargesOf(resource, { stack, assembly, properties: resource.Properties ?? {}, path: stack.paths[id] ?? id }).map(
        (charge) => ({
          ...charge,
          region: stack.region,
        }),
      ),
    ),
  );
  const zones = new Set(
    assembly.stacks.flatMap((stack) => resources(stack, 'AWS::Route53::RecordSet').map(({ HostedZoneId }) => HostedZoneId)),
  );
  for (const _ of zones) charges.push({ ...one('Hosted zone (yours)', 'route53.hosted-zone.first-25'), region: 'global' });
  return charges;
}

/** Charges of one kind added up, what the account gets for nothing taken off. */
export function costLines(charges: Charge[]): CostLine[] {
  const left = { ...ALLOWANCES };
  const groups = new Map<string, Charge>();
  for (const charge of charges) {
    const { what, region, terms } = charge;
    const id = JSON.stringify([what, region, terms]);
    groups.set(id, { ...charge, count: (groups.get(id)?.count ?? 0) + charge.count });
  }
  return [...groups.values()].map((charge) => {
    const allowed = Math.min(charge.count, left[charge.terms[0].key] ?? 0);
    if (allowed > 0) left[charge.terms[0].key] -= allowed;
    const count = charge.count - allowed;
    const found = charge.terms.map(({ amount, key }) => ({ amount, ...price(key, charge.region) }));
    const hourly = /hour/.test(found[0].unit);
    const each = found.reduce((sum, term) => sum + term.amount * term.price, 0);
    const text = found
      .map((term) => (term.amount === 1 && found.length === 1 ? `${term.price}` : `${term.amount} × ${term.price}`))
      .join(' + ');
    const factors = [allowed > 0 ? `(${charge.count} − ${allowed} free)` : `${charge.count}`, hourly && `${hoursPerMonth} h`];
    const arithmetic = [...factors, found.length > 1 ? `(${text})` : text].filter(Boolean).join(' × ');
    return { ...charge, arithmetic, usd: count * each * (hourly ? hoursPerMonth : 1) };
  });
}

/** The fixed monthly cost in USD. */
export function fixedCost(assembly: Assembly): number {
  return costLines(fixedCharges(assembly)).reduce((sum, { usd }) => sum + usd, 0);
}

function chargesOf(resource: TemplateResource, context: Context): Omit<Charge, 'region'>[] {
  const { Type } = resource;
  if (Type === 'AWS::EC2::VPCEndpoint' && context.properties.VpcEndpointType === 'Gateway') return [];
  if (Type in FIXED) return FIXED[Type](context);
  if (Type in BY_USE || FREE.has(Type)) return [];
  throw new Error(`${context.path}: nobody has judged what ${Type} costs: put it into test/costs.ts`);
}

function resources(stack: AssemblyStack, type: string): Properties[] {
  return Object.values(stack.template.Resources ?? {})
    .filter(({ Type }) => Type === type)
    .map(({ Properties: properties }) => properties);
}

function referred(stack: AssemblyStack, reference: Properties): Properties {
  return stack.template.Resources![reference.Ref ?? reference['Fn::GetAtt'][0]].Properties;
}

/** `worker` of `…/Application/Worker/Service/Service`. */
function serviceName(path: string): string {
  const [, own] = /\/Services\/([^/]+)\//.exec(path) ?? [];
  if (own) return own;
  const id = path.split('/').at(-3)!;
  return id === 'Service' ? 'the core' : id.toLowerCase();
}

function fewestTasks(stack: AssemblyStack, path: string): number {
  const target = Object.entries(stack.template.Resources ?? {}).find(
    ([id, { Type }]) =>
      Type === 'AWS::ApplicationAutoScaling::ScalableTarget' && stack.paths[id]?.startsWith(path.replace(/[^/]+$/, '')),
  );
  return (target![1].Properties as Properties).MinCapacity;
}

function freeOfCloudWatch(what: string): number {
  return Number(new RegExp(`(\\d+) ${what}`).exec(String(freeTier.cloudwatch.amount))![1]);
}
