import { Duration } from 'aws-cdk-lib';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as route53 from 'aws-cdk-lib/aws-route53';
import * as targets from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { checkDomain, type ProductDomain } from './product-domain';

/** What answers under the product's name: the server as long as its address is given, else the distribution. */
export interface SiteAddressProps {
  readonly domain: ProductDomain;
  /**
   * Address of the single server.
   * @default - the distribution answers
   */
  readonly serverAddress?: string;
  /**
   * The distribution.
   * @default - the server answers
   */
  readonly distribution?: cloudfront.IDistribution;
}

/**
 * The record of the site. One record for the whole ladder: the move from the server to CloudFront updates it in place.
 *
 * @throws if neither a server nor a distribution is given, or the domain does not lie in its zone
 */
export class SiteAddress extends Construct {
  public readonly record: route53.ARecord;

  constructor(scope: Construct, id: string, props: SiteAddressProps) {
    super(scope, id);
    checkDomain(props.domain);
    const common = { zone: props.domain.hostedZone, recordName: `${props.domain.name}.` };
    if (props.serverAddress !== undefined) {
      this.record = new route53.ARecord(this, 'Record', {
        ...common,
        target: route53.RecordTarget.fromIpAddresses(props.serverAddress),
        // A minute, so that the move to the distribution reaches everybody in a minute.
        ttl: Duration.minutes(1),
      });
      return;
    }
    if (!props.distribution) {
      throw new Error('serverAddress or distribution must be given: without one the site has no address');
    }
    const target = route53.RecordTarget.fromAlias(new targets.CloudFrontTarget(props.distribution));
    this.record = new route53.ARecord(this, 'Record', { ...common, target });
    new route53.AaaaRecord(this, 'RecordV6', { ...common, target });
  }
}
