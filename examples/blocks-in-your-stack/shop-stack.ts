import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
// In your own project: from 'cdk-scale-tiers'.
import {
  AlarmTopic,
  AppContract,
  ContainerService,
  DataKey,
  FirewallRules,
  JobQueue,
  LoadBalancerFirewall,
  ProductImage,
  RateLimit,
  SearchAlarms,
  SearchDomain,
  ServiceMesh,
  ServiceSize,
  Warehouse,
} from '../../lib';

/**
 * A product that knows nothing of stages, in a VPC that somebody else laid out, and four things of stage 3 in it: search, warehouse,
 * firewall and service mesh. Nothing here comes from a stage; each block stands alone.
 */
export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, props);
    // Yours: a VPC that was there before, with zones and subnets as you like them; three zones for the warehouse.
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      vpcCidrBlock: '172.20.0.0/16',
      availabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
      publicSubnetIds: ['subnet-0a1b2c3d4e5f6071', 'subnet-0a2b2c3d4e5f6072', 'subnet-0a3b2c3d4e5f6073'],
      publicSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f6071', 'rtb-0a2b2c3d4e5f6072', 'rtb-0a3b2c3d4e5f6073'],
      privateSubnetIds: ['subnet-0b1b2c3d4e5f6071', 'subnet-0b2b2c3d4e5f6072', 'subnet-0b3b2c3d4e5f6073'],
      privateSubnetRouteTableIds: ['rtb-0b1b2c3d4e5f6071', 'rtb-0b2b2c3d4e5f6072', 'rtb-0b3b2c3d4e5f6073'],
      isolatedSubnetIds: ['subnet-0c1b2c3d4e5f6071', 'subnet-0c2b2c3d4e5f6072', 'subnet-0c3b2c3d4e5f6073'],
      isolatedSubnetRouteTableIds: ['rtb-0c1b2c3d4e5f6071', 'rtb-0c2b2c3d4e5f6072', 'rtb-0c3b2c3d4e5f6073'],
    });
    const cluster = new ecs.Cluster(this, 'Cluster', {
      vpc,
      enableFargateCapacityProviders: true,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      internetFacing: true,
      dropInvalidHeaderFields: true,
    });

    const encryptionKey = new DataKey(this, 'DataKey').key;
    const alarms = new AlarmTopic(this, 'Alarms', { encryptionKey });
    const alarmTopic = alarms.topic;

    // Search: three zones, fine-grained access, and somebody is told when it is full or sick.
    const search = new SearchDomain(this, 'Search', { vpc, encryptionKey });
    new SearchAlarms(search, 'Alarms', { domain: search, alarmTopic });

    // Warehouse: private, and load it as you like; a zero-ETL integration needs an Aurora cluster of yours with logical replication.
    new Warehouse(this, 'Warehouse', { vpc, encryptionKey });

    // Firewall: AWS's rule groups, and limits of your own, first only counted.
    new LoadBalancerFirewall(this, 'Firewall', {
      loadBalancer,
      encryptionKey,
      rules: FirewallRules.countOnly('first week: somebody reads the log before anybody is refused', {
        rateLimits: [
          RateLimit.perIp('/login', 100, Duration.minutes(5)),
          RateLimit.perHeader('x-api-key', '/api/', 1000, Duration.minutes(1)),
        ],
      }),
    });

    // Mesh: `orders` calls `prices` at http://prices, which has three seconds to answer.
    const mesh = new ServiceMesh(this, 'Mesh', { vpc });
    const jobs = new JobQueue(this, 'Jobs', { encryptionKey, alarmTopic });
    const service = (name: string) =>
      new ContainerService(this, name[0].toUpperCase() + name.slice(1), {
        cluster,
        image: ProductImage.fromRegistry('example/shop:1.4.2'),
        processType: name,
        port: 8080,
        size: ServiceSize.SMALL,
        contract: new AppContract({
          port: 8080,
          jobQueueUrl: jobs.queue.queueUrl,
          search: { endpoint: search.endpoint, secret: search.credentials },
        }),
        encryptionKey,
      });
    const prices = service('prices');
    const orders = service('orders');
    mesh.join(prices, { name: 'prices', callsOthers: false });
    mesh.join(orders);
    search.connections.allowDefaultPortFrom(orders);
    jobs.grantSend(orders);
    orders.service.node.addDependency(prices.service);
  }
}
