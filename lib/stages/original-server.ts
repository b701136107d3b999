import { Annotations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { AppContract } from '../blocks/compute/app-contract';
import { DumpBucket } from '../blocks/compute/dump-bucket';
import { ServerSize } from '../blocks/compute/server-size';
import { ServerVolume } from '../blocks/compute/server-volume';
import { SingleServer } from '../blocks/compute/single-server';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import type { CacheReplicationGroup } from '../blocks/data/cache-replication-group';
import { DataMove } from '../blocks/data/data-move';
import type { JobQueue } from '../blocks/messaging/job-queue';
import { letIn } from '../blocks/network/let-in';
import type { INetwork } from '../blocks/network/network';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { serviceLog } from '../blocks/operations/service-log';
import { ChildId } from './child-ids';
import { moveRecordName, requireMoveRecord } from './move-record';
import { ServerOption } from './server-option';
import { databaseContract } from './stage-parts';
import { DEFAULT_PORT, type StageProps } from './stage-props';

/** What the server is made of, apart from the props. */
export interface ServerSurroundings {
  readonly network: INetwork;
  readonly jobs: JobQueue;
  readonly alarms: AlarmTopic;
  /** The key of the product, where it has one. */
  readonly encryptionKey?: kms.IKey;
  /** The database where it is not on the server. */
  readonly database?: AuroraDatabase;
  /** The cache where it is not on the server. */
  readonly cache?: CacheReplicationGroup;
}

/** The server on which the product started, as far as it is still there. */
export interface OriginalServer {
  readonly volume?: ServerVolume;
  readonly dumps?: DumpBucket;
  readonly server?: SingleServer;
  /** What moves its data, where there is something to move them to. */
  readonly dataMove?: DataMove;
  /** Address of the site while the server serves it. */
  readonly siteAddress?: string;
}

/** The server as `ServerOption` says; the same at every stage, so that climbing does not touch it. */
export function originalServer(stage: Construct, props: StageProps, around: ServerSurroundings): OriginalServer {
  const option = props.server ?? ServerOption.withDatabase();
  if (!option.keepsVolume) return {};
  const { vpc } = around.network;
  const size = props.sizes?.server ?? ServerSize.USERS_1K;
  const volume = new ServerVolume(stage, ChildId.SERVER_VOLUME, {
    // Not the first zone of the VPC: a VPC that exists may have no public subnet there.
    availabilityZone: vpc.publicSubnets[0].availabilityZone,
    size: size.dataVolume,
    // Not the key that a later stage makes: neither volume nor vault can change its key.
    encryptionKey: props.encryptionKey,
  });
  const dumps = new DumpBucket(stage, ChildId.SERVER_DUMPS, { encryptionKey: props.encryptionKey });
  const logGroup = serviceLog(stage, ChildId.SERVER_LOGS, { encryptionKey: around.encryptionKey });
  if (option.needsMoveRecord) requireMoveRecord(stage);
  if (!option.runs) return { volume, dumps };

  const contract = new AppContract({
    port: props.port ?? DEFAULT_PORT,
    jobQueueUrl: option.worksOffJobs ? around.jobs.queue.queueUrl : '',
    jobTimeoutSeconds: around.jobs.jobTimeout.toSeconds(),
    database: option.holdsDatabase ? undefined : around.database && databaseContract(around.database),
  });
  const server = new SingleServer(stage, ChildId.SERVER, {
    vpc,
    volume,
    dumps,
    size,
    image: props.image,
    port: props.port ?? DEFAULT_PORT,
    healthCheckPath: props.healthCheckPath ?? '/',
    domainName: props.domain?.name,
    databaseOnServer: option.holdsDatabase,
    environment: contract.environment,
    secrets: contract.secrets,
    alarmTopic: around.alarms.topic,
    logGroup,
  });
  if (option.worksOffJobs) {
    around.jobs.grantSend(server);
    around.jobs.grantConsume(server);
  }
  if (around.database && !option.holdsDatabase) letIn(around.database, server, 'Single server');
  const dataMove = option.holdsDatabase ? moveFrom(stage, server, around) : undefined;
  return { volume, dumps, server, dataMove, siteAddress: option.servesTraffic ? server.publicIp : undefined };
}

function moveFrom(stage: Construct, server: SingleServer, around: ServerSurroundings): DataMove | undefined {
  const { database, cache } = around;
  if (!database || !cache) return undefined;
  return new DataMove(stage, ChildId.DATA_MOVE, {
    vpc: around.network.vpc,
    server,
    grantee: server,
    autoScalingGroup: server.autoScalingGroup,
    database,
    cache,
    recordParameterName: moveRecordName(stage),
  });
}

/** Says that the services run, but that the site is still the server's. */
export function remindOfTheMove(stage: Construct, original: OriginalServer): void {
  if (original.siteAddress === undefined) return;
  Annotations.of(stage).addInfoV2(
    'cdk-scale-tiers:serverStillServes',
    'the single server still holds the database and serves the site; move the data, then say ServerOption.movedOut(...), or ServerOption.never(...) if there is none',
  );
}
