import { isObject, items } from '../../../assembly/values';
import { said } from '../answers';
import type { Thing } from '../landscape';
import { NONE, NOTHING_AT_REST, OFFERED, REQUIRED, type Sealer, type Sealing, UNKNOWN } from './sealing';

function way(inTransit: string, because: string, attention?: string): Sealing {
  return { atRest: NOTHING_AT_REST, inTransit, because, ...(attention === undefined ? {} : { attention }) };
}

const listener: Sealer = ({ properties: { Protocol, DefaultActions, SslPolicy } }) => {
  const protocol = said(Protocol);
  if (typeof Protocol === 'object') return way(UNKNOWN, 'Protocol');
  if (protocol === 'HTTPS' || protocol === 'TLS')
    return way(REQUIRED, `Protocol: ${protocol}, SslPolicy: ${said(SslPolicy ?? 'by default')}`);
  const actions = items(DefaultActions).filter(isObject);
  const redirects = actions.some(({ RedirectConfig }) => isObject(RedirectConfig) && RedirectConfig.Protocol === 'HTTPS');
  if (redirects) return way(REQUIRED, `Protocol: ${protocol}, which redirects to HTTPS`);
  if (protocol === 'HTTP') return way(NONE, 'Protocol: HTTP', 'whoever comes is not encrypted');
  return way(OFFERED, `Protocol: ${protocol}, which passes on what its clients send`);
};

const classic: Sealer = ({ properties: { Listeners } }) =>
  items(Listeners)
    .filter(isObject)
    .map(({ Protocol }, index) =>
      /^(https|ssl)$/i.test(String(Protocol))
        ? way(REQUIRED, `Listeners.${index}.Protocol: ${said(Protocol)}`)
        : way(NONE, `Listeners.${index}.Protocol: ${said(Protocol)}`, 'whoever comes is not encrypted'),
    );

/** The last steps, from a load balancer to its targets, lie inside of a VPC. */
const targets: Sealer = ({ properties: { Protocol, TargetType } }) => {
  if (TargetType === 'lambda') return way(REQUIRED, 'TargetType: lambda');
  const protocol = said(Protocol ?? 'by default');
  if (typeof Protocol === 'object') return way(UNKNOWN, 'Protocol');
  if (protocol === 'HTTPS' || protocol === 'TLS') return way(REQUIRED, `Protocol: ${protocol}`);
  return protocol === 'HTTP'
    ? way(NONE, 'Protocol: HTTP, inside of its VPC')
    : way(OFFERED, `Protocol: ${protocol}, which passes on what comes`);
};

const distribution: Sealer = (thing) => {
  const config = thing.properties.DistributionConfig;
  if (!isObject(config)) return way(UNKNOWN, 'DistributionConfig');
  const behaviors = [config.DefaultCacheBehavior, ...items(config.CacheBehaviors)].filter(isObject);
  const policies = [...new Set(behaviors.map(({ ViewerProtocolPolicy }) => said(ViewerProtocolPolicy)))];
  const isOpen = policies.includes('allow-all');
  const because = `ViewerProtocolPolicy: ${policies.join(', ')}`;
  const isKnown = policies.every((policy) => ['allow-all', 'redirect-to-https', 'https-only'].includes(policy));
  const viewers = isOpen ? way(OFFERED, because, 'viewers may come by plain HTTP') : way(isKnown ? REQUIRED : UNKNOWN, because);
  return [
    viewers,
    ...items(config.Origins)
      .filter(isObject)
      .map((origin, index) => toOrigin(origin, index, isOpen)),
  ];
};

function toOrigin(origin: Record<string, unknown>, index: number, viewersMayBePlain: boolean): Sealing {
  const { CustomOriginConfig, VpcOriginConfig } = origin;
  const at = `DistributionConfig.Origins.${index} (${said(origin.Id)})`;
  if (isObject(CustomOriginConfig)) {
    const policy = said(CustomOriginConfig.OriginProtocolPolicy);
    const because = `${at}: OriginProtocolPolicy: ${policy}`;
    if (policy === 'https-only') return way(REQUIRED, because);
    if (policy === 'http-only') return way(NONE, because, 'CloudFront comes to this origin by plain HTTP');
    return policy === 'match-viewer' ? way(viewersMayBePlain ? OFFERED : REQUIRED, because) : way(UNKNOWN, because);
  }
  if (isObject(VpcOriginConfig)) return way(UNKNOWN, `${at}: as its VPC origin says`);
  // CloudFront comes to S3 as the viewer came (CloudFront Developer Guide, Requiring HTTPS between CloudFront and your S3 origin).
  return way(viewersMayBePlain ? OFFERED : REQUIRED, `${at}: CloudFront comes to S3 as viewers come`);
}

const vpcOrigin: Sealer = ({ properties: { VpcOriginEndpointConfig } }) => {
  const policy = isObject(VpcOriginEndpointConfig)
    ? said(VpcOriginEndpointConfig.OriginProtocolPolicy ?? 'match-viewer')
    : 'unknown';
  const because = `OriginProtocolPolicy: ${policy}`;
  return policy === 'https-only' ? way(REQUIRED, because) : policy === 'http-only' ? way(NONE, because) : way(OFFERED, because);
};

function onlyTls(what: string): Sealer {
  return (_: Thing) => way(REQUIRED, `${what} answer by HTTPS only`);
}

export const WAY_SEALERS: Record<string, Sealer> = {
  'AWS::ElasticLoadBalancingV2::Listener': listener,
  'AWS::ElasticLoadBalancing::LoadBalancer': classic,
  'AWS::ElasticLoadBalancingV2::TargetGroup': targets,
  'AWS::CloudFront::Distribution': distribution,
  'AWS::CloudFront::VpcOrigin': vpcOrigin,
  'AWS::ApiGateway::RestApi': onlyTls('REST APIs'),
  'AWS::ApiGatewayV2::Api': onlyTls('HTTP and WebSocket APIs'),
  'AWS::AppSync::GraphQLApi': onlyTls('GraphQL APIs'),
  'AWS::Lambda::Url': onlyTls('function URLs'),
};
