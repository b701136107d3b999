import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { SharedTable } from '../data/shared-table';
import { crossRegionValue } from '../network/cross-region-value';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';
import type { AlarmTopic } from '../operations/alarm-topic';
import { pythonFunction } from '../operations/python-function';
import { tellTopic } from '../operations/told-alarm';
import type { EmailSender } from './email-sender';

const PROGRAM = readFileSync(join(__dirname, 'email-feedback.py'), 'utf8');

/** Properties of an EmailFeedback. */
export interface EmailFeedbackProps {
  /** Whose feedback, of this stack or of another. */
  readonly sender: EmailSender;
  /** Where it is noted, of this stack or of another. */
  readonly table: SharedTable;
  /** Where the alarms for the rates go, of this stack or of another. @default - nowhere: the alarms only show their state */
  readonly alarms?: AlarmTopic;
}

/**
 * Handles what comes back: whoever bounced for good or complained is put on the suppression list of Amazon SES, which then sends
 * nothing there, and noted in the shared table for the product, as row `email#SHA256 of the lower-case address`, `suppressed`, with
 * `reason` BOUNCE or COMPLAINT. Bounces that pass are only counted, in row `soft-bounces`, which is forgotten after 60 days.
 *
 * Once for each message, recipient and kind, however often and out of order it comes; a batch fails by its messages, and what fails ten
 * times is in the dead letters of the sender's queue. People may take an address off again: `delete-suppressed-destination` and the
 * row; duplicates do not undo that. A complaint may name everybody of a message at one provider (Amazon SES developer guide): write to
 * one recipient a message.
 *
 * Holds no state. Alarms ring when the rates come to where AWS reviews a sender: 5 % bounces, 0.1 % complaints (Amazon SES FAQ).
 */
export class EmailFeedback extends Construct {
  public readonly function: lambda.CfnFunction;
  public readonly role: iam.Role;
  public readonly bounceRateAlarm: cloudwatch.Alarm;
  public readonly complaintRateAlarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: EmailFeedbackProps) {
    super(scope, id);
    const { sender, table, alarms } = props;
    const { encryptionKey, feedback, logGroup } = sender;
    const of = (producer: Construct, name: string, value: string) => crossRegionValue(this, { producer, name, value });
    const queueArn = of(sender, 'FeedbackQueueArn', feedback.queue.queueArn);
    const tableName = of(table, 'TableName', table.table.tableName);
    const keyArn = encryptionKey && of(sender, 'KeyArn', encryptionKey.keyArn);
    this.role = new iam.Role(this, 'Role', {
      description: 'Notes who bounced or complained',
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    });
    const { region } = Stack.of(this);
    const allow = (names: string[], resource: string, conditions?: { [operator: string]: unknown }) =>
      new iam.PolicyStatement({ actions: names, resources: [resource], conditions });
    const policy = new iam.ManagedPolicy(this, 'Policy', {
      description: 'Notes who bounced or complained, and keeps Amazon SES from writing there again',
      roles: [this.role],
      statements: [
        allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queueArn),
        allow(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
          Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: tableName }),
        ),
        // The list is the account's; the action knows no resource but tenants, of which there are none.
        allow(['ses:PutSuppressedDestination'], '*'),
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], of(sender, 'LogGroupArn', logGroup.logGroupArn)),
        ...(keyArn
          ? [
              allow(['kms:Decrypt'], keyArn, {
                StringEquals: { 'kms:ViaService': [`sqs.${region}.amazonaws.com`, `lambda.${region}.amazonaws.com`] },
              }),
            ]
          : []),
      ],
    });
    this.function = pythonFunction(this, {
      description: 'Notes who bounced or complained, and keeps Amazon SES from writing there again',
      program: PROGRAM,
      memoryMiB: 256,
      timeout: Duration.minutes(2),
      role: this.role,
      variables: { TABLE: tableName },
      kmsKeyArn: keyArn,
      logGroupName: of(sender, 'LogGroupName', logGroup.logGroupName),
    });
    this.function.node.addDependency(policy);
    const source = new lambda.CfnEventSourceMapping(this, 'Source', {
      eventSourceArn: queueArn,
      functionName: this.function.ref,
      batchSize: 10,
      functionResponseTypes: ['ReportBatchItemFailures'],
      // The fewest there can be: Amazon SES takes few suppressions a second.
      scalingConfig: { maximumConcurrency: 2 },
    });
    acknowledge(source, {
      id: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
      reason:
        'The rule wants a place for messages that fail. A queue as a source has none to name here (AWS Lambda developer guide, ' +
        'OnFailure): its own redrive policy puts them into its dead-letter queue, where an alarm tells people of the first.',
    });
    acknowledgeFunction(this.function, policy);

    const configurationSet = { dimensionsMap: { 'ses:configuration-set': sender.configurationSetNameFor(this) } };
    const alarmOn = (alarmId: string, metric: cloudwatch.Metric, threshold: number, alarmDescription: string) =>
      metric.with(configurationSet).createAlarm(this, alarmId, {
        alarmDescription,
        threshold,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: cloudwatch.TreatMissingData.IGNORE,
      });
    this.bounceRateAlarm = alarmOn(
      'BounceRate',
      sender.metricBounceRate(),
      0.05,
      'One e-mail in 20 bounces; from one in 10 AWS stops sending: see whom the product writes to',
    );
    this.complaintRateAlarm = alarmOn(
      'ComplaintRate',
      sender.metricComplaintRate(),
      0.001,
      'One e-mail in 1,000 is reported as spam; from five AWS stops sending: see what the product writes to whom',
    );
    if (!alarms) return;
    const topic = sns.Topic.fromTopicArn(this, 'AlarmTopic', of(alarms, 'TopicArn', alarms.topic.topicArn));
    for (const alarm of [this.bounceRateAlarm, this.complaintRateAlarm]) tellTopic(alarm, topic);
  }
}

