import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { ContainerService } from '../blocks/compute/container-service';
import type { ProductService } from '../blocks/compute/product-service';
import { Reach } from '../blocks/compute/reach';
import { grantPublish } from '../blocks/data/asset-bucket';
import { PermissionStore } from '../blocks/identity/permission-store';
import { acknowledgeGrant, wildcardResource } from '../blocks/operations/acknowledge';
import type { ServiceGround } from './service-ground';
import { queueOffers } from './service-queue';

const SEND = ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'];
const CONSUME = [
  'sqs:ReceiveMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:DeleteMessage',
  'sqs:SendMessage',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
];
const ITEM = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action}`);
const ITEMS = [
  ...ITEM,
  ...['BatchGetItem', 'BatchWriteItem', 'ConditionCheckItem', 'DescribeTable', 'Query', 'Scan'].map((name) => `dynamodb:${name}`),
];
const USE_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** Lets a service do what its list of reaches says, and nothing else. */
export function grantReaches(service: ContainerService, ground: ServiceGround, definition: ProductService): void {
  const { offers } = ground;
  const { reaches = [], queue } = definition;
  const may = (reach: Reach) => reaches.includes(reach);
  const take = (name: string) => offers.take(service, name);
  const allow = (actions: string[], ...resourceArns: string[]) =>
    iam.Grant.addToPrincipal({ grantee: service, actions, resourceArns });

  if (may(Reach.JOBS)) allow(SEND, take('Jobs'));
  if (may(Reach.EVENTS)) {
    allow(['sns:Publish'], take('EventTopic'));
    allow(['events:PutEvents'], take('EventBus'));
  }
  // Queues and topic of a Region are encrypted with its key.
  if (may(Reach.JOBS) || may(Reach.EVENTS)) allow(USE_KEY, take('Key'));
  if (queue) {
    const names = queueOffers(definition);
    allow(CONSUME, take(names.arn));
    if (offers.has(names.key)) allow(USE_KEY, take(names.key));
  }
  if (may(Reach.SHARED_TABLE)) allow(ITEMS, take('SharedTableArn'));
  if (may(Reach.IDEMPOTENCY)) allow(ITEM, take('IdempotencyTableArn'));
  if (may(Reach.ASSETS)) {
    const bucketArn = take('Assets');
    grantPublish(s3.Bucket.fromBucketAttributes(service, 'Assets', { bucketArn, bucketName: take('AssetsBucket') }), service);
  }
  const { permissions } = ground.surroundings;
  if (may(Reach.USERS) && permissions) {
    const policyStoreId = take('PermissionStore');
    const encryptionKeyArn = permissions.encryptionKeyArn && take('PermissionStoreKey');
    const store = { policyStoreId, region: permissions.region, encryptionKeyArn };
    PermissionStore.fromPermissionStoreAttributes(service, 'Permissions', store).grantIsAuthorized(service);
  }
  if (may(Reach.STREAM) && offers.has('Stream')) grantStream(service, take);
}

function grantStream(service: ContainerService, take: (name: string) => string): void {
  const kafka = (...actions: string[]) => actions.map((action) => `kafka-cluster:${action}`);
  const allow = (actions: string[], ...resourceArns: string[]) =>
    iam.Grant.addToPrincipal({ grantee: service, actions, resourceArns });
  const [cluster, topics, groups] = ['Stream', 'StreamTopics', 'StreamGroups'].map(take);
  allow([...kafka('Connect', 'DescribeCluster', 'WriteDataIdempotently'), 'kafka:DescribeClusterV2'], cluster);
  allow(['kafka:GetBootstrapBrokers'], '*');
  allow(kafka('DescribeTopic', 'ReadData', 'WriteData'), topics);
  allow(kafka('AlterGroup', 'DescribeGroup'), groups);
  acknowledgeGrant(service, {
    id: wildcardResource(service, '*'),
    reason:
      'The rule wants a policy to name its resources. kafka:GetBootstrapBrokers knows none (Service Authorization Reference, ' +
      'Amazon MSK): with an ARN it is denied. It tells host names of brokers, who let nobody in without kafka-cluster:Connect.',
  });
}
