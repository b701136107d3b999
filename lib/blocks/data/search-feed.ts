/** A table that is searched, and how. */
export interface SearchTableProps {
  /** `schema.table`, with a primary key; the index has the name of the table. */
  readonly table: string;
  /**
   * OpenSearch types of columns, such as `{ placed_at: 'date', tags: 'keyword' }`. They hold from the first document of an index on:
   * another type later needs another index.
   * @default - OpenSearch chooses by the first document: timestamps become long, decimals text
   */
  readonly fields?: { [column: string]: string };
  /**
   * Primary shards of the index; fixed when it is made.
   * @default 1
   */
  readonly shards?: number;
}

/** What a SearchFeed consists of. */
export interface SearchFeedProps {
  /** Tables to index; one at least. */
  readonly tables: SearchTableProps[];
  /**
   * Compute units (OCU) that are always there, 1 to 96.
   * @default 1
   */
  readonly minUnits?: number;
  /**
   * Compute units it may grow to, `minUnits` to 96, which bounds the bill.
   * @default 4
   */
  readonly maxUnits?: number;
  /**
   * A private /24 for the pipeline's own side of the network; it must not overlap the VPC.
   * @default 192.168.254.0/24
   */
  readonly cidr?: string;
}

/**
 * Which tables of the database a search domain follows. **175 USD a month and more**: one OCU costs 0.24 USD an hour in us-east-1
 * (Amazon OpenSearch Service pricing, ingestion), whether rows change or not, and the pipeline never has none.
 *
 * Not for a few thousand rows, or rows that hardly change (write them from the product, or index them in PostgreSQL), and not for
 * documents made of many tables: an index is one table.
 */
export class SearchFeed {
  /** Indexes these tables as they are. */
  public static ofTables(...tables: string[]): SearchFeed {
    return new SearchFeed({ tables: tables.map((table) => ({ table })) });
  }

  /** A feed of your own. */
  public static of(props: SearchFeedProps): SearchFeed {
    return new SearchFeed(props);
  }

  /** Tables that are indexed. */
  public readonly tables: SearchTableProps[];
  /** Compute units that are always there. */
  public readonly minUnits: number;
  /** Compute units it may grow to. */
  public readonly maxUnits: number;
  /** Range of the pipeline's own side of the network. */
  public readonly cidr: string;

  private constructor(props: SearchFeedProps) {
    const { tables, minUnits = 1, maxUnits = Math.max(4, minUnits), cidr = '192.168.254.0/24' } = props;
    if (tables.length === 0) {
      throw new Error('searchFeed: tables must name at least one table, got none: leave searchFeed out to index nothing');
    }
    for (const { table, shards = 1 } of tables) {
      // An index has a lower-case name that starts with a letter (OpenSearch documentation, naming restrictions for indexes).
      if (!/^[a-z_][a-z0-9_]*\.[a-z][a-z0-9_]*$/.test(table)) {
        throw new Error(
          `searchFeed: tables must each be schema.table in lower case, such as public.products, got '${table}': an index has no other letters`,
        );
      }
      if (!Number.isInteger(shards) || shards < 1 || shards > 100) {
        throw new Error(`searchFeed: shards of '${table}' must be a whole number from 1 to 100, got: ${shards}`);
      }
    }
    const names = tables.map(({ table }) => indexOf(table));
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new Error(
        `searchFeed: tables must have different names, got '${twice}' twice: the index has the name of the table alone`,
      );
    }
    // OpenSearch Service developer guide, quotas of OpenSearch Ingestion.
    if (!Number.isInteger(minUnits) || minUnits < 1 || minUnits > 96) {
      throw new Error(`searchFeed: minUnits must be a whole number from 1 to 96, got: ${minUnits}`);
    }
    if (!Number.isInteger(maxUnits) || maxUnits < minUnits || maxUnits > 96) {
      throw new Error(`searchFeed: maxUnits must be a whole number from minUnits (${minUnits}) to 96, got: ${maxUnits}`);
    }
    if (!/^(10|172\.(1[6-9]|2\d|3[01])|192\.168)\.[0-9.]*0\/24$/.test(cidr)) {
      throw new Error(`searchFeed: cidr must be a private range of 256 addresses, such as 192.168.254.0/24, got: '${cidr}'`);
    }
    this.tables = tables;
    this.minUnits = minUnits;
    this.maxUnits = maxUnits;
    this.cidr = cidr;
  }

  /** Names of the indexes that it fills. */
  public indexes(): string[] {
    return this.tables.map(({ table }) => indexOf(table));
  }
}

function indexOf(table: string): string {
  return table.split('.')[1];
}
