import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type Construct, Dependable, type IConstruct, type IDependable } from 'constructs';
import type { ContainerService } from './container-service';
import type { ReleaseStrategy } from './release-strategy';
import { type TrafficShift, TrafficShiftRole } from './traffic-shift';

/** Before the rules of an `Admission`, which it takes over from in one deploy: no two rules have the same priority. */
const PRIORITY = 49_750;

/** Requests that ask for nothing but their path, whichever it is. */
const EVERYTHING = '*';

/** The two target groups of a service whose releases shift traffic. */
export interface ShiftedRoute {
  readonly id: string;
  readonly service: ContainerService;
  readonly strategy: ReleaseStrategy;
  /** Where its tasks are at first. */
  readonly targets: elbv2.ApplicationTargetGroup;
  readonly alternate: elbv2.ApplicationTargetGroup;
  /** @default - every request that no other service takes */
  readonly pathPatterns?: string[];
  readonly priority?: number;
}

/**
 * The rules of one listener whose weights Amazon ECS changes at every release.
 *
 * CloudFormation knows nothing of that. It leaves a rule alone while its text stays the same, and writes the template's weights when
 * anything in it changes (aws/aws-cdk#36649; not verified against AWS): then the tasks may be in the other target group. So these rules
 * ask for a path and for nothing that changes. And no rule of the listener does anything but forward: a release may fail where one does
 * (Amazon ECS developer guide, alb-resources-for-blue-green, in some of its versions).
 */
export class ShiftedRoutes {
  private readonly rules: elbv2.ApplicationListenerRule[] = [];
  private readonly guards: IDependable[] = [];
  private role?: TrafficShiftRole;

  constructor(
    private readonly owner: Construct,
    private readonly listener: elbv2.ApplicationListener,
  ) {}

  /** Whether there are any. */
  public get any(): boolean {
    return this.rules.length > 0;
  }

  /** Makes the rule of a route, with everything in the first target group. */
  public add({ id, service, strategy, targets, alternate, pathPatterns, priority }: ShiftedRoute): TrafficShift {
    const weighted = elbv2.ListenerAction.weightedForward([
      { targetGroup: targets, weight: 1 },
      { targetGroup: alternate, weight: 0 },
    ]);
    const rule = pathPatterns
      ? this.withPaths(id, weighted, pathPatterns, priority)
      : this.withEverything(id, weighted, elbv2.ListenerAction.forward([targets]));
    rule.node.addDependency(...this.guards);
    if (pathPatterns) rule.node.addDependency(whatTasksWaitFor(service, rule));
    this.rules.push(rule);
    this.role ??= new TrafficShiftRole(this.owner, 'TrafficShift');
    this.role.allow(rule.listenerRuleArn, [targets, alternate]);
    return {
      ...{ strategy, alternate, role: this.role },
      loadBalancerFullName: nameOf(this.listener, targets),
      ruleArn: rule.listenerRuleArn,
    };
  }

  /** Lets them, and those made later, take traffic only once something else exists. */
  public waitFor(guard: IDependable): void {
    this.guards.push(guard);
    for (const rule of this.rules) rule.node.addDependency(guard);
  }

  private withPaths(id: string, action: elbv2.ListenerAction, paths: string[], priority?: number): elbv2.ApplicationListenerRule {
    this.listener.addAction(`${id}Action`, { action, priority, conditions: [elbv2.ListenerCondition.pathPatterns(paths)] });
    return this.listener.node.findChild(`${id}ActionRule`) as elbv2.ApplicationListenerRule;
  }

  /** Amazon ECS wants a rule: the default action is none (Amazon ECS API reference, AdvancedConfiguration). */
  private withEverything(id: string, action: elbv2.ListenerAction, first: elbv2.ListenerAction): elbv2.ApplicationListenerRule {
    this.listener.addAction(`${id}Action`, { action: first });
    return new elbv2.ApplicationListenerRule(this.owner, `${id}Rule`, {
      listener: this.listener,
      priority: PRIORITY,
      conditions: [elbv2.ListenerCondition.pathPatterns([EVERYTHING])],
      action,
    });
  }
}

/**
 * What a service waits for, but for the rule: so that the rule takes its paths from the core only minutes before the tasks answer, and
 * not while databases are made. Read at the end, since more is added after the route.
 */
function whatTasksWaitFor({ service, taskDefinition }: ContainerService, rule: Construct): IDependable {
  const waits = {};
  Dependable.implement(waits, {
    get dependencyRoots(): IConstruct[] {
      const others = service.node.dependencies.filter(
        (other) => !other.node.scopes.includes(rule) && !rule.node.scopes.includes(other),
      );
      return [taskDefinition, ...others];
    },
  });
  return waits;
}

/** As it says it itself: a target group takes it out of the ARN of its listener, in thirty lines of a template. */
function nameOf({ loadBalancer }: elbv2.ApplicationListener, targets: elbv2.ApplicationTargetGroup): string {
  return loadBalancer instanceof elbv2.ApplicationLoadBalancer
    ? loadBalancer.loadBalancerFullName
    : targets.firstLoadBalancerFullName;
}
