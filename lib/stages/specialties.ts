import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { AppContractProps } from '../blocks/compute/app-contract';
import type { Application } from '../blocks/compute/application';
import { ServiceSize } from '../blocks/compute/service-size';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import { DatabaseProxy } from '../blocks/data/database-proxy';
import { SearchDomain } from '../blocks/data/search-domain';
import { SharedTable } from '../blocks/data/shared-table';
import { Warehouse } from '../blocks/data/warehouse';
import { ZeroEtlIntegration } from '../blocks/data/zero-etl';
import { UserDirectory } from '../blocks/identity/user-directory';
import { DomainEvents } from '../blocks/messaging/domain-events';
import { JobQueue } from '../blocks/messaging/job-queue';
import { letIn } from '../blocks/network/let-in';
import { acknowledgeGrant, type PolicyAcknowledgement } from '../blocks/operations/acknowledge';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { ChildId } from './child-ids';
import type { ProductSizes } from './stage-props';

const STREAM_ACTIONS: PolicyAcknowledgement = {
  id: 'Parliament::RESOURCE_MISMATCH',
  reason:
    "The tool wants the ARN of a stream for two actions of the CDK's grant that read streams. This names the table, so those two allow " +
    'nothing, and the services read no stream; the rest is bound to the one table.',
};

/** What the specialised parts stand on. */
export interface SpecialtiesProps {
  readonly vpc: ec2.IVpc;
  /** Subnets without a way out, in three zones. */
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly encryptionKey: kms.IKey;
  readonly alarms: AlarmTopic;
  readonly database: AuroraDatabase;
  /** @default - the default size of each part */
  readonly sizes?: ProductSizes;
  /** Further Regions of the shared table. @default - none */
  readonly replicaRegions?: string[];
}

/** A store or a service for each kind of question that the core can no longer answer well, as stages 3 and 4 have them. */
export class Specialties {
  public readonly databaseProxy: DatabaseProxy;
  public readonly events: DomainEvents;
  /** What the notification service works off. */
  public readonly notificationQueue: JobQueue;
  public readonly users: UserDirectory;
  public readonly search: SearchDomain;
  public readonly sharedTable: SharedTable;
  public readonly warehouse: Warehouse;
  /** What keeps the warehouse up to date with the database. */
  public readonly warehouseFeed: ZeroEtlIntegration;

  constructor(stage: Construct, props: SpecialtiesProps) {
    const { vpc, vpcSubnets, encryptionKey, database, sizes } = props;
    const data = { vpc, vpcSubnets, encryptionKey };
    this.databaseProxy = new DatabaseProxy(stage, ChildId.DATABASE_PROXY, { vpc, database });
    this.events = new DomainEvents(stage, ChildId.EVENTS, { encryptionKey });
    this.notificationQueue = new JobQueue(stage, ChildId.NOTIFICATION_QUEUE, { encryptionKey, alarmTopic: props.alarms.topic });
    this.users = new UserDirectory(stage, ChildId.USERS, { encryptionKey });
    this.search = new SearchDomain(stage, ChildId.SEARCH, { ...data, size: sizes?.search });
    this.sharedTable = new SharedTable(stage, ChildId.SHARED_TABLE, { replicaRegions: props.replicaRegions });
    this.warehouse = new Warehouse(stage, ChildId.WAREHOUSE, { ...data, size: sizes?.warehouse });
    this.warehouseFeed = new ZeroEtlIntegration(stage, ChildId.WAREHOUSE_FEED, {
      source: database.cluster,
      databaseName: database.databaseName,
      target: this.warehouse,
    });
    this.events.addQueueSubscriber(ChildId.NOTIFICATION, this.notificationQueue.queue);
  }

  /** Takes `auth` and `notification` out of the core, and opens these parts to every service. */
  public serve(application: Application): void {
    extractServices(application, this.notificationQueue);
    if (application.migration) letIn(this.databaseProxy, application.migration, 'Migration of the product');
    for (const service of application.allServices()) {
      letIn(this.databaseProxy, service, 'Service of the product');
      service.service.node.addDependency(this.databaseProxy);
      letIn(this.search, service, 'Service of the product');
      this.events.grantPublish(service);
      this.sharedTable.table.grantReadWriteData(service);
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
    userPoolId: parts.users.userPool.userPoolId,
    userPoolClientId: parts.users.client.userPoolClientId,
    sharedTableName: parts.sharedTable.table.tableName,
  };
}

/** The services of the seed beside the core: a security boundary, and one that scales by its own clock. */
export function extractServices(application: Application, notificationQueue: JobQueue): void {
  application.extractService(ChildId.AUTH, { processType: 'auth', size: ServiceSize.SMALL, pathPatterns: ['/auth/*'] });
  application.extractService(ChildId.NOTIFICATION, {
    processType: 'notification',
    size: ServiceSize.SMALL,
    queue: notificationQueue,
  });
}
