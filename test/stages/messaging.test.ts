import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { readAssembly } from '../../lib/assembly/cloud-assembly';
import { EmailSending } from '../../lib/blocks/messaging/email-sending';
import type { Stage3SpecializedProps } from '../../lib/stages/specialized-props';
import type { Stage3Specialized } from '../../lib/stages/stage3-specialized';
import { synthesized as built, planClimb, stageWith } from '../promotion/ladder';
import { ACCOUNT } from '../stacks';
import { addStage, synthStage, testDomain, testProps } from '../synth-stages';
import { RETAINED, RETAINED_WITH_NAME, resources, synthesized } from './synthesized';

const REGIONS = [{ region: 'us-west-2' }];
const FROM = 'no-reply@shop.example.com';
const withEmail = (email?: EmailSending, more: Partial<Stage3SpecializedProps> = {}) =>
  [3, 4].map((stage) => synthesized(stage, { email, regions: REGIONS, ...more }));

/** A product that stays at its stage. */
const product = (stage: number, email?: EmailSending, domain = true) =>
  stageWith(stage, { props: (stack) => ({ regions: REGIONS, email, ...(domain ? { domain: testDomain(stack) } : {}) }) });

describe.each([3, 4])('the messages of stage %d', (stage) => {
  const all = synthesized(stage);

  test('have a table of what was handled in every Region, which every container knows and may use', () => {
    const tables = resources(all.assembly, 'AWS::DynamoDB::GlobalTable').filter(({ logicalId }) =>
      logicalId.includes('Idempotency'),
    );
    expect(tables.map(({ stack }) => stack.stackName).sort()).toEqual(
      Object.entries(all.byName)
        .filter(([, template]) => Object.keys(template.findResources('AWS::ECS::Cluster')).length > 0)
        .map(([name]) => name)
        .sort(),
    );
    for (const { resource } of tables) expect(resource).toMatchObject(RETAINED);
    const words = 'dynamodb:UpdateItem';
    expect(JSON.stringify(all.primary.toJSON())).toContain(words);
  });

  test('can send back the dead letters of each of their queues', () => {
    const [{ properties }] = resources(all.assembly, 'AWS::SSM::Document').filter(({ logicalId }) =>
      logicalId.includes('Redrive'),
    );
    const { parameters } = properties.Content as { parameters: Record<string, { allowedValues: { 'Fn::GetAtt': string[] }[] }> };
    const offered = parameters.DeadLetterQueue.allowedValues.map((value) => value['Fn::GetAtt'][0]);
    const dead = Object.entries(all.primary.findResources('AWS::SQS::Queue'))
      .filter(([, { Properties }]) => Properties.RedriveAllowPolicy)
      .map(([id]) => id);
    expect(offered.sort()).toEqual(dead.sort());
    expect(offered.length).toBeGreaterThanOrEqual(2);
  });

  test('have neither schedules nor e-mail until somebody asks', () => {
    const types = ['AWS::Scheduler::Schedule', 'AWS::Scheduler::ScheduleGroup', 'AWS::SES::EmailIdentity'];
    const found = types.flatMap((type) => resources(all.assembly, type)).map(({ logicalId }) => logicalId);
    expect(found.filter((id) => /Schedules|Email/.test(id))).toEqual([]);
  });

  test('take e-mail in one deploy without a loss, and are not let go of it again', () => {
    for (const email of [EmailSending.fromDomain(), EmailSending.fromAddress('shop@example.org')]) {
      const [without, having] = [product(stage), product(stage, email)];
      expect(planClimb(without, having).faults).toEqual([]);
      const back = planClimb(having, without);
      expect(back.plan.deploys).toEqual([]);
      expect(back.plan.impossible).toContain('Email');
    }
  }, 120_000);
});

