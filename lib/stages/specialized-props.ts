import type { ProductService } from '../blocks/compute/product-service';
import type { ReleaseStrategy } from '../blocks/compute/release-strategy';
import type { DatabaseArchive } from '../blocks/data/database-archive';
import type { SearchFeed } from '../blocks/data/search-feed';
import type { FirewallRules } from '../blocks/edge/firewall-rules';
import type { EmailSending } from '../blocks/messaging/email-sending';
import type { ProductAudit } from './product-audit';
import type { SignIn } from './sign-in';
import type { StageProps } from './stage-props';

/** What a product may say from `Stage3Specialized` on, beside what it says at every stage. */
export interface Stage3SpecializedProps extends StageProps {
  /**
   * What the firewalls before the site and before every load balancer refuse. Every change is one in place.
   * @default - AWS's managed groups, rate limits for sign-in and for each address
   */
  readonly firewall?: FirewallRules;
  /**
   * Who the product's e-mail comes from; `notification` sends it. It costs 0.40 USD a month (four alarms) and 0.10 USD per 1,000 messages. Once it is
   * there, it stays: the guard refuses to take the identity and the queue of its bounces away.
   * @default - the product sends none
   */
  readonly email?: EmailSending;
  /**
   * Tables that the search domain follows, one index each, in a stack beside the product's. 175 USD a month and more (one OCU at 0.24 USD
   * an hour, us-east-1). It can be switched on and off at any time; the indexes and what was refused stay, and a replication slot of the
   * database may (docs/data.md).
   * @default - none: the product writes to the search domain itself
   */
  readonly searchFeed?: SearchFeed;
  /**
   * Tables whose old rows go from the database to a bucket and are deleted; the warehouse, which follows the database, loses them too. A
   * stack beside the product's does it at night. 4 USD a month for each terabyte archived. Once it is there it stays: `runs: false`
   * stops it.
   * @default - every row stays in the database
   */
  readonly archive?: DatabaseArchive;
  /**
   * How people and services sign in. At no price of its own but for threat protection, service clients and permissions (docs/sign-in.md).
   * @default - on generated pages where the product has a domain, without groups; services check tokens
   */
  readonly signIn?: SignIn;
  /**
   * Who uses what the product keeps, and how its backups are kept. As it comes, the database and the shared table are backed up every
   * week into a locked vault and restored every month as a test, and nobody's access is recorded. What is recorded or backed up stays
   * when this changes. What belongs to the whole account is `AccountSecurity`.
   * @default - backups and restore tests, no trail
   */
  readonly audit?: ProductAudit;
  /**
   * How releases of the core and of `auth` take over. `api` and the product's own services say it themselves and roll until they do, so
   * that their paths move from the core without a gap (`ProductService.releases`); what is behind no load balancer rolls. Every change of
   * it is one in place, but to `ReleaseStrategy.inOneGroup()`, whose docstring says when. Stages 1 and 2 have none: they roll.
   * @default ReleaseStrategy.USERS_1M, a tenth of the traffic for five minutes, and all of it when no alarm rang
   */
  readonly releases?: ReleaseStrategy;
  /**
   * Services of the product's own, each in a stack of its own beside this one; `api` is there without being said (paths `/api/*`). Names
   * can never change. They roll until they have `releases` of their own, `api` too: `{ name: 'api', releases: ReleaseStrategy.USERS_1M }`.
   * When to take one out of the core, and when not, stands at `ProductService`. The smallest costs 14.42 USD a month (two tasks), 0.30 to
   * 0.70 USD for its alarms, 1.40 more where releases shift traffic, and 3 USD for its dashboard from the account's fourth on.
   * @default - none but `api`
   */
  readonly services?: ProductService[];
}
