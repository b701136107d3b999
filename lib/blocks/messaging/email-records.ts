import { Stack } from 'aws-cdk-lib';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { crossRegionValue } from '../network/cross-region-value';
import { type EmailSender, mailFromDomain } from './email-sender';
import { DmarcPolicy } from './email-sending';

/** Properties of EmailRecords. */
export interface EmailRecordsProps {
  /** A sender with a domain, of this stack or of another. */
  readonly sender: EmailSender;
  /** Public hosted zone of that domain or of one above it. */
  readonly hostedZone: route53.IHostedZone;
  /** @default DmarcPolicy.QUARANTINE */
  readonly dmarc?: DmarcPolicy;
}

/**
 * What tells the world that a sender may speak for its domain: the keys of its signature (3 CNAME records), who takes its bounces and
 * sends for it (MX and SPF of `mail.` the domain), and what to do with the mail of others (DMARC, reports to nobody).
 *
 * Holds no state. **It fails where the zone has one of these records already**, `_dmarc` most likely: take that over first.
 *
 * @throws if the sender has no domain
 */
export class EmailRecords extends Construct {
  /** Every record. */
  public readonly records: route53.CfnRecordSet[] = [];

  constructor(scope: Construct, id: string, props: EmailRecordsProps) {
    super(scope, id);
    const {
      sender,
      hostedZone: { hostedZoneId },
    } = props;
    const { domain, identity } = sender;
    if (!domain)
      throw new Error(`sender must have a domain, got the single address ${sender.from}: there is nothing to record for it`);
    const add = (recordId: string, type: string, name: string, value: string) => {
      const record = { hostedZoneId, name, type, ttl: '1800', resourceRecords: [value] };
      this.records.push(new route53.CfnRecordSet(this, recordId, record));
    };
    const take = (name: string, value: string) => crossRegionValue(this, { producer: sender, name, value });
    const tokens = [
      [identity.attrDkimDnsTokenName1, identity.attrDkimDnsTokenValue1],
      [identity.attrDkimDnsTokenName2, identity.attrDkimDnsTokenValue2],
      [identity.attrDkimDnsTokenName3, identity.attrDkimDnsTokenValue3],
    ];
    tokens.forEach(([name, value], index) => {
      const number = index + 1;
      add(`Signature${number}`, 'CNAME', take(`SignatureName${number}`, name), take(`SignatureValue${number}`, value));
    });
    const from = mailFromDomain(domain);
    add('MailExchange', 'MX', from, `10 feedback-smtp.${Stack.of(sender).region}.amazonses.com`);
    add('SenderPolicy', 'TXT', from, '"v=spf1 include:amazonses.com ~all"');
    add('Dmarc', 'TXT', `_dmarc.${domain}`, `"v=DMARC1; p=${props.dmarc ?? DmarcPolicy.QUARANTINE};"`);
  }
}
