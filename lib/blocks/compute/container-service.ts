import { Duration, Lazy, Token } from 'aws-cdk-lib';
import type * as appscaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { isTooShort } from '../operations/reason';
import { nameScalingPolicies } from '../operations/scaling-policy-names';
import type { AppContract } from './app-contract';
import { trackBacklogPerTask } from './backlog-scaling';
import { HEALTH_CHECK_GRACE, STOP_TIMEOUT, WORKER_STOP_TIMEOUT } from './draining';
import { letExecute } from './exec-access';
import type { LifecycleHook } from './lifecycle-hook';
import type { ProductImage } from './product-image';
import { CONTAINER, productTask } from './product-task';
import { trackRequestsPerTask } from './request-scaling';
import { capacity, capacityProviders } from './service-capacity';
import { ServiceReleases } from './service-releases';
import type { ServiceSize } from './service-size';
import type { TrafficShift } from './traffic-shift';

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
  /** How new tasks take over from old ones. */
  public readonly releases: ServiceReleases;
  /** Port the container listens on, if any. */
  public readonly port?: number;
  private readonly image: ProductImage;
  private readonly routes: ecs.CfnService.LoadBalancerProperty[] = [];

  constructor(scope: Construct, id: string, props: ContainerServiceProps) {
    super(scope, id);
    if (props.port !== undefined && props.size.spotBase !== undefined) {
      throw new Error(
        `size must not be on Spot for a service with a port, got port ${props.port}: leave onSpot(...) to workers (a Spot task that ends takes its open requests with it)`,
      );
    }
    this.port = props.port;
    this.image = props.image.runIn(this);
    const task = productTask(this, {
      ...props,
      image: this.image,
      stopTimeout: props.port === undefined ? WORKER_STOP_TIMEOUT : STOP_TIMEOUT,
    });
    this.taskDefinition = task.taskDefinition;
    this.logGroup = task.logGroup;
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
      capacityProviderStrategies: capacity(props.size),
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
    this.releases = new ServiceReleases(this, resource, props.port !== undefined);
    // So that a zone which was shifted away from gets its share of the tasks back; said, since updates keep what a service had.
    resource.availabilityZoneRebalancing = ecs.AvailabilityZoneRebalancing.ENABLED;
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
  }

  /**
   * Registers the tasks with a target group, and with a second one where releases shift the traffic from one to the other.
   *
   * On the L1, because the L2 also adds security group rules, whose ids hold the path through the whole app; `letIn` adds them here.
   *
   * The second group stays when a release rolls: the tasks may be in either since the last one, and Amazon ECS knows in which.
   */
  public receiveFrom(targetGroup: elbv2.ApplicationTargetGroup, shift?: TrafficShift): void {
    const resource = this.service.node.defaultChild as ecs.CfnService;
    this.routes.push({
      containerName: CONTAINER,
      containerPort: this.port,
      targetGroupArn: targetGroup.targetGroupArn,
      advancedConfiguration: shift && {
        alternateTargetGroupArn: shift.alternate.targetGroupArn,
        productionListenerRule: shift.ruleArn,
        roleArn: shift.role.role.roleArn,
      },
    });
    resource.healthCheckGracePeriodSeconds = HEALTH_CHECK_GRACE.toSeconds();
    // A rule that it shifts it names, and so waits for.
    if (shift) this.releases.shiftBy(targetGroup, shift);
    else this.service.node.addDependency(targetGroup.loadBalancerAttached);
  }

  /**
   * Asks a function before a release goes on. It goes back if the function says `FAILED`, fails itself, or answers something else.
   * @param stages when; `TEST_TRAFFIC_SHIFT` and after it are of no use here, where no test traffic is shifted
   * @throws if no load balancer shifts the traffic of its releases, which have no stages then
   */
  public addLifecycleHook(id: string, handler: lambda.IFunction, stages: ecs.DeploymentLifecycleStage[]): LifecycleHook {
    return this.releases.addHook(id, handler, stages);
  }

  /** Keeps the average CPU use of the tasks at a percentage (seed: 70 %). */
  public scaleOnCpu(targetUtilizationPercent = 70): void {
    this.scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent, scaleInCooldown: Duration.minutes(5) });
    nameScalingPolicies(this.scaling);
  }

  /**
   * Keeps the requests that each task answers in a minute at a number. Beside the CPU, because a task that waits for the database is
   * busy without using any; with both, the one that wants more tasks wins (Application Auto Scaling user guide, multiple policies).
   * @param requestsPerMinute @default 1000, about 17 a second for each task: at the 500 ms a request that the seed allows, eight in
   * hand at a time; measure your own and say it (AWS gives no number: ECS developer guide, target tracking, ALBRequestCountPerTarget)
   * @param targets its target group, or the two between which releases shift the traffic
   * @throws if that is no number above 0
   */
  public scaleOnRequests(targets: elbv2.ApplicationTargetGroup[], requestsPerMinute = 1000): void {
    checkTarget('requestsPerMinute', requestsPerMinute);
    const watched = {
      loadBalancerFullName: this.releases.loadBalancerFullName ?? targets[0].firstLoadBalancerFullName,
      targetGroupFullNames: targets.map(({ targetGroupFullName }) => targetGroupFullName),
    };
    nameScalingPolicies(trackRequestsPerTask(this, this.scalingTarget, watched, requestsPerMinute));
  }

  /**
   * Keeps the jobs that wait for each running task at a number, down to the fewest tasks of its size.
   * @param jobsPerTask the wait that a job may have, divided by the time it takes (Auto Scaling user guide, scaling based on Amazon
   * SQS); @default 100: a job of a second then waits less than two minutes
   * @throws if that is no number above 0
   */
  public scaleOnBacklog(queue: sqs.IQueue, jobsPerTask = 100): void {
    checkTarget('jobsPerTask', jobsPerTask);
    trackBacklogPerTask(this.scaling, 'Backlog', {
      service: this.service,
      scalingTarget: this.scalingTarget,
      queue,
      jobsPerTask,
    });
    nameScalingPolicies(this.scaling);
  }

  /**
   * Lets people with permission for `ecs:ExecuteCommand` open a shell in the tasks (ECS Exec). Off without this: whoever has a shell
   * has the secrets of the container.
   * @param reason why, and who may: at least six words; it is kept beside the rules that would have none
   * @throws if the reason is too short, or the image's files are read-only, where ECS Exec cannot work (Amazon ECS developer guide,
   * ECS Exec considerations)
   */
  public allowExec(reason: string): void {
    if (isTooShort(reason)) {
      throw new Error(`reason must say in six words or more why a shell is needed and who may open one, got: '${reason}'`);
    }
    if (this.image.writableReason === undefined) {
      throw new Error(
        'allowExec needs an image whose files can be written, got a read-only one: say image.withWritableFiles(...) first, ECS Exec puts its agent there',
      );
    }
    (this.service.node.defaultChild as ecs.CfnService).enableExecuteCommand = true;
    letExecute(this.taskDefinition, reason);
  }

  private get scalingTarget(): appscaling.ScalableTarget {
    return this.scaling.node.findChild('Target') as appscaling.ScalableTarget;
  }

  /** Average CPU use of the tasks, in percent. */
  public metricCpuUtilization(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.service.metricCpuUtilization(props);
  }
}

function checkTarget(name: string, target: number): void {
  if (Token.isUnresolved(target) || (Number.isFinite(target) && target > 0)) return;
  throw new Error(`${name} must be a number above 0, got: ${target}, say how much one task can take`);
}
