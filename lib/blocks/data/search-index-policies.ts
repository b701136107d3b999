import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { letIn } from '../network/let-in';
import { pythonFunction } from '../operations/python-function';
import { serviceLog } from '../operations/service-log';
import { tellTopic } from '../operations/told-alarm';
import type { ISearchDomain } from './existing-search-domain';
import { IndexPolicy } from './index-policy';
import type { SearchFeed } from './search-feed';
import { acknowledgeFunction, acknowledgeLog, acknowledgeNetwork, acknowledgeSubnets } from './search-upkeep-acknowledgements';
import { permissions } from './search-upkeep-permissions';
import { slowLogs, type UpkeepParts, upkeepPlan } from './search-upkeep-plan';

const PROGRAM = readFileSync(join(__dirname, 'search-index-policies.py'), 'utf8');

const FEED_ROLE = 'product-feed';

/** Properties of SearchIndexPolicies. */
export interface SearchIndexPoliciesProps {
  readonly vpc: ec2.IVpc;
  /** Subnets with a way out, to Secrets Manager. */
  readonly vpcSubnets: ec2.SubnetSelection;
  readonly domain: ISearchDomain;
  /** Key of the credentials and of the log. */
  readonly encryptionKey: kms.IKey;
  /**
   * What becomes of indexes as they get older.
   * @default - [IndexPolicy.LOG_STREAMS]
   */
  readonly policies?: IndexPolicy[];
  /**
   * A request that takes longer is written to the slow log of the domain.
   * @default Duration.seconds(1)
   */
  readonly slowAfter?: Duration;
  /**
   * Where it writes what it did.
   * @default - a log group of its own: kept for a year, and when it leaves the template
   */
  readonly logGroup?: logs.ILogGroup;
  /** @default - nobody is told when it fails */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * Index-state policies, index templates and the thresholds of the slow logs of a search domain: all that CloudFormation has no
 * resource for. A function in the VPC makes the domain what is written here, an hour after a deploy at the latest, and again each
 * hour; it reads first, writes only what differs, and never deletes. A deploy does not wait for it, nor fails with it.
 *
 * New indexes get one replica in each further zone, unless a template of the product's says otherwise: the defaults yield to every
 * other template. Indexes that are there keep what they say themselves. A policy that is changed holds for indexes that come under it
 * from then on. Run against an HTTP peer that answers as OpenSearch does; not verified against OpenSearch itself.
 */
export class SearchIndexPolicies extends Construct implements ec2.IConnectable {
  public readonly connections: ec2.Connections;
  /** Rings when something could not be set; the log says what. */
  public readonly alarm: cloudwatch.Alarm;
  public readonly function: lambda.CfnFunction;
  public readonly role: iam.Role;
  public readonly schedule: scheduler.CfnSchedule;
  private readonly fed: string[] = [];
  private readonly parts: UpkeepParts;

  constructor(scope: Construct, id: string, props: SearchIndexPoliciesProps) {
    super(scope, id);
    const { vpc, domain, encryptionKey } = props;
    const settings = slowLogs(props.slowAfter ?? Duration.seconds(1));
    this.parts = { policies: [], templates: {}, roles: {}, members: {}, settings };
    for (const policy of props.policies ?? [IndexPolicy.LOG_STREAMS]) this.add(policy);
    const logGroup = props.logGroup ?? serviceLog(this, 'LogGroup', { encryptionKey });
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Upkeep of the search domain',
      allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'Secrets Manager');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    letIn(domain, this, 'Upkeep of the search domain');

    this.role = new iam.Role(this, 'Role', {
      description: 'Sets policies and templates of the search domain',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Reads the credentials of the search domain, writes a log, and has a place in the network',
      roles: [this.role],
      statements: permissions(this, props, logGroup),
    });
    acknowledgeNetwork(policy);
    acknowledgeLog(policy, logGroup.logGroupArn);
    const { subnetIds } = vpc.selectSubnets(props.vpcSubnets);
    this.function = pythonFunction(this, {
      description: 'Sets policies and templates of the search domain',
      program: PROGRAM,
      memoryMiB: 256,
      timeout: Duration.minutes(5),
      role: this.role,
      vpcConfig: {
        subnetIds,
        securityGroupIds: [securityGroup.securityGroupId],
      },
      variables: { ENDPOINT: `https://${domain.endpoint}`, CREDENTIALS: domain.credentials.secretArn },
      kmsKeyArn: encryptionKey.keyArn,
      logGroupName: logGroup.logGroupName,
    });
    this.function.node.addDependency(policy);
    acknowledgeFunction(this.function);
    acknowledgeSubnets(this.function, subnetIds);
    this.schedule = this.hourly(props, domain.zones);
    this.alarm = this.failures(props.alarmTopic);
  }

