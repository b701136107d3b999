import { Duration } from 'aws-cdk-lib';

/** When a data stream goes on to another index, and for how long it is kept. */
export interface RolloverOptions {
  /**
   * Age at which the next index begins, whole hours or days.
   * @default Duration.days(1)
   */
  readonly maxAge?: Duration;
  /**
   * Size of a shard at which the next index begins, in GiB, from 1 to 50.
   * @default 30 - searches want 10 to 30, logs 30 to 50 (OpenSearch Service developer guide, sizing domains)
   */
  readonly maxShardGiB?: number;
  /**
   * How long after that an index is deleted, whole hours or days.
   * @default Duration.days(30)
   */
  readonly deleteAfter?: Duration;
}

/**
 * What becomes of indexes as they get older. An index that no policy names is never deleted.
 *
 * No policy moves anything to UltraWarm: that needs nodes of its own (`warmNodes` of the exposed domain), which begin at two.
 */
export class IndexPolicy {
  /** Data streams `log-stream-*`: a new index each day or 30 GiB, deleted after 30 days. Nothing has such a name unless you gave it. */
  public static readonly LOG_STREAMS = IndexPolicy.rollover('log-stream-*');

  /**
   * For logs and events: who writes to a name of this pattern makes a data stream, without any preparation. Documents need a field
   * `@timestamp`, and cannot be changed; **a plain index of such a name can no longer be made**.
   * @param pattern such as `log-stream-*`
   */
  public static rollover(pattern: string, options: RolloverOptions = {}): IndexPolicy {
    const { maxShardGiB = 30 } = options;
    if (!Number.isInteger(maxShardGiB) || maxShardGiB < 1 || maxShardGiB > 50) {
      throw new Error(`maxShardGiB must be a whole number from 1 to 50, got: ${maxShardGiB}`);
    }
    const rollover = {
      min_index_age: written('maxAge', options.maxAge ?? Duration.days(1)),
      min_primary_shard_size: `${maxShardGiB}gb`,
    };
    const kept = { min_rollover_age: written('deleteAfter', options.deleteAfter ?? Duration.days(30)) };
    return new IndexPolicy(pattern, true, [{ rollover }], kept);
  }

  /**
   * For plain indexes that are of use for some time only.
   * @param pattern such as `sessions-*`, or one index by name
   * @param age since the index was made, whole hours or days
   */
  public static deleteAfter(pattern: string, age: Duration): IndexPolicy {
    return new IndexPolicy(pattern, false, [], { min_index_age: written('age', age) });
  }

  /** Name of the policy in the domain. */
  public readonly name: string;

  private constructor(
    /** Which indexes, or data streams. */
    public readonly pattern: string,
    /** Whether names of the pattern are data streams. */
    public readonly dataStreams: boolean,
    private readonly actions: object[],
    private readonly deleted: object,
  ) {
    // So that no slip of the pen deletes everything.
    if (!/^[a-z0-9][a-z0-9_.-]{2,}\*?$/.test(pattern)) {
      throw new Error(
        `pattern must be at least three lower-case letters, digits, dots, dashes or underscores, and a star at the end if it is more than one index, got: '${pattern}'`,
      );
    }
    this.name = pattern.replace(/[-_.]*\*$/, '');
  }

  /** Whether an index falls under the policy. */
  public covers(index: string): boolean {
    return this.pattern.endsWith('*') ? index.startsWith(this.pattern.slice(0, -1)) : index === this.pattern;
  }

  /** The policy as the domain takes it (OpenSearch documentation, index state management, policies). */
  public render(): object {
    return {
      default_state: 'kept',
      states: [
        { name: 'kept', actions: this.actions, transitions: [{ state_name: 'deleted', conditions: this.deleted }] },
        { name: 'deleted', actions: [{ delete: {} }], transitions: [] },
      ],
      ism_template: [{ index_patterns: [this.pattern], priority: 100 }],
    };
  }
}

function written(prop: string, age: Duration): string {
  const hours = age.toHours({ integral: false });
  if (!Number.isInteger(hours) || hours < 1) {
    throw new Error(`${prop} must be whole hours or days, at least one hour, got: ${age.toHumanString()}`);
  }
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`;
}
