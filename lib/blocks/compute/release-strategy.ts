import { Duration } from 'aws-cdk-lib';
import type * as ecs from 'aws-cdk-lib/aws-ecs';

/** Longest wait of one step: 24 hours (Amazon ECS API reference, CanaryConfiguration, LinearConfiguration). */
const MOST_MINUTES = 1440;

/** CloudFormation refuses a longer release, because it ends an update after 36 hours (AWS::ECS::Service CanaryConfiguration). */
const MOST_RELEASE_MINUTES = 33 * 60;

/** How long ECS keeps the old tasks after a canary, so that an alarm that rings late still sends everybody back at once. */
const WATCH = Duration.minutes(5);

/**
 * How the tasks of a new release take over from the old ones, natively in Amazon ECS.
 *
 * All but `rolling` run the old and the new tasks side by side and shift the load balancer from one to the other; an alarm sends
 * everybody back. While they do, there are twice as many tasks, for which Fargate asks its price by the second.
 */
export class ReleaseStrategy {
  /**
   * A tenth of the traffic for five minutes, then all of it: what stages 3 and 4 do. A tenth is enough requests for the alarms to judge
   * where a product is that large, and nine users in ten never meet a release that goes back; five minutes are what the alarms need,
   * which look at three, and the minute or two until Elastic Load Balancing has told what happened.
   */
  public static readonly USERS_1M = ReleaseStrategy.canary(10, Duration.minutes(5));

  /**
   * New tasks take their share of the traffic as soon as they are healthy, and old ones leave. The fastest and the cheapest. The second
   * target group stays, so that one can go back to any other strategy, and from any other to this one, at any time.
   */
  public static rolling(): ReleaseStrategy {
    return new ReleaseStrategy({ strategy: 'ROLLING' }, 0);
  }

  /**
   * As `rolling`, with one target group, as before the strategies: for what knows one only, such as `LoadBalancer.requireToken`. From
   * here to any other strategy at any time; from another back to here only while the tasks are in the first target group, since
   * afterwards nobody would answer until the deploy is through.
   */
  public static inOneGroup(): ReleaseStrategy {
    return new ReleaseStrategy({ strategy: 'ROLLING' }, 0, false);
  }

  /**
   * A share of the traffic first, and all of it when no alarm rang.
   * @param percent share of the canary, a multiple of 0.1 from 0.1 to 100
   * @param bake how long it alone is watched, whole minutes up to 24 hours; the alarms need three
   * @param watch how long the old tasks stay after everybody is on the new ones; @default Duration.minutes(5)
   * @throws if one of them is out of range, or both times together are over 33 hours
   */
  public static canary(percent: number, bake: Duration, watch: Duration = WATCH): ReleaseStrategy {
    checkPercent('percent of canary', percent, 0.1);
    const canaryBakeTimeInMinutes = minutes('bake of canary', bake, 1);
    const bakeTimeInMinutes = minutes('watch of canary', watch, 0);
    return new ReleaseStrategy(
      { strategy: 'CANARY', bakeTimeInMinutes, canaryConfiguration: { canaryPercent: percent, canaryBakeTimeInMinutes } },
      canaryBakeTimeInMinutes + bakeTimeInMinutes,
    );
  }

  /**
   * The same share of the traffic more at every step, until it is all.
   * @param percent share of a step, a multiple of 0.1 from 3 to 100
   * @param interval how long each step is watched, whole minutes up to 24 hours
   * @param bake how long the old tasks stay after the last step, whole minutes up to 24 hours
   * @throws if one of them is out of range, or all steps together take over 33 hours
   */
  public static linear(percent: number, interval: Duration, bake: Duration): ReleaseStrategy {
    checkPercent('percent of linear', percent, 3);
    const stepBakeTimeInMinutes = minutes('interval of linear', interval, 1);
    const bakeTimeInMinutes = minutes('bake of linear', bake, 0);
    return new ReleaseStrategy(
      { strategy: 'LINEAR', bakeTimeInMinutes, linearConfiguration: { stepPercent: percent, stepBakeTimeInMinutes } },
      Math.ceil(100 / percent) * stepBakeTimeInMinutes + bakeTimeInMinutes,
    );
  }

  /**
   * All of the traffic at once, after life-cycle hooks have looked at the new tasks.
   * @param bake how long the old tasks stay afterwards, whole minutes up to 24 hours
   * @throws if it is out of range
   */
  public static blueGreen(bake: Duration): ReleaseStrategy {
    const bakeTimeInMinutes = minutes('bake of blueGreen', bake, 0);
    return new ReleaseStrategy({ strategy: 'BLUE_GREEN', bakeTimeInMinutes }, bakeTimeInMinutes);
  }

  /** Whether old and new tasks stand side by side and the load balancer shifts between them. */
  public readonly shiftsTraffic: boolean;
  /** How long a release waits at least; starting and ending tasks comes on top. */
  public readonly duration: Duration;

  private constructor(
    /** What the service's deployment configuration says of it. */
    public readonly configuration: ecs.CfnService.DeploymentConfigurationProperty,
    waits: number,
    /** Whether there is a second target group. */
    public readonly twoGroups = true,
  ) {
    if (waits > MOST_RELEASE_MINUTES) {
      throw new Error(
        `a release must wait 33 hours at most, all its steps together, got ${waits} minutes: shorten them (CloudFormation ends an update after 36 hours)`,
      );
    }
    this.shiftsTraffic = configuration.strategy !== 'ROLLING';
    this.duration = Duration.minutes(waits);
  }
}

function checkPercent(name: string, percent: number, least: number): void {
  const tenths = percent * 10;
  if (percent >= least && percent <= 100 && Math.abs(tenths - Math.round(tenths)) < 1e-6) return;
  throw new Error(`${name} must be a multiple of 0.1 from ${least} to 100, got ${percent}: say a share that ECS can shift`);
}

function minutes(name: string, duration: Duration, least: number): number {
  const value = duration.toMinutes({ integral: false });
  if (Number.isInteger(value) && value >= least && value <= MOST_MINUTES) return value;
  throw new Error(
    `${name} must be whole minutes from ${least} to ${MOST_MINUTES} (24 hours), got ${value}: ECS counts in minutes`,
  );
}
