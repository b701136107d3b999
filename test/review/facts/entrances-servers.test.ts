import { att, ref, resource } from '../../promotion/templates';
import { ANYWHERE, group } from './balanced';
import { entrances } from './in-words';

describe('servers as entrances', () => {
  const open = { Guard: group({ ...ANYWHERE, FromPort: 22, ToPort: 22 }, { ...ANYWHERE, CidrIp: '198.51.100.7/32' }) };
  const groups = { SecurityGroupIds: [att('Guard', 'GroupId')] };

  test('have an address by themselves, by their subnet, or by an address that is given to them', () => {
    const subnets = {
      Public: resource('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true }),
      Private: resource('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false }),
    };
    const both = ['instance, from anyone, tcp 22: Box', 'instance, from addresses 198.51.100.7/32, tcp 443: Box'];
    const own = { NetworkInterfaces: [{ AssociatePublicIpAddress: true, GroupSet: groups.SecurityGroupIds, DeviceIndex: '0' }] };
    expect(entrances({ ...open, Box: resource('AWS::EC2::Instance', own) })).toEqual(both);
    expect(
      entrances({ ...open, ...subnets, Box: resource('AWS::EC2::Instance', { ...groups, SubnetId: ref('Public') }) }),
    ).toEqual(both);
    expect(
      entrances({ ...open, ...subnets, Box: resource('AWS::EC2::Instance', { ...groups, SubnetId: ref('Private') }) }),
    ).toEqual([]);
    const given = {
      Address: resource('AWS::EC2::EIP'),
      Given: resource('AWS::EC2::EIPAssociation', { AllocationId: att('Address', 'AllocationId'), InstanceId: ref('Box') }),
    };
    expect(
      entrances({ ...open, ...subnets, ...given, Box: resource('AWS::EC2::Instance', { ...groups, SubnetId: ref('Private') }) }),
    ).toEqual(both);
  });

  test('may have one where only the subnet knows', () => {
    expect(entrances({ ...open, Box: resource('AWS::EC2::Instance', { ...groups, SubnetId: 'subnet-1' }) })[0]).toBe(
      'instance, from anyone, if a deploy, or its subnet, gives it a public address, tcp 22: Box',
    );
  });

  test('are none where only their own network may come', () => {
    const closed = { Guard: group({ ...ANYWHERE, CidrIp: '172.16.0.0/12' }) };
    const box = resource('AWS::EC2::Instance', { ...groups, NetworkInterfaces: [{ AssociatePublicIpAddress: true }] });
    expect(entrances({ ...closed, Box: box })).toEqual([]);
  });

  test('start from launch templates and configurations; one that nothing uses is told by itself', () => {
    const data = {
      LaunchTemplateData: { NetworkInterfaces: [{ AssociatePublicIpAddress: true, Groups: groups.SecurityGroupIds }] },
    };
    const template = resource('AWS::EC2::LaunchTemplate', data);
    const fleet = resource('AWS::AutoScaling::AutoScalingGroup', { LaunchTemplate: { LaunchTemplateId: ref('Template') } });
    expect(entrances({ ...open, Template: template, Fleet: fleet })[0]).toBe('instances, from anyone, tcp 22: Fleet');
    expect(entrances({ ...open, Template: template })[0]).toBe('instances, from anyone, tcp 22: Template');
    const configuration = resource('AWS::AutoScaling::LaunchConfiguration', {
      AssociatePublicIpAddress: true,
      SecurityGroups: groups.SecurityGroupIds,
    });
    const old = resource('AWS::AutoScaling::AutoScalingGroup', { LaunchConfigurationName: ref('Configuration') });
    expect(entrances({ ...open, Configuration: configuration, Old: old })[0]).toBe('instances, from anyone, tcp 22: Old');
  });

  test('are reached by a network interface that holds an address', () => {
    expect(
      entrances({
        Guard: group(ANYWHERE),
        Card: resource('AWS::EC2::NetworkInterface', { GroupSet: [att('Guard', 'GroupId')] }),
        Address: resource('AWS::EC2::EIP'),
        Given: resource('AWS::EC2::EIPAssociation', {
          AllocationId: att('Address', 'AllocationId'),
          NetworkInterfaceId: ref('Card'),
        }),
        Box: resource('AWS::EC2::Instance', {
          SubnetId: ref('Private'),
          NetworkInterfaces: [{ NetworkInterfaceId: ref('Card') }],
        }),
        Private: resource('AWS::EC2::Subnet'),
      }),
    ).toEqual(['network interface, from anyone, tcp 443: Card > Box']);
  });

  test('are tasks with addresses of their own, too', () => {
    const service = (AssignPublicIp: unknown) =>
      resource('AWS::ECS::Service', {
        NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp, SecurityGroups: [att('Guard', 'GroupId')] } },
      });
    expect(entrances({ Guard: group(ANYWHERE), Web: service('ENABLED') })).toEqual([
      'tasks with public addresses, from anyone, tcp 443: Web',
    ]);
    expect(entrances({ Guard: group(ANYWHERE), Web: service('DISABLED') })).toEqual([]);
    expect(entrances({ Guard: group(ANYWHERE), Web: service(ref('Public')) })).toEqual([
      'tasks with public addresses, from anyone, if a deploy gives the tasks public addresses, tcp 443: Web',
    ]);
  });

  test('do not count gateways, but an address that nothing holds', () => {
    const address = resource('AWS::EC2::EIP');
    const gateway = resource('AWS::EC2::NatGateway', { AllocationId: att('Address', 'AllocationId') });
    expect(entrances({ Address: address, Gateway: gateway })).toEqual([]);
    expect(entrances({ Address: address })).toEqual([
      'address, from anyone, those of whatever holds it: Address [nothing in this assembly holds it]',
    ]);
  });
});
