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
