import type { Stack } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as route53 from 'aws-cdk-lib/aws-route53';
import type { ProductDomain } from '../../../lib/blocks/edge/product-domain';
import { ACCOUNT, testStack } from '../../stacks';

export const EDGE_CERTIFICATE = `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/edge`;

/** A stack in another Region than the one CloudFront takes its certificates from. */
export function stackIn(region: string): Stack {
  return testStack({ env: { account: ACCOUNT, region } });
}

/** A zone that is there already. */
export function zone(stack: Stack, zoneName = 'example.com'): route53.IHostedZone {
  const id = `Zone-${zoneName}`;
  const known = stack.node.tryFindChild(id) as route53.IHostedZone | undefined;
  return known ?? route53.HostedZone.fromHostedZoneAttributes(stack, id, { hostedZoneId: 'Z0123456789EXAMPLE', zoneName });
}

/** shop.example.com in a zone that is there already. */
export function domain(stack: Stack, name = 'shop.example.com'): ProductDomain {
  return { name, hostedZone: zone(stack) };
}

/** A certificate that is there already, in us-east-1. */
export function edgeCertificate(stack: Stack): acm.ICertificate {
  return acm.Certificate.fromCertificateArn(stack, 'TheirCertificate', EDGE_CERTIFICATE);
}
