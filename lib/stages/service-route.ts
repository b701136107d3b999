import { Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ContainerService } from '../blocks/compute/container-service';
import { DEREGISTRATION_DELAY } from '../blocks/compute/draining';
import { entranceOf, type ProductService, priorityOf } from '../blocks/compute/product-service';
import { headerValue, ORIGIN_HEADER } from '../blocks/edge/origin-verification';
import type { WatchedTargets } from '../blocks/observability/extracted-service-alarms';
import type { ServiceGround } from './service-ground';

/** Between the priority of a service's rule and that of the rule under which it waits. */
const WAITING = 24_001;

/** Properties of a ServiceRoute. */
export interface ServiceRouteProps {
  readonly ground: ServiceGround;
  readonly vpc: ec2.IVpc;
  readonly service: ContainerService;
  readonly definition: ProductService;
  readonly healthCheckPath: string;
}

/**
 * Brings the requests of users to a service of another stack than the load balancer's, if they came through the product's distribution.
 *
 * Two rules: ECS registers tasks only with a target group that a load balancer knows, so one rule ties the group to a path that nobody
 * asks for; the rule with the paths comes when the tasks serve. Until then the core answers, as it did before.
 */
export class ServiceRoute extends Construct {
  public readonly targets: elbv2.ApplicationTargetGroup;
  /** The rule with the paths or host names. */
  public readonly rule: elbv2.CfnListenerRule;
  /** By what CloudWatch knows it. */
  public readonly watched: WatchedTargets;

  constructor(scope: Construct, id: string, props: ServiceRouteProps) {
    super(scope, id);
    const { service, definition, ground } = props;
    const { pathPatterns, hostNames, isGrpc } = entranceOf(definition);
    this.targets = new elbv2.ApplicationTargetGroup(this, 'Targets', {
      vpc: props.vpc,
      port: service.port,
      protocol: elbv2.ApplicationProtocol.HTTP,
      protocolVersion: isGrpc ? elbv2.ApplicationProtocolVersion.GRPC : undefined,
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: DEREGISTRATION_DELAY,
      healthCheck: {
        path: props.healthCheckPath,
        interval: Duration.seconds(15),
        healthyThresholdCount: 2,
        healthyGrpcCodes: isGrpc ? '0' : undefined,
      },
    });
    const priority = priorityOf(definition);
    const waiting = this.forward('Waiting', props, priority + WAITING, [
      { field: 'path-pattern', pathPatternConfig: { values: [`/waiting-for-tasks/${definition.name}`] } },
    ]);
    service.receiveFrom(this.targets);
    service.service.node.addDependency(waiting);
    this.rule = this.forward('Rule', props, priority, [
      ...(pathPatterns.length > 0 ? [{ field: 'path-pattern', pathPatternConfig: { values: pathPatterns } }] : []),
      ...(hostNames.length > 0 ? [{ field: 'host-header', hostHeaderConfig: { values: hostNames } }] : []),
    ]);
    this.rule.node.addDependency(service.service);
    this.watched = {
      loadBalancerFullName: ground.offers.take(this, 'LoadBalancer'),
      targetGroupFullName: this.targets.targetGroupFullName,
    };
  }

  private forward(
    id: string,
    { ground }: ServiceRouteProps,
    priority: number,
    conditions: elbv2.CfnListenerRule.RuleConditionProperty[],
  ): elbv2.CfnListenerRule {
    const { offers } = ground;
    const values = ground.passwordNames.map((name) => {
      const known = this.node.tryFindChild(name) as secretsmanager.ISecret | undefined;
      return headerValue(known ?? secretsmanager.Secret.fromSecretCompleteArn(this, name, offers.take(this, name)));
    });
    return new elbv2.CfnListenerRule(this, id, {
      listenerArn: offers.take(this, 'Listener'),
      priority,
      conditions: [...conditions, { field: 'http-header', httpHeaderConfig: { httpHeaderName: ORIGIN_HEADER, values } }],
      actions: [{ type: 'forward', targetGroupArn: this.targets.targetGroupArn }],
    });
  }
}
