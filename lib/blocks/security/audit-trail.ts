import { ArnFormat, Aws, Stack, Token } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import { keyOfTemplate } from '../operations/service-log';

/** Properties of an AuditTrail. */
export interface AuditTrailProps {
  /**
   * Name of the trail, 3 to 128 letters, digits, dots, underscores and hyphens. Create-only; bucket and key name it before it is
   * there.
   */
  readonly trailName: string;
  /** Where the records go; its policy must let the trail write (`AuditBucket.letTrailWrite`). */
  readonly bucket: s3.IBucket;
  /** Where alarms look for what the records say. */
  readonly logGroup: logs.ILogGroup;
  /** Key of the records; its policy must let the trail in (`trailMayEncrypt`). */
  readonly encryptionKey: kms.IKey;
  /**
   * Whether the trail records who changes what in the account: everything but data events, of every Region. The first such trail
   * of a Region is free, each further one costs 2 USD for 100,000 events (AWS CloudTrail pricing). Calls to AWS KMS are among
   * them: without them nobody would notice that a key is to be deleted.
   * @default true
   */
  readonly managementEvents?: boolean;
  /** ARNs of the buckets whose objects are watched. 0.10 USD for 100,000 data events. @default - none */
  readonly bucketArns?: string[];
  /** ARNs of the DynamoDB tables whose items are watched, at the same price. @default - none */
  readonly tableArns?: string[];
  /**
   * Whether reads of the watched buckets and tables are recorded too. Where every request of a visitor reads, every request
   * costs.
   * @default false
   */
  readonly reads?: boolean;
}

/**
 * Records in every Region who did what: with files whose change would be noticed (log file validation), encrypted, and in a log
 * group where alarms find it. Not verified against AWS.
 */
export class AuditTrail extends Construct {
  /** Where alarms look for what the records say. */
  public readonly logGroup: logs.ILogGroup;
  /** The trail itself. */
  public readonly trail: cloudtrail.CfnTrail;
  /** With what CloudTrail writes to the log group. */
  public readonly role: iam.Role;

  /** @throws if trailName does not fit, or there is nothing to record */
  constructor(scope: Construct, id: string, props: AuditTrailProps) {
    super(scope, id);
    const { logGroup, bucket } = props;
    this.logGroup = logGroup;
    checkName(props.trailName);
    const selectors = eventSelectors(props);
    if (selectors.length === 0) {
      throw new Error(
        'managementEvents must be true where no bucketArns and tableArns are given, got false: a trail records something',
      );
    }
    this.role = new iam.Role(this, 'Role', {
      description: 'Writes the audit trail to its log group',
      // Without conditions, of which AWS documents none here: what the role may do is bound to one log group and one account's streams.
      assumedBy: new iam.ServicePrincipal('cloudtrail.amazonaws.com'),
    });
    acknowledgeOwnPolicies(this.role);
    // Not by the ARN of the group, which ends in a wildcard of its own.
    const streams = Stack.of(this).formatArn({
      partition: Aws.PARTITION,
      service: 'logs',
      resource: 'log-group',
      resourceName: `${logGroup.logGroupName}:log-stream:${Aws.ACCOUNT_ID}_CloudTrail_${Aws.REGION}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const { policyDependable } = this.role.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [streams] }),
    );
    acknowledgeWildcards(
      this.role,
      'CloudTrail adds a suffix of its own to the name of a log stream, so the wildcard stands for the end of it; account, Region, log ' +
        'group and the start of the name are fixed.',
      streams,
    );
    this.trail = new cloudtrail.CfnTrail(this, 'Trail', {
      trailName: props.trailName,
      s3BucketName: bucket.bucketName,
      kmsKeyId: props.encryptionKey.keyArn,
      // With the wildcard at its end, as CloudTrail wants it.
      cloudWatchLogsLogGroupArn: logGroup.logGroupArn,
      cloudWatchLogsRoleArn: this.role.roleArn,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: true,
      isMultiRegionTrail: true,
      isLogging: true,
      advancedEventSelectors: selectors,
    });
    // CloudTrail tries both when it is made.
    if (policyDependable) this.trail.node.addDependency(policyDependable);
    if (bucket.policy) this.trail.node.addDependency(bucket.policy);
    this.acknowledgeReferences(props);
  }

  /** Two controls take a key and a log group only as a text, or as a resource of the same template. */
  private acknowledgeReferences({ encryptionKey, logGroup }: AuditTrailProps): void {
    const reason =
      'The control wants it there, and takes only one that it can read as a text or that is a resource of the same template. This ' +
      'trail has one, named by a reference: it holds state and stands in a stack of its own, from which this one reads its name.';
    const ofTemplate = logGroup.node.defaultChild !== undefined && Stack.of(logGroup) === Stack.of(this);
    acknowledge(
      this.trail,
      ...(keyOfTemplate(this, encryptionKey) ? [] : [{ id: 'ControlTower::CT.CLOUDTRAIL.PR.1', reason }]),
      ...(ofTemplate ? [] : [{ id: 'ControlTower::CT.CLOUDTRAIL.PR.3', reason }]),
    );
  }
}

function eventSelectors(props: AuditTrailProps): cloudtrail.CfnTrail.AdvancedEventSelectorProperty[] {
  const { managementEvents = true, bucketArns = [], tableArns = [], reads = false } = props;
  const writesOnly = reads ? [] : [{ field: 'readOnly', equalTo: ['false'] }];
  const data = (name: string, type: string, arns: cloudtrail.CfnTrail.AdvancedFieldSelectorProperty) => ({
    name,
    fieldSelectors: [
      { field: 'eventCategory', equalTo: ['Data'] },
      { field: 'resources.type', equalTo: [type] },
      arns,
      ...writesOnly,
    ],
  });
  // With the slash: without it a bucket whose name begins alike would be watched too (AWS CloudTrail user guide, resources.ARN).
  const objects = bucketArns.map((arn) => `${arn}/`);
  return [
    ...(managementEvents
      ? [{ name: 'Management events', fieldSelectors: [{ field: 'eventCategory', equalTo: ['Management'] }] }]
      : []),
    ...(objects.length > 0 ? [data('Objects', 'AWS::S3::Object', { field: 'resources.ARN', startsWith: objects })] : []),
    ...(tableArns.length > 0 ? [data('Items', 'AWS::DynamoDB::Table', { field: 'resources.ARN', equalTo: tableArns })] : []),
  ];
}

function checkName(trailName: string): void {
  if (Token.isUnresolved(trailName) || /^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/.test(trailName)) return;
  throw new Error(
    `trailName must be 3 to 128 letters, digits, dots, underscores and hyphens, got '${trailName}': give another (AWS CloudTrail)`,
  );
}
