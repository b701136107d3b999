import { isObject, items } from '../../../assembly/values';
import { type Answer, answer, isOn } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { readable } from '../readable';
import { isPrivateRange } from './addresses';
import { ANYONE, type Door, maybe } from './door';
import { waysFromLoadBalancer } from './load-balancers';

interface Platform {
  readonly kind: string;
  /** Whether it answers the internet; by its nature, if nothing is said. */
  readonly isPublic?: (properties: Record<string, unknown>) => Answer;
  readonly from?: (properties: Record<string, unknown>) => string;
  readonly ports?: string;
  readonly guards?: (properties: Record<string, unknown>) => string[];
}

/** Services whose addresses lie on the internet by their nature, or by a setting of theirs. */
const PLATFORMS: Record<string, Platform> = {
  'AWS::Amplify::App': {
    kind: 'web app',
    guards: ({ BasicAuthConfig }) =>
      isObject(BasicAuthConfig) && isOn(BasicAuthConfig.EnableBasicAuth) === 'yes' ? ['password'] : [],
  },
  'AWS::AppRunner::Service': {
    kind: 'App Runner service',
    isPublic: ({ NetworkConfiguration }) => {
      const { IngressConfiguration } = isObject(NetworkConfiguration) ? NetworkConfiguration : {};
      return isOn(isObject(IngressConfiguration) ? IngressConfiguration.IsPubliclyAccessible : undefined, true);
    },
  },
  'AWS::Cloud9::EnvironmentEC2': {
    kind: 'development environment',
    isPublic: ({ ConnectionType }) => answer(ConnectionType, (type) => type !== 'CONNECT_SSM'),
    from: () => 'addresses of AWS Cloud9',
    ports: 'tcp 22',
  },
  'AWS::DSQL::Cluster': { kind: 'database', from: () => 'signed requests of AWS callers', ports: 'tcp 5432' },
  'AWS::EC2::ClientVpnEndpoint': { kind: 'VPN', ports: 'udp 443', guards: () => ['sign-in by its clients'] },
  'AWS::ECR::PublicRepository': { kind: 'public image repository' },
  'AWS::EKS::Cluster': {
    kind: 'Kubernetes API',
    isPublic: ({ ResourcesVpcConfig }) =>
      isOn(isObject(ResourcesVpcConfig) ? ResourcesVpcConfig.EndpointPublicAccess : undefined, true),
    from: ({ ResourcesVpcConfig }) => ranges(isObject(ResourcesVpcConfig) ? ResourcesVpcConfig.PublicAccessCidrs : undefined),
    guards: () => ['sign-in by AWS_IAM'],
  },
  'Custom::AWSCDK-EKS-Cluster': {
    kind: 'Kubernetes API',
    isPublic: ({ Config }) => isOn(vpcOf(Config).endpointPublicAccess, true),
    from: ({ Config }) => ranges(vpcOf(Config).publicAccessCidrs),
    guards: () => ['sign-in by AWS_IAM'],
  },
  'AWS::ElasticBeanstalk::Environment': { kind: 'Elastic Beanstalk environment', ports: 'those of its platform' },
  'AWS::GameLift::Fleet': {
    kind: 'game servers',
    from: ({ EC2InboundPermissions }) => ranges(items(EC2InboundPermissions).map((rule) => isObject(rule) && rule.IpRange)),
    ports: 'those of its inbound permissions',
  },
  'AWS::Grafana::Workspace': {
    kind: 'dashboards',
    from: ({ NetworkAccessControl }) => (NetworkAccessControl === undefined ? ANYONE : 'its network access control'),
    guards: () => ['sign-in by its users'],
  },
  'AWS::Lightsail::Container': { kind: 'Lightsail containers' },
  'AWS::Lightsail::Distribution': { kind: 'Lightsail distribution' },
  'AWS::Lightsail::Instance': { kind: 'Lightsail instance', ports: 'those of its firewall' },
  'AWS::Lightsail::LoadBalancer': { kind: 'Lightsail load balancer' },
  'AWS::MediaPackage::OriginEndpoint': { kind: 'video origin' },
  'AWS::MediaStore::Container': { kind: 'media store' },
  'AWS::MWAA::Environment': {
    kind: 'workflow pages',
    isPublic: ({ WebserverAccessMode }) => answer(WebserverAccessMode, (mode) => mode === 'PUBLIC_ONLY'),
    guards: () => ['sign-in by AWS_IAM'],
  },
  'AWS::NeptuneGraph::Graph': {
    kind: 'graph database',
    isPublic: ({ PublicConnectivity }) => isOn(PublicConnectivity),
    from: () => 'signed requests of AWS callers',
  },
  'AWS::Transfer::Server': {
    kind: 'file transfer server',
    isPublic: ({ EndpointType, EndpointDetails }) => {
      const addresses = isObject(EndpointDetails) ? EndpointDetails.AddressAllocationIds : undefined;
      return answer(EndpointType, (type) => type === undefined || type === 'PUBLIC' || items(addresses).length > 0);
    },
    ports: 'tcp 22, or those of its protocols',
    guards: () => ['sign-in by its users'],
  },
  'AWS::EC2::VerifiedAccessEndpoint': { kind: 'verified access', guards: () => ['sign-in by its trust provider'] },
};

