import type { Assembly } from '../../../assembly/cloud-assembly';
import { isObject, items } from '../../../assembly/values';
import { embeddedJson } from '../../template/embedded-json';
import { answer, isOn, said } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { statementsAt, strangersOf } from '../open-statements';
import { readable } from '../readable';
import { ANYONE, type Door, maybe } from './door';
import { admissions, joined, openingsOf } from './openings';
import { hasInternetRoute } from './public-addresses';

/** Databases, brokers, search and the like that have an address on the internet. */
export function dataServiceDoors(assembly: Assembly, landscape: Landscape): Door[] {
  return [
    ...landscape.things.flatMap((thing) => accessibleDoor(thing, landscape)),
    ...landscape
      .ofType('AWS::OpenSearchService::Domain', 'AWS::Elasticsearch::Domain')
      .flatMap((domain) => searchDoor(domain, assembly)),
    ...landscape.ofType('AWS::OpenSearchServerless::SecurityPolicy').flatMap((policy) => collectionDoor(policy, landscape)),
    ...landscape.ofType('AWS::MSK::Cluster').flatMap((cluster) => streamDoor(cluster, landscape)),
  ];
}

const WORDS: Record<string, string> = {
  'AWS::AmazonMQ::Broker': 'message broker',
  'AWS::DMS::ReplicationInstance': 'replication server',
  'AWS::Redshift::Cluster': 'warehouse',
  'AWS::RedshiftServerless::Workgroup': 'warehouse',
};

/** Services that have an address on the internet unless told otherwise. */
const BY_DEFAULT = ['AWS::DMS::ReplicationInstance'];
/** Services that choose by their subnets where the template is silent (RDS API, CreateDBInstance, PubliclyAccessible). */
const BY_SUBNETS = ['AWS::RDS::DBInstance'];
/** Services that have no security groups while they are public. */
const UNGUARDED = ['AWS::AmazonMQ::Broker', 'AWS::Lightsail::Database', 'AWS::M2::Environment'];

/** Whatever has a property `PubliclyAccessible`: types that have one come with every year. */
function accessibleDoor(thing: Thing, landscape: Landscape): Door[] {
  const { type, stack, properties } = thing;
  const bySubnets = properties.PubliclyAccessible === undefined && BY_SUBNETS.includes(type);
  const isPublic = bySubnets ? 'unknown' : isOn(properties.PubliclyAccessible, BY_DEFAULT.includes(type));
  if (isPublic === 'no') return [];
  const cluster = landscape.behind(properties.DBClusterIdentifier, stack)[0];
  const owner = cluster ?? thing;
  const groups = groupsOf(owner);
  const subnetGroup = landscape.behind(owner.properties.DBSubnetGroupName, owner.stack)[0];
  const hasRoute = subnetGroup
    ? hasInternetRoute(subnetGroup.properties.SubnetIds, subnetGroup, landscape)
    : hasInternetRoute(properties.SubnetIds, thing, landscape);
  const open = admissions(openingsOf(groups, owner.stack, landscape));
  // What nobody said is only worth a line where everything else is open.
  if (bySubnets && (hasRoute === 'no' || (groups !== undefined && open.length === 0))) return [];
  const from =
    groups === undefined
      ? UNGUARDED.includes(type)
        ? ANYONE
        : 'whoever the default security group of its VPC lets in'
      : joined(open.map((admission) => admission.from)) || 'nobody: its security groups let in no address of the internet';
  const port = properties.Port ?? owner.properties.Port;
  return [
    {
      kind: WORDS[type] ?? (/^AWS::(RDS|Neptune|DocDB|Timestream|Lightsail)::/.test(type) ? 'database' : type.split('::')[1]),
      from:
        isPublic === 'yes'
          ? from
          : maybe(from, bySubnets ? 'its subnets are public, which it goes by' : 'a deploy makes it public'),
      ports: port === undefined ? 'its own port' : `tcp ${readable(port, stack, landscape)}`,
      path: [thing],
      guards: hasRoute === 'no' ? ['its subnets have no route to an internet gateway'] : [],
    },
  ];
}

function groupsOf({ properties }: Thing): unknown {
  const { VpcSecurityGroupIds, VPCSecurityGroups, SecurityGroupIds, SecurityGroups } = properties;
  return VpcSecurityGroupIds ?? VPCSecurityGroups ?? SecurityGroupIds ?? SecurityGroups;
}

function searchDoor(domain: Thing, assembly: Assembly): Door[] {
  const { VPCOptions, AdvancedSecurityOptions, DomainEndpointOptions } = domain.properties;
  if (VPCOptions !== undefined) return [];
  const strangers = statementsAt(assembly, domain)
    .map(strangersOf)
    .filter((from) => from !== undefined);
  const guards: string[] = [];
  if (isObject(AdvancedSecurityOptions) && isOn(AdvancedSecurityOptions.Enabled) === 'yes') guards.push('sign-in by its users');
  const encrypted = isObject(DomainEndpointOptions) && isOn(DomainEndpointOptions.EnforceHTTPS) === 'yes';
  if (encrypted) guards.push('HTTPS only');
  const from = joined(strangers) || 'AWS callers whom its policy names';
  return [{ kind: 'search', from, ports: encrypted ? 'tcp 443' : 'tcp 80, tcp 443', path: [domain], guards }];
}

/** Collections are open where a network policy says `AllowFromPublic`; it names them by patterns. */
function collectionDoor(policy: Thing, landscape: Landscape): Door[] {
  if (policy.properties.Type !== 'network') return [];
  const rules = embeddedJson(policy.properties.Policy) ?? policy.properties.Policy;
  const open = items(rules)
    .filter(isObject)
    .filter(({ AllowFromPublic }) => isOn(AllowFromPublic) !== 'no');
  if (!Array.isArray(rules)) {
    const from = maybe(ANYONE, 'the policy allows it, which only a deploy knows');
    return [{ kind: 'search', from, ports: 'tcp 443', path: [policy], guards: ['data access policies'] }];
  }
  const named = open.flatMap(({ Rules }) => items(Rules).filter(isObject)).flatMap(({ Resource }) => items(Resource).map(String));
  if (open.length === 0) return [];
  const collections = landscape
    .ofType('AWS::OpenSearchServerless::Collection')
    .filter(({ properties }) => named.some((pattern) => matches(pattern, `collection/${said(properties.Name)}`)));
  return (collections.length > 0 ? collections : [policy]).map((thing) => ({
    kind: 'search',
    from: ANYONE,
    ports: 'tcp 443',
    path: [thing],
    guards: ['signed requests', 'data access policies'],
  }));
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function streamDoor(cluster: Thing, landscape: Landscape): Door[] {
  const { BrokerNodeGroupInfo } = cluster.properties;
  if (!isObject(BrokerNodeGroupInfo)) return [];
  const { ConnectivityInfo, SecurityGroups } = BrokerNodeGroupInfo;
  const access =
    isObject(ConnectivityInfo) && isObject(ConnectivityInfo.PublicAccess) ? ConnectivityInfo.PublicAccess.Type : undefined;
  const isPublic = answer(access, (type) => type !== undefined && type !== 'DISABLED');
  if (isPublic === 'no') return [];
  const open = admissions(openingsOf(SecurityGroups, cluster.stack, landscape));
  const from = joined(open.map((admission) => admission.from)) || 'nobody: its security groups let in no address of the internet';
  return [{ kind: 'event stream', from, ports: 'tcp 9194-9198', path: [cluster], guards: ['sign-in by its clients'] }];
}
