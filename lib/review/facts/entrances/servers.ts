import { isObject, items } from '../../../assembly/values';
import { isOn } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { ANYONE, type Door, maybe } from './door';
import { admissions, openingsOf } from './openings';
import { hasInternetRoute, hasPublicAddress, holdersOf, type Standing } from './public-addresses';

/** What may start servers from a launch template. */
const STARTERS = [
  'AWS::AutoScaling::AutoScalingGroup',
  'AWS::EC2::EC2Fleet',
  'AWS::EC2::SpotFleet',
  'AWS::EC2::Instance',
  'AWS::Batch::ComputeEnvironment',
  'AWS::EKS::Nodegroup',
];

/** Servers, interfaces and tasks with addresses of their own, whose security groups let the internet in; and loose addresses. */
export function serverDoors(landscape: Landscape): Door[] {
  const addresses = landscape.ofType('AWS::EC2::EIP').map((address) => ({ address, holders: holdersOf(address, landscape) }));
  const addressed = new Set(addresses.flatMap(({ holders }) => holders));
  return [
    ...standings(landscape).flatMap((standing) => serverDoor(standing, addressed, landscape)),
    ...landscape.ofType('AWS::EC2::NetworkInterface').flatMap((card) => interfaceDoor(card, addressed, landscape)),
    ...landscape.ofType('AWS::ECS::Service').flatMap((service) => serviceDoor(service, landscape)),
    ...addresses.flatMap(({ address, holders }) => looseAddress(address, holders)),
  ];
}

function standings(landscape: Landscape): Standing[] {
  const starters = landscape.ofType(...STARTERS);
  const instances = landscape
    .ofType('AWS::EC2::Instance')
    .filter(({ properties }) => properties.LaunchTemplate === undefined)
    .map((thing) => ({ thing, says: thing, settings: thing.properties, subnets: thing.properties.SubnetId }));
  const templates = landscape.ofType('AWS::EC2::LaunchTemplate', 'AWS::AutoScaling::LaunchConfiguration').flatMap((says) => {
    const users = starters.filter((starter) => landscape.behind(starter.properties, starter.stack).includes(says));
    const { LaunchTemplateData } = says.properties;
    const settings = isObject(LaunchTemplateData) ? LaunchTemplateData : says.properties;
    return (users.length > 0 ? users : [says]).map((thing) => ({ thing, says, settings, subnets: subnetsOf(thing) }));
  });
  return [...instances, ...templates];
}

function subnetsOf({ properties }: Thing): unknown {
  const { VPCZoneIdentifier, SubnetId, Subnets, ComputeResources, LaunchTemplateConfigs } = properties;
  return [
    VPCZoneIdentifier,
    SubnetId,
    Subnets,
    isObject(ComputeResources) ? ComputeResources.Subnets : [],
    LaunchTemplateConfigs,
  ];
}

function serverDoor(standing: Standing, addressed: Set<Thing>, landscape: Landscape): Door[] {
  const { thing, says, settings } = standing;
  const cards = items(settings.NetworkInterfaces).filter(isObject);
  const own = thing === says ? [] : [thing.properties.SecurityGroupIds, thing.properties.SecurityGroups];
  const groups = [
    ...[settings.SecurityGroupIds, settings.SecurityGroups, ...own].flatMap(items),
    ...cards.flatMap((card) => [...items(card.Groups), ...items(card.GroupSet)]),
  ];
  const hasAddress = addressed.has(thing) || addressed.has(says) ? 'yes' : hasPublicAddress(standing, landscape);
  if (hasAddress === 'no') return [];
  const path = thing === says || thing.type === 'AWS::AutoScaling::AutoScalingGroup' ? [thing] : [says, thing];
  const kind = thing.type === 'AWS::EC2::Instance' ? 'instance' : 'instances';
  return admissions(openingsOf(groups, says.stack, landscape)).map(({ from, ports }) => ({
    kind,
    from: hasAddress === 'yes' ? from : maybe(from, 'a deploy, or its subnet, gives it a public address'),
    ports,
    path,
    guards: routeGuards(standing.subnets, thing, landscape),
  }));
}

function routeGuards(subnets: unknown, thing: Thing, landscape: Landscape): string[] {
  return hasInternetRoute(subnets, thing, landscape) === 'no' ? ['its subnets have no route to an internet gateway'] : [];
}

function interfaceDoor(card: Thing, addressed: Set<Thing>, landscape: Landscape): Door[] {
  const isPublic = addressed.has(card) || items(card.properties.Ipv6Addresses).length > 0;
  if (!isPublic) return [];
  const server = landscape.ofType('AWS::EC2::Instance', 'AWS::EC2::NetworkInterfaceAttachment').flatMap((user) => {
    if (!landscape.behind(user.properties, user.stack).includes(card)) return [];
    return user.type === 'AWS::EC2::Instance' ? [user] : landscape.behind(user.properties.InstanceId, user.stack);
  });
  return admissions(openingsOf(card.properties.GroupSet, card.stack, landscape)).map(({ from, ports }) => ({
    kind: 'network interface',
    from,
    ports,
    path: [card, ...server],
    guards: [],
  }));
}

function serviceDoor(service: Thing, landscape: Landscape): Door[] {
  const { NetworkConfiguration } = service.properties;
  const network = isObject(NetworkConfiguration) ? NetworkConfiguration.AwsvpcConfiguration : undefined;
  if (!isObject(network)) return [];
  const hasAddress = isOn(
    network.AssignPublicIp === 'ENABLED' ? true : network.AssignPublicIp === 'DISABLED' ? false : network.AssignPublicIp,
  );
  if (hasAddress === 'no') return [];
  return admissions(openingsOf(network.SecurityGroups, service.stack, landscape)).map(({ from, ports }) => ({
    kind: 'tasks with public addresses',
    from: hasAddress === 'yes' ? from : maybe(from, 'a deploy gives the tasks public addresses'),
    ports,
    path: [service],
    guards: routeGuards(network.Subnets, service, landscape),
  }));
}

/** A NAT gateway lets nothing in; what holds an address otherwise is listed by itself. */
function looseAddress(address: Thing, holders: Thing[]): Door[] {
  if (holders.length > 0) return [];
  const guards = ['nothing in this assembly holds it'];
  return [{ kind: 'address', from: ANYONE, ports: 'those of whatever holds it', path: [address], guards }];
}