export function platformDoors(landscape: Landscape): Door[] {
  const platforms = landscape.ofType(...Object.keys(PLATFORMS)).flatMap((thing): Door[] => {
    const { kind, isPublic, from, ports, guards } = PLATFORMS[thing.type];
    const open = isPublic?.(thing.properties) ?? 'yes';
    if (open === 'no') return [];
    const who = from?.(thing.properties) ?? ANYONE;
    return [
      {
        kind,
        from: open === 'yes' ? who : maybe(who, 'a deploy makes it public'),
        ports: ports ?? 'tcp 443',
        path: [thing],
        guards: guards?.(thing.properties) ?? [],
      },
    ];
  });
  return [
    ...platforms,
    ...landscape.ofType('AWS::GlobalAccelerator::Accelerator').flatMap((one) => acceleratorDoors(one, landscape)),
  ];
}

function vpcOf(config: unknown): Record<string, unknown> {
  return isObject(config) && isObject(config.resourcesVpcConfig) ? config.resourcesVpcConfig : {};
}

function ranges(cidrs: unknown): string {
  const known = items(cidrs).filter((cidr): cidr is string => typeof cidr === 'string');
  if (known.length === 0 || known.some((cidr) => /\/0$/.test(cidr))) return ANYONE;
  return `addresses ${known.filter((cidr) => !isPrivateRange(cidr)).join(', ') || known.join(', ')}`;
}

function acceleratorDoors(accelerator: Thing, landscape: Landscape): Door[] {
  if (isOn(accelerator.properties.Enabled, true) === 'no') return [];
  const listeners = landscape.referrers(accelerator, 'AWS::GlobalAccelerator::Listener', 'AcceleratorArn');
  const kind = 'Global Accelerator';
  if (listeners.length === 0)
    return [{ kind, from: ANYONE, ports: 'none: it has no listener here', path: [accelerator], guards: [] }];
  return listeners.flatMap((listener) => {
    const { Protocol, PortRanges } = listener.properties;
    const transport = String(Protocol ?? 'TCP').toLowerCase();
    const ports = items(PortRanges)
      .filter(isObject)
      .map(({ FromPort, ToPort }) => (FromPort === ToPort ? `${transport} ${FromPort}` : `${transport} ${FromPort}-${ToPort}`));
    const ends = landscape
      .referrers(listener, 'AWS::GlobalAccelerator::EndpointGroup', 'ListenerArn')
      .flatMap(({ properties, stack }) => items(properties.EndpointConfigurations).map((end) => ({ end, stack })))
      .flatMap(({ end, stack }): { path: Thing[]; beyond?: string }[] => {
        const id = isObject(end) ? end.EndpointId : undefined;
        const found = landscape.behind(id, stack);
        if (found.length === 0) return [{ path: [], beyond: `endpoint ${readable(id, stack, landscape)}` }];
        return found.flatMap((thing) =>
          thing.type.includes('LoadBalancing') ? waysFromLoadBalancer(thing, landscape) : [{ path: [thing] }],
        );
      });
    return (ends.length > 0 ? ends : [{ path: [] as Thing[] }]).map((way) => ({
      kind,
      from: ANYONE,
      ports: ports.join(', '),
      guards: [],
      ...way,
      path: [accelerator, ...way.path],
    }));
  });
}
