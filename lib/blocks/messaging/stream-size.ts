/** Brokers of an EventStream: standard ones, which MSK Replicator takes. */
export class StreamSize {
  /** 3 kafka.m7g.large (2 vCPU, 8 GiB): 6,000 events a second. */
  public static readonly USERS_1M = new StreamSize('kafka.m7g.large', 3, 500);
  /** 15 kafka.m7g.large: 30,000 events a second in one Region (seed: 15 brokers in each of the two largest Regions). */
  public static readonly USERS_10M = new StreamSize('kafka.m7g.large', 15, 500);

  /**
   * A size of your own. More brokers and larger ones come in place (topics then have to be spread anew); fewer brokers, smaller
   * disks and express brokers do not: whether a standard cluster may turn express is not verified against AWS.
   * @param instanceType `kafka.m5.` or `kafka.m7g.` with a size of large or above
   * @param brokers a multiple of the three zones, from 3 to 60; `brokersFor` tells how many a rate takes
   * @param storageGiB disk of each broker at first, from 100 to 16384; it grows by itself
   */
  public static of(instanceType: string, brokers: number, storageGiB: number): StreamSize {
    return new StreamSize(instanceType, brokers, storageGiB);
  }

  /** Brokers that a rate of events takes, by the seeds' cautious 2,000 events a second each, rounded up to whole zones. */
  public static brokersFor(eventsPerSecond: number): number {
    return Math.max(1, Math.ceil(eventsPerSecond / 2000 / 3)) * 3;
  }

  private constructor(
    /** Instance type as Amazon MSK names it. */
    public readonly instanceType: string,
    /** Brokers in all three zones together. */
    public readonly brokers: number,
    /** Disk of each broker at first, in GiB. */
    public readonly storageGiB: number,
  ) {
    // kafka.t3.small is what MSK Replicator refuses.
    if (!/^kafka\.(m5|m7g)\.(\d*x)?large$/.test(instanceType)) {
      throw new Error(
        `instanceType must be a standard broker, kafka.m5 or kafka.m7g with a size of large or above, got: '${instanceType}'`,
      );
    }
    if (!Number.isInteger(brokers) || brokers < 3 || brokers > 60 || brokers % 3 !== 0) {
      throw new Error(`brokers must be a multiple of the three zones from 3 to 60, got: ${brokers}`);
    }
    if (!Number.isInteger(storageGiB) || storageGiB < 100 || storageGiB > 16384) {
      throw new Error(`storageGiB must be a whole number from 100 to 16384, got: ${storageGiB}`);
    }
  }
}
