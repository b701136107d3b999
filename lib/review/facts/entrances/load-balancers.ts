import { isObject, items } from '../../../assembly/values';
import { answer, said } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { readable } from '../readable';
import { ANYONE, type Door, maybe, type Way } from './door';
import { admits, joined, openingsOf } from './openings';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const CLASSIC = 'AWS::ElasticLoadBalancing::LoadBalancer';

/** Load balancers that face the internet. */
export function loadBalancerDoors(landscape: Landscape): Door[] {
  return [
    ...landscape.ofType(LOAD_BALANCER).flatMap((balancer) => doorsOf(balancer, landscape)),
    ...landscape.ofType(CLASSIC).flatMap((balancer) => classicDoors(balancer, landscape)),
  ];
}

function doorsOf(balancer: Thing, landscape: Landscape): Door[] {
  const { Scheme, Type, SecurityGroups, SubnetMappings } = balancer.properties;
  // "The default is an Internet-facing load balancer" (CloudFormation, AWS::ElasticLoadBalancingV2::LoadBalancer, Scheme).
  const faces = answer(Scheme, (scheme) => scheme !== 'internal');
  if (faces === 'no' || Type === 'gateway') return [];
  const kind = Type === 'network' ? 'network load balancer' : 'load balancer';
  const isPublic = (from: string) =>
    faces === 'unknown' ? maybe(from, `its scheme is internet-facing (${readable(Scheme, balancer.stack, landscape)})`) : from;
  const listeners = listenersOf(balancer, landscape);
  const addresses = items(SubnetMappings).some((mapping) => isObject(mapping) && mapping.AllocationId !== undefined);
  const fixed = addresses ? ['fixed addresses'] : [];
  if (listeners.length === 0) {
    return [{ kind, from: isPublic(ANYONE), ports: 'none: it has no listener here', path: [balancer], guards: fixed }];
  }
  return listeners.flatMap((listener) => {
    const { Port, Protocol } = listener.properties;
    const transports = transportsOf(Protocol);
    const port = Number.isInteger(Number(Port)) ? Number(Port) : undefined;
    const ports = transports.map((transport) => `${transport} ${port ?? readable(Port, listener.stack, landscape)}`).join(', ');
    // A network load balancer may have no security group: then everybody comes through.
    const openings = SecurityGroups === undefined ? undefined : openingsOf(SecurityGroups, balancer.stack, landscape);
    const admitted = openings?.filter((opening) => transports.some((transport) => admits(opening, transport, port)));
    const from = admitted
      ? joined(admitted.map(({ source }) => source)) || 'nobody: no rule of its security groups opens the port'
      : Type === 'network'
        ? ANYONE
        : 'members of the default security group of its VPC';
    return waysFromListener(listener, landscape).map((way) => ({
      kind,
      from: isPublic(from),
      ports,
      path: [balancer, ...way.path],
      guards: [...transportGuards(listener), ...way.guards, ...fixed],
      ...(way.beyond === undefined ? {} : { beyond: way.beyond }),
    }));
  });
}

function transportsOf(protocol: unknown): string[] {
  if (protocol === 'TCP_UDP' || protocol === 'TCP_QUIC') return ['tcp', 'udp'];
  return protocol === 'UDP' || protocol === 'QUIC' ? ['udp'] : ['tcp'];
}

function transportGuards({ properties: { Protocol, SslPolicy, MutualAuthentication } }: Thing): string[] {
  const guards: string[] = [];
  if (Protocol === 'HTTPS' || Protocol === 'TLS') {
    guards.push(typeof SslPolicy === 'string' ? `TLS (${SslPolicy})` : 'TLS (policy by default)');
  }
  if (isObject(MutualAuthentication) && MutualAuthentication.Mode === 'verify') guards.push('client certificates');
  return guards;
}

function listenersOf(balancer: Thing, landscape: Landscape): Thing[] {
  return landscape.referrers(balancer, LISTENER, 'LoadBalancerArn');
}

/**
 * The ways from a load balancer on.
 *
 * @param port only through listeners of this port; the way ends at the load balancer where there is none
 */
export function waysFromLoadBalancer(balancer: Thing, landscape: Landscape, port?: number): Way[] {
  if (balancer.type === CLASSIC) return classicTargets(balancer, landscape);
  const listeners = listenersOf(balancer, landscape).filter(
    ({ properties }) => port === undefined || !Number.isInteger(Number(properties.Port)) || Number(properties.Port) === port,
  );
  const ways = listeners.flatMap((listener) =>
    waysFromListener(listener, landscape).map((way) => ({ ...way, guards: [...transportGuards(listener), ...way.guards] })),
  );
  if (ways.length === 0) return [{ path: [balancer], guards: [] }];
  return ways.map((way) => ({ ...way, path: [balancer, ...way.path] }));
}

export function waysFromListener(listener: Thing, landscape: Landscape): Way[] {
  const rules = landscape.referrers(listener, LISTENER_RULE, 'ListenerArn');
  // Behind a rule for every path the default action never has its turn.
  const defaults = rules.some(takesEveryPath)
    ? []
    : waysOfActions(listener, items(listener.properties.DefaultActions), landscape);
  return [
    ...defaults.map((way) => ({
      ...way,
      path: [listener, ...way.path],
    })),
    ...rules.flatMap((rule) =>
      waysOfActions(rule, items(rule.properties.Actions), landscape).map((way) => ({
        ...way,
        path: [listener, rule, ...way.path],
        guards: [...headerGuards(rule), ...way.guards],
      })),
    ),
  ];
}

function takesEveryPath({ properties }: Thing): boolean {
  const conditions = items(properties.Conditions).filter(isObject);
  return (
    conditions.length > 0 &&
    conditions.every(({ PathPatternConfig }) => isObject(PathPatternConfig) && items(PathPatternConfig.Values).includes('*'))
  );
}

