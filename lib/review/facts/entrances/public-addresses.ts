import { isObject, items } from '../../../assembly/values';
import { type Answer, anyOf, isOn } from '../answers';
import type { Landscape, Thing } from '../landscape';

/** Where a server, or what starts servers, stands, and which groups guard it. */
export interface Standing {
  /** What starts or is the server. */
  readonly thing: Thing;
  /** What says how: the server itself, or the launch template. */
  readonly says: Thing;
  /** Its properties, those of a launch template taken out of `LaunchTemplateData`. */
  readonly settings: Record<string, unknown>;
  /** Value that leads to its subnets. */
  readonly subnets: unknown;
}

/** Whether servers get an address that the internet can reach: their own setting, else that of their subnets. */
export function hasPublicAddress({ settings, thing, subnets }: Standing, landscape: Landscape): Answer {
  const cards = items(settings.NetworkInterfaces).filter(isObject);
  const own = [settings.AssociatePublicIpAddress, ...cards.map((card) => card.AssociatePublicIpAddress)].filter(
    (value) => value !== undefined,
  );
  const sixth = [settings, ...cards].some(
    (card) => items(card.Ipv6Addresses).length > 0 || Number(card.Ipv6AddressCount ?? 0) > 0,
  );
  if (sixth) return 'yes';
  const fromSubnet = ofSubnets([subnets, ...cards.map((card) => card.SubnetId)], thing, landscape);
  const sixthFromSubnet = fromSubnet.map(({ properties }) => isOn(properties.AssignIpv6AddressOnCreation));
  if (own.length > 0) return anyOf([...own.map((value) => isOn(value)), ...sixthFromSubnet]);
  // Without a subnet of this assembly it is the setting of that subnet which decides.
  if (fromSubnet.length === 0) return 'unknown';
  return anyOf([...fromSubnet.map(({ properties }) => isOn(properties.MapPublicIpOnLaunch)), ...sixthFromSubnet]);
}

function ofSubnets(values: unknown[], thing: Thing, landscape: Landscape): Thing[] {
  return values.flatMap((value) => landscape.behind(value, thing.stack)).filter(({ type }) => type === 'AWS::EC2::Subnet');
}

/**
 * Whether subnets have a route to an internet gateway; `unknown` where the subnets, or their route tables, are not in the
 * assembly.
 */
export function hasInternetRoute(subnets: unknown, thing: Thing, landscape: Landscape): Answer {
  const found = ofSubnets([subnets], thing, landscape);
  if (found.length === 0) return 'unknown';
  return anyOf(found.map((subnet) => subnetRoute(subnet, landscape)));
}

function subnetRoute(subnet: Thing, landscape: Landscape): Answer {
  const tables = landscape
    .referrers(subnet, 'AWS::EC2::SubnetRouteTableAssociation', 'SubnetId')
    .flatMap(({ properties, stack }) => landscape.behind(properties.RouteTableId, stack));
  if (tables.length === 0) return 'unknown';
  const routes = tables.flatMap((table) => landscape.referrers(table, 'AWS::EC2::Route', 'RouteTableId'));
  return routes.some(({ properties }) => properties.GatewayId !== undefined) ? 'yes' : 'no';
}

/** What the addresses of a stack's template are given to, as far as the template tells. */
export function holdersOf(address: Thing, landscape: Landscape): Thing[] {
  const associated = landscape
    .ofType('AWS::EC2::EIPAssociation')
    .filter(({ properties, stack }) => landscape.behind([properties.AllocationId, properties.EIP], stack).includes(address))
    .flatMap(({ properties, stack }) => landscape.behind([properties.InstanceId, properties.NetworkInterfaceId], stack));
  const named = landscape.behind(address.properties.InstanceId, address.stack);
  const users = landscape.things.filter(
    ({ type, stack, properties }) =>
      HOLDERS.includes(type) && stack === address.stack && landscape.behind(properties, stack).includes(address),
  );
  return [...new Set([...associated, ...named, ...users])];
}

/** Types that may take an address, or tell a server (by its user data) to take it. */
const HOLDERS = [
  'AWS::EC2::Instance',
  'AWS::EC2::LaunchTemplate',
  'AWS::EC2::NatGateway',
  'AWS::EC2::NetworkInterface',
  'AWS::AutoScaling::LaunchConfiguration',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
  'AWS::GlobalAccelerator::EndpointGroup',
  'AWS::NetworkFirewall::Firewall',
  'AWS::Transfer::Server',
  'AWS::Redshift::Cluster',
];
