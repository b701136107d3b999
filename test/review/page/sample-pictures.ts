import type { Picture, PictureEdge, PictureNode } from '../../../lib/review/review';
import { place, REGIONS, stackOf } from './sample-places';

type Box = [id: string, label: string, kind: string, layer: PictureNode['layer'], type: string, path: string, detail?: string];

const MAIN: Box[] = [
  ['dns', 'Alias', 'Route 53 record', 'edge', 'AWS::Route53::RecordSet', 'Alias', 'shop.example.com'],
  ['cdn', 'ContentDelivery', 'CloudFront distribution', 'edge', 'AWS::CloudFront::Distribution', 'ContentDelivery/Distribution'],
  ['waf', 'Firewall', 'WAF web ACL', 'edge', 'AWS::WAFv2::WebACL', 'Firewall/WebAcl', '6 rules'],
];

export const REGIONAL: Box[] = [
  [
    'alb',
    'LoadBalancer',
    'Application load balancer',
    'entry',
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    'LoadBalancer/Balancer',
    'internet-facing',
  ],
  ['pool', 'Users', 'Cognito user pool', 'entry', 'AWS::Cognito::UserPool', 'Users/Pool'],
  ['core', 'Service', 'ECS service', 'compute', 'AWS::ECS::Service', 'Service/Service', '8 to 40 tasks'],
  ['worker', 'Worker', 'ECS service', 'compute', 'AWS::ECS::Service', 'Worker/Service', '2 to 20 tasks'],
  ['auth', 'Auth', 'ECS service', 'compute', 'AWS::ECS::Service', 'Auth/Service', '2 to 10 tasks'],
  ['notification', 'Notification', 'ECS service', 'compute', 'AWS::ECS::Service', 'Notification/Service', '2 to 10 tasks'],
  [
    'server',
    'Server',
    'EC2 instance group',
    'compute',
    'AWS::AutoScaling::AutoScalingGroup',
    'Server/Group',
    'exactly 1, t4g.small',
  ],
  ['jobs', 'Jobs', 'SQS queue', 'messaging', 'AWS::SQS::Queue', 'Jobs/Queue', 'visible again after 5 min'],
  ['dead', 'Jobs/DeadLetterQueue', 'SQS queue', 'messaging', 'AWS::SQS::Queue', 'Jobs/DeadLetterQueue', 'after 3 attempts'],
  ['topic', 'Events', 'SNS topic', 'messaging', 'AWS::SNS::Topic', 'Events/Topic'],
  ['bus', 'Events', 'EventBridge bus', 'messaging', 'AWS::Events::EventBus', 'Events/Bus'],
  [
    'mails',
    'NotificationQueueOfEverySingleMessageThatLeaves',
    'SQS queue',
    'messaging',
    'AWS::SQS::Queue',
    'NotificationQueue/Queue',
  ],
  ['stream', 'EventStream', 'MSK cluster', 'messaging', 'AWS::MSK::Cluster', 'EventStream/Cluster', '3 brokers, kafka.m7g.large'],
  ['proxy', 'Database/Proxy', 'RDS proxy', 'data', 'AWS::RDS::DBProxy', 'Database/Proxy'],
  ['aurora', 'Database', 'Aurora PostgreSQL', 'data', 'AWS::RDS::DBCluster', 'Database/Cluster', '3 instances, 1 to 64 ACU'],
  ['cache', 'Cache', 'ElastiCache (Valkey)', 'data', 'AWS::ElastiCache::ReplicationGroup', 'Cache/Group', '3 shards, 1 replica'],
  ['search', 'Search', 'OpenSearch domain', 'data', 'AWS::OpenSearchService::Domain', 'Search/Domain', '3 nodes'],
  ['table', 'SharedTable', 'DynamoDB global table', 'data', 'AWS::DynamoDB::GlobalTable', 'SharedTable/Table', '4 Regions'],
  ['warehouse', 'Warehouse', 'Redshift Serverless', 'data', 'AWS::RedshiftServerless::Namespace', 'Warehouse/Namespace'],
  ['assets', 'Assets', 'S3 bucket', 'data', 'AWS::S3::Bucket', 'Assets/Bucket', 'versioned'],
  ['volume', 'Server/Data', 'EBS volume', 'data', 'AWS::EC2::Volume', 'Server/DataVolume', '30 GiB gp3'],
  ['key', 'DataKey', 'KMS key', 'elsewhere', 'AWS::KMS::Key', 'DataKey/Key', 'rotated every year'],
  ['vault', 'Backups', 'Backup vault', 'elsewhere', 'AWS::Backup::BackupVault', 'Backups/Vault', 'daily, 35 days'],
  ['logs', 'Log groups', 'CloudWatch log groups', 'elsewhere', 'AWS::Logs::LogGroup', 'Logs/Group', '12 of them'],
  ['alarms', 'Alarms', 'CloudWatch alarms', 'elsewhere', 'AWS::CloudWatch::Alarm', 'Alarms/Alarm', '15 of them'],
];

const EDGES = `dns>cdn waf>cdn cdn>alb cdn>assets alb>core alb>auth auth>pool core>auth core>proxy core>cache core>search core>table core>jobs core>topic
core>bus core>assets worker>proxy worker>cache worker>search worker>assets jobs>worker:polls jobs>dead:after 3 attempts topic>mails mails>notification:polls
notification>table auth>table core>stream worker>stream proxy>aurora aurora>warehouse:zero-ETL server>volume server>jobs`;

/** What one Region looks like; the first has the edge and the server too. */
export function picture(region: string): Picture {
  const boxes = region === REGIONS[0] ? [...MAIN, ...REGIONAL] : REGIONAL.filter(([id]) => id !== 'server' && id !== 'volume');
  const nodes = boxes.map(([id, label, kind, layer, type, path, detail]) => ({
    id,
    label,
    kind,
    layer,
    detail,
    place: place(region, type, path),
  }));
  const edges = EDGES.split(/\s+(?=\w+>)/).map((text): PictureEdge => {
    const [, from, to, label] = /^(\w+)>(\w+)(?::(.*))?$/.exec(text)!;
    return { from, to, label };
  });
  const known = new Set(nodes.map(({ id }) => id));
  return { stack: stackOf(region), region, nodes, edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)) };
}

/** Boxes that hold state. */
export const STATEFUL = REGIONAL.filter(([, , , layer]) => layer === 'data' || layer === 'messaging');
