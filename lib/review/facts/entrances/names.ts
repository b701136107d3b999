import type { Assembly } from '../../../assembly/cloud-assembly';
import { isObject, items } from '../../../assembly/values';
import { type DnsRecord, dnsRecords } from '../../template/record-sets';
import type { Landscape, Thing } from '../landscape';
import { ANYONE, type Door } from './door';
import { holdersOf } from './public-addresses';

/** A public DNS record that leads to addresses, and what it leads to. */
export interface Name {
  readonly record: DnsRecord;
  readonly thing: Thing;
  readonly targets: Thing[];
}

/** Records of these types lead somewhere; the others (MX, TXT, NS ...) say things. */
const LEADING = ['A', 'AAAA', 'CNAME', 'HTTPS', 'SVCB'];

export function publicNames(assembly: Assembly, landscape: Landscape): Name[] {
  return dnsRecords(assembly).flatMap((record) => {
    const thing = landscape.thing(record.stack, record.logicalId);
    if (!thing || !LEADING.includes(record.recordType) || isInPrivateZone(record, landscape)) return [];
    const { AliasTarget, ResourceRecords } = record.properties;
    const value = [isObject(AliasTarget) ? AliasTarget.DNSName : undefined, ResourceRecords];
    const direct = landscape.behind(value, record.stack);
    return [{ record, thing, targets: [...new Set(direct.flatMap((target) => [target, ...stoodFor(target, landscape)]))] }];
  });
}

function isInPrivateZone({ properties, stack }: DnsRecord, landscape: Landscape): boolean {
  const zone = landscape.firstBehind(properties.HostedZoneId, stack, 'AWS::Route53::HostedZone');
  return items(zone?.properties.VPCs).length > 0;
}

/** What a target stands for: the server of an address, the API of a domain name. */
function stoodFor(target: Thing, landscape: Landscape): Thing[] {
  switch (target.type) {
    case 'AWS::EC2::EIP':
      return holdersOf(target, landscape).flatMap((holder) => [holder, ...startedFrom(holder, landscape)]);
    case 'AWS::ApiGateway::DomainName':
    case 'AWS::ApiGatewayV2::DomainName':
    case 'AWS::AppSync::DomainName':
      return mappedTo(target, landscape);
    default:
      return [];
  }
}

function startedFrom(template: Thing, landscape: Landscape): Thing[] {
  if (template.type !== 'AWS::EC2::LaunchTemplate') return [];
  return landscape
    .ofType('AWS::AutoScaling::AutoScalingGroup', 'AWS::EC2::Instance', 'AWS::EC2::EC2Fleet', 'AWS::EC2::SpotFleet')
    .filter(({ properties, stack }) => landscape.behind(properties, stack).includes(template));
}

function mappedTo(domain: Thing, landscape: Landscape): Thing[] {
  return landscape
    .ofType(
      'AWS::ApiGateway::BasePathMapping',
      'AWS::ApiGateway::BasePathMappingV2',
      'AWS::ApiGatewayV2::ApiMapping',
      'AWS::AppSync::DomainNameApiAssociation',
    )
    .filter(({ properties, stack }) => landscape.behind(properties, stack).includes(domain))
    .flatMap(({ properties, stack }) => landscape.behind([properties.RestApiId, properties.ApiId], stack));
}

/** Names that lead to a thing, spelled as people do. */
export function namesOf(thing: Thing, names: Name[]): string[] {
  return [...new Set(names.filter(({ targets }) => targets.includes(thing)).map(({ record }) => record.name))];
}

/** Records that lead to nothing which answers the internet in this assembly: the path ends with them. */
export function nameDoors(names: Name[], doors: Door[]): Door[] {
  const answering = new Set(doors.map(({ path }) => path[0]));
  return names
    .filter(({ targets }) => !targets.some((target) => answering.has(target)))
    .map(({ record, thing, targets }) => {
      const { AliasTarget, ResourceRecords } = record.properties;
      const address = isObject(AliasTarget)
        ? AliasTarget.DNSName
        : items(ResourceRecords).filter((one) => typeof one === 'string');
      const beyond = typeof address === 'string' ? address : Array.isArray(address) ? address.join(', ') : '';
      return {
        kind: 'DNS name',
        from: ANYONE,
        ports: 'those of what it leads to',
        path: [thing, ...targets],
        guards: [],
        ...(beyond && targets.length === 0 ? { beyond } : {}),
      };
    });
}