/** A rule that asks for a header lets through whoever knows its value. */
function headerGuards({ properties }: Thing): string[] {
  return items(properties.Conditions).flatMap((condition) => {
    if (!isObject(condition)) return [];
    const { HttpHeaderConfig, SourceIpConfig } = condition;
    if (isObject(HttpHeaderConfig)) return [`header ${said(HttpHeaderConfig.HttpHeaderName)}`];
    if (isObject(SourceIpConfig)) return [`addresses ${items(SourceIpConfig.Values).join(', ')} only`];
    return [];
  });
}

function waysOfActions(owner: Thing, actions: unknown[], landscape: Landscape): Way[] {
  const guards: string[] = [];
  const ways: Way[] = [];
  for (const action of actions.filter(isObject)) {
    const type = String(action.Type);
    if (type.startsWith('authenticate') || type === 'jwt-validation') guards.push(`sign-in (${type})`);
    if (type === 'redirect' && isObject(action.RedirectConfig)) {
      ways.push({ path: [], guards: [`redirects to ${said(action.RedirectConfig.Protocol ?? 'the same protocol')}`] });
    }
    if (type === 'fixed-response') ways.push({ path: [], guards: ['fixed answer'] });
    const { TargetGroups } = isObject(action.ForwardConfig) ? action.ForwardConfig : {};
    const groups = [action.TargetGroupArn, ...items(TargetGroups).map((group) => isObject(group) && group.TargetGroupArn)];
    for (const arn of groups.filter((value) => value !== undefined && value !== false)) {
      const targetGroup = landscape.firstBehind(arn, owner.stack, TARGET_GROUP);
      if (targetGroup) ways.push(...waysFromTargetGroup(targetGroup, landscape));
      else ways.push({ path: [], guards: [], beyond: `target group ${readable(arn, owner.stack, landscape)}` });
    }
  }
  // An action that this does not know leads somewhere, too.
  if (ways.length === 0) ways.push({ path: [], guards: [] });
  const unique = ways.filter((way, index) => ways.findIndex((other) => other.path.at(-1) === way.path.at(-1)) === index);
  return unique.map((way) => ({ ...way, guards: [...guards, ...way.guards] }));
}

export function waysFromTargetGroup(group: Thing, landscape: Landscape): Way[] {
  const services = landscape.ofType('AWS::ECS::Service').filter(({ properties, stack }) =>
    items(properties.LoadBalancers)
      .filter(isObject)
      .flatMap(({ TargetGroupArn, AdvancedConfiguration }) => [TargetGroupArn, alternateOf(AdvancedConfiguration)])
      .some((arn) => arn !== undefined && landscape.behind(arn, stack).includes(group)),
  );
  const fleets = landscape.referrers(group, 'AWS::AutoScaling::AutoScalingGroup', 'TargetGroupARNs');
  const targets = items(group.properties.Targets).filter(isObject);
  const registered = targets.flatMap(({ Id }) => landscape.behind(Id, group.stack)).filter((thing) => !isWiring(thing));
  const ends = [...services, ...fleets, ...registered];
  if (ends.length === 0) {
    const addresses = targets.map(({ Id }) => readable(Id, group.stack, landscape));
    return [{ path: [group], guards: [], ...(addresses.length > 0 ? { beyond: addresses.join(', ') } : {}) }];
  }
  return ends.flatMap((end): Way[] => {
    if (end.type === LOAD_BALANCER) {
      return waysFromLoadBalancer(end, landscape).map((way) => ({ ...way, path: [group, ...way.path] }));
    }
    return [{ path: [group, end], guards: [] }];
  });
}

/** Where the tasks of every other release are, of a service whose releases shift traffic. */
function alternateOf(advanced: unknown): unknown {
  return isObject(advanced) ? advanced.AlternateTargetGroupArn : undefined;
}

/** What an expression may lead to beside its target. */
function isWiring({ type }: Thing): boolean {
  return ['AWS::EC2::Subnet', 'AWS::EC2::VPC', 'AWS::EC2::SecurityGroup', 'AWS::ElasticLoadBalancingV2::Listener'].includes(type);
}

function classicDoors(balancer: Thing, landscape: Landscape): Door[] {
  const { Scheme, SecurityGroups, Listeners } = balancer.properties;
  if (answer(Scheme, (scheme) => scheme !== 'internal') === 'no') return [];
  return items(Listeners)
    .filter(isObject)
    .flatMap((listener) => {
      const port = Number(listener.LoadBalancerPort);
      const openings = openingsOf(SecurityGroups, balancer.stack, landscape).filter((opening) => admits(opening, 'tcp', port));
      const from = SecurityGroups === undefined ? ANYONE : joined(openings.map(({ source }) => source));
      const isEncrypted = /^(https|ssl)$/i.test(String(listener.Protocol));
      return classicTargets(balancer, landscape).map((way) => ({
        kind: 'classic load balancer',
        from: from || 'nobody: no rule of its security groups opens the port',
        ports: `tcp ${port}`,
        path: way.path,
        guards: isEncrypted ? ['TLS'] : [],
      }));
    });
}

function classicTargets(balancer: Thing, landscape: Landscape): Way[] {
  const fleets = landscape.referrers(balancer, 'AWS::AutoScaling::AutoScalingGroup', 'LoadBalancerNames');
  const servers = landscape
    .behind(balancer.properties.Instances, balancer.stack)
    .filter(({ type }) => type === 'AWS::EC2::Instance');
  const ends = [...fleets, ...servers];
  return ends.length === 0 ? [{ path: [balancer], guards: [] }] : ends.map((end) => ({ path: [balancer, end], guards: [] }));
}
