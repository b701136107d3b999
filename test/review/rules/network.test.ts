import type { Assembly } from '../../../lib/assembly/cloud-assembly';
import { cidrOutOfRange } from '../../../lib/review/rules/cidr-out-of-range';
import { cidrWithHostBits } from '../../../lib/review/rules/cidr-with-host-bits';
import { dataPortOpenToTheWorld } from '../../../lib/review/rules/data-port-open-to-the-world';
import { listenerCertificateInAnotherRegion } from '../../../lib/review/rules/listener-certificate-in-another-region';
import { loadBalancerZones } from '../../../lib/review/rules/load-balancer-zones';
import { openToTheWorld } from '../../../lib/review/rules/open-to-the-world';
import { overlappingSubnets } from '../../../lib/review/rules/overlapping-subnets';
import { plainHttpForwarded } from '../../../lib/review/rules/plain-http-forwarded';
import { subnetOutsideVpc } from '../../../lib/review/rules/subnet-outside-vpc';
import { targetGroupWithoutHealthCheckPath } from '../../../lib/review/rules/target-group-without-health-check-path';
import { zoneOfAnotherRegion } from '../../../lib/review/rules/zone-of-another-region';
import { assemblyOf, describeRule, type Resources, stackOf } from './templates';

type Properties = Record<string, unknown>;

const MAYBE = { Ref: 'Maybe' };

function vpc(CidrBlock: unknown = '10.0.0.0/16'): Resources {
  return { Vpc: ['EC2::VPC', { CidrBlock }] };
}

/** Subnets named One, Two ... of a VPC of 10.0.0.0/16. */
function network(...subnets: Properties[]): Resources {
  const names = ['One', 'Two', 'Three'];
  const made = subnets.map((properties, index): [string, Resources[string]] => [
    names[index],
    ['EC2::Subnet', { VpcId: { Ref: 'Vpc' }, ...properties }],
  ]);
  return { ...vpc(), ...Object.fromEntries(made) };
}

describeRule(cidrOutOfRange, {
  holds: {
    'the last addresses': assemblyOf(vpc('10.255.0.0/16')),

    'the largest and the smallest': assemblyOf(network({ CidrBlock: '10.0.0.0/28' })),
    'a network that only a deploy knows': assemblyOf(vpc(MAYBE)),
  },
  broken: {
    'a single address': [assemblyOf(vpc('10.0.0.1/32')), ['eu-central-1 Vpc CidrBlock: 10.0.0.1/32 is too small']],

    'a prefix that does not exist': [assemblyOf(vpc('10.0.0.0/33')), ['eu-central-1 Vpc CidrBlock: 10.0.0.0/33 is none']],
    'an address that does not exist': [assemblyOf(vpc('10.0.256.0/24')), ['eu-central-1 Vpc CidrBlock: 10.0.256.0/24 is none']],
    'a VPC that is too large': [assemblyOf(vpc('10.0.0.0/8')), ['eu-central-1 Vpc CidrBlock: 10.0.0.0/8 is too large']],
    'a subnet that is too small': [
      assemblyOf(network({ CidrBlock: '10.0.0.0/29' })),
      ['eu-central-1 One CidrBlock: 10.0.0.0/29 is too small'],
    ],
  },
});

describeRule(cidrWithHostBits, {
  holds: {
    'the first address': assemblyOf(vpc('100.68.0.0/18')),
    'a network that only a deploy knows': assemblyOf(vpc(MAYBE)),
  },
  broken: {
    'another address': [assemblyOf(vpc('100.68.0.18/18')), ['eu-central-1 Vpc CidrBlock: 100.68.0.18/18 becomes 100.68.0.0/18']],
  },
});

const SECOND_BLOCK: Resources = { Block: ['EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.1.0.0/16' }] };

