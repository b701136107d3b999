import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { DataKey } from '../../../lib/blocks/data/data-key';
import { SharedTable } from '../../../lib/blocks/data/shared-table';
import { EmailFeedback } from '../../../lib/blocks/messaging/email-feedback';
import { EmailRecords } from '../../../lib/blocks/messaging/email-records';
import { EmailSender } from '../../../lib/blocks/messaging/email-sender';
import { DmarcPolicy, EmailSending } from '../../../lib/blocks/messaging/email-sending';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { ACCOUNT, testStack } from '../../stacks';
import { flagDependent, losses, templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

beforeAll(() => {
  // TableV2 itself uses two deprecated properties of its grants.
  jest.spyOn(console, 'warn').mockReturnValue();
});

function sender(stack: Stack, from = 'no-reply@shop.example.com', domain: string | undefined = 'shop.example.com'): EmailSender {
  const { key: encryptionKey } = new DataKey(stack, 'DataKey');
  const { topic: alarmTopic } = new AlarmTopic(stack, 'Alarms', { encryptionKey });
  return new EmailSender(stack, 'Email', { from, domain, encryptionKey, alarmTopic });
}

const zone = (stack: Stack) =>
  route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789EXAMPLE', zoneName: 'example.com' });

const SET = { Ref: Match.stringLikeRegexp('^EmailConfigurationSet') };

describe('a sender of e-mail', () => {
  test('signs for its domain, has a domain for bounces, and is kept', () => {
    templateOf((stack) => void sender(stack)).hasResource('AWS::SES::EmailIdentity', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        EmailIdentity: 'shop.example.com',
        ConfigurationSetAttributes: { ConfigurationSetName: SET },
        DkimAttributes: { SigningEnabled: true },
        DkimSigningAttributes: { NextSigningKeyLength: 'RSA_2048_BIT' },
        MailFromAttributes: { MailFromDomain: 'mail.shop.example.com', BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' },
        FeedbackAttributes: { EmailForwardingEnabled: false },
      },
    });
  });

  test('may be a single address, which signs for no domain', () => {
    const template = templateOf((stack) => {
      const { key: encryptionKey } = new DataKey(stack, 'DataKey');
      new EmailSender(stack, 'Email', { from: 'shop@example.org', encryptionKey });
    });
    template.hasResourceProperties('AWS::SES::EmailIdentity', {
      EmailIdentity: 'shop@example.org',
      MailFromAttributes: Match.absent(),
      DkimAttributes: Match.absent(),
    });
  });

  test('sends over TLS, suppresses, counts its reputation, and does not follow its readers', () => {
    const template = templateOf((stack) => void sender(stack));
    template.hasResourceProperties('AWS::SES::ConfigurationSet', {
      Name: Match.absent(),
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
      SuppressionOptions: { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] },
      TrackingOptions: Match.absent(),
    });
    template.hasResourceProperties('AWS::SES::ConfigurationSetEventDestination', {
      ConfigurationSetName: SET,
      EventDestination: {
        Enabled: true,
        MatchingEventTypes: ['bounce', 'complaint'],
        SnsDestination: { TopicARN: { Ref: Match.stringLikeRegexp('^EmailFeedbackTopic') } },
      },
    });
  });

  test('gets what comes back into a queue with dead letters, from its own configuration set only', () => {
    const template = templateOf((stack) => void sender(stack));
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: 'ses.amazonaws.com' },
            Action: 'sns:Publish',
            Condition: {
              StringEquals: { 'aws:SourceAccount': ACCOUNT },
              ArnEquals: { 'aws:SourceArn': { 'Fn::Join': ['', Match.arrayWith([SET])] } },
            },
          }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: 'ses.amazonaws.com' },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Condition: { ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': Match.anyValue() } },
          }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 720,
      MessageRetentionPeriod: 1209600,
      RedrivePolicy: { maxReceiveCount: 10 },
    });
    template.hasResourceProperties('AWS::SNS::Subscription', { RawMessageDelivery: true, RedrivePolicy: Match.anyValue() });
  });

  test('lets others send from its address, by its configuration set, and no other', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    sender(stack).grantSend(role);
    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(policy.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['ses:SendEmail', 'ses:SendRawEmail'],
        Resource: [
          {
            'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ses:us-east-1:${ACCOUNT}:identity/shop.example.com`]],
          },
          {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                `:ses:us-east-1:${ACCOUNT}:configuration-set/`,
                { Ref: expect.stringMatching(/^EmailConfigurationSet/) },
              ],
            ],
          },
        ],
        Condition: { StringEquals: { 'ses:FromAddress': 'no-reply@shop.example.com' } },
      },
    ]);
  });

  test('lets a role of another Region send through its own', () => {
    const app = new App();
    const home = new Stack(app, 'Shop', { env: { account: ACCOUNT, region: 'us-east-1' } });
    const away = new Stack(app, 'Away', { env: { account: ACCOUNT, region: 'eu-central-1' } });
    const role = new iam.Role(away, 'Role', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    sender(home).grantSend(role);
    const text = JSON.stringify(Template.fromStack(away).toJSON());
    expect(text).toContain(`:ses:us-east-1:${ACCOUNT}:identity/shop.example.com`);
    expect(text).toContain('Fn::GetStackOutput');
    expect(text).not.toContain('Fn::ImportValue');
  });

  test('is another identity under another name, which the diff shows as a loss', () => {
    const [before, after] = ['shop', 'store'].map(
      (name) => (stack: Stack) => void sender(stack, `no-reply@${name}.example.com`, `${name}.example.com`),
    );
    expect(losses(before, after)).toEqual(['AWS::SES::EmailIdentity WILL_REPLACE']);
    expect(losses(before, (stack) => void sender(stack, 'hello@shop.example.com'))).toEqual([]);
  });

  test('is not changed by feature flags', () => {
    const types = [
      'AWS::SES::EmailIdentity',
      'AWS::SES::ConfigurationSet',
      'AWS::SNS::Topic',
      'AWS::SQS::Queue',
      'AWS::Logs::LogGroup',
    ];
    expect(flagDependent((stack) => void sender(stack), ...types)).toEqual([]);
  });
});

