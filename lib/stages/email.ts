import { Annotations, Stack } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { EmailContract } from '../blocks/compute/app-contract';
import type { SharedTable } from '../blocks/data/shared-table';
import type { ProductDomain } from '../blocks/edge/product-domain';
import { EmailFeedback } from '../blocks/messaging/email-feedback';
import { EmailRecords } from '../blocks/messaging/email-records';
import { EmailSender } from '../blocks/messaging/email-sender';
import type { EmailSending } from '../blocks/messaging/email-sending';
import { siblingStackName } from '../blocks/network/sibling-stack-name';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { ChildId } from './child-ids';
import type { SignIn, SignInParts } from './sign-in';

/** What a sender of e-mail stands on. */
export interface EmailSurroundings {
  /** @default - no e-mail */
  readonly email?: EmailSending;
  /** @default - none */
  readonly domain?: ProductDomain;
  readonly encryptionKey: kms.IKey;
  readonly alarms: AlarmTopic;
}

/**
 * The sender in the product's stack, and in a stack beside it what holds no state: the records of the domain and the handler of
 * bounces. Further Regions send through this one, so that one list knows who bounced.
 */
export function sendEmail(stage: Construct, sharedTable: SharedTable, around: EmailSurroundings): EmailSender | undefined {
  const { email, domain, encryptionKey, alarms } = around;
  if (!email) return undefined;
  if (!email.address && !domain) {
    throw new Error(
      'email must have a domain to send from, got EmailSending.fromDomain() and no domain: give the product its domain, or use EmailSending.fromAddress',
    );
  }
  const sender = new EmailSender(stage, ChildId.EMAIL, {
    from: email.address ?? `${email.localPart}@${domain?.name}`,
    domain: email.address ? undefined : domain?.name,
    encryptionKey,
    alarmTopic: alarms.topic,
  });
  const { account, region } = Stack.of(stage);
  const beside = new Stack(stage, ChildId.EMAIL_DELIVERY, {
    env: { account, region },
    stackName: siblingStackName(stage, ChildId.EMAIL),
    description: 'E-mail of the product: records of its domain, and what handles bounces',
  });
  new EmailFeedback(beside, ChildId.EMAIL_FEEDBACK, { sender, table: sharedTable, alarms });
  if (!email.address && domain) {
    new EmailRecords(beside, ChildId.EMAIL_RECORDS, { sender, hostedZone: domain.hostedZone, dmarc: email.dmarc });
  }
  return sender;
}

/** What decides who carries the mail of sign-in. */
export interface MailedSignIn {
  readonly signIn?: SignIn;
  /** @default - no e-mail but Amazon Cognito's */
  readonly email?: EmailSending;
}

/** Lets a verified sender carry the mail of sign-in, or says that a day has few. */
export function mailSignIn(
  stage: Construct,
  { users }: SignInParts,
  sender: EmailSender | undefined,
  around: MailedSignIn,
): void {
  if (sender && around.email?.signIn) {
    sender.sendFor(users.userPool);
    return;
  }
  if (around.signIn?.selfSignUp === false) return;
  Annotations.of(stage).addInfoV2(
    'cdk-scale-tiers:signInMailsADay',
    'people may register themselves, and the user pool sends 50 mails a day: before launch say email: EmailSending.fromDomain(), and signIn: true in it when Amazon SES has verified the domain',
  );
}

/** What the containers of a stack are told of a sender, which may be another Region's. */
export function emailContract(scope: Construct, sender?: EmailSender): EmailContract | undefined {
  if (!sender) return undefined;
  return { from: sender.from, configurationSet: sender.configurationSetNameFor(scope), region: Stack.of(sender).region };
}
