import type { Construct } from 'constructs';
import type { Application } from '../blocks/compute/application';
import type { AssetBucket } from '../blocks/data/asset-bucket';
import { areaOriginHost, latencyOriginHost, OriginRecords, type OriginRecordsProps } from '../blocks/edge/origin-records';
import { Site } from '../blocks/edge/site';
import { SiteAddress } from '../blocks/edge/site-address';
import type { LogBucket } from '../blocks/operations/log-bucket';
import { ChildId } from './child-ids';
import { type OriginalServer, remindOfTheMove } from './original-server';
import type { StageProps } from './stage-props';

/** What is published, and how. */
export interface PublicationProps {
  readonly application: Application;
  readonly assets: AssetBucket;
  readonly logs: LogBucket;
  readonly original: OriginalServer;
  /** Whether a web application firewall stands before the site. */
  readonly firewall: boolean;
  /** How the Regions share the users. @default - there is one Region */
  readonly routing?: Pick<OriginRecordsProps, 'healthOf' | 'serves' | 'servesTheRest'>;
}

/** The way from the users to the application: the site's record, CloudFront, and the record of the load balancers. */
export interface Publication {
  readonly site: Site;
  /** Only with a domain. */
  readonly originRecords?: OriginRecords;
  /** Only with a domain. */
  readonly siteAddress?: SiteAddress;
}

/** Publishes the application under the product's domain, or under CloudFront's own name. */
export function publish(stage: Construct, { domain }: StageProps, props: PublicationProps): Publication {
  const { application, assets, logs, original, firewall, routing } = props;
  remindOfTheMove(stage, original);
  const loadBalancer = application.loadBalancer.applicationLoadBalancer;
  const common = { assets: assets.bucket, logBucket: logs, firewall };
  if (!domain) {
    return { site: new Site(stage, ChildId.SITE, { ...common, originHost: loadBalancer.loadBalancerDnsName }) };
  }
  const originHost = routing?.servesTheRest ? areaOriginHost(domain) : latencyOriginHost(domain);
  const originRecords = new OriginRecords(stage, ChildId.ORIGIN_RECORDS, { domain, loadBalancer, ...routing });
  const site = new Site(stage, ChildId.SITE, { ...common, originHost, domain });
  const siteAddress = new SiteAddress(stage, ChildId.SITE_ADDRESS, {
    domain,
    serverAddress: original.siteAddress,
    distribution: site.delivery.distribution,
  });
  return { site, originRecords, siteAddress };
}