function acknowledgeFunction(handler: lambda.CfnFunction, policy: iam.ManagedPolicy): void {
  acknowledge(policy, {
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason:
      'The rule guards against a role that reaches more than it needs. Amazon SES has one suppression list an account and Region, and ' +
      'its action PutSuppressedDestination takes no resource but a tenant; it can only keep mail from being sent. All else is bound to ' +
      'one queue, one table, one log and one key.',
  });
  acknowledge(
    handler,
    ...sameReason(
      'The rules want a function inside the network, beside what it talks to. This one talks to no machine: it calls the APIs of ' +
        'Amazon SES and DynamoDB over TLS, by a role that is good for one queue, one table and the suppression list, and a place in the ' +
        'network would only add a way to the stores that it does not need.',
      ...inPacks('LambdaInsideVPC', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      'Checkov::CKV_AWS_117',
      'ControlTower::CT.LAMBDA.PR.3',
    ),
    ...sameReason(
      'The rules want room reserved for a function, and a limit. Its queue calls it, at most two at a time (MaximumConcurrency), and ' +
        'keeps what has to wait; reserving would take from the 10 executions a new account has, so that the deploy would fail there.',
      ...inPacks('LambdaConcurrency', 'HIPAA.Security', 'NIST.800.53.R5'),
      'Checkov::CKV_AWS_115',
    ),
    ...sameReason(
      'The rules want calls kept that failed. A queue calls this function: what fails stays in the queue, is tried ten times, and goes ' +
        'to its dead letters, where an alarm tells people of it.',
      ...inPacks('LambdaDLQ', 'HIPAA.Security', 'NIST.800.53.R5', 'Serverless'),
      'Checkov::CKV_AWS_116',
    ),
    {
      id: 'Serverless::Serverless-LambdaTracing',
      reason:
        'The rule wants to see where time goes in a chain of calls. Nobody waits for this function, the end of its chain, which calls two ' +
        'APIs and names in its log what failed; tracing would need one more permission on every resource.',
    },
  );
}