describe('e-mail', () => {
  const [third, fourth] = withEmail(EmailSending.fromDomain());

  test('leaves from the product domain, whose records stand in a stack beside it that holds no state', () => {
    for (const { primary, byName } of [third, fourth]) {
      primary.hasResource('AWS::SES::EmailIdentity', {
        ...RETAINED_WITH_NAME,
        Properties: { EmailIdentity: 'shop.example.com' },
      });
      const beside = byName['Shop-Product-Email'];
      beside.resourceCountIs('AWS::Route53::RecordSet', 6);
      beside.resourceCountIs('AWS::Lambda::Function', 1);
      for (const type of ['AWS::SQS::Queue', 'AWS::Logs::LogGroup', 'AWS::SNS::Topic']) beside.resourceCountIs(type, 0);
    }
  });

  test('is sent by notification alone, in every Region through the primary one', () => {
    const senders = [third, fourth].flatMap(({ assembly }) =>
      [...resources(assembly, 'AWS::IAM::Policy'), ...resources(assembly, 'AWS::IAM::ManagedPolicy')].filter(({ properties }) =>
        JSON.stringify(properties).includes('ses:SendEmail'),
      ),
    );
    expect(
      senders.map(({ stack: { stackName }, logicalId }) => `${stackName} ${/Notification|Auth|Service|Worker/.exec(logicalId)}`),
    ).toEqual(['Shop Notification', 'Shop Notification', 'Shop-Product-us-west-2 Notification']);
    for (const { properties } of senders) {
      const text = JSON.stringify(properties);
      expect(text).toContain(`"ses:FromAddress":"${FROM}"`);
      expect(text).toContain(':ses:us-east-1:123456789012:identity/shop.example.com');
    }
  });

  test('is known to every container of the application by address, configuration set and Region', () => {
    // The product's own services, in stacks of their own, may not send.
    const found = [third, fourth]
      .flatMap(({ assembly }) => resources(assembly, 'AWS::ECS::TaskDefinition'))
      .filter(({ stack }) => !stack.stackName.includes('-Services-'));
    for (const { properties, logicalId, stack } of found) {
      const [container] = properties.ContainerDefinitions as { Environment?: { Name: string; Value: unknown }[] }[];
      const told = Object.fromEntries((container.Environment ?? []).map(({ Name, Value }) => [Name, Value]));
      expect([stack.stackName, logicalId, told]).toMatchObject([
        stack.stackName,
        logicalId,
        { EMAIL_FROM: FROM, EMAIL_REGION: 'us-east-1', EMAIL_CONFIGURATION_SET: expect.anything() },
      ]);
    }
    expect(found.length).toBeGreaterThan(9);
  });

  test('may come from one address, without a domain', () => {
    for (const { primary, byName } of withEmail(EmailSending.fromAddress('shop@example.org'), { domain: undefined })) {
      primary.hasResourceProperties('AWS::SES::EmailIdentity', { EmailIdentity: 'shop@example.org' });
      byName['Shop-Product-Email'].resourceCountIs('AWS::Route53::RecordSet', 0);
    }
  });

  test('needs a domain to come from', () => {
    expect(() => synthStage(3, { email: EmailSending.fromDomain(), domain: undefined })).toThrow(
      'email must have a domain to send from, got EmailSending.fromDomain() and no domain: give the product its domain, or use EmailSending.fromAddress',
    );
  });

  test('carries the mail of sign-in once somebody says so, in place there and back', () => {
    const [without, having] = [false, true].map((signIn) => product(3, EmailSending.fromDomain({ signIn })));
    expect(planClimb(without, having).faults).toEqual([]);
    expect(planClimb(without, having).plan.deploys).toHaveLength(1);
    expect(planClimb(having, without).plan.deploys).toHaveLength(1);
    for (const { primary } of withEmail(EmailSending.fromDomain({ signIn: true }))) {
      primary.hasResourceProperties('AWS::Cognito::UserPool', {
        EmailConfiguration: {
          EmailSendingAccount: 'DEVELOPER',
          From: FROM,
          ConfigurationSet: { Ref: Match.stringLikeRegexp('ConfigurationSet') },
          SourceArn: {
            'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, Match.stringLikeRegexp('^:ses:.*:identity/shop.example.com$')]],
          },
        },
      });
    }
    const [plain] = withEmail(EmailSending.fromDomain());
    plain.primary.hasResourceProperties('AWS::Cognito::UserPool', { EmailConfiguration: Match.absent() });
  }, 120_000);

  test('is missed where people register themselves and the pool sends 50 mails a day', () => {
    const told = (props: Partial<Stage3SpecializedProps>) => {
      const folder = synthStage(3, props);
      const files = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.endsWith('.template.json'));
      return files.some((name) => readFileSync(join(folder, name), 'utf8').includes('signInMailsADay'));
    };
    const signIn = { selfSignUp: false };
    expect([{}, { email: EmailSending.fromDomain({ signIn: true }) }, { signIn }].map(told)).toEqual([true, false, false]);
  }, 60_000);

  test('stays what it is from stage 3 to 4', () => {
    expect(planClimb(product(3, EmailSending.fromDomain()), product(4, EmailSending.fromDomain())).faults).toEqual([]);
  });

  test('takes few of the resources of the product stack', () => {
    const count = (email?: EmailSending) =>
      Object.keys(
        readAssembly(synthStage(3, { email })).stacks.find(({ stackName }) => stackName === 'Shop')!.template.Resources!,
      ).length;
    expect(count(EmailSending.fromDomain()) - count()).toBe(13);
  });
});

describe('schedules and consumers', () => {
  const added = (stage: number, adds: boolean) =>
    built((app) => {
      const stack = new Stack(app, 'Shop', { stackName: 'Shop', env: { account: ACCOUNT, region: 'us-east-1' } });
      const made = addStage(stack, stage, testProps(stack, { regions: REGIONS })) as Stage3Specialized;
      if (!adds) return;
      const { schedules, events } = made.specialties;
      schedules.add('Nightly', { queue: made.jobs, at: ScheduleExpression.rate(Duration.days(1)) });
      events.addConsumer('Billing', {
        eventTypes: ['order-paid'],
        encryptionKey: made.encryptionKey,
        alarmTopic: made.alarms.topic,
      });
      events.archive(Duration.days(30));
    });

  test('come to a product in one deploy without a loss, in the primary Region only', () => {
    const [before, after] = [added(4, false), added(4, true)];
    const { plan, faults } = planClimb(before, after);
    expect(faults).toEqual([]);
    expect(plan.deploys).toHaveLength(1);
    const own = resources(after, 'AWS::Scheduler::Schedule').filter(({ logicalId }) => logicalId.startsWith('ProductSchedules'));
    expect(own.map(({ stack }) => stack.stackName)).toEqual(['Shop']);
  });
});
