import type { TemplateResource } from '../../../lib/assembly/cloud-assembly';
import { att, ref, resource } from '../../promotion/templates';

/** A rule that lets everybody in at 443. */
export const ANYWHERE = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' };

/** A security group with rules. */
export function group(...rules: Record<string, unknown>[]): TemplateResource {
  return resource('AWS::EC2::SecurityGroup', { SecurityGroupIngress: rules });
}

/** A load balancer with a listener at 443 that forwards to a service. */
export function balanced(
  rules: Record<string, unknown>[],
  settings: Record<string, unknown> = {},
): Record<string, TemplateResource> {
  return {
    Guard: group(...rules),
    Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internet-facing',
      SecurityGroups: [att('Guard', 'GroupId')],
      ...settings,
    }),
    Listener: resource('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: ref('Balancer'),
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
    }),
    Targets: resource('AWS::ElasticLoadBalancingV2::TargetGroup', { Protocol: 'HTTP' }),
    Web: resource('AWS::ECS::Service', { LoadBalancers: [{ TargetGroupArn: ref('Targets') }] }),
  };
}

/** What its listener asks for. */
export const TLS = '[TLS (ELBSecurityPolicy-TLS13-1-2-2021-06)]';
/** Its port and its path. */
export const WAY = 'tcp 443: Balancer > Listener > Targets > Web';
