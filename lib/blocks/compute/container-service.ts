import { Duration, Lazy, Names, Stack } from 'aws-cdk-lib';
import * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct, Dependable, type IDependable } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import { nameScalingPolicies } from '../operations/scaling-policy-names';
import { serviceLog } from '../operations/service-log';
import type { AppContract, ContractSecret } from './app-contract';
import { acknowledgeFreedoms, containerRestrictions } from './container-restrictions';
import type { ProductImage } from './product-image';
import type { ServiceSize } from './service-size';

/** Name of the product's container in every task. */
const CONTAINER = 'app';

/** Properties of a ContainerService. */
export interface ContainerServiceProps {
  /** Cluster with Fargate capacity providers. */
  readonly cluster: ecs.ICluster;
  /** Image to run. */
  readonly image: ProductImage;
  /** What the container gets as environment. */
  readonly contract: AppContract;
  /** Value of `PROCESS_TYPE`, by which one image knows which of its processes to start, such as `web` or `worker`. */
  readonly processType: string;
  /** CPU, memory and number of tasks. */
  readonly size: ServiceSize;
  /**
   * Subnets for the tasks.
   * @default - private subnets with egress
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Port the container listens on.
   * @default - listens on none, as a worker does
   */
  readonly port?: number;
  /**
   * Whether the service waits with no task at all, as workers must while another place works off their queue.
   * @default false
   */
  readonly standby?: boolean;
  /**
   * Key for the log, in place at any time; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * A service of Arm tasks on Fargate that rolls out without dropping below its size and rolls back by itself.
 *
 * Nothing here is create-only trouble later: no service name, no explicit deployment controller and capacity providers instead of
 * a launch type, so that canary releases and Spot are updates in place (docs/adr/0004).
 */
export class ContainerService extends Construct implements ec2.IConnectable, iam.IGrantable {
  public readonly service: ecs.FargateService;
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  public readonly scaling: ecs.ScalableTaskCount;
  public readonly logGroup: logs.LogGroup;
  public readonly connections: ec2.Connections;
  /** Role of the running container. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** Port the container listens on, if any. */
  public readonly port?: number;
  private readonly routes: ecs.CfnService.LoadBalancerProperty[] = [];

