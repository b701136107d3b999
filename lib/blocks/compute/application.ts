import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { JobQueue } from '../messaging/job-queue';
import { ServiceAlarms } from '../observability/service-alarms';
import type { WatchedTargets } from '../observability/watched-targets';
import type { AlarmTopic } from '../operations/alarm-topic';
import type { LogBucket } from '../operations/log-bucket';
import type { AppContract } from './app-contract';
import { ContainerService, type ContainerServiceProps } from './container-service';
import { LoadBalancer } from './load-balancer';
import { MigrationTask } from './migration-task';
import type { ProductImage } from './product-image';
import type { ReleaseStrategy } from './release-strategy';
import type { ServiceSize } from './service-size';

/** Properties of an Application. */
export interface ApplicationProps {
  readonly vpc: ec2.IVpc;
  /** Subnets of the load balancer. */
  readonly publicSubnets: ec2.SubnetSelection;
  /** Subnets of the tasks. */
  readonly appSubnets: ec2.SubnetSelection;
  readonly image: ProductImage;
  /** Port the container listens on. */
  readonly port: number;
  /** Path that answers 200 when a task can serve. */
  readonly healthCheckPath: string;
  /** What the containers get as environment. */
  readonly contract: AppContract;
  /** Queue whose backlog scales the workers. */
  readonly jobs: JobQueue;
  /** Size of the core service. */
  readonly serviceSize: ServiceSize;
  /** Size of the workers. */
  readonly workerSize: ServiceSize;
  /** Receives the load balancer's access logs. */
  readonly logBucket: LogBucket;
  /**
   * How releases of the services behind the load balancer take over. The others roll: nothing shifts the jobs of a queue.
   * @default ReleaseStrategy.inOneGroup()
   */
  readonly releases?: ReleaseStrategy;
  /**
   * Whether the workers wait, because the single server still works off the queue and has the data.
   * @default false
   */
  readonly workerStandsBy?: boolean;
  /**
   * Whether the database takes changes of its schema from here. Not in a further Region, whose copy forwards no such changes.
   * @default true
   */
  readonly migrates?: boolean;
  /**
   * Certificate of the load balancer.
   * @default - it speaks HTTP to CloudFront
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Key for the logs of the services, in place at any time; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/** A service beside the core. */
export interface ExtractedServiceOptions {
  /** Value of `PROCESS_TYPE`. */
  readonly processType: string;
  readonly size: ServiceSize;
  /**
   * Paths that go to the service instead of the core.
   * @default - none
   */
  readonly pathPatterns?: string[];
  /**
   * Queue that the service works off instead of the job queue, and whose backlog scales it.
   * @default - none
   */
  readonly queue?: JobQueue;
}

/** The running product in one Region: cluster, load balancer, core service and workers. */
export class Application extends Construct {
  public readonly cluster: ecs.Cluster;
  public readonly loadBalancer: LoadBalancer;
  /** The core service. */
  public readonly service: ContainerService;
  public readonly worker: ContainerService;
  /** Where the load balancer finds the tasks of the core service: one target group, or two that take turns. */
  public readonly targets: elbv2.ApplicationTargetGroup[];
  /** The services beside the core, in the order they were added. */
  public readonly extracted: ContainerService[] = [];
  /** What the containers get as environment. */
  public readonly contract: AppContract;
  /** What changes the schema before a release serves; only where the database takes changes. */
  public readonly migration?: MigrationTask;
  private readonly routed = new Map<ContainerService, WatchedTargets>();
  private nextPriority = 1;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ApplicationProps,
  ) {
    super(scope, id);
    this.cluster = new ecs.Cluster(this, 'Cluster', {
      vpc: props.vpc,
      enableFargateCapacityProviders: true,
      containerInsightsV2: ecs.ContainerInsights.ENABLED,
    });
    this.loadBalancer = new LoadBalancer(this, 'LoadBalancer', {
      vpc: props.vpc,
      vpcSubnets: props.publicSubnets,
      logBucket: props.logBucket,
      certificate: props.certificate,
    });
    const { contract } = props;
    this.contract = contract;
    this.service = this.run('Service', { processType: 'web', size: props.serviceSize, port: props.port, contract });
    this.worker = this.run('Worker', {
      processType: 'worker',
      size: props.workerSize,
      contract,
      standby: props.workerStandsBy,
    });
    if (props.migrates ?? true) {
      const { cluster } = this;
      const { image, appSubnets: vpcSubnets, encryptionKey } = props;
      this.migration = new MigrationTask(this, 'Migration', { cluster, image, contract, vpcSubnets, encryptionKey });
    }

    this.targets = this.loadBalancer.route('Core', {
      service: this.service,
      healthCheckPath: props.healthCheckPath,
      releases: props.releases,
    });
    this.service.scaleOnCpu();
    this.service.scaleOnRequests(this.targets);
    this.worker.scaleOnBacklog(props.jobs.queue);
    props.jobs.grantSend(this.service);
    props.jobs.grantConsume(this.worker);
    props.jobs.grantSend(this.worker);
  }

