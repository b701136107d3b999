import { Token } from 'aws-cdk-lib';

/** What receivers are asked to do with mail that names the domain and was not signed for it (RFC 7489). */
export enum DmarcPolicy {
  /** To deliver it, for domains from which others still send mail that is not signed. */
  NONE = 'none',
  /** To put it among the spam. */
  QUARANTINE = 'quarantine',
  /** To refuse it. */
  REJECT = 'reject',
}

/** How mail is sent from a domain. */
export interface DomainEmailOptions {
  /** What stands before the `@`. @default no-reply */
  readonly localPart?: string;
  /** @default DmarcPolicy.QUARANTINE */
  readonly dmarc?: DmarcPolicy;
  /**
   * Whether the mail of sign-in goes out like this too: codes, and invitations. Say it in a deploy after the one that brings the domain,
   * once Amazon SES has verified it and lets the account send to everybody: the user pool takes no other. In place, both ways.
   * @default false: Amazon Cognito sends it, at most 50 mails a day (Amazon Cognito developer guide, email settings)
   */
  readonly signIn?: boolean;
}

/**
 * Who a product's e-mail comes from. The identity is known by its name alone: another domain or address is another identity, with
 * another verification and reputation, and the guard refuses the change.
 */
export class EmailSending {
  /** From the product's domain: signed, with the records in its hosted zone. Mail that others send from it has to be signed too. */
  public static fromDomain(options: DomainEmailOptions = {}): EmailSending {
    const { localPart = 'no-reply', dmarc = DmarcPolicy.QUARANTINE, signIn = false } = options;
    if (!Token.isUnresolved(localPart) && !LOCAL_PART.test(localPart)) {
      throw new Error(
        `localPart must be up to 64 letters, digits and the signs . _ + -, got '${localPart}': write what stands before the @, as in no-reply`,
      );
    }
    return new EmailSending(localPart, undefined, dmarc, signIn);
  }

  /** From one address, which a person confirms by the link that Amazon SES sends there. Receivers see that others sent it: for trying out. */
  public static fromAddress(address: string): EmailSending {
    const [localPart, domain, ...more] = address.split('@');
    if (!Token.isUnresolved(address) && (!LOCAL_PART.test(localPart) || !domain || more.length > 0)) {
      throw new Error(`address must be one e-mail address, got '${address}': write it as in shop@example.com`);
    }
    return new EmailSending(undefined, address, undefined, false);
  }

  private constructor(
    /** What stands before the `@` of the product's domain. */
    public readonly localPart: string | undefined,
    /** The address, where there is no domain. */
    public readonly address: string | undefined,
    public readonly dmarc: DmarcPolicy | undefined,
    /** Whether the mail of sign-in goes out like this too. */
    public readonly signIn: boolean,
  ) {}
}

const LOCAL_PART = /^[A-Za-z0-9]([A-Za-z0-9._+-]{0,62}[A-Za-z0-9])?$/;
