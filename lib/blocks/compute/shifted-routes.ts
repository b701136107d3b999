import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct, IDependable } from 'constructs';
import type { ReleaseStrategy } from './release-strategy';
import { type TrafficShift, TrafficShiftRole } from './traffic-shift';

/** Before the rules of an `Admission`, which they take over from in one deploy: no two rules have the same priority. */
const PRIORITY = { page: 49_700, everything: 49_750 };

/** Requests that ask for nothing but their path, whichever it is. */
const EVERYTHING = '*';

/** The two target groups of a service whose releases shift traffic. */
export interface ShiftedRoute {
  readonly id: string;
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
 * ask for a path and for nothing that changes.
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
  public add({ id, strategy, targets, alternate, pathPatterns, priority }: ShiftedRoute): TrafficShift {
    const weighted = elbv2.ListenerAction.weightedForward([
      { targetGroup: targets, weight: 1 },
      { targetGroup: alternate, weight: 0 },
    ]);
    const rule = pathPatterns
      ? this.withPaths(id, weighted, pathPatterns, priority)
      : this.withEverything(id, weighted, elbv2.ListenerAction.forward([targets]));
    rule.node.addDependency(...this.guards);
    this.rules.push(rule);
    this.role ??= new TrafficShiftRole(this.owner, 'TrafficShift');
    this.role.allow(rule, [targets, alternate]);
    const { loadBalancer } = this.listener;
    return { strategy, loadBalancer, alternate, rule, role: this.role };
  }

  /** Lets them, and those made later, take traffic only once something else exists. */
  public waitFor(guard: IDependable): void {
    this.guards.push(guard);
    for (const rule of this.rules) rule.node.addDependency(guard);
  }

  /** Answers requests for a path with a page, before any of them. */
  public answer(path: string, html: string): void {
    new elbv2.ApplicationListenerRule(this.owner, 'Page', {
      listener: this.listener,
      priority: PRIORITY.page,
      conditions: [elbv2.ListenerCondition.pathPatterns([path])],
      action: elbv2.ListenerAction.fixedResponse(200, { contentType: 'text/html', messageBody: html }),
    });
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
      priority: PRIORITY.everything,
      conditions: [elbv2.ListenerCondition.pathPatterns([EVERYTHING])],
      action,
    });
  }
}
