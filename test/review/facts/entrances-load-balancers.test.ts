import { att, ref, resource } from '../../promotion/templates';
import { ANYWHERE, balanced, group, TLS, WAY } from './balanced';
import { entrances } from './in-words';

describe('load balancers as entrances', () => {
  test('lead to what their listeners forward to', () => {
    expect(entrances(balanced([ANYWHERE]))).toEqual([`load balancer, from anyone, ${WAY} ${TLS}`]);
  });

  test('are none where they are internal', () => {
    expect(entrances(balanced([ANYWHERE], { Scheme: 'internal' }))).toEqual([]);
  });

  test('face the internet where nothing is said, or where only a deploy knows', () => {
    expect(entrances(balanced([ANYWHERE], { Scheme: undefined }))).toEqual([`load balancer, from anyone, ${WAY} ${TLS}`]);
    expect(entrances(balanced([ANYWHERE], { Scheme: { 'Fn::If': ['Open', 'internet-facing', 'internal'] } }))).toEqual([
      `load balancer, from anyone, if its scheme is internet-facing (internet-facing or internal), ${WAY} ${TLS}`,
    ]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'CloudFront, by the list of its Region',
      { ...ANYWHERE, CidrIp: undefined, SourcePrefixListId: 'pl-3b927c52' },
      "CloudFront only (anybody's distribution)",
    ],
    ['another list', { ...ANYWHERE, CidrIp: undefined, SourcePrefixListId: 'pl-0123' }, 'prefix list pl-0123'],
    ['a list that a parameter names', { ...ANYWHERE, CidrIp: undefined, SourcePrefixListId: ref('List') }, 'prefix list <List>'],
    ['an office', { ...ANYWHERE, CidrIp: '198.51.100.0/24' }, 'addresses 198.51.100.0/24'],
    ['a private network', { ...ANYWHERE, CidrIp: '10.0.0.0/8' }, 'addresses 10.0.0.0/8'],
    ['its VPC', { ...ANYWHERE, CidrIp: att('Vpc', 'CidrBlock') }, 'addresses of the VPC'],
    [
      'addresses that only a deploy knows',
      { ...ANYWHERE, CidrIp: ref('Office') },
      'addresses <Office>, which only a deploy knows',
    ],
    ['everybody by IPv6', { ...ANYWHERE, CidrIp: undefined, CidrIpv6: '::/0' }, 'anyone'],
    [
      'another group',
      { ...ANYWHERE, CidrIp: undefined, SourceSecurityGroupId: att('Guard', 'GroupId') },
      'members of security group Guard',
    ],
    ['nobody at that port', { ...ANYWHERE, FromPort: 22, ToPort: 22 }, 'nobody: no rule of its security groups opens the port'],
    ['everybody at every port', { IpProtocol: '-1', CidrIp: '0.0.0.0/0' }, 'anyone'],
    ['nobody by another protocol', { ...ANYWHERE, IpProtocol: 'udp' }, 'nobody: no rule of its security groups opens the port'],
    ['a protocol that only a deploy knows', { ...ANYWHERE, IpProtocol: ref('Protocol') }, 'anyone'],
    ['a port that only a deploy knows', { ...ANYWHERE, FromPort: ref('Port') }, 'anyone'],
    ['a protocol by its number', { ...ANYWHERE, IpProtocol: '6' }, 'anyone'],
    [
      'a rule that only a deploy knows',
      { 'Fn::If': ['Open', ANYWHERE, ref('AWS::NoValue')] },
      'whoever a rule lets in that only a deploy knows',
    ],
  ])('let in %s', (_, rule, from) => {
    const vpc = { Vpc: resource('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }) };
    expect(entrances({ ...balanced([rule]), ...vpc })).toEqual([`load balancer, from ${from}, ${WAY} ${TLS}`]);
  });

  test('let in what rules say that are resources of their own, and everybody who is anyone', () => {
    const rule = resource('AWS::EC2::SecurityGroupIngress', { ...ANYWHERE, GroupId: att('Guard', 'GroupId') });
    expect(entrances({ ...balanced([{ ...ANYWHERE, CidrIp: '198.51.100.0/24' }]), Rule: rule })[0]).toMatch(
      /^load balancer, from anyone,/,
    );
  });

  test('tell when their security group is not in the assembly', () => {
    expect(entrances(balanced([], { SecurityGroups: ['sg-1'] }))).toEqual([
      `load balancer, from whoever security group sg-1 lets in, which is not in this assembly, ${WAY} ${TLS}`,
    ]);
  });

  test('know a list of CloudFront that a custom resource looks up, and lists of the app', () => {
    const rule = { ...ANYWHERE, CidrIp: undefined };
    const lookUp = resource('Custom::AWS', { Create: '{"Values":["com.amazonaws.global.cloudfront.origin-facing"]}' });
    const list = resource('AWS::EC2::PrefixList', { Entries: [{ Cidr: '203.0.113.0/24' }, { Cidr: '198.51.100.0/24' }] });
    expect(
      entrances({
        ...balanced([{ ...rule, SourcePrefixListId: att('LookUp', 'PrefixLists.0.PrefixListId') }]),
        LookUp: lookUp,
      })[0],
    ).toMatch(/^load balancer, from CloudFront only/);
    expect(entrances({ ...balanced([{ ...rule, SourcePrefixListId: att('List', 'PrefixListId') }]), List: list })[0]).toMatch(
      /^load balancer, from prefix list List \(203.0.113.0\/24, 198.51.100.0\/24\),/,
    );
  });

  test('lead by their rules too, with what a rule asks for', () => {
    const parts = balanced([ANYWHERE]);
    const rule = resource('AWS::ElasticLoadBalancingV2::ListenerRule', {
      ListenerArn: ref('Listener'),
      Conditions: [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-origin', Values: ['v'] } }],
      Actions: [
        { Type: 'authenticate-oidc' },
        { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: ref('Admin') }] } },
      ],
    });
    const admin = resource('AWS::ElasticLoadBalancingV2::TargetGroup', { Targets: [{ Id: ref('Box') }, { Id: '10.0.0.1' }] });
    const box = resource('AWS::EC2::Instance', { SubnetId: ref('Private') });
    const priv = resource('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
    expect(entrances({ ...parts, Rule: rule, Admin: admin, Box: box, Private: priv })).toEqual([
      `load balancer, from anyone, ${WAY} ${TLS}`,
      'load balancer, from anyone, tcp 443: Balancer > Listener > Rule > Admin > Box [TLS (ELBSecurityPolicy-TLS13-1-2-2021-06); header x-origin; sign-in (authenticate-oidc)]',
    ]);
  });

  test('end where nothing leads on', () => {
    const { Guard, Balancer, Listener, Targets } = balanced([ANYWHERE]);
    const redirect = resource('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: ref('Balancer'),
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', StatusCode: 'HTTP_301' } }],
    });
    const open = group(ANYWHERE, { ...ANYWHERE, FromPort: 80, ToPort: 80 });
    expect(entrances({ Guard: open, Balancer, Redirect: redirect })).toEqual([
      'load balancer, from anyone, tcp 80: Balancer > Redirect [redirects to HTTPS]',
    ]);
    expect(entrances({ Guard, Balancer, Listener, Targets })).toEqual([
      `load balancer, from anyone, tcp 443: Balancer > Listener > Targets ${TLS}`,
    ]);
    const elsewhere = { ...Listener.Properties, DefaultActions: [{ Type: 'forward', TargetGroupArn: 'arn:other' }] };
    expect(entrances({ Guard, Balancer, Listener: resource('AWS::ElasticLoadBalancingV2::Listener', elsewhere) })).toEqual([
      `load balancer, from anyone, tcp 443: Balancer > Listener > (target group arn:other) ${TLS}`,
    ]);
    expect(entrances({ Guard, Balancer })).toEqual(['load balancer, from anyone, none: it has no listener here: Balancer']);
  });

  test('of the network kind lead to what they pass on to, with or without security groups', () => {
    const outer = {
      Net: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
        Type: 'network',
        Scheme: 'internet-facing',
        SubnetMappings: [{ AllocationId: att('Fixed', 'AllocationId') }],
      }),
      Fixed: resource('AWS::EC2::EIP'),
      Open: resource('AWS::ElasticLoadBalancingV2::Listener', {
        LoadBalancerArn: ref('Net'),
        Port: 53,
        Protocol: 'TCP_UDP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('ToBalancer') }],
      }),
      ToBalancer: resource('AWS::ElasticLoadBalancingV2::TargetGroup', { TargetType: 'alb', Targets: [{ Id: ref('Balancer') }] }),
    };
    expect(entrances({ ...outer, ...balanced([ANYWHERE], { Scheme: 'internal' }) })).toEqual([
      'network load balancer, from anyone, tcp 53, udp 53: Net > Open > ToBalancer > Balancer > Listener > Targets > Web [TLS (ELBSecurityPolicy-TLS13-1-2-2021-06); fixed addresses]',
    ]);
  });

  test('of the classic kind count, too', () => {
    expect(
      entrances({
        Guard: group({ ...ANYWHERE, FromPort: 80, ToPort: 80 }),
        Old: resource('AWS::ElasticLoadBalancing::LoadBalancer', {
          SecurityGroups: [att('Guard', 'GroupId')],
          Listeners: [{ LoadBalancerPort: '80', Protocol: 'http' }],
        }),
        Fleet: resource('AWS::AutoScaling::AutoScalingGroup', { LoadBalancerNames: [ref('Old')] }),
      }),
    ).toEqual(['classic load balancer, from anyone, tcp 80: Old > Fleet']);
  });

  test('name the firewall and the shield before them', () => {
    const acl = resource('AWS::WAFv2::WebACL', {
      DefaultAction: { Block: {} },
      Rules: [{ Action: { Block: {} } }, { OverrideAction: { Count: {} } }],
    });
    const association = resource('AWS::WAFv2::WebACLAssociation', { ResourceArn: ref('Balancer'), WebACLArn: att('Acl', 'Arn') });
    const shield = resource('AWS::Shield::Protection', { ResourceArn: ref('Balancer') });
    expect(entrances({ ...balanced([ANYWHERE]), Acl: acl, Association: association, Shield: shield })).toEqual([
      `load balancer, from anyone, ${WAY} [firewall Acl (2 rules, 1 of them only counting, blocks by default); Shield Advanced; TLS (ELBSecurityPolicy-TLS13-1-2-2021-06)]`,
    ]);
  });

  test('tell of the header that a firewall asks for, and of nothing else that it blocks', () => {
    const match = (Name: string) => ({
      ByteMatchStatement: { FieldToMatch: { SingleHeader: { Name } }, SearchString: 'secret' },
    });
    const without = (...names: string[]) => ({
      NotStatement: { Statement: names.length > 1 ? { OrStatement: { Statements: names.map(match) } } : match(names[0]) },
    });
    const behind = (Statement: object, Action: object = { Block: {} }) => {
      const acl = resource('AWS::WAFv2::WebACL', { DefaultAction: { Allow: {} }, Rules: [{ Action, Statement }] });
      const association = resource('AWS::WAFv2::WebACLAssociation', {
        ResourceArn: ref('Balancer'),
        WebACLArn: att('Acl', 'Arn'),
      });
      return entrances({ ...balanced([ANYWHERE]), Acl: acl, Association: association })[0];
    };
    for (const asked of [without('x-origin'), without('x-origin', 'x-origin')]) {
      expect(behind(asked)).toContain('[firewall Acl (1 rule, refuses without header x-origin); TLS');
    }
    for (const [other, action] of [
      [without('x-origin', 'x-other')],
      [match('x-origin')],
      [without('x-origin'), { Count: {} }],
    ] as [object, object?][]) {
      expect(behind(other, action)).not.toContain('header');
    }
  });

  test('lead to the tasks of a service in either of the two target groups between which its releases shift', () => {
    const { Listener, ...rest } = balanced([ANYWHERE]);
    const groups = ['Targets', 'Others'].map((id) => ({ TargetGroupArn: ref(id), Weight: 1 }));
    const parts = {
      ...rest,
      Listener: {
        ...Listener,
        Properties: { ...Listener.Properties, DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups: groups } }] },
      },
      Others: resource('AWS::ElasticLoadBalancingV2::TargetGroup', { Port: 80 }),
      Web: resource('AWS::ECS::Service', {
        LoadBalancers: [{ TargetGroupArn: ref('Targets'), AdvancedConfiguration: { AlternateTargetGroupArn: ref('Others') } }],
      }),
    };
    expect(entrances(parts)).toEqual([`load balancer, from anyone, ${WAY} ${TLS}`]);
  });
});
