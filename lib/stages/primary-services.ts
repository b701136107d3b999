import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AssetBucket } from '../blocks/data/asset-bucket';
import type { OriginVerification } from '../blocks/edge/origin-verification';
import type { Site } from '../blocks/edge/site';
import { ChildId } from './child-ids';
import { ProductServices } from './product-services';
import type { ServiceSurroundings } from './service-ground';
import type { Stage3SpecializedProps } from './specialized-props';
import type { Specialties } from './specialties';

/** What the services of the primary Region stand on. */
export interface PrimaryParts
  extends Pick<ServiceSurroundings, 'application' | 'network' | 'alarms' | 'encryptionKey' | 'jobs' | 'eventStream'> {
  readonly cache: ServiceSurroundings['caches'][number];
  readonly assets: AssetBucket;
  readonly specialties: Specialties;
  readonly originVerification: OriginVerification;
  readonly site: Site;
}

/** Runs the services of the primary Region, where the queues are, and sends them requests from the site. */
export function primaryServices(stage: Construct, props: Stage3SpecializedProps, parts: PrimaryParts): ProductServices {
  const { databaseProxy, search, events, idempotency, sharedTable, signIn } = parts.specialties;
  const { application, network, alarms, encryptionKey, jobs, eventStream, originVerification } = parts;
  return new ProductServices(stage, ChildId.SERVICES, {
    ...{ application, network, alarms, encryptionKey, jobs, eventStream, originVerification },
    ...{ events, idempotency, search },
    database: databaseProxy,
    caches: [parts.cache],
    assets: parts.assets.bucket,
    sharedTableArn: sharedTable.table.tableArn,
    permissions: signIn.permissionStore && {
      policyStoreId: signIn.permissionStore.policyStoreId,
      region: Stack.of(stage).region,
      encryptionKeyArn: encryptionKey.keyArn,
    },
    props,
    distribution: parts.site.delivery.distribution,
    withQueues: true,
  });
}
