import { assembly, att, ref, resource, stack, stackOutput } from '../../promotion/templates';
import { ANYWHERE, balanced, group, TLS, WAY } from './balanced';
import { entrances } from './in-words';

describe('names', () => {
  test('are told with what they lead to, by records in groups too', () => {
    const records = resource('AWS::Route53::RecordSetGroup', {
      HostedZoneId: 'Z1',
      RecordSets: [{ Name: 'www.example.com', Type: 'CNAME', ResourceRecords: [att('Balancer', 'DNSName')] }],
    });
    expect(entrances({ ...balanced([ANYWHERE]), Records: records })).toEqual([
      `load balancer, from anyone, ${WAY} ${TLS}, called www.example.com`,
    ]);
  });

  test('reach a server by the address that its user data takes', () => {
    const found = entrances({
      Guard: group(ANYWHERE),
      Address: resource('AWS::EC2::EIP'),
      Template: resource('AWS::EC2::LaunchTemplate', {
        LaunchTemplateData: {
          SecurityGroupIds: [att('Guard', 'GroupId')],
          UserData: { 'Fn::Base64': att('Address', 'AllocationId') },
        },
      }),
      Fleet: resource('AWS::AutoScaling::AutoScalingGroup', { LaunchTemplate: { LaunchTemplateId: ref('Template') } }),
      Record: resource('AWS::Route53::RecordSet', {
        Name: 'shop.example.com.',
        Type: 'A',
        HostedZoneId: 'Z1',
        ResourceRecords: [ref('Address')],
      }),
    });
    expect(found).toEqual(['instances, from anyone, tcp 443: Fleet, called shop.example.com']);
  });

  test('are entrances by themselves where they lead out of the assembly, unless their zone is private', () => {
    const record = (zone: unknown) =>
      resource('AWS::Route53::RecordSet', {
        Name: 'old.example.com',
        Type: 'A',
        HostedZoneId: zone,
        ResourceRecords: ['203.0.113.9'],
      });
    expect(entrances({ Record: record('Z1') })).toEqual([
      'DNS name, from anyone, those of what it leads to: Record > (203.0.113.9)',
    ]);
    expect(
      entrances({ Record: record(ref('Zone')), Zone: resource('AWS::Route53::HostedZone', { VPCs: [{ VPCId: 'v' }] }) }),
    ).toEqual([]);
    const mail = resource('AWS::Route53::RecordSet', {
      Name: 'example.com',
      Type: 'MX',
      HostedZoneId: 'Z1',
      ResourceRecords: ['10 mail'],
    });
    expect(entrances({ Mail: mail })).toEqual([]);
  });

  test('follow outputs of other stacks', () => {
    const net = stack('Net', balanced([ANYWHERE]), { outputs: { Name: { Value: att('Balancer', 'DNSName') } } });
    const record = resource('AWS::Route53::RecordSet', {
      Name: 'x.example.com',
      Type: 'A',
      HostedZoneId: 'Z1',
      AliasTarget: { DNSName: stackOutput('Net', 'Name', 'us-east-1') },
    });
    expect(entrances(assembly(net, stack('Names', { Record: record })))).toEqual([
      `load balancer, from anyone, ${WAY} ${TLS}, called x.example.com`,
    ]);
  });
});
