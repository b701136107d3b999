import { Duration, Stack, Token } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { letIn } from '../network/let-in';
import { regionFacts } from '../network/region-facts';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import { LOAD_BALANCER_LOGS, type LogBucket } from '../operations/log-bucket';
import { Admission, type GuardedRoute } from './admission';
import type { ContainerService } from './container-service';
import { DEREGISTRATION_DELAY } from './draining';

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

/** Which requests a service gets, and how its health is asked for. */
export interface RouteOptions {
  readonly service: ContainerService;
  /** Path that answers 200 when a task can serve, starting with a slash. */
  readonly healthCheckPath: string;
  /**
   * Paths of this service, such as `/auth/*`.
   * @default - every request that no other service takes
   */
  readonly pathPatterns?: string[];
  /**
   * Order among services with paths, 1 first.
   * @default - none; required with `pathPatterns`
   */
  readonly priority?: number;
}

/** What a load balancer asks of every request. */
export interface AdmissionOptions {
  /** Header that a request must carry. */
  readonly headerName: string;
  /** Values that are good, usually the one that is sent and the one that will be sent next; at most four. */
  readonly headerValues: string[];
  /**
   * What sends the header, in the same stack: nothing is refused before it does.
   * @default - it sends the header already
   */
  readonly sender?: Construct;
}

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
  private admission?: Admission;

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
    this.listener = this.applicationLoadBalancer.addListener('Listener', {
      port: this.https ? 443 : 80,
      protocol: this.https ? elbv2.ApplicationProtocol.HTTPS : elbv2.ApplicationProtocol.HTTP,
      certificates: props.certificate ? [props.certificate] : undefined,
      sslPolicy: this.https ? elbv2.SslPolicy.RECOMMENDED_TLS : undefined,
      open: false,
    });
    if (!this.https) this.acknowledgePlainHttp();
    this.letCloudFrontIn(securityGroup);
  }

  /**
   * Sends requests to a service. One service takes what no other does: without it the listener has nothing to do, and CDK refuses it.
   *
   * @throws if the service listens on no port, or has paths and no priority
   */
  public route(id: string, options: RouteOptions): elbv2.ApplicationTargetGroup {
    const port = options.service.port;
    if (port === undefined) {
      throw new Error(`service of route '${id}' listens on no port: give it one`);
    }
    if (options.pathPatterns && options.priority === undefined) {
      throw new Error(`priority must be given for route '${id}', which has pathPatterns: 1 is asked first`);
    }
    const targets = new elbv2.ApplicationTargetGroup(this, id, {
      vpc: this.applicationLoadBalancer.vpc,
      port,
      protocol: elbv2.ApplicationProtocol.HTTP,
      // 'ip', since a target type is create-only and Fargate knows no other.
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: DEREGISTRATION_DELAY,
      healthCheck: { path: options.healthCheckPath, interval: Duration.seconds(15), healthyThresholdCount: 2 },
    });
    options.service.receiveFrom(targets);
    letIn(options.service, this, 'Load balancer');
    this.listener.addAction(`${id}Action`, {
      action: elbv2.ListenerAction.forward([targets]),
      ...(options.pathPatterns && {
        priority: options.priority,
        conditions: [elbv2.ListenerCondition.pathPatterns(options.pathPatterns)],
      }),
    });
    const rule = this.listener.node.tryFindChild(`${id}ActionRule`) as elbv2.ApplicationListenerRule | undefined;
    const route = { id, targets, service: options.service, pathPatterns: options.pathPatterns, rule };
    this.routes.push(route);
    this.admission?.guard(route);
    return targets;
  }

  /**
   * Refuses requests without a header, on every route, before or after it was made.
   * @throws if it is called twice
   */
  public admitOnly(options: AdmissionOptions): void {
    if (this.admission) throw new Error('admitOnly was called before: call it once, with every value that is good');
    this.admission = new Admission(this, 'Admission', { listener: this.listener, ...options });
    for (const route of this.routes) this.admission.guard(route);
  }

  /**
   * Answers requests for one path by itself, also when no task can.
   * @param html the page, at most 1,024 characters
   * @throws if it is called before `admitOnly`
   */
  public answer(path: string, html: string): void {
    if (!this.admission) throw new Error(`answer to '${path}' needs the header that requests must carry: call admitOnly first`);
    this.admission.answer(path, html);
  }

  /** Seconds a target took to answer; give a percentile as statistic. */
  public metricTargetResponseTime(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.applicationLoadBalancer.metrics.targetResponseTime(props);
  }

  private acknowledgePlainHttp(): void {
    acknowledge(
      this.listener,
      ...sameReason(
        'The rules guard against requests that travel in the clear. Without a domain no public certificate can exist for a load ' +
          'balancer. Viewers speak HTTPS to CloudFront, to which every other request is redirected; the leg from there is HTTP, and ' +
          'nobody else is let in where the list of its addresses is known. Giving the product a domain turns this listener to TLS.',
        ...inPacks('ALBHttpToHttpsRedirection', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
        ...inPacks('ELBv2ACMCertificateRequired', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
        'ControlTower::CT.ELASTICLOADBALANCING.PR.1',
        'Checkov::CKV_AWS_2',
        'Checkov::CKV_AWS_103',
      ),
    );
  }

  private letCloudFrontIn(securityGroup: ec2.SecurityGroup): void {
    const region = Stack.of(this).region;
    const prefixList = Token.isUnresolved(region) ? undefined : regionFacts(region)?.cloudFrontPrefixListId;
    if (prefixList) {
      // The list counts as 55 of the 60 rules of a group, so exactly one port (CloudFront developer guide, managed prefix list).
      this.connections.allowDefaultPortFrom(ec2.Peer.prefixList(prefixList), 'CloudFront');
      return;
    }
    this.connections.allowDefaultPortFromAnyIpv4('CloudFront, whose prefix list in this Region is not known before the deploy');
    acknowledge(
      securityGroup,
      ...sameReason(
        'The id of the CloudFront prefix list differs per Region and is not known for this one at synthesis, so the one listener ' +
          'port is open. It serves the public site only, and in a product it refuses requests without the header of its own ' +
          'distribution; add the prefix list of the Region through `connections` to close it.',
        'AwsSolutions::AwsSolutions-EC23',
        ...(this.https ? [] : ['Checkov::CKV_AWS_260']),
      ),
    );
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