  /**
   * Adds a policy.
   * @throws if there is one for the same indexes, or it would delete an index that a feed fills
   */
  public add(policy: IndexPolicy): void {
    if (this.parts.policies.some(({ name }) => name === policy.name)) {
      throw new Error(`policies must be for different indexes, got '${policy.pattern}' twice: leave one out`);
    }
    this.parts.policies.push(policy);
    this.checkFed();
  }

  /**
   * Prepares the indexes of a feed, and lets its role write them and nothing else: with fine-grained access control the permission
   * in IAM is not enough, somebody has to map the role inside the domain.
   * @throws if a policy would delete one of the indexes
   */
  public feed(feed: SearchFeed, role: iam.IRole): void {
    this.fed.push(...feed.indexes());
    this.checkFed();
    for (const [number, { fields, shards }] of feed.tables.entries()) {
      const [index] = feed.indexes().slice(number);
      const properties = Object.fromEntries(Object.entries(fields ?? {}).map(([column, type]) => [column, { type }]));
      this.parts.templates[`product-feed-${index}`] = {
        index_patterns: [index],
        priority: 200,
        template: { settings: { 'index.number_of_shards': String(shards ?? 1) }, ...(fields && { mappings: { properties } }) },
      };
    }
    this.parts.roles[FEED_ROLE] = {
      // What Data Prepper asks for when it starts and when it writes (OpenSearch documentation, opensearch sink, security).
      cluster_permissions: [
        'cluster_monitor',
        'cluster_composite_ops',
        'indices:admin/template/get',
        'indices:admin/index_template/get',
      ],
      index_permissions: [{ index_patterns: this.fed, allowed_actions: ['indices_all'] }],
    };
    this.parts.members[FEED_ROLE] = [role.roleArn];
  }

  private checkFed(): void {
    for (const index of this.fed) {
      const policy = this.parts.policies.find((one) => one.covers(index));
      if (policy) {
        throw new Error(
          `policies must not delete what a feed fills, got '${policy.pattern}', which covers '${index}': narrow the pattern`,
        );
      }
    }
  }

  private hourly(props: SearchIndexPoliciesProps, zones: number): scheduler.CfnSchedule {
    const role = new iam.Role(this, 'ScheduleRole', {
      description: 'Starts the upkeep of the search domain',
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    const policy = new iam.ManagedPolicy(this, 'SchedulePolicy', {
      description: 'Calls the function that keeps up the search domain',
      roles: [role],
      statements: [
        new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.attrArn] }),
        new iam.PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [props.encryptionKey.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `scheduler.${Stack.of(this).region}.amazonaws.com` } },
        }),
      ],
    });
    const schedule = new scheduler.CfnSchedule(this, 'Schedule', {
      description: 'Upkeep of the search domain',
      // A rate begins at once (EventBridge Scheduler user guide, rate-based schedules).
      scheduleExpression: 'rate(1 hour)',
      flexibleTimeWindow: { mode: 'OFF' },
      kmsKeyArn: props.encryptionKey.keyArn,
      target: {
        arn: this.function.attrArn,
        roleArn: role.roleArn,
        // The next hour tries again.
        retryPolicy: { maximumRetryAttempts: 1, maximumEventAgeInSeconds: 600 },
        input: Stack.of(this).toJsonString(Lazy.any({ produce: () => upkeepPlan({ ...this.parts, zones }) })),
      },
    });
    schedule.node.addDependency(policy);
    return schedule;
  }

  private failures(alarmTopic?: sns.ITopic): cloudwatch.Alarm {
    const errors = new cloudwatch.Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Errors',
      dimensionsMap: { FunctionName: this.function.ref },
      statistic: cloudwatch.Stats.SUM,
      period: Duration.hours(1),
    });
    const alarm = errors.createAlarm(this, 'Failures', {
      alarmDescription:
        'Policies, templates or slow logs of the search domain could not be set for two hours: read the log of the function',
      threshold: 0,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 2,
      // While the domain is being made there is nothing to set, and so no run.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    tellTopic(alarm, alarmTopic);
    return alarm;
  }
}
