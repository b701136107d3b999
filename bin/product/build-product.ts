import { Stack, Tags } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { ProductImage } from '../../lib/blocks/compute/product-image';
import { ServerSize } from '../../lib/blocks/compute/server-size';
import { ServiceSize } from '../../lib/blocks/compute/service-size';
import { CacheSize } from '../../lib/blocks/data/cache-size';
import { DatabaseSize } from '../../lib/blocks/data/database-size';
import { SearchSize } from '../../lib/blocks/data/search-size';
import { WarehouseSize } from '../../lib/blocks/data/warehouse-size';
import { GeographicArea } from '../../lib/blocks/edge/geographic-area';
import type { ProductDomain } from '../../lib/blocks/edge/product-domain';
import { StreamSize } from '../../lib/blocks/messaging/stream-size';
import { Tracing } from '../../lib/blocks/observability/tracing';
import type { FurtherRegion } from '../../lib/stages/further-region';
import { ServerOption } from '../../lib/stages/server-option';
import type { ProductSizes, StageProps } from '../../lib/stages/stage-props';
import { Stage1Single } from '../../lib/stages/stage1-single';
import { Stage2Replicated } from '../../lib/stages/stage2-replicated';
import { Stage3Specialized } from '../../lib/stages/stage3-specialized';
import { Stage4Global } from '../../lib/stages/stage4-global';
import { named } from './by-name';
import { parseImage } from './image-reference';
import type { AreaEntry, ContainerEntry, FurtherRegionEntry, ProductFile, ServerEntry, SizesEntry } from './product';
import { specializedOptions } from './specialized-options';

/** Id of the product's construct in its stack; the same at every stage, which is what keeps the data. */
const PRODUCT = 'Product';

/**
 * Types whose tags are create-only, and stacks, whose tags CloudFormation hands on to every resource: tagging them would replace
 * data the day a tag changes (docs: promotion facts, "tags that replace").
 */
export const UNTAGGED = ['aws:cdk:stack', 'AWS::RedshiftServerless::Namespace'];

/** Makes the stack of a product at its stage, and what stands beside it at stage 4. */
export function buildProduct(scope: Construct, product: ProductFile): Stack {
  const { name, account, region, tags = {} } = product;
  // The stack's own name, so that it is the same inside a Stage.
  const stack = new Stack(scope, name, { stackName: name, env: { account, region } });
  const props = stageProps(stack, product);
  switch (product.stage) {
    case 1:
      new Stage1Single(stack, PRODUCT, props);
      break;
    case 2:
      new Stage2Replicated(stack, PRODUCT, props);
      break;
    case 3:
      new Stage3Specialized(stack, PRODUCT, { ...props, ...specialized(stack, product) });
      break;
    case 4:
      new Stage4Global(stack, PRODUCT, {
        ...props,
        ...specialized(stack, product),
        regions: (product.furtherRegions ?? []).map(furtherRegion),
      });
  }
  for (const [key, value] of Object.entries(tags)) Tags.of(scope).add(key, value, { excludeResourceTypes: UNTAGGED });
  return stack;
}

function stageProps(stack: Stack, product: ProductFile): StageProps {
  return {
    image: freed(image(stack, 'ImageRepository', product.image), product.container),
    port: product.port,
    healthCheckPath: product.healthCheckPath,
    domain: domain(stack, product),
    vpcCidr: product.vpcCidr,
    availabilityZones: product.availabilityZones,
    server: product.server && serverOption(product.server),
    sizes: product.sizes && productSizes(product.sizes),
    tracing: product.tracedPercent === undefined ? undefined : Tracing.xray(product.tracedPercent),
  };
}

// A service's own image is run as the product's is.
function specialized(stack: Stack, product: ProductFile): ReturnType<typeof specializedOptions> {
  return specializedOptions(product, (id, uri) => freed(image(stack, id, uri), product.container));
}

// An image in Amazon ECR has to be one for the constructs too: only then may the tasks pull it.
function image(stack: Stack, id: string, uri: string): ProductImage {
  const reference = parseImage(uri);
  const host = /^(?<account>\d{12})\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com\/(?<name>.+)$/;
  const found = host.exec(reference?.repository ?? '')?.groups;
  const tag = reference?.digest ?? reference?.tag;
  if (!found || tag === undefined) return ProductImage.fromRegistry(uri);
  const { account, region, name } = found;
  const repository = ecr.Repository.fromRepositoryAttributes(stack, id, {
    repositoryName: name,
    repositoryArn: `arn:aws:ecr:${region}:${account}:repository/${name}`,
  });
  return ProductImage.fromEcrRepository(repository, tag);
}

// The group too: a user that the image does not know would have root's (Dockerfile reference, USER).
function freed(restricted: ProductImage, { user, ownUser, writableFiles }: ContainerEntry = {}): ProductImage {
  let image = restricted;
  if (user !== undefined) image = image.asUser(`${user}:${user}`);
  if (ownUser !== undefined) image = image.withOwnUser(ownUser);
  if (writableFiles !== undefined) image = image.withWritableFiles(writableFiles);
  return image;
}

function domain(stack: Stack, { domain: entry }: ProductFile): ProductDomain | undefined {
  if (!entry) return undefined;
  const { name, hostedZoneId, zoneName, certificateArn, edgeCertificateArn } = entry;
  const certificate = (id: string, arn?: string) => arn && acm.Certificate.fromCertificateArn(stack, id, arn);
  return {
    name,
    hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'HostedZone', { hostedZoneId, zoneName }),
    certificate: certificate('LoadBalancerCertificate', certificateArn) || undefined,
    edgeCertificate: certificate('EdgeCertificate', edgeCertificateArn) || undefined,
  };
}

function serverOption({ database, movedOut, retired, retiredWithoutRecord, never }: ServerEntry): ServerOption {
  if (movedOut !== undefined) return ServerOption.movedOut(movedOut);
  if (retired !== undefined) return ServerOption.retired(retired);
  if (retiredWithoutRecord !== undefined) return ServerOption.retiredWithoutRecord(retiredWithoutRecord);
  if (never !== undefined) return ServerOption.never(never);
  return database === 'aurora' ? ServerOption.withoutDatabase() : ServerOption.withDatabase();
}

function furtherRegion({ serves, ...entry }: FurtherRegionEntry): FurtherRegion {
  return { ...entry, serves: serves?.map(area) };
}

function area({ continent, country }: AreaEntry): GeographicArea {
  return continent === undefined ? GeographicArea.country(country ?? '') : GeographicArea.continent(continent);
}

function productSizes(entry: SizesEntry): ProductSizes {
  return {
    server: named(ServerSize, entry.server),
    database: named(DatabaseSize, entry.database),
    cache: named(CacheSize, entry.cache),
    service: named(ServiceSize, entry.service),
    worker: named(ServiceSize, entry.worker),
    search: named(SearchSize, entry.search),
    warehouse: named(WarehouseSize, entry.warehouse),
    stream: named(StreamSize, entry.stream),
  };
}