describe('the records of a sender', () => {
  const recorded = (dmarc?: DmarcPolicy) => (stack: Stack) =>
    void new EmailRecords(stack, 'Records', { sender: sender(stack), hostedZone: zone(stack), dmarc });

  test('are three signatures, who takes bounces, who may send, and what to do with others', () => {
    const template = templateOf(recorded());
    template.resourcePropertiesCountIs('AWS::Route53::RecordSet', { Type: 'CNAME' }, 3);
    for (const number of [1, 2, 3]) {
      const token = (part: string) => ({
        'Fn::GetAtt': [Match.stringLikeRegexp('^EmailIdentity'), `DkimDNSToken${part}${number}`],
      });
      template.hasResourceProperties('AWS::Route53::RecordSet', { Name: token('Name'), ResourceRecords: [token('Value')] });
    }
    const record = (Type: string, Name: string, value: string) =>
      template.hasResourceProperties('AWS::Route53::RecordSet', { Type, Name, ResourceRecords: [value] });
    record('MX', 'mail.shop.example.com', '10 feedback-smtp.us-east-1.amazonses.com');
    record('TXT', 'mail.shop.example.com', '"v=spf1 include:amazonses.com ~all"');
    record('TXT', '_dmarc.shop.example.com', '"v=DMARC1; p=quarantine;"');
    templateOf(recorded(DmarcPolicy.NONE)).hasResourceProperties('AWS::Route53::RecordSet', {
      ResourceRecords: ['"v=DMARC1; p=none;"'],
    });
  });

  test('need a domain', () => {
    expect(() =>
      templateOf((stack) => {
        const single = new EmailSender(stack, 'Email', { from: 'shop@example.org' });
        new EmailRecords(stack, 'Records', { sender: single, hostedZone: zone(stack) });
      }),
    ).toThrow('sender must have a domain, got the single address shop@example.org: there is nothing to record for it');
  });
});

