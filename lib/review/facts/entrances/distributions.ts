import type { AssemblyStack } from '../../../assembly/cloud-assembly';
import { isObject, items, valueAt } from '../../../assembly/values';
import { answer, isOn, said } from '../answers';
import { labelOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { readable } from '../readable';
import { ANYONE, type Door, type Way } from './door';
import { waysFromLoadBalancer } from './load-balancers';
import type { Name } from './names';

/** Types that an origin's domain name may lead to. */
const ORIGINS = [
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::ElasticLoadBalancing::LoadBalancer',
  'AWS::S3::Bucket',
  'AWS::EC2::Instance',
  'AWS::EC2::EIP',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGatewayV2::Api',
  'AWS::Lambda::Url',
  'AWS::MediaStore::Container',
  'AWS::MediaPackage::Channel',
  'AWS::AppRunner::Service',
];

/** CloudFront distributions, and what lies behind each of their origins. */
export function distributionDoors(landscape: Landscape, names: Name[]): Door[] {
  return landscape.ofType('AWS::CloudFront::Distribution').flatMap((distribution) => {
    const config = distribution.properties.DistributionConfig;
    if (!isObject(config)) return [{ ...unreadable(distribution) }];
    if (isOn(config.Enabled, true) === 'no') return [];
    const behaviors = [config.DefaultCacheBehavior, ...items(config.CacheBehaviors)].filter(isObject);
    const policies = new Set(behaviors.map(({ ViewerProtocolPolicy }) => said(ViewerProtocolPolicy)));
    const general = distributionGuards(distribution, config, policies, landscape);
    const origins = items(config.Origins).filter(isObject);
    const doors = origins.flatMap((origin) => {
      const used = behaviors.filter(({ TargetOriginId }) => leadsToOrigin(TargetOriginId, String(origin.Id), config));
      if (used.length === 0) return [];
      return waysToOrigin(origin, distribution, landscape, names).map((way) => ({
        kind: 'CloudFront',
        from: ANYONE,
        ports: portsOf(config, policies),
        path: [distribution, ...way.path],
        guards: [...general, ...behaviorGuards(used, distribution, landscape), ...way.guards],
        ...(way.beyond === undefined ? {} : { beyond: way.beyond }),
      }));
    });
    return doors.length > 0 ? doors : [unreadable(distribution)];
  });
}

function unreadable(distribution: Thing): Door {
  return { kind: 'CloudFront', from: ANYONE, ports: 'tcp 80, tcp 443', path: [distribution], guards: [] };
}

/** CloudFront answers at port 80 whatever is set, if only with a redirect or a refusal. */
function portsOf(config: Record<string, unknown>, policies: Set<string>): string {
  const refuses = [...policies].every((policy) => policy === 'https-only');
  const redirects = [...policies].every((policy) => policy === 'https-only' || policy === 'redirect-to-https');
  const open = refuses ? [] : redirects ? ['tcp 80 (redirects)'] : ['tcp 80'];
  const quick = String(config.HttpVersion).includes('3') ? ['udp 443'] : [];
  return [...open, 'tcp 443', ...quick].join(', ');
}

function leadsToOrigin(target: unknown, originId: string, config: Record<string, unknown>): boolean {
  if (target === originId || typeof target !== 'string') return true;
  const groups = isObject(config.OriginGroups) ? items(config.OriginGroups.Items).filter(isObject) : [];
  const group = groups.find(({ Id }) => Id === target);
  const members = isObject(group?.Members) ? items(group.Members.Items).filter(isObject) : [];
  return members.some(({ OriginId }) => OriginId === originId);
}

function distributionGuards(
  distribution: Thing,
  config: Record<string, unknown>,
  policies: Set<string>,
  landscape: Landscape,
): string[] {
  const { MinimumProtocolVersion, CloudFrontDefaultCertificate } = isObject(config.ViewerCertificate)
    ? config.ViewerCertificate
    : {};
  const guards: string[] = [];
  if ([...policies].every((policy) => ['redirect-to-https', 'https-only'].includes(policy))) guards.push('HTTPS only');
  if (MinimumProtocolVersion !== undefined)
    guards.push(`TLS (${readable(MinimumProtocolVersion, distribution.stack, landscape)})`);
  // With CloudFront's own certificate the policy is TLSv1 (CloudFront Developer Guide, Supported protocols and ciphers).
  else if (CloudFrontDefaultCertificate !== undefined || config.ViewerCertificate === undefined)
    guards.push('TLS (TLSv1, by default)');
  const geo =
    isObject(config.Restrictions) && isObject(config.Restrictions.GeoRestriction) ? config.Restrictions.GeoRestriction : {};
  if (geo.RestrictionType === 'whitelist') guards.push(`countries ${items(geo.Locations).join(', ')} only`);
  if (geo.RestrictionType === 'blacklist') guards.push(`not from countries ${items(geo.Locations).join(', ')}`);
  return guards;
}

function behaviorGuards(behaviors: Record<string, unknown>[], distribution: Thing, landscape: Landscape): string[] {
  const guards: string[] = [];
  const every = (test: (behavior: Record<string, unknown>) => boolean) => behaviors.every(test);
  if (every(({ TrustedKeyGroups, TrustedSigners }) => items(TrustedKeyGroups).length + items(TrustedSigners).length > 0)) {
    guards.push('signed URLs or cookies');
  }
  if (every(({ ResponseHeadersPolicyId }) => ResponseHeadersPolicyId !== undefined)) guards.push('response headers policy');
  for (const { FunctionAssociations, LambdaFunctionAssociations } of behaviors) {
    for (const association of [...items(FunctionAssociations), ...items(LambdaFunctionAssociations)].filter(isObject)) {
      const functions = landscape.behind([association.FunctionARN, association.LambdaFunctionARN], distribution.stack);
      const name = functions[0] ? labelOf(functions[0]) : 'of another stack';
      guards.push(`function ${name} at ${said(association.EventType)}`);
    }
  }
  return [...new Set(guards)];
}

function waysToOrigin(origin: Record<string, unknown>, distribution: Thing, landscape: Landscape, names: Name[]): Way[] {
  const { stack } = distribution;
  const { VpcOriginConfig, DomainName, CustomOriginConfig, OriginAccessControlId, S3OriginConfig, OriginCustomHeaders } = origin;
  const guards: string[] = [];
  const access = isObject(S3OriginConfig) ? S3OriginConfig.OriginAccessIdentity : undefined;
  if (OriginAccessControlId !== undefined && OriginAccessControlId !== '')
    guards.push(...signing(OriginAccessControlId, stack, landscape));
  else if (access !== undefined && access !== '') guards.push('origin access identity');
  for (const header of items(OriginCustomHeaders).filter(isObject)) guards.push(`sends header ${said(header.HeaderName)}`);
  let ends: Thing[];
  if (isObject(VpcOriginConfig)) {
    const vpcOrigin = landscape.firstBehind(VpcOriginConfig.VpcOriginId, stack, 'AWS::CloudFront::VpcOrigin');
    const endpoint = vpcOrigin?.properties.VpcOriginEndpointConfig;
    ends = vpcOrigin && isObject(endpoint) ? landscape.behind(endpoint.Arn, vpcOrigin.stack) : [];
    guards.push('VPC origin');
  } else {
    ends = originsAt(DomainName, distribution, landscape, names);
  }
  const known = ends.filter(({ type }) => ORIGINS.includes(type));
  if (known.length === 0) return [{ path: [], guards, beyond: `origin ${readable(DomainName, stack, landscape)}` }];
  return known.flatMap((end) => {
    if (!end.type.includes('LoadBalancing')) return [{ path: [end], guards }];
    const port = portToOrigin(CustomOriginConfig);
    return waysFromLoadBalancer(end, landscape, port).map((way) => ({ ...way, guards: [...guards, ...way.guards] }));
  });
}

/** With "never" CloudFront signs nothing, and the origin cannot tell it from anybody else. */
function signing(control: unknown, stack: AssemblyStack, landscape: Landscape): string[] {
  const found = landscape.firstBehind(control, stack, 'AWS::CloudFront::OriginAccessControl');
  const never = valueAt(found?.properties, ['OriginAccessControlConfig', 'SigningBehavior']) === 'never';
  return never ? [] : ['origin access control'];
}

/** A domain name leads by a reference, by a bucket's name, or by a record of the same app. */
function originsAt(domain: unknown, { stack }: Thing, landscape: Landscape, names: Name[]): Thing[] {
  const direct = landscape.behind(domain, stack);
  if (direct.length > 0 || typeof domain !== 'string') return direct;
  const bucket = /\.s3[.-].*amazonaws\.com/.test(domain)
    ? landscape.named(domain, 'AWS::S3::Bucket', 'BucketName', stack)
    : undefined;
  if (bucket) return [bucket];
  const records = names.filter(({ record }) => record.name === domain.toLowerCase());
  const own = landscape.beside(records, stack, ({ record }) => record.stack);
  return [...new Set(own.flatMap(({ targets }) => targets))];
}

function portToOrigin(config: unknown): number | undefined {
  if (!isObject(config)) return undefined;
  const { OriginProtocolPolicy, HTTPPort = 80, HTTPSPort = 443 } = config;
  if (answer(OriginProtocolPolicy, (policy) => policy === 'https-only') === 'yes') return Number(HTTPSPort);
  return OriginProtocolPolicy === 'http-only' ? Number(HTTPPort) : undefined;
}