describeRule(subnetOutsideVpc, {
  holds: {
    'a second block that only a deploy knows': assemblyOf({
      ...network({ CidrBlock: '10.1.0.0/24' }),
      Block: ['EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, CidrBlock: MAYBE }],
    }),
    'a second block of a pool': assemblyOf({
      ...network({ CidrBlock: '10.1.0.0/24' }),
      Block: ['EC2::VPCCidrBlock', { VpcId: { Ref: 'Vpc' }, Ipv4IpamPoolId: 'pool-1', Ipv4NetmaskLength: 16 }],
    }),
    'another VPC of another Region': assemblyOf(
      network({ CidrBlock: '10.0.0.0/24' }),
      stackOf({ ...network({ CidrBlock: '10.7.0.0/24' }), ...vpc('10.7.0.0/16') }, { region: 'us-east-1' }),
    ),
    'another VPC of the same stack': assemblyOf({
      ...network({ CidrBlock: '10.7.0.0/24', VpcId: { Ref: 'Other' } }),
      Other: ['EC2::VPC', { CidrBlock: '10.7.0.0/16' }],
    }),

    'a subnet inside': assemblyOf(network({ CidrBlock: '10.0.255.0/24' })),
    'a subnet in a second block': assemblyOf({ ...network({ CidrBlock: '10.1.0.0/24' }), ...SECOND_BLOCK }),
    'a VPC whose network only a deploy knows': assemblyOf({ ...network({ CidrBlock: '10.9.0.0/24' }), ...vpc(MAYBE) }),
    'a subnet of a VPC of another app': assemblyOf(network({ CidrBlock: '10.9.0.0/24', VpcId: 'vpc-1' })),
  },
  broken: {
    'another network': [
      assemblyOf(network({ CidrBlock: '10.2.0.0/24' })),
      ['eu-central-1 One CidrBlock: 10.2.0.0/24 is not in 10.0.0.0/16'],
    ],
    'a network that reaches out': [
      assemblyOf({ ...network({ CidrBlock: '10.2.0.0/24' }), ...SECOND_BLOCK }),
      ['eu-central-1 One CidrBlock: 10.2.0.0/24 is not in 10.0.0.0/16 or 10.1.0.0/16'],
    ],
  },
});

describeRule(overlappingSubnets, {
  holds: {
    neighbours: assemblyOf(network({ CidrBlock: '10.0.0.0/24' }, { CidrBlock: '10.0.1.0/24' })),
    'a network that only a deploy knows': assemblyOf(network({ CidrBlock: '10.0.0.0/24' }, { CidrBlock: MAYBE })),
    'subnets of which only one is made': assemblyOf({
      ...vpc(),
      One: ['EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/24' }, { Condition: 'Small' }],
      Two: ['EC2::Subnet', { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.0.0.0/20' }, { Condition: 'Large' }],
    }),
  },
  broken: {
    'one inside the other': [
      assemblyOf(network({ CidrBlock: '10.0.0.0/20' }, { CidrBlock: '10.0.3.0/24' })),
      ['eu-central-1 Two CidrBlock: 10.0.3.0/24 overlaps 10.0.0.0/20 of One'],
    ],
  },
});

const ZONES = ['a', 'b', 'c'].map((zone) => ({ AvailabilityZone: `eu-central-1${zone}` }));
const nth = (index: number) => ({ AvailabilityZone: { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] } });

function balancer(zones: Properties[], properties: Properties = {}): Assembly {
  const Subnets = ['One', 'Two', 'Three'].slice(0, zones.length).map((Ref) => ({ Ref }));
  return assemblyOf({ ...network(...zones), Balancer: ['ElasticLoadBalancingV2::LoadBalancer', { Subnets, ...properties }] });
}

describeRule(loadBalancerZones, {
  holds: {
    'two subnets of one zone beside one that only a deploy knows': balancer([{}, ZONES[1], ZONES[1]]),

    'two zones': balancer(ZONES.slice(1)),
    'zones by their place in a list': balancer([nth(0), nth(1)]),
    'a network load balancer in one zone': balancer([ZONES[0]], { Type: 'network' }),
    'subnets of another app': balancer([], { Subnets: ['subnet-1', 'subnet-2'] }),
    'subnets that only a deploy knows': balancer([], { Subnets: { Ref: 'Subnets' } }),
    'a zone that only a deploy knows': balancer([{}, ZONES[0]]),
    'a local zone': balancer([{ AvailabilityZone: 'us-west-2-lax-1a' }]),
    'an Outpost': balancer([{ ...ZONES[0], OutpostArn: 'arn:aws:outposts:eu-central-1:123456789012:outpost/op-1' }]),
  },
  broken: {
    'one subnet': [balancer([ZONES[0]]), ['eu-central-1 Balancer Subnets: all of its subnets lie in eu-central-1a']],
    'two subnets of one zone': [
      balancer([ZONES[1], ZONES[1]], { Type: 'application' }),
      ['eu-central-1 Balancer Subnets: all of its subnets lie in eu-central-1b'],
    ],
    'mappings to one zone': [
      balancer([ZONES[1], ZONES[1]], {
        Subnets: undefined,
        SubnetMappings: [{ SubnetId: { Ref: 'One' } }, { SubnetId: { Ref: 'Two' } }],
      }),
      ['eu-central-1 Balancer SubnetMappings: all of its subnets lie in eu-central-1b'],
    ],
    'one zone, by its place in a list': [
      balancer([nth(1), nth(1)]),
      ['eu-central-1 Balancer Subnets: all of its subnets lie in the same zone'],
    ],
    'a zone twice': [
      balancer([ZONES[0], ZONES[1], ZONES[1]]),
      ['eu-central-1 Balancer Subnets: two of its subnets lie in eu-central-1b'],
    ],
  },
});

describeRule(zoneOfAnotherRegion, {
  holds: {
    'a zone of the Region': assemblyOf(network(ZONES[0])),
    'a zone that only a deploy knows': assemblyOf(network(nth(0))),
    'a local zone of the Region': assemblyOf(stackOf(network({ AvailabilityZone: 'us-west-2-lax-1a' }), { region: 'us-west-2' })),
    'a stack without a Region': assemblyOf(stackOf(network(ZONES[0]), { region: 'unknown-region' })),
    'a global cache, which has settings for several Regions': assemblyOf({
      Cache: [
        'ElastiCache::GlobalReplicationGroup',
        { RegionalConfigurations: [{ PreferredAvailabilityZones: ['us-east-1a'] }] },
      ],
    }),
    'the id of a zone': assemblyOf(network({ AvailabilityZoneId: 'use1-az1' })),
  },
  broken: {
    'a subnet': [
      assemblyOf(network({ AvailabilityZone: 'us-east-1a' })),
      ['eu-central-1 One AvailabilityZone: us-east-1a is no zone of eu-central-1'],
    ],
    'a list': [
      assemblyOf({ Servers: ['AutoScaling::AutoScalingGroup', { AvailabilityZones: ['eu-central-1a', 'eu-west-1b'] }] }),
      ['eu-central-1 Servers AvailabilityZones.1: eu-west-1b is no zone of eu-central-1'],
    ],
    'a cache': [
      assemblyOf({ Cache: ['ElastiCache::ReplicationGroup', { PreferredCacheClusterAZs: ['us-west-2a'] }] }),
      ['eu-central-1 Cache PreferredCacheClusterAZs.0: us-west-2a is no zone of eu-central-1'],
    ],
  },
});

const WORLD = { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp' };
const port = (FromPort: unknown, ToPort = FromPort) => ({ FromPort, ToPort });

function ingress(...rules: Properties[]): Assembly {
  return assemblyOf({ Group: ['EC2::SecurityGroup', { SecurityGroupIngress: rules }] });
}

describeRule(openToTheWorld, {
  holds: {
    'a range with a database, which another rule is about': ingress({ ...WORLD, ...port(0, 6000) }),

    'HTTP and HTTPS': ingress({ ...WORLD, ...port(80) }, { ...WORLD, ...port('443') }),
    'HTTP/3': ingress({ CidrIpv6: '::/0', IpProtocol: 'udp', ...port(443) }),
    'a network of somebody': ingress(
      { ...WORLD, ...port(22), CidrIp: '10.0.0.0/8' },
      { CidrIpv6: 'fd00::/16', IpProtocol: '-1' },
    ),
    'another security group': ingress({ IpProtocol: '-1', SourceSecurityGroupId: 'sg-1' }),
    'addresses that only a deploy knows': ingress({ ...WORLD, ...port(22), CidrIp: MAYBE }),
    'ports that only a deploy knows': ingress({ ...WORLD, ...port(MAYBE) }),
    pings: ingress({ CidrIp: '0.0.0.0/0', IpProtocol: 'icmp', ...port(8, -1) }),
    'a database, which another rule is about': ingress({ ...WORLD, ...port(5432) }),
  },
  broken: {
    'port 0': [
      ingress({ ...WORLD, ...port(0) }),
      ['eu-central-1 Group SecurityGroupIngress.0.CidrIp: 0.0.0.0/0 may come to tcp 0'],
    ],

    SSH: [
      ingress({ ...WORLD, ...port(443) }, { ...WORLD, ...port(22) }),
      ['eu-central-1 Group SecurityGroupIngress.1.CidrIp: 0.0.0.0/0 may come to tcp 22'],
    ],
    'everything over IPv6, on its own': [
      assemblyOf({ Rule: ['EC2::SecurityGroupIngress', { CidrIpv6: '::/0', IpProtocol: -1 }] }),
      ['eu-central-1 Rule CidrIpv6: ::/0 may come to any protocol, all ports'],
    ],
    'half of the world': [
      ingress({ IpProtocol: '6', CidrIp: '128.0.0.0/1', ...port(8080, 8081) }),
      ['eu-central-1 Group SecurityGroupIngress.0.CidrIp: 128.0.0.0/1 may come to tcp 8080 to 8081'],
    ],
    'a protocol for which EC2 opens all ports': [
      ingress({ CidrIp: '0.0.0.0/0', IpProtocol: '50', ...port(443) }),
      ['eu-central-1 Group SecurityGroupIngress.0.CidrIp: 0.0.0.0/0 may come to any protocol, all ports'],
    ],
    'all ports': [
      ingress({ ...WORLD, ...port(0, 65535) }),
      ['eu-central-1 Group SecurityGroupIngress.0.CidrIp: 0.0.0.0/0 may come to tcp, all ports'],
    ],
  },
});

describeRule(dataPortOpenToTheWorld, {
  holds: {
    'the web': ingress({ ...WORLD, ...port(443) }),
    'a database for a network': ingress({ ...WORLD, ...port(5432), CidrIp: '10.0.0.0/16' }),
    'ports that only a deploy knows': ingress({ ...WORLD, ...port(MAYBE) }),
    'a list of prefixes of a network': assemblyOf({
      Own: ['EC2::PrefixList', { Entries: [{ Cidr: '10.0.0.0/8' }] }],
      Rule: ['EC2::SecurityGroupIngress', { IpProtocol: 'tcp', ...port(5432), SourcePrefixListId: { Ref: 'Own' } }],
    }),
    'all ports, which another rule is about': ingress({ ...WORLD, ...port(0, 65535) }),
  },
  broken: {
    'a range from 0': [
      ingress({ ...WORLD, ...port(0, 6000) }),
      ['eu-central-1 Group SecurityGroupIngress.0.CidrIp: 0.0.0.0/0 may come to tcp 0 to 6000 (SQL Server, port 1433)'],
    ],

    'the port that a database has': [
      assemblyOf({
        Shop: ['RDS::DBInstance', {}],
        Rule: ['EC2::SecurityGroupIngress', { ...WORLD, ...port({ 'Fn::GetAtt': ['Shop', 'Endpoint.Port'] }) }],
      }),
      ['eu-central-1 Rule CidrIp: 0.0.0.0/0 may come to the port of Shop'],
    ],
    'a list of prefixes that are the world in two halves': [
      assemblyOf({
        World: ['EC2::PrefixList', { Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '0.0.0.0/1' }, { Cidr: '128.0.0.0/1' }] }],
        Rule: [
          'EC2::SecurityGroupIngress',
          { IpProtocol: 'tcp', ...port(5432), SourcePrefixListId: { 'Fn::GetAtt': ['World', 'PrefixListId'] } },
        ],
      }),
      ['0.0.0.0/1', '128.0.0.0/1'].map(
        (half) => `eu-central-1 Rule SourcePrefixListId: ${half} may come to tcp 5432 (PostgreSQL, port 5432)`,
      ),
    ],
    PostgreSQL: [
      ingress({ ...WORLD, ...port(5432) }),
      ['eu-central-1 Group SecurityGroupIngress.0.CidrIp: 0.0.0.0/0 may come to tcp 5432 (PostgreSQL, port 5432)'],
    ],
    'a range with Kafka, on its own': [
      assemblyOf({ Rule: ['EC2::SecurityGroupIngress', { CidrIpv6: '::/0', IpProtocol: 'tcp', ...port(9090, 9100) }] }),
      ['eu-central-1 Rule CidrIpv6: ::/0 may come to tcp 9090 to 9100 (Kafka, port 9092)'],
    ],
  },
});

