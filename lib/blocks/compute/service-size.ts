import { Token } from 'aws-cdk-lib';

/** Least and most GiB, and the step, by CPU units (Amazon ECS developer guide, task size on Fargate). */
const FARGATE_MEMORY_GIB: { [cpu: number]: number[] } = {
  256: [1, 2, 1],
  512: [1, 4, 1],
  1024: [2, 8, 1],
  2048: [4, 16, 1],
  4096: [8, 30, 1],
  8192: [16, 60, 4],
  16384: [32, 120, 8],
};

/** CPU and memory of one task, and how many tasks may run. */
export class ServiceSize {
  /** 0.5 vCPU and 1 GiB, 2 to 5 tasks (seed: 2-5 app servers from 1K to 100K users). */
  public static readonly USERS_100K = new ServiceSize(512, 1024, 2, 5);
  /** 1 vCPU and 2 GiB, 3 to 20 tasks: one in every zone (100K to 1M users). */
  public static readonly USERS_1M = new ServiceSize(1024, 2048, 3, 20);
  /** 1 vCPU and 2 GiB, 8 to 40 tasks a Region (seed: 8-20 to 16-40 pods of a service in a Region at 1M daily users). */
  public static readonly USERS_10M = new ServiceSize(1024, 2048, 8, 40);
  /** 0.25 vCPU and 0.5 GiB, 2 to 10 tasks: a small service beside the core, or a worker. */
  public static readonly SMALL = new ServiceSize(256, 512, 2, 10);
  /** 0.25 vCPU and 0.5 GiB, 1 to 5 tasks: background work that may wait. */
  public static readonly WORKER = new ServiceSize(256, 512, 1, 5);

  /**
   * A size of your own.
   * @param cpu CPU units, 1024 to a vCPU; Fargate takes 256, 512, 1024, 2048, 4096, 8192 or 16384
   * @param memoryMiB memory of a task
   * @param minTasks fewest tasks, at least 1
   * @param maxTasks most tasks, at least `minTasks`
   */
  public static of(cpu: number, memoryMiB: number, minTasks: number, maxTasks: number): ServiceSize {
    return new ServiceSize(cpu, memoryMiB, minTasks, maxTasks);
  }

  /**
   * The same size, with the tasks beyond a base on Fargate Spot: up to 70 % cheaper, and taken back with two minutes' notice. For
   * workers, whose jobs come again; a service behind a load balancer refuses it. Arm tasks run there since platform version 1.4.0
   * (Amazon ECS API reference, CapacityProviderStrategyItem).
   * @param base tasks that are never on Spot, 0 to `maxTasks`; without one, `minTasks`
   * @throws if the base is out of range
   */
  public onSpot(base = this.minTasks): ServiceSize {
    const most = Token.isUnresolved(this.maxTasks) ? Number.MAX_SAFE_INTEGER : this.maxTasks;
    if (!Token.isUnresolved(base) && !(Number.isInteger(base) && base >= 0 && base <= most)) {
      throw new Error(
        `base must be a whole number from 0 to maxTasks (${this.maxTasks}), got: ${base}, say how many tasks must never be on Spot`,
      );
    }
    return new ServiceSize(this.cpu, this.memoryMiB, this.minTasks, this.maxTasks, base);
  }

  private constructor(
    /** CPU units of a task. */
    public readonly cpu: number,
    /** Memory of a task, in MiB. */
    public readonly memoryMiB: number,
    /** Fewest tasks. */
    public readonly minTasks: number,
    /** Most tasks. */
    public readonly maxTasks: number,
    /** Tasks that are never on Fargate Spot; absent where none may be. */
    public readonly spotBase?: number,
  ) {
    if (!Token.isUnresolved(cpu)) checkTask(cpu, memoryMiB);
    const least = Token.isUnresolved(minTasks) ? 1 : minTasks;
    if (!Number.isInteger(least) || least < 1) {
      throw new Error(`minTasks must be a whole number of at least 1, got: ${minTasks}`);
    }
    if (!Token.isUnresolved(maxTasks) && (!Number.isInteger(maxTasks) || maxTasks < least)) {
      throw new Error(`maxTasks must be a whole number of at least minTasks (${least}), got: ${maxTasks}`);
    }
  }
}

function checkTask(cpu: number, memoryMiB: number): void {
  const memory = FARGATE_MEMORY_GIB[cpu];
  if (!memory) {
    throw new Error(`cpu must be one of ${Object.keys(FARGATE_MEMORY_GIB).join(', ')} CPU units, got: ${cpu}`);
  }
  if (Token.isUnresolved(memoryMiB) || (cpu === 256 && memoryMiB === 512)) return;
  const [least, most, step] = memory.map((gib) => gib * 1024);
  if (!(memoryMiB >= least && memoryMiB <= most && memoryMiB % step === 0)) {
    const half = cpu === 256 ? '512, or ' : '';
    throw new Error(`memoryMiB for ${cpu} CPU units must be ${half}${least} to ${most} in steps of ${step}, got: ${memoryMiB}`);
  }
}
