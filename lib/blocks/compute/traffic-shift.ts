import { Lazy } from 'aws-cdk-lib';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import type { ReleaseStrategy } from './release-strategy';

/** What a release of one service shifts. */
export interface TrafficShift {
  readonly strategy: ReleaseStrategy;
  /** Name of the load balancer, as `app/NAME/ID`. */
  readonly loadBalancerFullName: string;
  /** The target group of the new tasks, or, after a release, of the next new ones: the two take turns. */
  readonly alternate: elbv2.ApplicationTargetGroup;
  /** ARN of the rule whose weights Amazon ECS changes. */
  readonly ruleArn: string;
  /** What Amazon ECS may do to them. */
  readonly role: TrafficShiftRole;
}

const READS = ['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeTargetHealth'];

/**
 * The role by which Amazon ECS shifts the rules of one load balancer between target groups: what AWS's managed policy
 * AmazonECSInfrastructureRolePolicyForLoadBalancers allows for application load balancers, on these rules and target groups only.
 */
export class TrafficShiftRole extends Construct {
  public readonly role: iam.Role;
  private readonly rules: string[] = [];
  private readonly targets: string[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const allow = (names: string[], resources: string[]) =>
      new iam.PolicyStatement({ actions: names.map((name) => `elasticloadbalancing:${name}`), resources });
    this.role = new iam.Role(this, 'Role', {
      description: 'Shifts the traffic of a load balancer to the tasks of a release',
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      inlinePolicies: {
        Shift: new iam.PolicyDocument({
          statements: [
            allow(READS, ['*']),
            allow(['ModifyRule'], Lazy.list({ produce: () => this.rules })),
            allow(['RegisterTargets', 'DeregisterTargets'], Lazy.list({ produce: () => this.targets })),
          ],
        }),
      },
    });
    acknowledgeOwnPolicies(this.role);
    acknowledge(
      this.role,
      {
        id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
        reason:
          'Elastic Load Balancing knows no resource for the four actions that only read (Service Authorization Reference); what changes ' +
          'anything is held to the rules and target groups of this load balancer.',
      },
      {
        id: 'Parliament::RESOURCE_MISMATCH',
        reason:
          'The tool wants a resource of every kind that an action knows. ModifyRule knows rules of application and of network load ' +
          'balancers (Service Authorization Reference); this is an application load balancer, and there is nothing to allow of the other.',
      },
    );
  }

  /** Lets a release shift one rule between these target groups. */
  public allow(ruleArn: string, targets: elbv2.ApplicationTargetGroup[]): void {
    this.rules.push(ruleArn);
    this.targets.push(...targets.map(({ targetGroupArn }) => targetGroupArn));
  }
}