const LISTENER = 'ElasticLoadBalancingV2::Listener';
const FORWARD = [{ Type: 'forward', TargetGroupArn: MAYBE }];
const REDIRECT = [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }];
const HTTPS: Resources = {
  Balancer: ['ElasticLoadBalancingV2::LoadBalancer', {}],
  Secure: [LISTENER, { Protocol: 'HTTPS', LoadBalancerArn: { Ref: 'Balancer' }, DefaultActions: FORWARD }],
};
const http = (DefaultActions: unknown, LoadBalancerArn: unknown = { Ref: 'Balancer' }): Resources => ({
  ...HTTPS,
  Plain: [LISTENER, { Protocol: 'HTTP', LoadBalancerArn, DefaultActions }],
});
const PLAIN_RULE: Resources = {
  Rule: ['ElasticLoadBalancingV2::ListenerRule', { ListenerArn: { Ref: 'Plain' }, Actions: FORWARD }],
};

describeRule(plainHttpForwarded, {
  holds: {
    'rules of another listener': assemblyOf({
      ...http(REDIRECT),
      Inside: [LISTENER, { Protocol: 'HTTP', LoadBalancerArn: { Ref: 'Another' }, DefaultActions: REDIRECT }],
      Rule: ['ElasticLoadBalancingV2::ListenerRule', { ListenerArn: { Ref: 'Inside' }, Actions: FORWARD }],
    }),

    'a redirect': assemblyOf(http(REDIRECT)),
    'HTTP alone': assemblyOf({ Plain: [LISTENER, { Protocol: 'HTTP', LoadBalancerArn: MAYBE, DefaultActions: FORWARD }] }),
    'another load balancer': assemblyOf(http(FORWARD, { Ref: 'Another' })),
    'actions that only a deploy knows': assemblyOf(http(MAYBE)),
  },
  broken: {
    'one of two listeners that forwards, by a rule': [
      assemblyOf({
        ...http(REDIRECT),
        ...PLAIN_RULE,
        More: [LISTENER, { Protocol: 'HTTP', LoadBalancerArn: { Ref: 'Balancer' }, DefaultActions: REDIRECT }],
      }),
      ['eu-central-1 Rule Actions.0.Type: this one forwards HTTP to its targets'],
    ],

    'a listener that forwards': [
      assemblyOf(http(FORWARD)),
      ['eu-central-1 Plain DefaultActions.0.Type: this one forwards HTTP to its targets'],
    ],
    'a rule that forwards': [
      assemblyOf({ ...http(REDIRECT), ...PLAIN_RULE }),
      ['eu-central-1 Rule Actions.0.Type: this one forwards HTTP to its targets'],
    ],
  },
});

