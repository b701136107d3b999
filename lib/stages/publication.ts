import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Application } from '../blocks/compute/application';
import type { LoadBalancer } from '../blocks/compute/load-balancer';
import type { AssetBucket } from '../blocks/data/asset-bucket';
import { AccessLogQueries } from '../blocks/edge/access-log-queries';
import { ERROR_PAGE, ERROR_PAGE_PATH } from '../blocks/edge/error-page';
import type { FirewallRules } from '../blocks/edge/firewall-rules';
import { LoadBalancerFirewall } from '../blocks/edge/load-balancer-firewall';
import { areaOriginHost, latencyOriginHost, OriginRecords, type OriginRecordsProps } from '../blocks/edge/origin-records';
import { headerValue, ORIGIN_HEADER, OriginVerification } from '../blocks/edge/origin-verification';
import { Site } from '../blocks/edge/site';
import { SiteAddress } from '../blocks/edge/site-address';
import { acknowledge, inPacks, sameReason } from '../blocks/operations/acknowledge';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import type { LogBucket } from '../blocks/operations/log-bucket';
import { ChildId } from './child-ids';
import { type OriginalServer, remindOfTheMove } from './original-server';
import type { StageProps } from './stage-props';

/** What is published, and how. */
export interface PublicationProps {
  readonly application: Application;
  readonly assets: AssetBucket;
  readonly logs: LogBucket;
  readonly alarms: AlarmTopic;
  /** The key of the product. */
  readonly encryptionKey: kms.IKey;
  readonly original: OriginalServer;
  /** What the firewalls before the site and before the load balancer refuse. @default - there are none */
  readonly firewall?: FirewallRules;
  /** How the Regions share the users. @default - there is one Region */
  readonly routing?: Pick<OriginRecordsProps, 'healthOf' | 'serves' | 'servesTheRest'>;
  /** Regions with load balancers beside this one. @default - none */
  readonly replicaRegions?: string[];
}

/** The way from the users to the application: the site's record, CloudFront, and the record of the load balancers. */
export interface Publication {
  readonly site: Site;
  /** What tells the product's distribution from others. */
  readonly originVerification: OriginVerification;
  readonly accessLogQueries: AccessLogQueries;
  /** Only with a domain. */
  readonly originRecords?: OriginRecords;
  /** Only with a domain. */
  readonly siteAddress?: SiteAddress;
}

/** Publishes the application under the product's domain, or under CloudFront's own name. */
export function publish(stage: Construct, { domain, originPassword }: StageProps, props: PublicationProps): Publication {
  const { application, assets, logs, alarms, encryptionKey, original, firewall, routing } = props;
  remindOfTheMove(stage, original);
  const loadBalancer = application.loadBalancer.applicationLoadBalancer;
  const wall =
    firewall && new LoadBalancerFirewall(stage, ChildId.LOAD_BALANCER_FIREWALL, { loadBalancer, rules: firewall, encryptionKey });
  if (!wall) acknowledgeNoFirewall(loadBalancer);
  const originVerification = new OriginVerification(stage, ChildId.ORIGIN_VERIFICATION, {
    generation: originPassword,
    encryptionKey,
    replicaRegions: props.replicaRegions,
  });
  const common = {
    assets: assets.bucket,
    logBucket: logs,
    firewall,
    encryptionKey,
    originHeaderValue: originVerification.sentValue,
    errorPagePath: ERROR_PAGE_PATH,
    // The dashboard shows how long the origin takes and what the cache spares it.
    additionalMetrics: true,
    alarms: firewall && alarms,
  };
  const around = {
    originVerification,
    accessLogQueries: new AccessLogQueries(stage, ChildId.ACCESS_LOG_QUERIES, { logBucket: logs, encryptionKey }),
  };
  const admit = (site: Site) =>
    admitDistribution(application.loadBalancer, originVerification.accepted.map(headerValue), wall, site.delivery.distribution);
  if (!domain) {
    const site = new Site(stage, ChildId.SITE, { ...common, originHost: loadBalancer.loadBalancerDnsName });
    admit(site);
    return { ...around, site };
  }
  const originHost = routing?.servesTheRest ? areaOriginHost(domain) : latencyOriginHost(domain);
  const originRecords = new OriginRecords(stage, ChildId.ORIGIN_RECORDS, {
    domain,
    loadBalancer,
    alarms,
    asksLoadBalancer: !application.loadBalancer.shiftsTraffic,
    ...routing,
  });
  const site = new Site(stage, ChildId.SITE, { ...common, originHost, domain });
  admit(site);
  const siteAddress = new SiteAddress(stage, ChildId.SITE_ADDRESS, {
    domain,
    serverAddress: original.siteAddress,
    distribution: site.delivery.distribution,
  });
  return { ...around, site, originRecords, siteAddress };
}

/**
 * Refuses at a load balancer what did not come through the product's distribution, and gives it the page for when no task answers,
 * unless releases shift its traffic: then the page is what the product published in the bucket of its static files.
 *
 * @param firewall what asks for the header where releases shift traffic; elsewhere the listener does
 * @param sender the distribution, where it is in the same stack; other stacks deploy after it
 */
export function admitDistribution(
  loadBalancer: LoadBalancer,
  headerValues: string[],
  firewall?: LoadBalancerFirewall,
  sender?: Construct,
): void {
  const admission = { headerName: ORIGIN_HEADER, headerValues, sender };
  if (firewall && loadBalancer.shiftsTraffic) {
    firewall.admitOnly(admission);
    loadBalancer.admitBehind(firewall.association);
    return;
  }
  loadBalancer.admitOnly(admission);
  loadBalancer.answer(ERROR_PAGE_PATH, ERROR_PAGE);
}

function acknowledgeNoFirewall(loadBalancer: Construct): void {
  acknowledge(
    loadBalancer,
    ...sameReason(
      'The rule guards against attacks that nobody inspects before they reach the application. Two web ACLs, one for the distribution ' +
        'and one here, cost 19 USD a month before the first request and come with the next stage. Until then the listener ' +
        'refuses what did not come through the distribution, and AWS Shield Standard protects both.',
      ...inPacks('ALBWAFEnabled', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
    ),
  );
}
