/** What a SearchSize consists of. */
export interface SearchSizeProps {
  /** Instance type of a data node, such as `m7g.large.search`. */
  readonly dataNodeType: string;
  /** Data nodes in each zone, at least 1. */
  readonly dataNodesPerZone: number;
  /** Disk of each data node, in GiB, from 10 to 3072. */
  readonly volumeGiB: number;
  /** Instance type of each of the three dedicated master nodes, such as `m7g.medium.search`. */
  readonly masterNodeType: string;
}

/** Machines and disks of a SearchDomain. All of it may change in place: the service builds anew beside and moves over. */
export class SearchSize {
  /** One m7g.large with 100 GiB in each zone (seed: search comes at 100K users, with the third stage). */
  public static readonly USERS_1M = new SearchSize({
    dataNodeType: 'm7g.large.search',
    dataNodesPerZone: 1,
    volumeGiB: 100,
    masterNodeType: 'm7g.medium.search',
  });
  /** Two r7g.xlarge with 500 GiB in each zone. */
  public static readonly USERS_10M = new SearchSize({
    dataNodeType: 'r7g.xlarge.search',
    dataNodesPerZone: 2,
    volumeGiB: 500,
    masterNodeType: 'm7g.large.search',
  });

  /** A size of your own. */
  public static of(props: SearchSizeProps): SearchSize {
    return new SearchSize(props);
  }

  /** Instance type of a data node. */
  public readonly dataNodeType: string;
  /** Data nodes in each zone. */
  public readonly dataNodesPerZone: number;
  /** Disk of each data node, in GiB. */
  public readonly volumeGiB: number;
  /** Instance type of a master node. */
  public readonly masterNodeType: string;

  private constructor(props: SearchSizeProps) {
    const { dataNodesPerZone, volumeGiB } = props;
    for (const name of ['dataNodeType', 'masterNodeType'] as const) {
      // T-class nodes and the local disks of i-class nodes do not go with what the domain needs.
      if (!/^[cmr]\d+g?\.(medium|(\d*x)?large)\.search$/.test(props[name])) {
        throw new Error(`${name} must be a c, m or r type that ends in .search, such as m7g.large.search, got: '${props[name]}'`);
      }
    }
    if (!Number.isInteger(dataNodesPerZone) || dataNodesPerZone < 1) {
      throw new Error(`dataNodesPerZone must be a whole number of at least 1, got: ${dataNodesPerZone}`);
    }
    if (!Number.isInteger(volumeGiB) || volumeGiB < 10 || volumeGiB > 3072) {
      throw new Error(`volumeGiB must be a whole number from 10 to 3072, got: ${volumeGiB}`);
    }
    this.dataNodeType = props.dataNodeType;
    this.dataNodesPerZone = dataNodesPerZone;
    this.volumeGiB = volumeGiB;
    this.masterNodeType = props.masterNodeType;
  }
}
