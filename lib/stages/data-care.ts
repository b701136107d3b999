import { Fn, Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { AuroraDatabase } from '../blocks/data/aurora-database';
import { ReplicationSlotAlarm } from '../blocks/data/replication-slot-alarm';
import { SearchAlarms } from '../blocks/data/search-alarms';
import { SearchDomain } from '../blocks/data/search-domain';
import type { SearchFeed } from '../blocks/data/search-feed';
import { SearchFeedFiles } from '../blocks/data/search-feed-files';
import { SearchIndexPolicies } from '../blocks/data/search-index-policies';
import { SearchPipeline } from '../blocks/data/search-pipeline';
import type { Warehouse } from '../blocks/data/warehouse';
import { WarehouseAlarms } from '../blocks/data/warehouse-alarms';
import { WarehouseUsageLimit } from '../blocks/data/warehouse-usage-limit';
import type { ZeroEtlIntegration } from '../blocks/data/zero-etl';
import { crossRegionValue } from '../blocks/network/cross-region-value';
import { importedSubnet } from '../blocks/network/imported-subnet';
import { siblingStackName } from '../blocks/network/sibling-stack-name';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import type { LogBucket } from '../blocks/operations/log-bucket';
import { serviceLog } from '../blocks/operations/service-log';
import { ChildId } from './child-ids';

/** Where the search domain and the warehouse stand, and what feeds them. */
export interface DataCareSurroundings {
  readonly vpc: ec2.IVpc;
  /** Subnets without a way out, in three zones. */
  readonly vpcSubnets: ec2.SubnetSelection;
  /** Subnets with a way out. */
  readonly appSubnets: ec2.SubnetSelection;
  readonly encryptionKey: kms.IKey;
  readonly alarms: AlarmTopic;
  readonly logs: LogBucket;
  readonly database: AuroraDatabase;
  /** @default - the search domain follows no table */
  readonly searchFeed?: SearchFeed;
}

/** What is looked after. */
export interface CaredParts {
  readonly search: SearchDomain;
  readonly warehouse: Warehouse;
  readonly warehouseFeed: ZeroEtlIntegration;
}

/** What stays of the care, whatever becomes of the stack beside: logs, and documents that were refused. */
export interface DataCareRecords {
  readonly files: SearchFeedFiles;
  readonly log: logs.ILogGroup;
}

type Take = (name: string, value: string) => string;

/**
 * Looks after the search domain and the warehouse, and feeds the first: a stack beside the product's, for nothing here holds anything.
 */
export class DataCare extends Stack {
  public readonly searchAlarms: SearchAlarms;
  /** Policies and templates of the search domain; `add` to say what becomes of indexes. */
  public readonly searchIndexPolicies: SearchIndexPolicies;
  /** What feeds the search domain from the database, where that is wanted. */
  public readonly searchPipeline?: SearchPipeline;
  public readonly warehouseAlarms: WarehouseAlarms;
  public readonly warehouseUsageLimit: WarehouseUsageLimit;
  /** Rings when nobody follows the log of the database any more. */
  public readonly replicationSlotAlarm: ReplicationSlotAlarm;

  constructor(stage: Construct, around: DataCareSurroundings, parts: CaredParts, records: DataCareRecords) {
    const product = Stack.of(stage);
    const known = (value: string) => (Token.isUnresolved(value) ? undefined : value);
    super(stage, ChildId.DATA_CARE, {
      env: { account: known(product.account), region: known(product.region) },
      stackName: siblingStackName(stage, ChildId.DATA_CARE),
      description: `Looks after search and warehouse of ${product.stackName}`,
    });
    const take: Take = (name, value) => crossRegionValue(this, { producer: stage, name, value });
    const { warehouse, warehouseFeed } = parts;
    const alarmTopic = sns.Topic.fromTopicArn(this, 'Alarms', take('AlarmTopicArn', around.alarms.topic.topicArn));
    const encryptionKey = kms.Key.fromKeyArn(this, 'Key', take('KeyArn', around.encryptionKey.keyArn));
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: take('VpcId', around.vpc.vpcId),
      vpcCidrBlock: cidrOf(around.vpc),
      availabilityZones: around.vpc.availabilityZones,
    });
    const domain = this.domain(parts.search, take);
    const clusterIdentifier = take('DatabaseClusterId', around.database.clusterIdentifier);

    this.searchAlarms = new SearchAlarms(this, ChildId.SEARCH_ALARMS, { domain, alarmTopic });
    this.searchIndexPolicies = new SearchIndexPolicies(this, ChildId.SEARCH_INDEX_POLICIES, {
      vpc,
      vpcSubnets: this.subnets('AppSubnet', around.vpc.selectSubnets(around.appSubnets), take),
      domain,
      encryptionKey,
      logGroup: logs.LogGroup.fromLogGroupName(this, 'Log', take('SearchIndexPoliciesLog', records.log.logGroupName)),
      alarmTopic,
    });
    this.warehouseAlarms = new WarehouseAlarms(this, ChildId.WAREHOUSE_ALARMS, {
      workgroupName: take('WarehouseWorkgroup', warehouse.workgroup.ref),
      namespaceName: take('WarehouseNamespace', warehouse.namespace.ref),
      size: warehouse.size,
      // Taken out of the ARN where it is made: Fn::Split does not list Fn::GetStackOutput (cfn-lint E1022).
      integrationId: take('WarehouseFeedId', Fn.select(6, Fn.split(':', warehouseFeed.integrationArn))),
      alarmTopic,
    });
    this.warehouseUsageLimit = new WarehouseUsageLimit(this, ChildId.WAREHOUSE_USAGE_LIMIT, {
      workgroupArn: take('WarehouseWorkgroupArn', warehouse.workgroup.attrWorkgroupWorkgroupArn),
      rpuHoursADay: warehouse.size.rpuHoursADay,
      // `Audit` lets events into it.
      alarmTopic,
    });
    this.replicationSlotAlarm = new ReplicationSlotAlarm(this, ChildId.REPLICATION_SLOTS, { clusterIdentifier, alarmTopic });

    const { searchFeed: feed, database } = around;
    if (!feed) return;
    this.searchPipeline = new SearchPipeline(this, ChildId.SEARCH_FEED, {
      vpc,
      vpcSubnets: this.subnets('DataSubnet', around.vpc.selectSubnets({ ...around.vpcSubnets, onePerAz: true }), take),
      database: AuroraDatabase.fromAttributes(this, ChildId.DATABASE, {
        clusterIdentifier,
        securityGroup: this.group('DatabaseSecurityGroup', database, take),
        writerHost: take('DatabaseWriterHost', database.writerHost),
        databaseName: database.databaseName,
        engineVersion: database.engineVersion,
        secret: this.secret('DatabaseSecret', database.secret, take),
      }),
      domain,
      feed,
      bucket: s3.Bucket.fromBucketName(this, 'Files', take('SearchFeedBucket', records.files.bucket.bucketName)),
      logGroup: logs.LogGroup.fromLogGroupName(this, 'FeedLog', take('SearchFeedLog', records.files.logGroup.logGroupName)),
      encryptionKey,
      alarmTopic,
    });
    this.searchIndexPolicies.feed(feed, this.searchPipeline.role);
  }

  private domain(search: SearchDomain, take: Take) {
    return SearchDomain.fromAttributes(this, ChildId.SEARCH, {
      domainName: take('SearchDomainName', search.domainName),
      domainArn: take('SearchDomainArn', search.domainArn),
      endpoint: take('SearchEndpoint', search.endpoint),
      securityGroup: this.group('SearchSecurityGroup', search, take),
      credentials: this.secret('SearchCredentials', search.credentials, take),
      size: search.size,
      zones: search.zones,
    });
  }

  private group(name: string, owner: ec2.IConnectable, take: Take): ec2.ISecurityGroup {
    const [{ securityGroupId }] = owner.connections.securityGroups;
    return ec2.SecurityGroup.fromSecurityGroupId(this, name, take(`${name}Id`, securityGroupId));
  }

  private secret(name: string, { secretArn }: secretsmanager.ISecret, take: Take): secretsmanager.ISecret {
    return secretsmanager.Secret.fromSecretCompleteArn(this, name, take(`${name}Arn`, secretArn));
  }

  private subnets(name: string, { subnets }: ec2.SelectedSubnets, take: Take): ec2.SubnetSelection {
    return {
      subnets: subnets.map(({ subnetId, availabilityZone }, index) =>
        importedSubnet(this, `${name}${index + 1}`, {
          subnetId: take(`${name}${index + 1}`, subnetId),
          availabilityZone,
        }),
      ),
    };
  }
}

/** What the stack beside leaves behind, in the product's own. */
export function careRecords(stage: Construct, { encryptionKey, logs: accessLogs }: DataCareSurroundings): DataCareRecords {
  return {
    files: new SearchFeedFiles(stage, ChildId.SEARCH_FEED_FILES, { encryptionKey, accessLogBucket: accessLogs.bucket }),
    log: serviceLog(stage, ChildId.SEARCH_INDEX_POLICIES_LOG, { encryptionKey }),
  };
}

/** The range of a VPC, where it is known before the deploy. */
function cidrOf(vpc: ec2.IVpc): string | undefined {
  const resource = vpc.node.defaultChild;
  if (resource instanceof ec2.CfnVPC) return resource.cidrBlock;
  try {
    return vpc.vpcCidrBlock;
  } catch {
    // An imported VPC need not know.
    return undefined;
  }
}
