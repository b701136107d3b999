import type { Construct } from 'constructs';
import type { AppContractProps } from '../blocks/compute/app-contract';
import type { Application } from '../blocks/compute/application';
import type { ContainerService } from '../blocks/compute/container-service';
import { ServiceSize } from '../blocks/compute/service-size';
import { DatabaseProxy } from '../blocks/data/database-proxy';
import { ProxyAlarms } from '../blocks/data/proxy-alarms';
import { ReaderScaling } from '../blocks/data/reader-scaling';
import { SearchDomain } from '../blocks/data/search-domain';
import { SharedTable } from '../blocks/data/shared-table';
import { Warehouse } from '../blocks/data/warehouse';
import { ZeroEtlIntegration } from '../blocks/data/zero-etl';
import type { UserDirectory } from '../blocks/identity/user-directory';
import { DomainEvents } from '../blocks/messaging/domain-events';
import type { EmailSender } from '../blocks/messaging/email-sender';
import { IdempotencyTable } from '../blocks/messaging/idempotency-table';
import { JobQueue } from '../blocks/messaging/job-queue';
import { JobSchedules } from '../blocks/messaging/job-schedule';
import { RedriveRunbook } from '../blocks/messaging/redrive-runbook';
import { letIn } from '../blocks/network/let-in';
import { acknowledgeGrant, type PolicyAcknowledgement } from '../blocks/operations/acknowledge';
import { ChildId } from './child-ids';
import { careRecords, DataCare, type DataCareSurroundings } from './data-care';
import { type EmailSurroundings, emailContract, mailSignIn, sendEmail } from './email';
import { letAsk, openSignIn, type SignInParts, type SignInSurroundings, signInContract } from './sign-in';
import type { ProductSizes } from './stage-props';

const STREAM_ACTIONS: PolicyAcknowledgement = {
  id: 'Parliament::RESOURCE_MISMATCH',
  reason:
    "The tool wants the ARN of a stream for two actions of the CDK's grant that read streams. This names the table, so those two allow " +
    'nothing, and the services read no stream; the rest is bound to the one table.',
};

/** What the specialised parts stand on. */
export interface SpecialtiesProps extends EmailSurroundings, SignInSurroundings, DataCareSurroundings {
  /** @default - the default size of each part */
  readonly sizes?: ProductSizes;
  /** Further Regions of the shared table. @default - none */
  readonly replicaRegions?: string[];
}

/** A store or a service for each kind of question that the core can no longer answer well, as stages 3 and 4 have them. */
export class Specialties {
  public readonly databaseProxy: DatabaseProxy;
  /** What makes the readers of the database more. */
  public readonly readerScaling: ReaderScaling;
  public readonly events: DomainEvents;
  /** What the notification service works off. */
  public readonly notificationQueue: JobQueue;
  /** What was handled already, for consumers of events and jobs. */
  public readonly idempotency: IdempotencyTable;
  /** Jobs that come by the clock. */
  public readonly schedules: JobSchedules;
  /** Sends dead letters back to their queues. */
  public readonly redrive: RedriveRunbook;
  /** Who the product's e-mail comes from, where it sends any. */
  public readonly email?: EmailSender;
  public readonly users: UserDirectory;
  /** The user pool's pages and permissions. */
  public readonly signIn: SignInParts;
  public readonly search: SearchDomain;
  public readonly sharedTable: SharedTable;
  public readonly warehouse: Warehouse;
  /** What keeps the warehouse up to date with the database. */
  public readonly warehouseFeed: ZeroEtlIntegration;
  /** What looks after search domain and warehouse, in a stack beside the product's. */
  public readonly care: DataCare;

  constructor(stage: Construct, props: SpecialtiesProps) {
    const { vpc, vpcSubnets, encryptionKey, database, sizes } = props;
    const data = { vpc, vpcSubnets, encryptionKey };
    this.databaseProxy = new DatabaseProxy(stage, ChildId.DATABASE_PROXY, { vpc, database });
    new ProxyAlarms(stage, ChildId.DATABASE_PROXY_ALARMS, { proxy: this.databaseProxy, alarmTopic: props.alarms.topic });
    this.readerScaling = new ReaderScaling(stage, ChildId.DATABASE_READERS, { database });
    this.events = new DomainEvents(stage, ChildId.EVENTS, { encryptionKey });
    this.notificationQueue = new JobQueue(stage, ChildId.NOTIFICATION_QUEUE, { encryptionKey, alarmTopic: props.alarms.topic });
    this.idempotency = new IdempotencyTable(stage, ChildId.IDEMPOTENCY);
    this.schedules = new JobSchedules(stage, ChildId.SCHEDULES, { encryptionKey });
    this.redrive = new RedriveRunbook(stage, ChildId.REDRIVE);
    this.signIn = openSignIn(stage, props);
    this.users = this.signIn.users;
    this.search = new SearchDomain(stage, ChildId.SEARCH, { ...data, size: sizes?.search });
    this.sharedTable = new SharedTable(stage, ChildId.SHARED_TABLE, { replicaRegions: props.replicaRegions });
    this.email = sendEmail(stage, this.sharedTable, props);
    mailSignIn(stage, this.signIn, this.email, props);
    this.warehouse = new Warehouse(stage, ChildId.WAREHOUSE, { ...data, size: sizes?.warehouse });
    this.warehouseFeed = new ZeroEtlIntegration(stage, ChildId.WAREHOUSE_FEED, {
      source: database.cluster,
      databaseName: database.databaseName,
      target: this.warehouse,
    });
    this.care = new DataCare(stage, props, this, careRecords(stage, props));
    this.events.addQueueSubscriber(ChildId.NOTIFICATION, this.notificationQueue.queue);
  }

  /** Takes `auth` and `notification` out of the core, and opens these parts to every service. */
  public serve(application: Application): void {
    const notification = extractServices(application, this.notificationQueue);
    this.email?.grantSend(notification);
    if (application.migration) letIn(this.databaseProxy, application.migration, 'Migration of the product');
    letAsk(this.signIn, application.allServices());
    for (const service of application.allServices()) {
      letIn(this.databaseProxy, service, 'Service of the product');
      service.service.node.addDependency(this.databaseProxy);
      letIn(this.search, service, 'Service of the product');
      this.events.grantPublish(service);
      this.sharedTable.table.grantReadWriteData(service);
      this.idempotency.grantUse(service);
      acknowledgeGrant(service, STREAM_ACTIONS);
    }
  }
}

/** What the containers are told of these parts. */
export function specialContract(parts: Specialties): Partial<AppContractProps> {
  return {
    eventTopicArn: parts.events.topic.topicArn,
    eventBusName: parts.events.bus.eventBusName,
    search: { endpoint: parts.search.endpoint, secret: parts.search.credentials },
    ...signInContract(parts.signIn),
    sharedTableName: parts.sharedTable.table.tableName,
    idempotencyTableName: parts.idempotency.table.tableName,
    email: parts.email && emailContract(parts.email, parts.email),
  };
}

/**
 * The services of the seed beside the core: a security boundary, and one that scales by its own clock.
 * @returns the second, which alone sends e-mail
 */
export function extractServices(application: Application, notificationQueue: JobQueue): ContainerService {
  application.extractService(ChildId.AUTH, { processType: 'auth', size: ServiceSize.SMALL, pathPatterns: ['/auth/*'] });
  return application.extractService(ChildId.NOTIFICATION, {
    processType: 'notification',
    size: ServiceSize.SMALL,
    queue: notificationQueue,
  });
}
