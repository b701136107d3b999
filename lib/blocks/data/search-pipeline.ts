import { createHash } from 'node:crypto';
import { ArnFormat, Aws, Duration, Names, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as osis from 'aws-cdk-lib/aws-osis';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { overlap } from '../network/cidr';
import { letIn } from '../network/let-in';
import { tellTopic } from '../operations/told-alarm';
import type { IAuroraDatabase } from './existing-aurora-database';
import type { ISearchDomain } from './existing-search-domain';
import type { SearchFeed } from './search-feed';
import { FEED_DEAD_LETTERS } from './search-feed-files';
import { configuration, PIPELINE } from './search-pipeline-configuration';
import { exportPermissions, pipelinePermissions } from './search-pipeline-permissions';

/** Properties of a SearchPipeline. */
export interface SearchPipelineProps {
  /** VPC of the database. */
  readonly vpc: ec2.IVpc;
  /** Subnets of the database. */
  readonly vpcSubnets: ec2.SubnetSelection;
  /**
   * Aurora PostgreSQL 16.4 or later, in the same account and Region, with the replication parameters that a zero-ETL integration
   * needs and a writer that was restarted since (OpenSearch Service developer guide, Aurora PostgreSQL).
   */
  readonly database: IAuroraDatabase;
  /** Domain to write to. */
  readonly domain: ISearchDomain;
  /** Tables and capacity. */
  readonly feed: SearchFeed;
  /** Bucket for exports and refused documents, of a `SearchFeedFiles`. */
  readonly bucket: s3.IBucket;
  /** Log group below `/aws/vendedlogs/`, of a `SearchFeedFiles`. */
  readonly logGroup: logs.ILogGroup;
  /** Key of database, credentials, bucket and exports. */
  readonly encryptionKey: kms.IKey;
  /** @default - nobody is told */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Keeps indexes of a search domain up to date with tables of an Aurora database: Amazon OpenSearch Ingestion, which exports the tables
 * once and then follows the log of the database. One index a table; the primary key is the document's id, and the version of a
 * change decides what wins, so what comes twice or late changes nothing. 175 USD a month and more (`SearchFeed`).
 *
 * Its role has to be mapped inside the domain: `SearchIndexPolicies.feed(feed, pipeline.role)`; until that has run it tries in vain
 * and loses nothing. It signs in to the database with the credentials of the product, which it reads again each hour.
 *
 * Holds nothing that the database has not. Other tables are another pipeline, for none can be moved to other tables: the new one begins
 * with an export of its own, and the old one goes. **A pipeline that is gone may leave its replication slot behind, and the
 * database then keeps its log for ever**: see `ReplicationSlotAlarm`. Changes of primary keys, types and names of columns, and TRUNCATE,
 * do not arrive. Not verified against AWS.
 *
 * @throws if the range of the feed overlaps that of the VPC
 */
export class SearchPipeline extends Construct implements ec2.IConnectable {
  public readonly connections: ec2.Connections;
  public readonly resource: osis.CfnPipeline;
  /** What the pipeline does its work with. */
  public readonly role: iam.Role;
  /** What Amazon RDS exports the tables with. */
  public readonly exportRole: iam.Role;
  /** Rings when documents were refused, which are in the bucket then. */
  public readonly refused: cloudwatch.Alarm;
  /** Rings when changes of rows could not be read from the log of the database. */
  public readonly changesFailed: cloudwatch.Alarm;
  /** Rings when rows of the export at the start could not be read. */
  public readonly exportFailed: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: SearchPipelineProps) {
    super(scope, id);
    const { vpc, feed, logGroup, encryptionKey } = props;
    checkRange(vpc, feed.cidr);
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Feed of the search domain',
      allowAllOutbound: false,
    });
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    letIn(props.database, this, 'Feed of the search domain');
    letIn(props.domain, this, 'Feed of the search domain');

    this.exportRole = new iam.Role(this, 'ExportRole', {
      description: 'Exports tables for the search domain',
      assumedBy: new iam.ServicePrincipal('export.rds.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const exporting = exportPermissions(this, this.exportRole, props);
    this.role = new iam.Role(this, 'Role', {
      description: 'Feeds the search domain from the database',
      assumedBy: new iam.ServicePrincipal('osis-pipelines.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          ArnLike: { 'aws:SourceArn': this.pipelineArn('*') },
        },
      }),
    });
    const working = pipelinePermissions(this, this.role, this.exportRole, props);
    const { subnetIds } = vpc.selectSubnets(props.vpcSubnets);
    this.resource = new osis.CfnPipeline(this, 'Resource', {
      pipelineName: this.nameFor(feed),
      pipelineConfigurationBody: configuration(this, props, this.role, this.exportRole),
      pipelineRoleArn: this.role.roleArn,
      minUnits: feed.minUnits,
      maxUnits: feed.maxUnits,
      // The database keeps the changes until they have arrived; a second place would only cost more.
      bufferOptions: { persistentBufferEnabled: false },
      encryptionAtRestOptions: { kmsKeyArn: encryptionKey.keyArn },
      logPublishingOptions: {
        isLoggingEnabled: true,
        cloudWatchLogDestination: { logGroup: logGroup.logGroupName },
      },
      vpcOptions: {
        subnetIds,
        securityGroupIds: [securityGroup.securityGroupId],
        vpcAttachmentOptions: { attachToVpc: true, cidrBlock: feed.cidr },
        vpcEndpointManagement: 'SERVICE',
      },
    });
    // Its creation reads the database, the bucket and the domain with these.
    this.resource.node.addDependency(exporting, working, ...ruleOf(this));
    const { alarmTopic } = props;
    this.refused = this.ring('Refused', {
      // Data Prepper makes two pipelines of one: this is the second, which writes. Not verified against AWS.
      metricName: `${PIPELINE}-s3.opensearch.s3.dlqS3RecordsSuccess.count`,
      why: `The search domain refused documents: they lie below ${FEED_DEAD_LETTERS}/ in the bucket of the feed, with the reason`,
      alarmTopic,
    });
    this.changesFailed = this.ring('ChangesFailed', {
      // OpenSearch Service developer guide, Aurora PostgreSQL, recommended CloudWatch alarms; not verified against AWS.
      metricName: `${PIPELINE}.rds.streamRecordsFailedTotal`,
      why: 'Changes of the database did not reach the search domain: read the log of the pipeline, and feed those tables anew',
      alarmTopic,
    });
    this.exportFailed = this.ring('ExportFailed', {
      metricName: `${PIPELINE}.rds.exportRecordsFailedTotal`,
      why: 'Rows that were there before the feed did not reach the search domain: read the log of the pipeline',
      alarmTopic,
    });
  }

  /**
   * A name for each set of tables, and for each place in the network, which can neither change: another name is another pipeline, made
   * before the old one goes.
   */
  private nameFor(feed: SearchFeed): string {
    const fixed = JSON.stringify([feed.tables.map(({ table }) => table).sort(), feed.cidr]);
    const hash = createHash('sha256').update(fixed).digest('hex').slice(0, 6);
    // 3 to 28 characters that start with a letter (API reference, CreatePipeline).
    const name = Names.uniqueResourceName(this, { maxLength: 19, separator: '-' }).toLowerCase();
    return `p-${name.replace(/^-+|-+$/g, '')}-${hash}`.slice(0, 28);
  }

  private pipelineArn(name: string): string {
    return Stack.of(this).formatArn({
      partition: Aws.PARTITION,
      service: 'osis',
      resource: 'pipeline',
      resourceName: name,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }

  private ring(id: string, { metricName, why, alarmTopic }: Ring): cloudwatch.Alarm {
    const metric = new cloudwatch.Metric({
      namespace: 'AWS/OSIS',
      metricName,
      dimensionsMap: { PipelineName: this.resource.pipelineName },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.minutes(5),
    });
    const alarm = metric.createAlarm(this, id, {
      alarmDescription: why,
      threshold: 0,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    tellTopic(alarm, alarmTopic);
    return alarm;
  }
}

/** What an alarm of the feed is about. */
interface Ring {
  readonly metricName: string;
  readonly why: string;
  readonly alarmTopic?: sns.ITopic;
}

function checkRange(vpc: ec2.IVpc, cidr: string): void {
  const [one, other] = [cidr, rangeOf(vpc)].map((range) => {
    const [address, prefix] = range.split('/');
    return { address, prefix: Number(prefix) };
  });
  if (other.address === '' || !overlap(one, other)) return;
  throw new Error(
    `searchFeed: cidr must not overlap the range of the VPC (${rangeOf(vpc)}), got '${cidr}': choose another private /24, such as 172.31.254.0/24`,
  );
}

/** The range of a VPC, or nothing where it is not known before the deploy. */
function rangeOf(vpc: ec2.IVpc): string {
  try {
    return Token.isUnresolved(vpc.vpcCidrBlock) ? '' : vpc.vpcCidrBlock;
  } catch {
    // An imported VPC need not know.
    return '';
  }
}

/** The security-group rules below a construct. */
function ruleOf(scope: Construct): Construct[] {
  return scope.node.findAll().filter((child): child is ec2.CfnSecurityGroupEgress => child instanceof ec2.CfnSecurityGroupEgress);
}
