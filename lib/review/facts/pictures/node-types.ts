import type { PictureNode } from '../../review';

/** What is drawn of a resource type. */
export interface NodeType {
  readonly kind: string;
  readonly layer: PictureNode['layer'];
}

function types(layer: NodeType['layer'], kinds: Record<string, string>): Record<string, NodeType> {
  return Object.fromEntries(Object.entries(kinds).map(([type, kind]) => [type, { kind, layer }]));
}

/** Types that are drawn: not roles, policies, alarms, logs, nor what networks are made of. */
export const NODE_TYPES: Record<string, NodeType> = {
  ...types('edge', {
    'AWS::CloudFront::Distribution': 'CloudFront distribution',
    'AWS::GlobalAccelerator::Accelerator': 'Global Accelerator',
    'AWS::WAFv2::WebACL': 'firewall',
  }),
  ...types('entry', {
    'AWS::ElasticLoadBalancingV2::LoadBalancer': 'load balancer',
    'AWS::ElasticLoadBalancing::LoadBalancer': 'classic load balancer',
    'AWS::ApiGateway::RestApi': 'REST API',
    'AWS::ApiGatewayV2::Api': 'HTTP API',
    'AWS::AppSync::GraphQLApi': 'GraphQL API',
    'AWS::AppSync::Api': 'events API',
    'AWS::Serverless::Api': 'REST API',
    'AWS::Serverless::HttpApi': 'HTTP API',
    'AWS::Transfer::Server': 'file transfer server',
  }),
  ...types('compute', {
    'AWS::ECS::Service': 'container service',
    'AWS::AutoScaling::AutoScalingGroup': 'server group',
    'AWS::EC2::Instance': 'server',
    'AWS::Lambda::Function': 'function',
    'AWS::Serverless::Function': 'function',
    'AWS::StepFunctions::StateMachine': 'state machine',
    'AWS::AppRunner::Service': 'App Runner service',
    'AWS::EKS::Cluster': 'Kubernetes cluster',
    'Custom::AWSCDK-EKS-Cluster': 'Kubernetes cluster',
    'AWS::ElasticBeanstalk::Environment': 'Elastic Beanstalk environment',
    'AWS::Batch::JobQueue': 'batch queue',
    'AWS::Glue::Job': 'Glue job',
    'AWS::SageMaker::Endpoint': 'model endpoint',
    'AWS::Amplify::App': 'web app',
  }),
  ...types('messaging', {
    'AWS::SQS::Queue': 'queue',
    'AWS::SNS::Topic': 'topic',
    'AWS::Events::EventBus': 'event bus',
    'AWS::Kinesis::Stream': 'stream',
    'AWS::KinesisFirehose::DeliveryStream': 'delivery stream',
    'AWS::MSK::Cluster': 'Kafka cluster',
    'AWS::MSK::ServerlessCluster': 'Kafka cluster',
    'AWS::AmazonMQ::Broker': 'message broker',
  }),
  ...types('data', {
    'AWS::RDS::DBCluster': 'database',
    'AWS::RDS::DBInstance': 'database',
    'AWS::DocDB::DBCluster': 'DocumentDB cluster',
    'AWS::Neptune::DBCluster': 'Neptune cluster',
    'AWS::DynamoDB::Table': 'table',
    'AWS::DynamoDB::GlobalTable': 'table',
    'AWS::Serverless::SimpleTable': 'table',
    'AWS::Cassandra::Table': 'table',
    'AWS::Timestream::Database': 'Timestream database',
    'AWS::DSQL::Cluster': 'database',
    'AWS::ElastiCache::ReplicationGroup': 'cache',
    'AWS::ElastiCache::ServerlessCache': 'cache',
    'AWS::ElastiCache::CacheCluster': 'cache',
    'AWS::MemoryDB::Cluster': 'MemoryDB cluster',
    'AWS::OpenSearchService::Domain': 'search',
    'AWS::Elasticsearch::Domain': 'search',
    'AWS::OpenSearchServerless::Collection': 'search',
    'AWS::Redshift::Cluster': 'warehouse',
    'AWS::RedshiftServerless::Namespace': 'warehouse',
    'AWS::S3::Bucket': 'bucket',
    'AWS::EFS::FileSystem': 'file system',
    'AWS::FSx::FileSystem': 'file system',
    'AWS::EC2::Volume': 'disk',
  }),
  ...types('elsewhere', {
    'AWS::Cognito::UserPool': 'user pool',
    'AWS::Cognito::IdentityPool': 'identity pool',
    'AWS::ECR::Repository': 'image repository',
  }),
};

/** From the internet to the data. */
export const LAYERS: NodeType['layer'][] = ['edge', 'entry', 'compute', 'messaging', 'data', 'elsewhere'];
