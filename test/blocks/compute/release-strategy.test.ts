import { Duration } from 'aws-cdk-lib';
import { ReleaseStrategy } from '../../../lib/blocks/compute/release-strategy';

const minutes = Duration.minutes;

describe('a release strategy', () => {
  test('of large products sends a tenth of the traffic ahead for five minutes', () => {
    expect(ReleaseStrategy.USERS_1M.configuration).toEqual({
      strategy: 'CANARY',
      bakeTimeInMinutes: 5,
      canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 5 },
    });
    expect(ReleaseStrategy.USERS_1M.duration.toMinutes()).toBe(10);
  });

  test('shifts in steps, at once, or not at all', () => {
    expect(ReleaseStrategy.linear(12.5, minutes(3), minutes(10)).configuration).toEqual({
      strategy: 'LINEAR',
      bakeTimeInMinutes: 10,
      linearConfiguration: { stepPercent: 12.5, stepBakeTimeInMinutes: 3 },
    });
    expect(ReleaseStrategy.blueGreen(Duration.hours(1)).configuration).toEqual({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 60 });
    expect(ReleaseStrategy.rolling().configuration).toEqual({ strategy: 'ROLLING' });
  });

  test('knows how long it waits, and whether there are two target groups', () => {
    expect(ReleaseStrategy.linear(30, minutes(10), minutes(5)).duration.toMinutes()).toBe(45);
    expect(ReleaseStrategy.canary(1, minutes(2), minutes(0)).duration.toMinutes()).toBe(2);
    const [rolling, inOne, canary] = [ReleaseStrategy.rolling(), ReleaseStrategy.inOneGroup(), ReleaseStrategy.USERS_1M];
    expect([rolling, inOne, canary].map(({ shiftsTraffic }) => shiftsTraffic)).toEqual([false, false, true]);
    expect([rolling, inOne, canary].map(({ twoGroups }) => twoGroups)).toEqual([true, false, true]);
  });

  test('takes the ends of every range', () => {
    const day = Duration.hours(24);
    expect(() => ReleaseStrategy.canary(0.1, day, Duration.hours(9))).not.toThrow();
    expect(() => ReleaseStrategy.canary(100, minutes(1))).not.toThrow();
    expect(() => ReleaseStrategy.linear(3, minutes(1), minutes(0))).not.toThrow();
    expect(() => ReleaseStrategy.blueGreen(day)).not.toThrow();
    // 0.1 * 3 is 0.30000000000000004.
    expect(() => ReleaseStrategy.canary(0.1 * 3, minutes(1))).not.toThrow();
  });

  test.each([
    [
      () => ReleaseStrategy.canary(0, minutes(5)),
      'percent of canary must be a multiple of 0.1 from 0.1 to 100, got 0: say a share that ECS can shift',
    ],
    [
      () => ReleaseStrategy.canary(10.05, minutes(5)),
      'percent of canary must be a multiple of 0.1 from 0.1 to 100, got 10.05: say a share that ECS can shift',
    ],
    [
      () => ReleaseStrategy.canary(Number.NaN, minutes(5)),
      'percent of canary must be a multiple of 0.1 from 0.1 to 100, got NaN: say a share that ECS can shift',
    ],
    [
      () => ReleaseStrategy.linear(2.9, minutes(5), minutes(5)),
      'percent of linear must be a multiple of 0.1 from 3 to 100, got 2.9: say a share that ECS can shift',
    ],
    [
      () => ReleaseStrategy.canary(10, minutes(0)),
      'bake of canary must be whole minutes from 1 to 1440 (24 hours), got 0: ECS counts in minutes',
    ],
    [
      () => ReleaseStrategy.canary(10, Duration.seconds(90)),
      'bake of canary must be whole minutes from 1 to 1440 (24 hours), got 1.5: ECS counts in minutes',
    ],
    [
      () => ReleaseStrategy.canary(10, minutes(5), minutes(1441)),
      'watch of canary must be whole minutes from 0 to 1440 (24 hours), got 1441: ECS counts in minutes',
    ],
    [
      () => ReleaseStrategy.linear(10, minutes(0), minutes(5)),
      'interval of linear must be whole minutes from 1 to 1440 (24 hours), got 0: ECS counts in minutes',
    ],
    [
      () => ReleaseStrategy.linear(10, minutes(5), minutes(1441)),
      'bake of linear must be whole minutes from 0 to 1440 (24 hours), got 1441: ECS counts in minutes',
    ],
    [
      () => ReleaseStrategy.blueGreen(minutes(1441)),
      'bake of blueGreen must be whole minutes from 0 to 1440 (24 hours), got 1441: ECS counts in minutes',
    ],
    [
      () => ReleaseStrategy.linear(3, Duration.hours(1), minutes(0)),
      'a release must wait 33 hours at most, all its steps together, got 2040 minutes: shorten them (CloudFormation ends an update after 36 hours)',
    ],
    [
      () => ReleaseStrategy.canary(10, Duration.hours(24), Duration.hours(10)),
      'a release must wait 33 hours at most, all its steps together, got 2040 minutes: shorten them (CloudFormation ends an update after 36 hours)',
    ],
  ])('refuses what ECS would refuse (%#)', (make, message) => {
    expect(make).toThrow(new Error(message));
  });
});
