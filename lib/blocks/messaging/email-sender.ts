import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as ses from 'aws-cdk-lib/aws-ses';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { crossRegionValue } from '../network/cross-region-value';
import { retain } from '../operations/retain';
import { serviceLog } from '../operations/service-log';
import { subscribeQueue } from './event-delivery';
import { JobQueue } from './job-queue';

/** Properties of an EmailSender. */
export interface EmailSenderProps {
  /** Address that mail comes from. It never changes without another identity. */
  readonly from: string;
  /**
   * Domain that vouches for it: what stands after its `@`. Its records are `EmailRecords`.
   * @default - the address itself is the identity; a person confirms it by a link
   */
  readonly domain?: string;
  /**
   * Key for what comes back, at rest. The policy of a key made elsewhere must let `ses.amazonaws.com` and `sns.amazonaws.com` in.
   * @default - the AWS managed key of Amazon SNS cannot be used by Amazon SES: the topic is then not encrypted by a key
   */
  readonly encryptionKey?: kms.IKey;
  /** Where the alarms for what comes back and is not handled go. @default - nowhere: the alarms only show their state */
  readonly alarmTopic?: sns.ITopic;
}

/**
 * A sender of e-mail by Amazon SES, and the queue of what comes back: bounces and complaints, for `EmailFeedback` to handle.
 *
 * Mail leaves over TLS or not at all, signed by the domain (Easy DKIM, 2048 bits), under a sender domain of its own (`mail.` the
 * domain). Amazon SES keeps whoever bounced or complained on the account's suppression list and counts the rates; nothing counts who
 * opens or clicks. Feedback comes by Amazon SNS: Amazon SES hands to EventBridge by best effort only (EventBridge, delivery level).
 *
 * **A new account may send to confirmed addresses only, 200 a day: a person has to ask AWS for production access**
 * (`aws sesv2 put-account-details`), for every Region. The identity is retained. 0.10 USD per 1,000 messages (Amazon SES pricing).
 * Not verified against AWS.
 */
export class EmailSender extends Construct {
  public readonly from: string;
  /** Domain of the identity, if it is one. */
  public readonly domain?: string;
  public readonly identity: ses.CfnEmailIdentity;
  public readonly configurationSet: ses.CfnConfigurationSet;
  /** Bounces and complaints, as Amazon SES publishes them. */
  public readonly feedback: JobQueue;
  /** Where Amazon SES puts them. */
  public readonly feedbackTopic: sns.Topic;
  /** What handles them writes here; kept when it goes. */
  public readonly logGroup: logs.LogGroup;
  /** Key of what comes back. */
  public readonly encryptionKey?: kms.IKey;