const secured = (CertificateArn: unknown): Resources => ({ Listener: [LISTENER, { Certificates: [{ CertificateArn }] }] });
const ARN = 'arn:aws:acm:eu-central-1:123456789012:certificate/abc';

describeRule(listenerCertificateInAnotherRegion, {
  holds: {
    'a certificate of the Region': assemblyOf(secured(ARN)),
    'an own certificate': assemblyOf({ ...secured({ Ref: 'Cert' }), Cert: ['CertificateManager::Certificate', {}] }),
    'a parameter': assemblyOf(secured(MAYBE)),
    'a certificate of IAM, which has no Region': assemblyOf(secured('arn:aws:iam::123456789012:server-certificate/abc')),
    'a stack without a Region': assemblyOf(stackOf(secured(ARN), { region: 'unknown-region' })),
  },
  broken: {
    'an ARN of another Region': [
      assemblyOf(secured(ARN.replace('eu-central-1', 'us-east-1'))),
      ['eu-central-1 Listener Certificates.0.CertificateArn: this one lies in us-east-1, the load balancer in eu-central-1'],
    ],
    'an own certificate of another Region': [
      assemblyOf(
        {
          More: [
            'ElasticLoadBalancingV2::ListenerCertificate',
            { Certificates: [{ CertificateArn: { 'Fn::ImportValue': 'Cert' } }] },
          ],
        },
        stackOf(
          { Cert: ['CertificateManager::Certificate', {}] },
          { region: 'us-east-1', template: { Outputs: { Arn: { Value: { Ref: 'Cert' }, Export: { Name: 'Cert' } } } } },
        ),
      ),
      ['eu-central-1 More Certificates.0.CertificateArn: this one lies in us-east-1, the load balancer in eu-central-1'],
    ],
  },
});

const targets = (properties: Properties) => assemblyOf({ Targets: ['ElasticLoadBalancingV2::TargetGroup', properties] });

describeRule(targetGroupWithoutHealthCheckPath, {
  holds: {
    'a path': targets({ Protocol: 'HTTP', HealthCheckPath: '/health' }),
    'a path that only a deploy knows': targets({ Protocol: 'HTTP', HealthCheckPath: MAYBE }),
    TCP: targets({ Protocol: 'TCP' }),
    'a function': targets({ Protocol: 'HTTP', TargetType: 'lambda' }),
    'no health check': targets({ Protocol: 'HTTP', HealthCheckEnabled: 'false' }),
  },
  broken: {
    'HTTP without one': [targets({ Protocol: 'HTTP' }), ['eu-central-1 Targets HealthCheckPath: this one does not']],
    'TCP that is checked by HTTP': [
      targets({ Protocol: 'TCP', HealthCheckProtocol: 'HTTP' }),
      ['eu-central-1 Targets HealthCheckPath: this one does not'],
    ],
  },
});
