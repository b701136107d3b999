import { Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { ContainerService } from '../blocks/compute/container-service';
import { DEREGISTRATION_DELAY } from '../blocks/compute/draining';
import { entranceOf, type ProductService, priorityOf, releasesOf } from '../blocks/compute/product-service';
import { TrafficShiftRole } from '../blocks/compute/traffic-shift';
import { headerValue, ORIGIN_HEADER } from '../blocks/edge/origin-verification';
import type { WatchedTargets } from '../blocks/observability/watched-targets';
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
 * Brings the requests of users to a service of another stack than the load balancer's, if they came through the product's distribution:
 * the firewall of the load balancer asks for the password, or, where the product's releases stay in one target group, every rule does.
 *
 * A service that rolls in one target group has two rules: ECS registers tasks only with a target group that a load balancer knows, so one
 * rule ties the group to a path that nobody asks for; the rule with the paths comes when the tasks serve. Until then the core answers, as
 * it did before.
 *
 * Where releases shift traffic, ECS wants the rule with the paths before it makes the service. In the update that brings the second group
 * the tasks of the first serve on, and no request is lost.
 */
export class ServiceRoute extends Construct {
  public readonly targets: elbv2.ApplicationTargetGroup;
  /** The second target group, where releases shift traffic or could. */
  public readonly alternate?: elbv2.ApplicationTargetGroup;
  /** The rule with the paths or host names. */
  public readonly rule: elbv2.CfnListenerRule;
  /** By what CloudWatch knows it. */
  public readonly watched: WatchedTargets;

  constructor(scope: Construct, id: string, props: ServiceRouteProps) {
    super(scope, id);
    const { service, definition, ground } = props;
    const strategy = releasesOf(definition);
    const priority = priorityOf(definition);
    this.targets = this.targetGroup('Targets', props);
    this.alternate = strategy.twoGroups ? this.targetGroup('Alternate', props) : undefined;
    const groups = this.alternate ? [this.targets, this.alternate] : [this.targets];
    const loadBalancerFullName = ground.offers.take(this, 'LoadBalancer');
    this.watched = {
      loadBalancerFullName,
      targetGroupFullNames: groups.map(({ targetGroupFullName }) => targetGroupFullName),
    };
    if (this.alternate) {
      // The text of a rule whose weights ECS changes holds nothing that changes by itself: see `ShiftedRoutes`.
      this.rule = this.forward('Rule', ground, priority, placesOf(definition), {
        forwardConfig: {
          targetGroups: groups.map(({ targetGroupArn }, index) => ({ targetGroupArn, weight: index === 0 ? 1 : 0 })),
        },
      });
      const role = new TrafficShiftRole(this, 'TrafficShift');
      role.allow(this.rule.ref, groups);
      service.receiveFrom(this.targets, {
        strategy,
        loadBalancerFullName,
        alternate: this.alternate,
        ruleArn: this.rule.ref,
        role,
      });
      return;
    }
    const action = { targetGroupArn: this.targets.targetGroupArn };
    const waiting = this.forward('Waiting', ground, priority + WAITING, waitingPlace(definition), action);
    service.receiveFrom(this.targets);
    service.service.node.addDependency(waiting);
    this.rule = this.forward('Rule', ground, priority, placesOf(definition), action);
    this.rule.node.addDependency(service.service);
  }

  private targetGroup(
    id: string,
    { vpc, service, definition, healthCheckPath }: ServiceRouteProps,
  ): elbv2.ApplicationTargetGroup {
    const { isGrpc } = entranceOf(definition);
    return new elbv2.ApplicationTargetGroup(this, id, {
      vpc,
      port: service.port,
      protocol: elbv2.ApplicationProtocol.HTTP,
      protocolVersion: isGrpc ? elbv2.ApplicationProtocolVersion.GRPC : undefined,
      targetType: elbv2.TargetType.IP,
      deregistrationDelay: DEREGISTRATION_DELAY,
      healthCheck: {
        path: healthCheckPath,
        interval: Duration.seconds(15),
        healthyThresholdCount: 2,
        healthyGrpcCodes: isGrpc ? '0' : undefined,
      },
    });
  }

  /** On the L1, so that the rule stays the same when a second target group comes, whose listener rule the L2 would tie to the service. */
  private forward(
    id: string,
    ground: ServiceGround,
    priority: number,
    places: elbv2.CfnListenerRule.RuleConditionProperty[],
    to: Partial<elbv2.CfnListenerRule.ActionProperty>,
  ): elbv2.CfnListenerRule {
    return new elbv2.CfnListenerRule(this, id, {
      listenerArn: ground.offers.take(this, 'Listener'),
      priority,
      conditions: [...places, ...this.password(ground)],
      actions: [{ type: 'forward', ...to }],
    });
  }

  /** Of a listener that no firewall asks in front of. */
  private password({ offers, passwordNames }: ServiceGround): elbv2.CfnListenerRule.RuleConditionProperty[] {
    if (passwordNames.length === 0) return [];
    const values = passwordNames.map((name) => {
      const known = this.node.tryFindChild(name) as secretsmanager.ISecret | undefined;
      return headerValue(known ?? secretsmanager.Secret.fromSecretCompleteArn(this, name, offers.take(this, name)));
    });
    return [{ field: 'http-header', httpHeaderConfig: { httpHeaderName: ORIGIN_HEADER, values } }];
  }
}

function placesOf(definition: ProductService): elbv2.CfnListenerRule.RuleConditionProperty[] {
  const { pathPatterns, hostNames } = entranceOf(definition);
  return [
    ...(pathPatterns.length > 0 ? [{ field: 'path-pattern', pathPatternConfig: { values: pathPatterns } }] : []),
    ...(hostNames.length > 0 ? [{ field: 'host-header', hostHeaderConfig: { values: hostNames } }] : []),
  ];
}

function waitingPlace({ name }: ProductService): elbv2.CfnListenerRule.RuleConditionProperty[] {
  return [{ field: 'path-pattern', pathPatternConfig: { values: [`/waiting-for-tasks/${name}`] } }];
}
