import { Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as route53 from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';

/** The name of the product's site and the zone it lives in. */
export interface ProductDomain {
  /** Name of the site, such as `shop.example.com`. */
  readonly name: string;
  /** Public hosted zone of that name or of one above it. */
  readonly hostedZone: route53.IHostedZone;
  /**
   * Certificate of the load balancer in the stack's own Region, for the name and `*.` the name.
   * @default - made here and validated in the zone
   */
  readonly certificate?: acm.ICertificate;
  /**
   * Certificate of CloudFront in us-east-1, for the name.
   * @default - made in us-east-1 and validated in the zone
   */
  readonly edgeCertificate?: acm.ICertificate;
}

/**
 * Checks that a domain lies in its zone.
 * @throws if it does not, or is no host name
 */
export function checkDomain(domain: ProductDomain): void {
  const { name, hostedZone } = domain;
  if (Token.isUnresolved(name)) return;
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$/.test(name)) {
    throw new Error(`domain.name must be a lower-case host name such as shop.example.com, got: '${name}'`);
  }
  const zone = zoneName(hostedZone)?.replace(/\.$/, '');
  if (zone !== undefined && !Token.isUnresolved(zone) && name !== zone && !name.endsWith(`.${zone}`)) {
    throw new Error(`domain.name must lie in the hosted zone '${zone}', got: '${name}'`);
  }
}

/** The zone's name, unless it was imported by its id: then CDK throws when asked, and nothing here needs the name. */
function zoneName(zone: route53.IHostedZone): string | undefined {
  try {
    return zone.zoneName;
  } catch {
    return undefined;
  }
}

/**
 * A certificate for the site and every name below it. The names below are covered from the start, because another list of names
 * would replace the certificate.
 */
export function siteCertificate(scope: Construct, id: string, domain: ProductDomain): acm.ICertificate {
  const certificate = new acm.Certificate(scope, id, {
    domainName: domain.name,
    subjectAlternativeNames: [`*.${domain.name}`],
    validation: acm.CertificateValidation.fromDns(domain.hostedZone),
    // The tag Name, which else is the path through the whole app.
    certificateName: domain.name,
  });
  acknowledge(certificate, {
    id: 'Checkov::CKV2_AWS_71',
    reason:
      'The rule guards against one stolen key that speaks for many names. The key of this certificate never leaves AWS Certificate ' +
      'Manager, and the names are those below the one name of the product. Each name by itself would be published in the logs of ' +
      'certificate transparency, the hidden name of the origin included, and every new one would replace the certificate in use.',
  });
  return certificate;
}
