import { Lazy } from 'aws-cdk-lib';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ReleaseAlarms } from '../observability/release-alarms';
import { LifecycleHook } from './lifecycle-hook';
import type { ReleaseStrategy } from './release-strategy';
import type { TrafficShift } from './traffic-shift';

/** How the releases of one service take over: they roll, until a load balancer shifts their traffic. */
export class ServiceReleases {
  private readonly hooks: LifecycleHook[] = [];
  private shift?: TrafficShift;
  private ending?: ReleaseAlarms;

  /** @internal */
  constructor(
    private readonly owner: Construct,
    resource: ecs.CfnService,
    listens: boolean,
  ) {
    if (!listens) return;
    const common = resource.deploymentConfiguration as ecs.CfnService.DeploymentConfigurationProperty;
    resource.deploymentConfiguration = Lazy.any({ produce: () => this.configuration(common) });
  }

  /** The strategy, where a load balancer shifts the traffic or could. */
  public get strategy(): ReleaseStrategy | undefined {
    return this.shift?.strategy;
  }

  /** Name of the load balancer that shifts the traffic, or could. */
  public get loadBalancerFullName(): string | undefined {
    return this.shift?.loadBalancerFullName;
  }

  /** What ends a release and sends its traffic back; only where traffic is shifted. */
  public get alarms(): ReleaseAlarms | undefined {
    return this.ending;
  }

  /**
   * Asks a function before a release goes on.
   * @throws if the service's releases shift no traffic
   */
  public addHook(id: string, handler: lambda.IFunction, stages: ecs.DeploymentLifecycleStage[]): LifecycleHook {
    if (!this.strategy?.shiftsTraffic) {
      throw new Error(
        `hook '${id}' needs releases that shift traffic, got a service that rolls: give its route a ReleaseStrategy such as canary(...)`,
      );
    }
    const hook = new LifecycleHook(this.owner, id, { handler, stages });
    this.hooks.push(hook);
    return hook;
  }

  /**
   * Lets releases shift between a target group and its alternate.
   * @throws if there are such two already
   */
  public shiftBy(targetGroup: elbv2.ApplicationTargetGroup, shift: TrafficShift): void {
    if (this.shift) {
      throw new Error(
        `a service whose releases shift traffic must have one route, got another to '${this.owner.node.id}': give that one all of its paths`,
      );
    }
    this.shift = shift;
    if (shift.strategy.shiftsTraffic) {
      this.ending = new ReleaseAlarms(this.owner, 'ReleaseAlarms', {
        loadBalancerFullName: shift.loadBalancerFullName,
        targets: [targetGroup, shift.alternate],
      });
    }
  }

  /**
   * Everything spelled out, also for a service that knows one target group: an update that is silent about a part may leave what was
   * said before, and a rollback to a silent template would ask for a canary without the second group.
   */
  private configuration(common: ecs.CfnService.DeploymentConfigurationProperty): ecs.CfnService.DeploymentConfigurationProperty {
    const alarms = this.ending ? [this.ending.errors, this.ending.slow] : [];
    return {
      // With the circuit breaker, which ends a release whose tasks do not start. AWS names it for rolling and blue/green releases
      // (Amazon ECS developer guide, deployment failure detection); for canary and linear ones not verified against AWS.
      ...common,
      ...(this.strategy?.configuration ?? { strategy: 'ROLLING' }),
      alarms: {
        alarmNames: alarms.map(({ alarmName }) => alarmName),
        enable: alarms.length > 0,
        rollback: alarms.length > 0,
      },
      lifecycleHooks: this.hooks.map(({ configuration }) => configuration),
    };
  }
}
