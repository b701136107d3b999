import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** Properties of AuditAlarms. */
export interface AuditAlarmsProps {
  /** Log group of a trail with management events. */
  readonly logGroup: logs.ILogGroup;
  /** Where the alarms go. */
  readonly alarmTopic: sns.ITopic;
  /**
   * Namespace of the metrics; two trails of one account need two.
   * @default SecurityAudit
   */
  readonly namespace?: string;
}

/** What is counted: id, what to do, and the filter of the log. */
const WATCHED: [string, string, string][] = [
  [
    'UnauthorizedCalls',
    'Calls were refused: somebody tries what they may not, or something lacks a permission',
    '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
  ],
  [
    'ConsoleWithoutMfa',
    'Somebody signed in to the console with a password only',
    '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }',
  ],
  [
    'RootUsed',
    'Somebody uses the root user of the account',
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
  ],
  [
    'PermissionsChanged',
    'Somebody changed policies of IAM',
    anyOf(
      'DeleteGroupPolicy,DeleteRolePolicy,DeleteUserPolicy,PutGroupPolicy,PutRolePolicy,PutUserPolicy,CreatePolicy,DeletePolicy,CreatePolicyVersion,DeletePolicyVersion,AttachRolePolicy,DetachRolePolicy,AttachUserPolicy,DetachUserPolicy,AttachGroupPolicy,DetachGroupPolicy',
    ),
  ],
  ['TrailChanged', 'Somebody changed what is recorded', anyOf('CreateTrail,UpdateTrail,DeleteTrail,StartLogging,StopLogging')],
  [
    'ConsoleLoginFailed',
    'Somebody failed to sign in to the console',
    '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
  ],
  [
    'KeyDisabled',
    'Somebody disabled a key or scheduled its deletion: what it encrypts cannot be read without it',
    '{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }',
  ],
  [
    'BucketPolicyChanged',
    'Somebody changed who may read a bucket, or what becomes of its objects',
    '{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }',
  ],
  [
    'ConfigurationRecorderChanged',
    'Somebody changed what AWS Config records',
    '{ ($.eventSource = config.amazonaws.com) && (($.eventName = StopConfigurationRecorder) || ($.eventName = DeleteDeliveryChannel) || ($.eventName = PutDeliveryChannel) || ($.eventName = PutConfigurationRecorder)) }',
  ],
  [
    'SecurityGroupChanged',
    'Somebody changed a security group',
    anyOf(
      'AuthorizeSecurityGroupIngress,AuthorizeSecurityGroupEgress,RevokeSecurityGroupIngress,RevokeSecurityGroupEgress,CreateSecurityGroup,DeleteSecurityGroup',
    ),
  ],
  [
    'NetworkAclChanged',
    'Somebody changed a network ACL',
    anyOf(
      'CreateNetworkAcl,CreateNetworkAclEntry,DeleteNetworkAcl,DeleteNetworkAclEntry,ReplaceNetworkAclEntry,ReplaceNetworkAclAssociation',
    ),
  ],
  [
    'GatewayChanged',
    'Somebody changed a way to the internet',
    anyOf(
      'CreateCustomerGateway,DeleteCustomerGateway,AttachInternetGateway,CreateInternetGateway,DeleteInternetGateway,DetachInternetGateway',
    ),
  ],
  [
    'RouteChanged',
    'Somebody changed a route table',
    `{ ($.eventSource = ec2.amazonaws.com) && (${names('CreateRoute,CreateRouteTable,ReplaceRoute,ReplaceRouteTableAssociation,DeleteRouteTable,DeleteRoute,DisassociateRouteTable')}) }`,
  ],
  [
    'VpcChanged',
    'Somebody changed a VPC or its peering',
    anyOf(
      'CreateVpc,DeleteVpc,ModifyVpcAttribute,AcceptVpcPeeringConnection,CreateVpcPeeringConnection,DeleteVpcPeeringConnection,RejectVpcPeeringConnection,AttachClassicLinkVpc,DetachClassicLinkVpc,DisableVpcClassicLink,EnableVpcClassicLink',
    ),
  ],
];

/**
 * The alarms that the CIS AWS Foundations Benchmark asks of a trail (1.4.0, 3.1 and 4.1 to 4.14; Security Hub CloudWatch.1 to
 * 14): root user, sign-in without MFA, refused calls, changed permissions, keys, trails and network.
 *
 * 14 alarms and metrics, 1.40 and up to 4.20 USD a month (Amazon CloudWatch pricing, us-east-1). A deploy changes some of these
 * too: expect to hear of it.
 */
export class AuditAlarms extends Construct {
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: AuditAlarmsProps) {
    super(scope, id);
    const namespace = props.namespace ?? 'SecurityAudit';
    this.alarms = WATCHED.map(([name, alarmDescription, pattern]) => {
      new logs.MetricFilter(this, `${name}Filter`, {
        logGroup: props.logGroup,
        filterPattern: logs.FilterPattern.literal(pattern),
        metricNamespace: namespace,
        metricName: name,
        metricValue: '1',
      });
      const metric = new cloudwatch.Metric({ namespace, metricName: name, statistic: 'Sum', period: Duration.minutes(5) });
      const alarm = metric.createAlarm(this, name, {
        alarmDescription,
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(new actions.SnsAction(props.alarmTopic));
      return alarm;
    });
  }
}

function anyOf(events: string): string {
  return `{ ${names(events)} }`;
}

function names(events: string): string {
  return events
    .split(',')
    .map((name) => `($.eventName = ${name})`)
    .join(' || ');
}
