import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, type IDependable } from 'constructs';
import type { AdmissionOptions } from './route-options';

/** Properties of an Admission. */
export interface AdmissionProps extends AdmissionOptions {
  readonly listener: elbv2.ApplicationListener;
}

/** A route of the listener. */
export interface GuardedRoute {
  readonly id: string;
  readonly targets: elbv2.ApplicationTargetGroup;
  /** Where its tasks are. */
  readonly service: IDependable;
  /** Its paths; without them it takes what nobody else does. */
  readonly pathPatterns?: string[];
  /** Its rule, where it has paths. */
  readonly rule?: elbv2.ApplicationListenerRule;
}

/** Values that all conditions of one rule may have together (Elastic Load Balancing, quotas: condition values per rule). */
const CONDITION_VALUES = 5;

/** Behind every rule of a service; 50,000 is the last there is. */
const PRIORITY = { page: 49_800, admitted: 49_900, refused: 50_000 };

/**
 * Lets only those requests through a listener that carry a header.
 *
 * The listener's default action stays what it was, and a last rule for every path refuses before it is asked. To turn the default
 * action itself into a refusal would be an update of the listener, which every rule waits for: until the rule that admits is made,
 * a running product would refuse everybody. So the header comes first, then the rules that ask for it, and the refusal last,
 * after the services, which are what a deploy most likely fails on: a failed deploy is rolled back in no order.
 */
export class Admission extends Construct {
  private readonly refused: elbv2.ApplicationListenerRule;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AdmissionProps,
  ) {
    super(scope, id);
    const { listener, headerValues } = props;
    if (headerValues.length < 1 || headerValues.length >= CONDITION_VALUES) {
      throw new Error(
        `headerValues must hold 1 to 4 values, got ${headerValues.length}: a rule has room for 5, its paths included`,
      );
    }
    this.refused = new elbv2.ApplicationListenerRule(this, 'Refused', {
      listener,
      priority: PRIORITY.refused,
      conditions: [elbv2.ListenerCondition.pathPatterns(['*'])],
      action: elbv2.ListenerAction.fixedResponse(403, { contentType: 'text/plain', messageBody: 'Forbidden' }),
    });
  }

  /**
   * Asks the requests of a route for the header.
   * @throws if the route has more paths than the header leaves room for
   */
  public guard({ id, targets, service, pathPatterns = [], rule }: GuardedRoute): void {
    this.refused.node.addDependency(service);
    if (!rule) {
      this.admit('Admitted', PRIORITY.admitted, [], elbv2.ListenerAction.forward([targets]));
      return;
    }
    this.checkRoom(id, pathPatterns);
    rule.addCondition(this.header());
    this.afterSender(rule);
  }

  /** Answers requests for a path with a page of its own, at most 1,024 characters. */
  public answer(path: string, html: string): void {
    const page = elbv2.ListenerAction.fixedResponse(200, { contentType: 'text/html', messageBody: html });
    this.admit('Page', PRIORITY.page, [path], page);
  }

  /** Paths that a rule has room for beside the header. */
  public get room(): number {
    return CONDITION_VALUES - this.props.headerValues.length;
  }

  /** Does something with requests that carry the header and are for these paths; without any, for whatever is left. */
  public admit(id: string, priority: number, paths: string[], action: elbv2.ListenerAction): elbv2.ApplicationListenerRule {
    const rule = new elbv2.ApplicationListenerRule(this, id, {
      listener: this.props.listener,
      priority,
      conditions: [...(paths.length > 0 ? [elbv2.ListenerCondition.pathPatterns(paths)] : []), this.header()],
      action,
    });
    this.afterSender(rule);
    return rule;
  }

  /**
   * A rule asks for another value only once it is sent: before, it would let its requests fall through to the route without paths,
   * or to the refusal. What is sent next is accepted already.
   */
  private afterSender(rule: elbv2.ApplicationListenerRule): void {
    if (this.props.sender) rule.node.addDependency(this.props.sender);
    this.refused.node.addDependency(rule);
  }

  private header(): elbv2.ListenerCondition {
    return elbv2.ListenerCondition.httpHeader(this.props.headerName, this.props.headerValues);
  }

  private checkRoom(id: string, pathPatterns: string[]): void {
    const { room } = this;
    if (pathPatterns.length <= room) return;
    throw new Error(
      `pathPatterns of route '${id}' must be at most ${room}, got ${pathPatterns.length}: a rule has room for 5 values, those of the required header included`,
    );
  }
}
