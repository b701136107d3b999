import type * as kms from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Application } from '../blocks/compute/application';
import type { AssetBucket } from '../blocks/data/asset-bucket';
import { LoadBalancerFirewall } from '../blocks/edge/load-balancer-firewall';
import { areaOriginHost, latencyOriginHost, OriginRecords, type OriginRecordsProps } from '../blocks/edge/origin-records';
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
  /** Whether a web application firewall stands before the site, and one before the load balancer. */
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
  const { application, assets, logs, alarms, encryptionKey, original, firewall, routing } = props;
  remindOfTheMove(stage, original);
  const loadBalancer = application.loadBalancer.applicationLoadBalancer;
  if (firewall) new LoadBalancerFirewall(stage, ChildId.LOAD_BALANCER_FIREWALL, { loadBalancer, encryptionKey });
  else acknowledgeNoFirewall(loadBalancer);
  const common = { assets: assets.bucket, logBucket: logs, firewall, encryptionKey };
  if (!domain) {
    return { site: new Site(stage, ChildId.SITE, { ...common, originHost: loadBalancer.loadBalancerDnsName }) };
  }
  const originHost = routing?.servesTheRest ? areaOriginHost(domain) : latencyOriginHost(domain);
  const originRecords = new OriginRecords(stage, ChildId.ORIGIN_RECORDS, { domain, loadBalancer, alarms, ...routing });
  const site = new Site(stage, ChildId.SITE, { ...common, originHost, domain });
  const siteAddress = new SiteAddress(stage, ChildId.SITE_ADDRESS, {
    domain,
    serverAddress: original.siteAddress,
    distribution: site.delivery.distribution,
  });
  return { site, originRecords, siteAddress };
}

function acknowledgeNoFirewall(loadBalancer: Construct): void {
  acknowledge(
    loadBalancer,
    ...sameReason(
      'The rule guards against attacks that nobody inspects before they reach the application. Two web ACLs, one for the distribution ' +
        'and one here, cost 19 USD a month before the first request and come with the next stage. Until then the security group ' +
        'admits addresses of CloudFront only, and AWS Shield Standard protects both.',
      ...inPacks('ALBWAFEnabled', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
    ),
  );
}
