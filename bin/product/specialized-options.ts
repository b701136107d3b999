import { Duration } from 'aws-cdk-lib';
import { Entrance } from '../../lib/blocks/compute/entrance';
import type { ProductImage } from '../../lib/blocks/compute/product-image';
import type { ProductService } from '../../lib/blocks/compute/product-service';
import { Reach } from '../../lib/blocks/compute/reach';
import { ReleaseStrategy } from '../../lib/blocks/compute/release-strategy';
import { ServiceSize } from '../../lib/blocks/compute/service-size';
import type { DatabaseArchive } from '../../lib/blocks/data/database-archive';
import { SearchFeed } from '../../lib/blocks/data/search-feed';
import { FirewallRules } from '../../lib/blocks/edge/firewall-rules';
import { RateLimit } from '../../lib/blocks/edge/rate-limit';
import { SignInPages } from '../../lib/blocks/identity/sign-in-pages';
import { EmailSending } from '../../lib/blocks/messaging/email-sending';
import { AuditedEvents } from '../../lib/stages/audited-events';
import type { SignIn } from '../../lib/stages/sign-in';
import type { Stage3SpecializedProps } from '../../lib/stages/specialized-props';
import { named } from './by-name';
import type {
  ArchiveEntry,
  EmailEntry,
  FirewallEntry,
  PagesEntry,
  ProductFile,
  RateLimitEntry,
  ReleasesEntry,
  ServiceEntry,
  SignInEntry,
} from './product';

/** What a product file calls the parts that a service may reach. */
export const REACHES: { readonly [what: string]: Reach } = {
  database: Reach.DATABASE,
  cache: Reach.CACHE,
  search: Reach.SEARCH,
  stream: Reach.STREAM,
  jobs: Reach.JOBS,
  assets: Reach.ASSETS,
  events: Reach.EVENTS,
  sharedTable: Reach.SHARED_TABLE,
  idempotency: Reach.IDEMPOTENCY,
  users: Reach.USERS,
};

/** The props that stages 3 and 4 have beside those of every stage. */
type SpecializedOptions = Pick<
  Stage3SpecializedProps,
  'services' | 'firewall' | 'releases' | 'signIn' | 'email' | 'searchFeed' | 'archive' | 'audit'
>;

/**
 * What a product file says for stages 3 and 4.
 * @param imageOf makes an image, under an id of its own
 */
export function specializedOptions(product: ProductFile, imageOf: (id: string, uri: string) => ProductImage): SpecializedOptions {
  const { services, firewall, releases, signIn, email, searchFeed, archive, audit } = product;
  return {
    services: services?.map((entry) => service(entry, imageOf)),
    firewall: firewall && firewallRules(firewall),
    releases: releases && releaseStrategy(releases),
    signIn: signIn && signingIn(signIn),
    email: email && emailSending(email),
    searchFeed: searchFeed && SearchFeed.ofTables(...searchFeed.tables),
    archive: archive && databaseArchive(archive),
    audit: audit && { events: named(AuditedEvents, audit.events) },
  };
}

function service(entry: ServiceEntry, imageOf: (id: string, uri: string) => ProductImage): ProductService {
  const { name, image, port, size, reaches, retired } = entry;
  return {
    name,
    port,
    retired,
    image: image === undefined ? undefined : imageOf(`ImageRepository-${name}`, image),
    entrance: entrance(entry),
    size: named(ServiceSize, size),
    reaches: reaches?.map((what) => REACHES[what] ?? Reach.service(what.replace('service:', ''))),
  };
}

function entrance({ paths, hosts, grpc }: ServiceEntry): Entrance | undefined {
  if (paths) return Entrance.paths(...paths);
  if (hosts) return Entrance.hosts(...hosts);
  return grpc && Entrance.grpc(...grpc);
}

function firewallRules({ countOnly, rateLimits, ...addresses }: FirewallEntry): FirewallRules {
  const props = { ...addresses, rateLimits: rateLimits?.map(rateLimit) };
  return countOnly === undefined ? FirewallRules.of(props) : FirewallRules.countOnly(countOnly, props);
}

function rateLimit({ path, limit, minutes, header, cookie }: RateLimitEntry): RateLimit {
  const window = Duration.minutes(minutes);
  if (header !== undefined) return RateLimit.perHeader(header, path, limit, window);
  if (cookie !== undefined) return RateLimit.perCookie(cookie, path, limit, window);
  return RateLimit.perIp(path, limit, window);
}

function releaseStrategy({ canary, linear, blueGreen }: ReleasesEntry): ReleaseStrategy {
  if (canary) return ReleaseStrategy.canary(canary.percent, Duration.minutes(canary.minutes));
  if (linear) {
    const step = Duration.minutes(linear.minutes);
    return ReleaseStrategy.linear(linear.percent, step, step);
  }
  return blueGreen ? ReleaseStrategy.blueGreen(Duration.minutes(blueGreen.minutes)) : ReleaseStrategy.rolling();
}

function signingIn({ pages, groups, passkeys }: SignInEntry): SignIn {
  return { pages: pages && signInPages(pages), groups, passkeys };
}

function signInPages({ prefix, below }: PagesEntry): SignInPages {
  if (prefix !== undefined) return SignInPages.prefix(prefix);
  return below === undefined ? SignInPages.none() : SignInPages.below(below);
}

function emailSending({ localPart, address }: EmailEntry): EmailSending {
  return address === undefined ? EmailSending.fromDomain({ localPart }) : EmailSending.fromAddress(address);
}

function databaseArchive({ tables, ...options }: ArchiveEntry): DatabaseArchive {
  return {
    ...options,
    tables: tables.map(({ table, by, olderThanDays, keepForDays }) => ({
      table,
      by,
      olderThan: Duration.days(olderThanDays),
      keepFor: keepForDays === undefined ? undefined : Duration.days(keepForDays),
    })),
  };
}