  constructor(scope: Construct, id: string, props: EmailSenderProps) {
    super(scope, id);
    const { from, domain, encryptionKey, alarmTopic } = props;
    this.from = from;
    this.domain = domain;
    this.encryptionKey = encryptionKey;
    this.configurationSet = new ses.CfnConfigurationSet(this, 'ConfigurationSet', {
      deliveryOptions: { tlsPolicy: 'REQUIRE' },
      reputationOptions: { reputationMetricsEnabled: true },
      sendingOptions: { sendingEnabled: true },
      suppressionOptions: { suppressedReasons: ['BOUNCE', 'COMPLAINT'] },
    });
    this.identity = new ses.CfnEmailIdentity(this, 'Identity', {
      emailIdentity: domain ?? from,
      configurationSetAttributes: { configurationSetName: this.configurationSet.ref },
      // Nobody reads the mailbox of the sender; the queue has it all.
      feedbackAttributes: { emailForwardingEnabled: false },
      ...(domain && {
        dkimAttributes: { signingEnabled: true },
        dkimSigningAttributes: { nextSigningKeyLength: 'RSA_2048_BIT' },
        // While its record is not found, mail goes out under the domain of Amazon SES.
        mailFromAttributes: { mailFromDomain: mailFromDomain(domain), behaviorOnMxFailure: 'USE_DEFAULT_VALUE' },
      }),
    });
    retain(this.identity);

    this.feedbackTopic = new sns.Topic(this, 'FeedbackTopic', { masterKey: encryptionKey, enforceSSL: true });
    retain(this.feedbackTopic);
    encryptionKey?.addToResourcePolicy(publishingService(this));
    const admitted = this.feedbackTopic.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'FeedbackOfThisSender',
        actions: ['sns:Publish'],
        principals: [new iam.ServicePrincipal('ses.amazonaws.com')],
        resources: [this.feedbackTopic.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
          ArnEquals: { 'aws:SourceArn': this.arnOf('configuration-set', this.configurationSet.ref) },
        },
      }),
    );
    this.feedback = new JobQueue(this, 'Feedback', {
      encryptionKey,
      alarmTopic,
      // Six times what the function may take (AWS Lambda developer guide, SQS event sources).
      jobTimeout: Duration.minutes(11),
      // Amazon SES takes few suppressions a second; a wave of bounces is tried longer.
      maxReceiveCount: 10,
      retention: Duration.days(14),
    });
    subscribeQueue(this, 'FeedbackToQueue', this.feedbackTopic, this.feedback.queue);
    const destination = new ses.CfnConfigurationSetEventDestination(this, 'FeedbackDestination', {
      configurationSetName: this.configurationSet.ref,
      eventDestination: {
        name: 'feedback',
        enabled: true,
        matchingEventTypes: ['bounce', 'complaint'],
        snsDestination: { topicArn: this.feedbackTopic.topicArn },
      },
    });
    // Amazon SES tries the topic when it gets to know it.
    if (admitted.policyDependable) destination.node.addDependency(admitted.policyDependable);
    this.logGroup = serviceLog(this, 'LogGroup', { encryptionKey });
  }

  /** Lets a principal of any stack of this app send, from this address with this configuration set and no other. */
  public grantSend(grantee: iam.IGrantable): iam.Grant {
    const principal: unknown = grantee.grantPrincipal;
    const configurationSet = this.configurationSetNameFor(Construct.isConstruct(principal) ? principal : this);
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['ses:SendEmail', 'ses:SendRawEmail'],
      resourceArns: [this.arnOf('identity', this.domain ?? this.from), this.arnOf('configuration-set', configurationSet)],
      conditions: { StringEquals: { 'ses:FromAddress': this.from } },
    });
  }

  /**
   * Lets a user pool of the same stack send by it. Amazon Cognito takes an identity that is verified only, and makes its own
   * service-linked role for it (Amazon Cognito developer guide, email settings); not verified against AWS.
   */
  public sendFor(userPool: cognito.IUserPool): void {
    (userPool.node.defaultChild as cognito.CfnUserPool).emailConfiguration = {
      emailSendingAccount: 'DEVELOPER',
      from: this.from,
      sourceArn: this.arnOf('identity', this.domain ?? this.from),
      configurationSet: this.configurationSet.ref,
    };
    userPool.node.addDependency(this.identity);
  }

  /** Name of the configuration set, for a construct of any stack of this app. */
  public configurationSetNameFor(consumer: Construct): string {
    return crossRegionValue(consumer, { producer: this, name: 'ConfigurationSet', value: this.configurationSet.ref });
  }

  /** Share of the mail that bounced for good, 0 to 1; Amazon SES looks closer from 0.05 and stops sending at 0.1. */
  public metricBounceRate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.reputation('BounceRate', props);
  }

  /** Share of the mail that somebody complained about, 0 to 1; Amazon SES looks closer from 0.001 and stops sending at 0.005. */
  public metricComplaintRate(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.reputation('ComplaintRate', props);
  }

  private reputation(rate: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/SES',
      metricName: `Reputation.${rate}`,
      dimensionsMap: { 'ses:configuration-set': this.configurationSet.ref },
      statistic: cloudwatch.Stats.MAXIMUM,
      period: Duration.hours(1),
      ...props,
    });
  }

  /** In the sender's Region, whoever reads it. */
  private arnOf(resource: string, resourceName: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:ses:${region}:${account}:${resource}/${resourceName}`;
  }
}

/** Domain that bounces go to, below the one that mail comes from. */
export function mailFromDomain(domain: string): string {
  return `mail.${domain}`;
}

/** Lets Amazon SES through the key of a topic; the context is what Amazon SNS gives for every use of a key. */
function publishingService(scope: Construct): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'EmailFeedbackOfThisAccount',
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    principals: [new iam.ServicePrincipal('ses.amazonaws.com')],
    resources: ['*'],
    conditions: {
      ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': Stack.of(scope).formatArn({ service: 'sns', resource: '*' }) },
    },
  });
}
