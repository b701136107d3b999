import { Stack, Token } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import type * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import type { Construct } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import type { ContentDeliveryProps } from './content-delivery';

/** Controls that want a certificate of the account, spoken by SNI. */
const OWN_CERTIFICATE = ['ControlTower::CT.CLOUDFRONT.PR.6', 'ControlTower::CT.CLOUDFRONT.PR.7'];

/** Records which policy rules do not hold for the distribution, and why. */
export function acknowledgeDelivery(distribution: cloudfront.Distribution, props: ContentDeliveryProps, logs: boolean): void {
  acknowledge(
    distribution,
    {
      id: 'AwsSolutions::AwsSolutions-CFR1',
      reason:
        'The product is meant for readers everywhere; which countries to shut out is a business decision that no library can take. ' +
        'Set `geoRestriction` on the exposed distribution where one is taken.',
    },
    {
      id: 'ControlTower::CT.CLOUDFRONT.PR.1',
      reason:
        'The rule guards against a list of the files of a bucket where somebody asks for none of them. Here the application answers ' +
        'for the root, and a root object would ask it for another page than the visitor did. The bucket answers below /assets/ and for the error page, ' +
        'to CloudFront only, whose permission is to read objects and not to list them.',
    },
  );
  if (!logs) {
    acknowledge(
      distribution,
      ...sameReason(
        'CloudFront delivers standard access logs to no bucket of an opt-in Region, such as the one this product lives in. The load ' +
          'balancer logs every request that reaches it, and standard logging v2 can be set up through the exposed distribution.',
        'AwsSolutions::AwsSolutions-CFR3',
        'ControlTower::CT.CLOUDFRONT.PR.5',
        'Checkov::CKV_AWS_86',
      ),
    );
  }
  if (!props.webAclArn) {
    acknowledge(
      distribution,
      ...sameReason(
        'A web application firewall costs more than 10 USD a month before the first request and comes with the next stage; until ' +
          'then AWS Shield Standard protects the distribution, and a web ACL can be associated through the exposed distribution.',
        'AwsSolutions::AwsSolutions-CFR2',
        'Checkov::CKV_AWS_68',
      ),
    );
  }
  if (!props.certificate) {
    acknowledge(
      distribution,
      ...sameReason(
        'Without a domain of its own the site answers under the cloudfront.net name, whose certificate fixes the minimum protocol. ' +
          'Viewers are redirected to HTTPS; giving the product a domain raises the minimum to TLS 1.2.',
        'AwsSolutions::AwsSolutions-CFR4',
        ...OWN_CERTIFICATE,
        'ControlTower::CT.CLOUDFRONT.PR.9',
        'Checkov::CKV_AWS_174',
      ),
    );
  } else if (!certificateOfTemplate(distribution, props.certificate)) {
    acknowledge(
      distribution,
      ...sameReason(
        'The controls want a certificate of the account and take only one that they can read as a text or that is made in the same ' +
          'template. The distribution has such a certificate; it is made in us-east-1, as CloudFront demands, by another stack, and ' +
          'named by a reference to that.',
        ...OWN_CERTIFICATE,
      ),
    );
  }
  if (!props.originHttps) {
    acknowledge(
      distribution,
      ...sameReason(
        'Without a domain no public certificate can exist for the load balancer, so CloudFront speaks HTTP to it. The security ' +
          'group admits CloudFront addresses only, where their list is known, and the listener refuses other distributions; giving ' +
          'the product a domain turns this leg to TLS 1.2.',
        'AwsSolutions::AwsSolutions-CFR5',
        'ControlTower::CT.CLOUDFRONT.PR.8',
      ),
    );
  }
}

/** Whether the certificate is written out, or made by the template that the distribution is in. */
function certificateOfTemplate(scope: Construct, certificate: acm.ICertificate): boolean {
  if (!Token.isUnresolved(certificate.certificateArn)) return true;
  return certificate.node.defaultChild instanceof acm.CfnCertificate && Stack.of(certificate) === Stack.of(scope);
}