  /** Every service, core and workers first. */
  public allServices(): ContainerService[] {
    return [this.service, this.worker, ...this.extracted];
  }

  /** Runs a service of its own beside the core, from the same image. */
  public extractService(id: string, options: ExtractedServiceOptions): ContainerService {
    const { queue } = options;
    const contract = queue
      ? this.props.contract.withJobQueue(queue.queue.queueUrl, queue.jobTimeout.toSeconds())
      : this.props.contract;
    const port = options.pathPatterns && this.props.port;
    const service = this.run(id, { processType: options.processType, size: options.size, port, contract });
    this.extracted.push(service);
    service.scaleOnCpu();
    if (queue) {
      service.scaleOnBacklog(queue.queue);
      queue.grantConsume(service);
      queue.grantSend(service);
    }
    this.props.jobs.grantSend(service);
    if (options.pathPatterns) {
      const targets = this.loadBalancer.route(`${id}Targets`, {
        service,
        healthCheckPath: this.props.healthCheckPath,
        releases: this.props.releases,
        pathPatterns: options.pathPatterns,
        priority: this.nextPriority++,
      });
      service.scaleOnRequests(targets);
      this.routed.set(service, {
        loadBalancerFullName: this.loadBalancer.applicationLoadBalancer.loadBalancerFullName,
        targetGroupFullNames: targets.map(({ targetGroupFullName }) => targetGroupFullName),
      });
    }
    return service;
  }

  /** Where the load balancer finds the tasks of a service beside the core, if it sends it requests. */
  public targetsOf(service: ContainerService): WatchedTargets | undefined {
    return this.routed.get(service);
  }

  /** Tells people when the site answers with errors, slowly, or not at all (seed: over one second is a reason to climb). */
  public alarmOn(alarmTopic: AlarmTopic): ServiceAlarms {
    const { service, worker, props } = this;
    for (const { releases } of this.allServices()) releases.alarms?.notify(alarmTopic);
    return new ServiceAlarms(this, 'Alarms', {
      loadBalancer: this.loadBalancer.applicationLoadBalancer,
      targets: this.targets,
      web: { service: service.service, minTasks: props.serviceSize.minTasks },
      worker: props.workerStandsBy ? undefined : { service: worker.service, minTasks: props.workerSize.minTasks },
      alarmTopic,
    });
  }

  private run(
    id: string,
    own: Pick<ContainerServiceProps, 'processType' | 'size' | 'port' | 'contract' | 'standby'>,
  ): ContainerService {
    const { image, appSubnets, encryptionKey } = this.props;
    return new ContainerService(this, id, { cluster: this.cluster, image, vpcSubnets: appSubnets, encryptionKey, ...own });
  }
}
