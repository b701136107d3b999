/** A product as its description file says it; every field is explained in product.schema.json. */
export interface ProductFile {
  readonly $schema?: string;
  readonly name: string;
  readonly stage: 1 | 2 | 3 | 4;
  readonly account: string;
  readonly region: string;
  readonly image: string;
  readonly port?: number;
  readonly healthCheckPath?: string;
  readonly container?: ContainerEntry;
  readonly domain?: DomainEntry;
  readonly availabilityZones?: string[];
  readonly vpcCidr?: string;
  readonly server?: ServerEntry;
  readonly furtherRegions?: FurtherRegionEntry[];
  readonly sizes?: SizesEntry;
  readonly tracedPercent?: number;
  readonly services?: ServiceEntry[];
  readonly firewall?: FirewallEntry;
  readonly releases?: ReleasesEntry;
  readonly signIn?: SignInEntry;
  readonly email?: EmailEntry;
  readonly searchFeed?: SearchFeedEntry;
  readonly archive?: ArchiveEntry;
  readonly audit?: AuditEntry;
  readonly tags?: { readonly [key: string]: string };
}

/** At most one of `user` and `ownUser` is given; the latter and `writableFiles` are reasons. */
export interface ContainerEntry {
  readonly user?: number;
  readonly ownUser?: string;
  readonly writableFiles?: string;
}

/** The product's name in DNS. */
export interface DomainEntry {
  readonly name: string;
  readonly hostedZoneId: string;
  readonly zoneName: string;
  readonly certificateArn?: string;
  readonly edgeCertificateArn?: string;
}

/** Exactly one of the four is given. */
export interface ServerEntry {
  readonly database?: 'on-server' | 'aurora';
  readonly movedOut?: string;
  readonly retired?: string;
  readonly retiredWithoutRecord?: string;
  readonly never?: string;
}

/** One Region beside the primary one. */
export interface FurtherRegionEntry {
  readonly region: string;
  readonly serves?: AreaEntry[];
  readonly availabilityZones?: string[];
  readonly vpcCidr?: string;
  readonly cacheCopy?: boolean;
}

/** Exactly one of the two is given. */
export interface AreaEntry {
  readonly continent?: string;
  readonly country?: string;
}

/** Names of sizes, such as `USERS_1M`, by part. */
export interface SizesEntry {
  readonly server?: string;
  readonly database?: string;
  readonly cache?: string;
  readonly service?: string;
  readonly worker?: string;
  readonly search?: string;
  readonly warehouse?: string;
  readonly stream?: string;
}

/** A service of the product's own; at most one of `paths`, `hosts` and `grpc` is given. */
export interface ServiceEntry {
  readonly name: string;
  readonly image?: string;
  readonly port?: number;
  readonly paths?: string[];
  readonly hosts?: string[];
  readonly grpc?: string[];
  /** Name of a size, such as `SMALL`. */
  readonly size?: string;
  /** Parts such as `database`, and others such as `service:billing`. */
  readonly reaches?: string[];
  readonly retired?: boolean;
}

/** What the firewalls refuse; `countOnly` is a reason. */
export interface FirewallEntry {
  readonly countOnly?: string;
  readonly rateLimits?: RateLimitEntry[];
  readonly allowedAddresses?: string[];
  readonly blockedAddresses?: string[];
}

/** At most one of `header` and `cookie` is given. */
export interface RateLimitEntry {
  readonly path: string;
  readonly limit: number;
  readonly minutes: number;
  readonly header?: string;
  readonly cookie?: string;
}

/** Exactly one of the four is given. */
export interface ReleasesEntry {
  readonly rolling?: true;
  readonly canary?: ShiftEntry;
  readonly linear?: ShiftEntry;
  readonly blueGreen?: { readonly minutes: number };
}

/** A share of the traffic, and how long it is watched. */
export interface ShiftEntry {
  readonly percent: number;
  readonly minutes: number;
}

/** How people sign in. */
export interface SignInEntry {
  readonly pages?: PagesEntry;
  readonly groups?: GroupEntry[];
  readonly passkeys?: boolean;
}

/** Exactly one of the three is given. */
export interface PagesEntry {
  readonly none?: true;
  readonly prefix?: string;
  readonly below?: string;
}

/** A role of people. */
export interface GroupEntry {
  readonly name: string;
  readonly precedence?: number;
}

/** Exactly one of the two is given. */
export interface EmailEntry {
  readonly localPart?: string;
  readonly address?: string;
}

/** What the search domain follows. */
export interface SearchFeedEntry {
  readonly tables: string[];
}

/** Which old rows leave the database. */
export interface ArchiveEntry {
  readonly tables: ArchivedTableEntry[];
  readonly immutable?: boolean;
  readonly runs?: boolean;
}

/** Which rows of a table, by days. */
export interface ArchivedTableEntry {
  readonly table: string;
  readonly by: string;
  readonly olderThanDays: number;
  readonly keepForDays?: number;
}

/** Name of what is recorded, such as `WRITES`. */
export interface AuditEntry {
  readonly events?: string;
}
