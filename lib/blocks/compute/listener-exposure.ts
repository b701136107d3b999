import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { regionFacts } from '../network/region-facts';
import { acknowledge, inPacks, sameReason } from '../operations/acknowledge';

/** Records why a listener without a certificate speaks HTTP. */
export function acknowledgePlainHttp(listener: Construct): void {
  acknowledge(
    listener,
    ...sameReason(
      'The rules guard against requests that travel in the clear. Without a domain no public certificate can exist for a load ' +
        'balancer. Viewers speak HTTPS to CloudFront, to which every other request is redirected; the leg from there is HTTP, and ' +
        'nobody else is let in where the list of its addresses is known. Giving the product a domain turns this listener to TLS.',
      ...inPacks('ALBHttpToHttpsRedirection', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
      ...inPacks('ELBv2ACMCertificateRequired', 'HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'),
      'ControlTower::CT.ELASTICLOADBALANCING.PR.1',
      'Checkov::CKV_AWS_2',
      'Checkov::CKV_AWS_103',
    ),
  );
}

/** Opens the port to CloudFront's addresses where the Region's list of them is known, and to everybody where not. */
export function letCloudFrontIn(connections: ec2.Connections, securityGroup: ec2.SecurityGroup, https: boolean): void {
  const region = Stack.of(securityGroup).region;
  const prefixList = Token.isUnresolved(region) ? undefined : regionFacts(region)?.cloudFrontPrefixListId;
  if (prefixList) {
    // The list counts as 55 of the 60 rules of a group, so exactly one port (CloudFront developer guide, managed prefix list).
    connections.allowDefaultPortFrom(ec2.Peer.prefixList(prefixList), 'CloudFront');
    return;
  }
  connections.allowDefaultPortFromAnyIpv4('CloudFront, whose prefix list in this Region is not known before the deploy');
  acknowledge(
    securityGroup,
    ...sameReason(
      'The id of the CloudFront prefix list differs per Region and is not known for this one at synthesis, so the one listener ' +
        'port is open. It serves the public site only, and in a product it refuses requests without the header of its own ' +
        'distribution; add the prefix list of the Region through `connections` to close it.',
      'AwsSolutions::AwsSolutions-EC23',
      ...(https ? [] : ['Checkov::CKV_AWS_260']),
    ),
  );
}
