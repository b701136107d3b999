import { Token } from 'aws-cdk-lib';

/** Largest capacity Aurora Serverless v2 offers, in ACU (AWS::RDS::DBCluster ServerlessV2ScalingConfiguration). */
const LARGEST_ACU = 256;

/** Recommended minimum for Serverless v2 in a global database (Aurora User Guide, aurora-global-database.configuration.requirements). */
const GLOBAL_MINIMUM_ACU = 8;

/**
 * How far an Aurora Serverless v2 database scales, in Aurora capacity units (1 ACU is about 2 GiB of memory with its share of CPU).
 *
 * A change of size is an update in place. The members are named after the user bands of the seeds (1K, 100K, 1M, 10M users); the
 * capacities are our starting points, to be replaced by what the database's own `ServerlessDatabaseCapacity` shows.
 */
export class DatabaseSize {
  /** 0 to 2 ACU: sleeps after five idle minutes, if nothing keeps it awake (see `autoPauses`). */
  public static readonly USERS_1K = new DatabaseSize(0, 2);
  /** 0.5 to 8 ACU. */
  public static readonly USERS_100K = new DatabaseSize(0.5, 8);
  /** 2 to 32 ACU. */
  public static readonly USERS_1M = new DatabaseSize(2, 32);
  /** 8 to 128 ACU: the first size that is enough for a global database. */
  public static readonly USERS_10M = new DatabaseSize(8, 128);

  /**
   * A size of your own.
   *
   * @param minCapacity ACU when idle: 0, or 0.5 to 256 in steps of 0.5
   * @param maxCapacity ACU at most: 1 to 256 in steps of 0.5
   * @throws if a capacity is no such number, or the minimum is above the maximum
   */
  public static of(minCapacity: number, maxCapacity: number): DatabaseSize {
    return new DatabaseSize(minCapacity, maxCapacity);
  }

  private constructor(
    /** ACU when idle. */
    public readonly minCapacity: number,
    /** ACU at most. */
    public readonly maxCapacity: number,
  ) {
    checkCapacity('minCapacity', minCapacity, 0);
    checkCapacity('maxCapacity', maxCapacity, 1);
    if (!Token.isUnresolved(minCapacity) && !Token.isUnresolved(maxCapacity) && minCapacity > maxCapacity) {
      throw new Error(`minCapacity must not be above maxCapacity, got ${minCapacity} and ${maxCapacity} ACU: raise maxCapacity`);
    }
  }

  /**
   * Whether the database may pause when idle. It stays awake all the same behind an RDS Proxy, with logical replication or
   * zero-ETL, and in a global database (Aurora User Guide, aurora-serverless-v2-auto-pause).
   */
  public get autoPauses(): boolean {
    return this.minCapacity === 0;
  }

  /**
   * Connections an instance takes: about 211 for each ACU of the largest capacity up to 5,000, and 2,000 where the minimum is 0 or 0.5
   * ACU. The figures of the Aurora user guide (aurora-serverless-v2.max-connections: 189 at 1 ACU, 823 at 4, 1,669 at 8, 3,360 at 16)
   * lie on the line that is drawn here; a change of capacity moves the limit at the next restart only. Unknown while the capacity is.
   */
  public get maxConnections(): number | undefined {
    if (Token.isUnresolved(this.minCapacity) || Token.isUnresolved(this.maxCapacity)) return undefined;
    return Math.min(Math.round(211.4 * this.maxCapacity - 22.4), this.minCapacity <= 0.5 ? 2000 : 5000);
  }

  /** Whether the minimum is what AWS recommends for a member of a global database (8 ACU). */
  public get supportsGlobalDatabase(): boolean {
    return Token.isUnresolved(this.minCapacity) || this.minCapacity >= GLOBAL_MINIMUM_ACU;
  }
}

function checkCapacity(name: string, capacity: number, least: number): void {
  if (Token.isUnresolved(capacity)) return;
  if (!Number.isInteger(capacity * 2) || capacity < least || capacity > LARGEST_ACU) {
    throw new Error(`${name} must be ${least} to ${LARGEST_ACU} ACU in steps of 0.5, got ${capacity}: choose the nearest step`);
  }
}
