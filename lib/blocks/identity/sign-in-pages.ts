import { Token } from 'aws-cdk-lib';
import type * as acm from 'aws-cdk-lib/aws-certificatemanager';

/** Words that Amazon Cognito takes in no prefix (Amazon Cognito developer guide, using a prefix domain). */
const RESERVED = /aws|amazon|cognito/;

/** Names below the site's that this library has given away. */
const TAKEN = ['origin', 'area-origin'];

/** Where people sign in. */
export class SignInPages {
  /**
   * On an address of Amazon Cognito's, whose name is made of the path of the user directory and the id of the stack: the same for
   * the life of the stack, and nobody else's.
   */
  public static generated(): SignInPages {
    return new SignInPages();
  }

  /**
   * On an address of Amazon Cognito's with a name of your own, as in `https://NAME.auth.us-east-1.amazoncognito.com`. One name for
   * all customers of a Region. Another name later is a replacement that fails, since a pool has one such address at a time: deploy
   * `none()` between.
   * @throws if it is no prefix that Amazon Cognito takes
   */
  public static prefix(name: string): SignInPages {
    if (!Token.isUnresolved(name) && (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) || RESERVED.test(name))) {
      throw new Error(
        `prefix must be 1 to 63 lower-case letters, digits and dashes, without aws, amazon or cognito in it, got '${name}': write it as in shop-login`,
      );
    }
    return new SignInPages(name);
  }

  /**
   * Below the site's name, as in `https://auth.shop.example.com`, and on a generated address too, so that this one can come and go.
   * The site's own record has to be there first: Amazon Cognito makes no domain whose parent has no address.
   * @param label what stands before the site's name
   * @param certificate certificate in us-east-1 for the whole name; without one, the site's own, which covers the names below it
   * where the library makes it
   * @throws if the label is no host name, or taken
   */
  public static below(label: string, certificate?: acm.ICertificate): SignInPages {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label) || TAKEN.includes(label)) {
      throw new Error(
        `label must be one part of a host name in lower case, and none of ${TAKEN.join(', ')}, got '${label}': write it as in auth`,
      );
    }
    return new SignInPages(undefined, label, certificate);
  }

  /** Nowhere: the application signs people in by itself. The addresses of before are given back. */
  public static none(): SignInPages {
    return new SignInPages(undefined, undefined, undefined, false);
  }

  private constructor(
    /** Name of one's own on an address of Amazon Cognito's. */
    public readonly ownPrefix?: string,
    /** What stands before the site's name. */
    public readonly label?: string,
    /** Certificate for the name below the site's. */
    public readonly certificate?: acm.ICertificate,
    /** Whether there are any. */
    public readonly exist: boolean = true,
  ) {}
}