describe('the handler of what comes back', () => {
  const handled = (stack: Stack) => {
    const encryptionKey = new DataKey(stack, 'DataKey').key;
    const alarms = new AlarmTopic(stack, 'Alarms', { encryptionKey });
    const from = 'no-reply@shop.example.com';
    const one = new EmailSender(stack, 'Email', { from, domain: 'shop.example.com', encryptionKey, alarmTopic: alarms.topic });
    return new EmailFeedback(stack, 'Handler', { sender: one, table: new SharedTable(stack, 'Shared'), alarms });
  };

  test('is called by the queue with batches, says which messages failed, and fits into the template', () => {
    const template = templateOf((stack) => void handled(stack));
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^EmailFeedbackQueue'), 'Arn'] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    const [found] = Object.values(template.findResources('AWS::Lambda::Function'));
    // An inline program takes 4,096 characters (CloudFormation user guide, AWS::Lambda::Function Code).
    expect(found.Properties.Code.ZipFile.length).toBeLessThan(4096);
    const [queue] = Object.values(template.findResources('AWS::SQS::Queue', { Properties: { RedrivePolicy: Match.anyValue() } }));
    expect(queue.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * found.Properties.Timeout);
  });

  test('may reach one queue, one table, one log, one key and the suppression list', () => {
    const template = templateOf((stack) => void handled(stack));
    const [policy] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    const statements = policy.Properties.PolicyDocument.Statement as { Action: string; Resource: unknown }[];
    expect(statements.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action)).toEqual([
      'ses:PutSuppressedDestination',
    ]);
    expect(statements).toHaveLength(5);
  });

  test('rings where AWS reviews a sender', () => {
    const template = templateOf((stack) => void handled(stack));
    for (const [MetricName, Threshold] of [
      ['Reputation.BounceRate', 0.05],
      ['Reputation.ComplaintRate', 0.001],
    ]) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        Namespace: 'AWS/SES',
        MetricName,
        Threshold,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Dimensions: [{ Name: 'ses:configuration-set', Value: SET }],
        AlarmActions: [Match.anyValue()],
      });
    }
  });

  test('may stand in another stack, which takes what it needs by weak references', () => {
    const app = new App();
    const env = { account: ACCOUNT, region: 'us-east-1' };
    const [home, beside] = ['Shop', 'Beside'].map((id) => new Stack(app, id, { env }));
    const one = sender(home);
    const table = new SharedTable(home, 'Shared');
    new EmailFeedback(beside, 'Handler', { sender: one, table, alarms: home.node.findChild('Alarms') as AlarmTopic });
    new EmailRecords(beside, 'Records', { sender: one, hostedZone: zone(home) });
    const template = Template.fromStack(beside);
    template.resourceCountIs('AWS::Route53::RecordSet', 6);
    expect(beside.dependencies).toEqual([home]);
    const text = JSON.stringify(template.toJSON());
    expect(text).not.toMatch(/Fn::(Split|ImportValue)/);
    expect(JSON.stringify(Template.fromStack(home).toJSON().Outputs)).not.toContain('Export');
  });

  test('breaks no policy, with its sender and records', () => {
    const stack = testStack();
    handled(stack);
    for (const id of ['Email', 'Handler']) expect(everyPack(stack.node.findChild(id))).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('what a product says of its e-mail', () => {
  test('is refused where it cannot be', () => {
    expect(() => EmailSending.fromAddress('shop')).toThrow(
      "address must be one e-mail address, got 'shop': write it as in shop@example.com",
    );
    expect(() => EmailSending.fromAddress('Shop <shop@example.com>')).toThrow(
      "address must be one e-mail address, got 'Shop <shop@example.com>': write it as in shop@example.com",
    );
    expect(() => EmailSending.fromDomain({ localPart: 'no reply' })).toThrow(
      "localPart must be up to 64 letters, digits and the signs . _ + -, got 'no reply': write what stands before the @, as in no-reply",
    );
  });
});
