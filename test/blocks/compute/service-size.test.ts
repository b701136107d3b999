import { Token } from 'aws-cdk-lib';
import { ServiceSize } from '../../../lib/blocks/compute/service-size';

type Numbers = [cpu: number, memoryMiB: number, minTasks: number, maxTasks: number];

const numbers = (size: ServiceSize): Numbers => [size.cpu, size.memoryMiB, size.minTasks, size.maxTasks];

describe('a service size', () => {
  test.each<[keyof typeof ServiceSize & string, Numbers]>([
    ['USERS_100K', [512, 1024, 2, 5]],
    ['USERS_1M', [1024, 2048, 3, 20]],
    ['USERS_10M', [1024, 2048, 8, 40]],
    ['SMALL', [256, 512, 2, 10]],
    ['WORKER', [256, 512, 1, 5]],
  ])('%s is what its docstring says', (name, expected) => {
    expect(numbers(ServiceSize[name] as ServiceSize)).toEqual(expected);
  });

  test.each<Numbers>([
    [256, 512, 1, 1],
    [256, 2048, 1, 3],
    [2048, 16384, 4, 4],
    [4096, 30720, 1, 2],
    [8192, 20480, 1, 2],
    [16384, 122880, 2, 9],
  ])('of %d CPU units and %d MiB is one that Fargate has', (...given) => {
    expect(numbers(ServiceSize.of(...given))).toEqual(given);
  });

  test('is on Spot only where said so, beyond its fewest tasks or the base given', () => {
    expect(ServiceSize.WORKER.spotBase).toBeUndefined();
    expect(ServiceSize.SMALL.onSpot().spotBase).toBe(2);
    expect(ServiceSize.SMALL.onSpot(0).spotBase).toBe(0);
    expect(numbers(ServiceSize.SMALL.onSpot())).toEqual(numbers(ServiceSize.SMALL));
  });

  test.each([-1, 1.5, 11])('refuses %s tasks as base', (base) => {
    expect(() => ServiceSize.SMALL.onSpot(base)).toThrow(
      `base must be a whole number from 0 to maxTasks (10), got: ${base}, say how many tasks must never be on Spot`,
    );
  });

  test('takes numbers that are known only at the deploy', () => {
    const [cpu, memory, least, most] = ['Cpu', 'Memory', 'Least', 'Most'].map((Ref) => Token.asNumber({ Ref }));
    expect(() => ServiceSize.of(cpu, memory, least, most)).not.toThrow();
    expect(() => ServiceSize.of(cpu, 5, 1, 2)).not.toThrow();
    expect(() => ServiceSize.of(1024, memory, 1, 2)).not.toThrow();
    expect(() => ServiceSize.of(1024, 2048, least, 2)).not.toThrow();
    expect(() => ServiceSize.of(1024, 2048, 1, most)).not.toThrow();
  });

  test('checks the numbers it knows beside those it does not', () => {
    const token = Token.asNumber({ Ref: 'Some' });
    expect(() => ServiceSize.of(token, 512, 0, 2)).toThrow('minTasks must be');
    expect(() => ServiceSize.of(100, token, 1, 2)).toThrow('cpu must be');
    expect(() => ServiceSize.of(256, 512, token, 0)).toThrow('maxTasks must be');
  });
});

describe('a service size fails', () => {
  const cpu = 'cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units, got:';
  test.each<[Numbers, string]>([
    [[300, 512, 1, 2], `${cpu} 300`],
    [[0, 512, 1, 2], `${cpu} 0`],
    [[Number.NaN, 512, 1, 2], `${cpu} NaN`],
    [[256, 3072, 1, 2], 'memoryMiB for 256 CPU units must be 512, or 1024 to 2048 in steps of 1024, got: 3072'],
    [[256, 600, 1, 2], 'memoryMiB for 256 CPU units must be 512, or 1024 to 2048 in steps of 1024, got: 600'],
    [[512, 512, 1, 2], 'memoryMiB for 512 CPU units must be 1024 to 4096 in steps of 1024, got: 512'],
    [[1024, 1024, 1, 2], 'memoryMiB for 1024 CPU units must be 2048 to 8192 in steps of 1024, got: 1024'],
    [[1024, 2500, 1, 2], 'memoryMiB for 1024 CPU units must be 2048 to 8192 in steps of 1024, got: 2500'],
    [[1024, Number.NaN, 1, 2], 'memoryMiB for 1024 CPU units must be 2048 to 8192 in steps of 1024, got: NaN'],
    [[8192, 17408, 1, 2], 'memoryMiB for 8192 CPU units must be 16384 to 61440 in steps of 4096, got: 17408'],
    [[256, 512, 0, 2], 'minTasks must be a whole number of at least 1, got: 0'],
    [[256, 512, 1.5, 2], 'minTasks must be a whole number of at least 1, got: 1.5'],
    [[256, 512, 3, 2], 'maxTasks must be a whole number of at least minTasks (3), got: 2'],
    [[256, 512, 1, 2.5], 'maxTasks must be a whole number of at least minTasks (1), got: 2.5'],
  ])('given %j', (given, message) => {
    expect(() => ServiceSize.of(...given)).toThrow(new Error(message));
  });
});
