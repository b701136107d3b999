import { Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { ProductImage } from '../blocks/compute/product-image';
import type { ServerSize } from '../blocks/compute/server-size';
import type { ServiceSize } from '../blocks/compute/service-size';
import type { CacheSize } from '../blocks/data/cache-size';
import type { DatabaseSize } from '../blocks/data/database-size';
import type { SearchSize } from '../blocks/data/search-size';
import type { WarehouseSize } from '../blocks/data/warehouse-size';
import { checkDomain, type ProductDomain } from '../blocks/edge/product-domain';
import type { StreamSize } from '../blocks/messaging/stream-size';
import type { Tracing } from '../blocks/observability/tracing';
import type { ServerOption } from './server-option';

/** Sizes of the parts; what a stage does not have is ignored. */
export interface ProductSizes {
  /** @default ServerSize.USERS_1K */
  readonly server?: ServerSize;
  /** @default - by stage: DatabaseSize.USERS_1K, USERS_100K, USERS_1M, USERS_10M */
  readonly database?: DatabaseSize;
  /** @default - by stage: CacheSize.USERS_100K, USERS_1M, USERS_10M */
  readonly cache?: CacheSize;
  /** The core service. @default - by stage: ServiceSize.USERS_100K, USERS_1M, USERS_10M */
  readonly service?: ServiceSize;
  /** @default ServiceSize.WORKER */
  readonly worker?: ServiceSize;
  /** @default SearchSize.USERS_1M */
  readonly search?: SearchSize;
  /** @default WarehouseSize.USERS_1M */
  readonly warehouse?: WarehouseSize;
  /** @default StreamSize.USERS_10M */
  readonly stream?: StreamSize;
}

/** What every stage needs to know of a product. The same props fit every stage, so that climbing is changing the class name. */
export interface StageProps {
  /** Container image; the same one runs at every stage (see the app contract in the README). */
  readonly image: ProductImage;
  /**
   * Port the container listens on, 1 to 65535.
   * @default 8080
   */
  readonly port?: number;
  /**
   * Path that answers 200 when the product can serve.
   * @default /
   */
  readonly healthCheckPath?: string;
  /**
   * Name of the site.
   * @default - the server's address, later the name CloudFront gives
   */
  readonly domain?: ProductDomain;
  /**
   * Number of the password that proves to the load balancers where a request comes from; one more is one rotation (docs/edge.md).
   * @default 1
   */
  readonly originPassword?: number;
  /**
   * A VPC that exists already, with public, private-with-egress and isolated (or private) subnets.
   * @default - a VPC laid out for every stage
   */
  readonly vpc?: ec2.IVpc;
  /**
   * Range of the VPC, a /16 to /18. It can never change.
   * @default 10.0.0.0/16
   */
  readonly vpcCidr?: string;
  /**
   * Two or three zones by name, in an order that never changes; a third may be appended later, and `Stage3Specialized` needs it.
   * @default - the first three zones of the stack's Region
   */
  readonly availabilityZones?: string[];
  /**
   * A symmetric multi-Region key for what the product stores. It can never be exchanged.
   * @default - a key of the product's own, as soon as the first managed store appears
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * What became of the single server on which the product started.
   * @default ServerOption.withDatabase() - it serves the site, and later stages go on declaring it until told otherwise
   */
  readonly server?: ServerOption;
  /**
   * Whether the password of the database changes every month, and the tasks, which read it when they start, are replaced after it
   * (docs/data.md). Not while a server runs, whose containers know it too, and not at `Stage4Global`, where the tasks of further
   * Regions cannot be replaced from the primary one.
   * @default true
   */
  readonly rotateDatabasePassword?: boolean;
  /**
   * Sizes other than the stage's own.
   * @default - by stage
   */
  readonly sizes?: ProductSizes;
  /**
   * Whether requests are followed through the services, from `Stage2Replicated` on; the single server is one service.
   * @default Tracing.none()
   */
  readonly tracing?: Tracing;
}

/** What a load balancer asks for, as far as the server's shell does too. */
const HEALTH_CHECK_PATH = /^\/[!#-&(-[\]-~]{0,1023}$/;

/** Port of the container where none is given. */
export const DEFAULT_PORT = 8080;

/**
 * Checks what no block checks.
 * @throws if a prop is out of range
 */
export function checkStageProps(props: StageProps): void {
  const { port, healthCheckPath, vpc, vpcCidr, availabilityZones } = props;
  if (port !== undefined && !Token.isUnresolved(port) && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
    throw new Error(`port must be a whole number from 1 to 65535, got ${port}: give the port the container listens on`);
  }
  if (healthCheckPath !== undefined && !Token.isUnresolved(healthCheckPath) && !HEALTH_CHECK_PATH.test(healthCheckPath)) {
    throw new Error(
      `healthCheckPath must be a slash and up to 1023 ASCII letters, digits and signs without space, quote or backslash, got '${healthCheckPath}': write it as in /health`,
    );
  }
  if (vpc && (vpcCidr !== undefined || availabilityZones)) {
    throw new Error('vpc must stand alone: vpcCidr and availabilityZones belong to a VPC made here, leave them out');
  }
  if (props.domain) checkDomain(props.domain);
}
