import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { AppContract, type DatabaseContract } from '../blocks/compute/app-contract';
import type { ProductService } from '../blocks/compute/product-service';
import { Reach } from '../blocks/compute/reach';
import type { ServiceGround } from './service-ground';
import { queueOffers } from './service-queue';

/**
 * What the container of a service is told: the app contract, without the parts that it may not reach, whose names and passwords are none
 * of its business.
 */
export function serviceContract(reader: Construct, ground: ServiceGround, service: ProductService, port: number): AppContract {
  const { offers } = ground;
  const { props } = ground.surroundings.application.contract;
  const { reaches = [], queue } = service;
  const may = (reach: Reach) => reaches.includes(reach);
  const take = (name: string) => offers.take(reader, name);
  const takeIf = (reach: Reach, name: string) => (may(reach) && offers.has(name) ? take(name) : undefined);
  const secret = (name: string, original: secretsmanager.ISecret) => {
    // The Region's own key, or none that anybody here has to know.
    const encryptionKey = original.encryptionKey && kms.Key.fromKeyArn(reader, `${name}Key`, take(`${name}Key`));
    return secretsmanager.Secret.fromSecretAttributes(reader, name, { secretCompleteArn: take(name), encryptionKey });
  };
  const database = may(Reach.DATABASE) ? props.database : undefined;
  const cache = may(Reach.CACHE) ? props.cache : undefined;
  const search = may(Reach.SEARCH) ? props.search : undefined;
  return new AppContract({
    port: service.port ?? port,
    jobQueueUrl: queue ? take(queueOffers(service).url) : (takeIf(Reach.JOBS, 'JobQueueUrl') ?? ''),
    jobTimeoutSeconds: queue ? queue.jobTimeout.toSeconds() : props.jobTimeoutSeconds,
    database: database && databaseOf(take, offers.has('DatabaseReportingHost'), secret('DatabaseSecret', database.secret)),
    cache: cache && {
      host: take('CacheHost'),
      port: take('CachePort'),
      secret: secret('CacheSecret', cache.secret),
      sharedHost: cache.sharedHost && take('SharedCacheHost'),
    },
    search: search && { endpoint: take('SearchEndpoint'), secret: secret('SearchSecret', search.secret) },
    assetsBucketName: takeIf(Reach.ASSETS, 'AssetsBucket'),
    assetsBaseUrl: props.assetsBaseUrl,
    eventTopicArn: takeIf(Reach.EVENTS, 'EventTopic'),
    eventBusName: takeIf(Reach.EVENTS, 'EventBusName'),
    eventStreamClusterArn: takeIf(Reach.STREAM, 'Stream'),
    userPoolId: takeIf(Reach.USERS, 'UserPool'),
    userPoolClientId: takeIf(Reach.USERS, 'UserPoolClient'),
    userPoolIssuer: takeIf(Reach.USERS, 'UserPoolIssuer'),
    signInUrl: takeIf(Reach.USERS, 'SignInUrl'),
    permissionStoreId: takeIf(Reach.USERS, 'PermissionStore'),
    sharedTableName: takeIf(Reach.SHARED_TABLE, 'SharedTable'),
    idempotencyTableName: takeIf(Reach.IDEMPOTENCY, 'IdempotencyTable'),
  });
}

function databaseOf(take: (name: string) => string, reports: boolean, secret: secretsmanager.ISecret): DatabaseContract {
  return {
    writerHost: take('DatabaseWriterHost'),
    readerHost: take('DatabaseReaderHost'),
    reportingHost: reports ? take('DatabaseReportingHost') : undefined,
    port: take('DatabasePort'),
    name: take('DatabaseName'),
    secret,
  };
}
