import { Duration } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, type IDependable } from 'constructs';
import { letIn } from '../network/let-in';
import { LOAD_BALANCER_LOGS, type LogBucket } from '../operations/log-bucket';
import { Admission, type GuardedRoute } from './admission';
import { DEREGISTRATION_DELAY } from './draining';
import { acknowledgePlainHttp, letCloudFrontIn } from './listener-exposure';
import type { ReleaseStrategy } from './release-strategy';
import type { AdmissionOptions, RouteOptions, TokenRequirement } from './route-options';
import { ShiftedRoutes } from './shifted-routes';
import { checkFree, gate, letOutForKeys } from './token-gate';

/** Properties of a LoadBalancer. */
export interface LoadBalancerProps {
  readonly vpc: ec2.IVpc;
  /** Receives the access logs. */
  readonly logBucket: LogBucket;
  /**
   * Certificate of the names CloudFront asks for. Without one the listener speaks HTTP to CloudFront.
   * @default - HTTP on port 80
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Subnets of the load balancer.
   * @default - public subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
}

const NO_CONDITIONS =
  'admitOnly does not go with releases that shift traffic: let a firewall ask for the header (LoadBalancerFirewall.admitOnly), a new password would send everybody to the target group without tasks';

const NO_ANSWER =
  'answer does not go with releases that shift traffic: publish the page in a bucket, Amazon ECS may refuse a listener that does more than forward';

const NO_GATE =
  'requireToken does not go with releases that shift traffic: its rules know one of the two target groups, which is empty after every other release; let the services check the tokens';

/**
 * The load balancer of one Region. The internet reaches it through CloudFront: its security group lets in CloudFront's addresses
 * only, in the Regions whose prefix list this library knows, and `admitOnly` refuses everybody's distributions but the product's.
 *
 * Internet-facing for life, since the scheme is create-only and records of several Regions must be able to point here.
 */
export class LoadBalancer extends Construct implements ec2.IConnectable {
  public readonly applicationLoadBalancer: elbv2.ApplicationLoadBalancer;
  public readonly listener: elbv2.ApplicationListener;
  public readonly connections: ec2.Connections;
  /** Whether the listener has a certificate. */
  public readonly https: boolean;
  private readonly routes: GuardedRoute[] = [];
  private readonly shifted: ShiftedRoutes;
  private admission?: Admission;
  private readonly tokenPaths: string[] = [];

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    this.https = props.certificate !== undefined;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Load balancer behind CloudFront',
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(this.https ? 443 : 80) });
    this.applicationLoadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: props.vpc,
      vpcSubnets: props.vpcSubnets ?? { subnetType: ec2.SubnetType.PUBLIC },
      internetFacing: true,
      securityGroup,
      deletionProtection: true,
      dropInvalidHeaderFields: true,
    });
    this.logTo(props.logBucket);
    // Lets people, and AWS where they allow it, take a zone out of service; with cross-zone balancing, which is always on here, no
    // other zone sends anything there either (Application Recovery Controller developer guide, Application Load Balancers).
    this.applicationLoadBalancer.setAttribute('zonal_shift.config.enabled', 'true');
    this.listener = this.applicationLoadBalancer.addListener('Listener', {
      port: this.https ? 443 : 80,
      protocol: this.https ? elbv2.ApplicationProtocol.HTTPS : elbv2.ApplicationProtocol.HTTP,
      certificates: props.certificate ? [props.certificate] : undefined,
      sslPolicy: this.https ? elbv2.SslPolicy.RECOMMENDED_TLS : undefined,
      open: false,
    });
    this.shifted = new ShiftedRoutes(this, this.listener);
    if (!this.https) acknowledgePlainHttp(this.listener);
    letCloudFrontIn(this.connections, securityGroup, this.https);
  }

  /**
   * Sends requests to a service. One service takes what no other does: without it the listener has nothing to do, and CDK refuses it.
   *
   * A changed path of a service whose releases shift traffic resets the weights of its rule to the first target group, and its tasks
   * may be in the second (aws/aws-cdk#36649): add a path as a service of its own, or release right after the change.
   *
   * @returns its target group, and a second one where its releases shift traffic
   * @throws if the service listens on no port, or has paths and no priority, or `admitOnly` was called and its releases shift traffic
   */
  public route(id: string, options: RouteOptions): elbv2.ApplicationTargetGroup[] {
    if (options.service.port === undefined) {
      throw new Error(`service of route '${id}' listens on no port: give it one`);
    }
    if (options.pathPatterns && options.priority === undefined) {
      throw new Error(`priority must be given for route '${id}', which has pathPatterns: 1 is asked first`);
    }
    const targets = this.targetGroup(id, options);
    letIn(options.service, this, 'Load balancer');
    if (options.releases?.twoGroups) return this.shift(id, options, targets, options.releases);
    options.service.receiveFrom(targets);
    const { pathPatterns, priority } = options;
    const conditions = pathPatterns && { priority, conditions: [elbv2.ListenerCondition.pathPatterns(pathPatterns)] };
    this.listener.addAction(`${id}Action`, { action: elbv2.ListenerAction.forward([targets]), ...conditions });
    const rule = this.listener.node.tryFindChild(`${id}ActionRule`) as elbv2.ApplicationListenerRule | undefined;
    const route = { id, targets, service: options.service, pathPatterns, rule };
    for (const path of this.tokenPaths) checkFree(path, [route]);
    this.routes.push(route);
    this.admission?.guard(route);
    return [targets];
  }

  /**
   * Refuses requests without a header, on every route, before or after it was made.
   * Not where releases shift traffic: every change of such a rule, so every new password, resets the weights that Amazon ECS gave it
   * to those of the template, and its tasks may be in the other target group (aws/aws-cdk#36649, aws/containers-roadmap#2853).
   * @throws if it is called twice, or releases of a route shift traffic
   */
  public admitOnly(options: AdmissionOptions): void {
    if (this.shifted.any) throw new Error(NO_CONDITIONS);
    if (this.admission) throw new Error('admitOnly was called before: call it once, with every value that is good');
    this.admission = new Admission(this, 'Admission', { listener: this.listener, ...options });
    for (const route of this.routes) this.admission.guard(route);
  }

  /**
   * Lets requests reach the services only once something before the listener refuses those that must not, such as a firewall that
   * asks for a header. For routes whose releases shift traffic, made before or after.
   */
  public admitBehind(guard: IDependable): void {
    this.shifted.waitFor(guard);
  }

  /**
   * Answers requests for one path by itself, also when no task can.
   * @param html the page, at most 1,024 characters
   * @throws if nothing admits requests yet, or releases of a route shift traffic
   */
  public answer(path: string, html: string): void {
    if (this.shifted.any) throw new Error(NO_ANSWER);
    if (!this.admission) throw new Error(`answer to '${path}' needs the header that requests must carry: call admitOnly first`);
    this.admission.answer(path, html);
  }

  /**
   * Refuses requests for some paths of the core with 401, unless they bring a valid token in the header `Authorization: Bearer`.
   * @throws if the listener has no certificate, it is called before `admitOnly`, a path belongs to another service, or releases of a
   * route shift traffic
   */
  public requireToken(requirement: TokenRequirement): void {
    if (!this.https) throw new Error('requireToken needs a listener with a certificate: give the load balancer one');
    if (this.shifted.any) throw new Error(NO_GATE);
    if (this.tokenPaths.length > 0) throw new Error('requireToken was called before: call it once, with every path');
    if (!this.admission) throw new Error('requireToken needs the header that requests must carry: call admitOnly first');
    gate(this.admission, this.routes, requirement);
    this.tokenPaths.push(...requirement.paths);
    letOutForKeys(this.connections);
  }

  /** Whether releases of a route shift traffic, or could: then `admitBehind` is the way to admit requests, and not `admitOnly`. */
  public get shiftsTraffic(): boolean {
    return this.shifted.any;
  }

  /** Seconds a target took to answer; give a percentile as statistic. */
  public metricTargetResponseTime(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.applicationLoadBalancer.metrics.targetResponseTime(props);
  }

  private shift(
    id: string,
    options: RouteOptions,
    targets: elbv2.ApplicationTargetGroup,
    strategy: ReleaseStrategy,
  ): elbv2.ApplicationTargetGroup[] {
    if (this.admission) throw new Error(NO_CONDITIONS);
    const alternate = this.targetGroup(`${id}Alternate`, options);
    options.service.receiveFrom(targets, this.shifted.add({ ...options, id, strategy, targets, alternate }));
    return [targets, alternate];
  }

  private targetGroup(id: string, { service, healthCheckPath }: RouteOptions): elbv2.ApplicationTargetGroup {
    return new elbv2.ApplicationTargetGroup(this, id, {
      vpc: this.applicationLoadBalancer.vpc,
      port: service.port,
      protocol: elbv2.ApplicationProtocol.HTTP,
      // 'ip', since a target type is create-only and Fargate knows no other.
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: DEREGISTRATION_DELAY,
      healthCheck: { path: healthCheckPath, interval: Duration.seconds(15), healthyThresholdCount: 2 },
    });
  }

  /**
   * Spelled out because the L2 method needs to know the Region for account ids of old log delivery; the service principal in the
   * bucket's policy serves every Region.
   */
  private logTo({ bucket }: LogBucket): void {
    this.applicationLoadBalancer.setAttribute('access_logs.s3.enabled', 'true');
    this.applicationLoadBalancer.setAttribute('access_logs.s3.bucket', bucket.bucketName);
    this.applicationLoadBalancer.setAttribute('access_logs.s3.prefix', LOAD_BALANCER_LOGS);
    // Elastic Load Balancing tries to write there at once.
    if (bucket.policy) this.applicationLoadBalancer.node.addDependency(bucket.policy);
  }
}