  constructor(scope: Construct, id: string, props: ContainerServiceProps) {
    super(scope, id);
    this.port = props.port;
    this.logGroup = serviceLog(this, 'LogGroup', { encryptionKey: props.encryptionKey });
    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      // Spelled out, since CDK's own holds the path through the whole app.
      family: Names.uniqueResourceName(this, { maxLength: 200, separator: '-' }),
      cpu: props.size.cpu,
      memoryLimitMiB: props.size.memoryMiB,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    });
    this.taskDefinition.addContainer(CONTAINER, {
      image: props.image.containerImage,
      environment: { ...props.contract.environment, PROCESS_TYPE: props.processType },
      secrets: props.contract.containerSecrets(),
      portMappings: props.port === undefined ? [] : [{ containerPort: props.port }],
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: props.processType }),
      stopTimeout: Duration.seconds(60),
      ...containerRestrictions(this, props),
    });
    this.letDecrypt(props.contract.secrets);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.cluster.vpc,
      description: 'Tasks of a container service',
    });
    this.service = new ecs.FargateService(this, 'Service', {
      cluster: props.cluster,
      taskDefinition: this.taskDefinition,
      desiredCount: props.size.minTasks,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      capacityProviderStrategies: [{ capacityProvider: 'FARGATE', weight: 1 }],
      vpcSubnets: props.vpcSubnets ?? { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
      securityGroups: [securityGroup],
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableExecuteCommand: false,
    });
    // The capacity providers are tied to the cluster by a resource of its own, without which ECS refuses the service
    // (aws/containers-roadmap#631).
    this.service.node.addDependency(capacityProviders(props.cluster));
    const resource = this.service.node.defaultChild as ecs.CfnService;
    // Without the flag disableExplicitDeploymentControllerForCircuitBreaker CDK spells the controller out, and turning the flag on
    // later would replace the service.
    resource.addPropertyDeletionOverride('DeploymentController');
    // Said here, because without the flag removeEmptyLoadBalancers CDK writes an empty list for a service behind none.
    resource.loadBalancers = Lazy.any({ produce: () => this.routes }, { omitEmptyArray: true });
    // A task count in the template would undo what scaling did at every deploy.
    if (props.standby) resource.desiredCount = 0;
    else resource.addPropertyDeletionOverride('DesiredCount');
    this.scaling = this.service.autoScaleTaskCount({
      minCapacity: props.standby ? 0 : props.size.minTasks,
      maxCapacity: props.standby ? 0 : props.size.maxTasks,
    });
    this.connections = new ec2.Connections({
      securityGroups: [securityGroup],
      defaultPort: props.port === undefined ? undefined : ec2.Port.tcp(props.port),
    });
    this.grantPrincipal = this.taskDefinition.taskRole.grantPrincipal;
    this.acknowledgePolicies(props.image);
  }

  /**
   * Lets ECS decrypt what it injects. CDK's own grant goes through the key's policy, which a key from elsewhere, such as a replica,
   * does not let it change, and then says nothing (aws/aws-cdk#10160).
   */
  private letDecrypt(secrets: ContractSecret[]): void {
    const keys = new Set(secrets.flatMap(({ secret }) => secret.encryptionKey?.keyArn ?? []));
    for (const keyArn of keys) {
      this.taskDefinition.addToExecutionRolePolicy(
        new iam.PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this).region}.amazonaws.com` } },
        }),
      );
    }
  }

  /**
   * Registers the tasks with a target group.
   *
   * On the L1, because the L2 also adds security group rules, whose ids hold the path through the whole app; `letIn` adds them here.
   */
  public receiveFrom(targetGroup: elbv2.ApplicationTargetGroup): void {
    const resource = this.service.node.defaultChild as ecs.CfnService;
    this.routes.push({ containerName: CONTAINER, containerPort: this.port, targetGroupArn: targetGroup.targetGroupArn });
    resource.healthCheckGracePeriodSeconds = 60;
    this.service.node.addDependency(targetGroup.loadBalancerAttached);
  }

  /** Keeps the average CPU use of the tasks at a percentage (seed: 70 %). */
  public scaleOnCpu(targetUtilizationPercent = 70): void {
    this.scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent, scaleInCooldown: Duration.minutes(5) });
    nameScalingPolicies(this.scaling);
  }

  /** Adds a task when 100 messages or more wait in a queue, two from 1,000 on, and takes one away when it is empty. */
  public scaleOnBacklog(queue: sqs.IQueue): void {
    this.scaling.scaleOnMetric('Backlog', {
      metric: queue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: cloudwatch.Stats.MAXIMUM,
      }),
      adjustmentType: appscaling.AdjustmentType.CHANGE_IN_CAPACITY,
      scalingSteps: [
        { upper: 0, change: -1 },
        { lower: 100, change: +1 },
        { lower: 1000, change: +2 },
      ],
      cooldown: Duration.minutes(2),
    });
    nameScalingPolicies(this.scaling);
  }

  /** Average CPU use of the tasks, in percent. */
  public metricCpuUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricCpuUtilization(props);
  }

  private acknowledgePolicies(image: ProductImage): void {
    acknowledge(this.taskDefinition, {
      id: 'AwsSolutions::AwsSolutions-ECS2',
      reason:
        'The plain variables of the app contract are host names, ports and resource names, none of them secret. ' +
        'Every credential is injected from Secrets Manager by the execution role and stands in no template.',
    });
    acknowledgeOwnPolicies(this.taskDefinition);
    acknowledgeFreedoms(this.taskDefinition, image);
    if (image.repository) {
      acknowledge(
        this.taskDefinition.obtainExecutionRole(),
        ...sameReason(
          'ecr:GetAuthorizationToken knows no resource but *, and gives a token that opens only what the other statements name. ' +
            'Those are bound to the one repository, log group and secrets of this service.',
          'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
          'Cloudsplaining::CredentialsExposure',
        ),
      );
    }
  }
}

/** What ties capacity providers to a cluster; CDK makes it when it synthesizes. */
function capacityProviders(cluster: ecs.ICluster): IDependable {
  const tie: IDependable = {};
  Dependable.implement(tie, {
    get dependencyRoots() {
      return cluster.node.findAll().filter((child) => child instanceof ecs.CfnClusterCapacityProviderAssociations);
    },
  });
  return tie;
}
