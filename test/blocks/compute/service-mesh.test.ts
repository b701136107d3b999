import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { carry } from '../../../lib/blocks/compute/client-groups';
import type { ContainerService } from '../../../lib/blocks/compute/container-service';
import { MeshProtocol } from '../../../lib/blocks/compute/entrance';
import { ServiceMesh } from '../../../lib/blocks/compute/service-mesh';
import { TraceCollector } from '../../../lib/blocks/observability/trace-collector';
import { testStack } from '../../stacks';
import { losses } from '../before-after';
import { everyPack } from '../every-pack';
import { CLEAN, policy, service } from './service-fixture';

const AUTHORITY = 'arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012';

function meshed(build: (mesh: ServiceMesh, member: ContainerService, stack: Stack) => void = () => undefined): Stack {
  const stack = testStack();
  const member = service(stack);
  build(new ServiceMesh(stack, 'Mesh', { vpc: member.service.cluster.vpc }), member, stack);
  return stack;
}

const template = (build: Parameters<typeof meshed>[0]) => Template.fromStack(meshed(build));

describe('a service mesh', () => {
  test('has a namespace of its own, named after its path, and makes no cluster default', () => {
    const made = template(() => undefined);
    made.hasResourceProperties('AWS::ServiceDiscovery::HttpNamespace', { Name: Match.stringLikeRegexp('^shop-mesh') });
    made.hasResourceProperties('AWS::ECS::Cluster', { ServiceConnectDefaults: Match.absent() });
  });

  test('times requests out after three seconds, and idle connections after five minutes', () => {
    template((mesh, member) => mesh.join(member, { name: 'shop' })).hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: {
        Enabled: true,
        Services: [
          {
            PortName: 'app',
            DiscoveryName: 'shop',
            ClientAliases: [{ DnsName: 'shop', Port: 80 }],
            IngressPortOverride: 10080,
            Timeout: { PerRequestTimeoutSeconds: 3, IdleTimeoutSeconds: 300 },
            Tls: Match.absent(),
          },
        ],
        AccessLogConfiguration: { Format: 'JSON', IncludeQueryParameters: Match.absent() },
        LogConfiguration: { LogDriver: 'awslogs', Options: Match.objectLike({ 'awslogs-stream-prefix': 'mesh' }) },
      },
    });
  });

  test('takes other time-outs and protocols', () => {
    const made = template((mesh, member) =>
      mesh.join(member, {
        name: 'shop',
        protocol: MeshProtocol.GRPC,
        requestTimeout: Duration.seconds(0),
        idleTimeout: Duration.hours(1),
      }),
    );
    made.hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: { Services: [{ Timeout: { PerRequestTimeoutSeconds: 0, IdleTimeoutSeconds: 3600 } }] },
    });
    made.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ PortMappings: [Match.objectLike({ Name: 'app', AppProtocol: 'grpc' })] })],
    });
  });

  test('lets its callers in at the port of the proxy, and nobody at the port of the container', () => {
    const made = template((mesh, member) => mesh.join(member, { name: 'shop' }));
    made.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    made.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 10080,
      ToPort: 10080,
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('MeshCallers'), 'GroupId'] },
    });
  });

  test('tells who calls others that there are some, and nobody else', () => {
    const told = (callsOthers: boolean) =>
      Object.values(
        template((mesh, member) => mesh.join(member, { name: 'shop', callsOthers })).findResources('AWS::ECS::TaskDefinition'),
      )[0].Properties.ContainerDefinitions[0].Environment.find(({ Name }: { Name: string }) => Name === 'SERVICE_NAMESPACE')
        .Value;
    expect(told(true)).toMatch(/^shop-mesh/);
    expect(told(false)).toBe('');
  });

  test('leaves the proxy its memory, and a trace collector its own', () => {
    const memory = (build: Parameters<typeof meshed>[0]) =>
      Object.values(template(build).findResources('AWS::ECS::TaskDefinition'))[0].Properties.ContainerDefinitions[0].Memory;
    expect(memory((mesh, member) => mesh.join(member))).toBe(512 - 64);
    const traced = (mesh: ServiceMesh, { taskDefinition, logGroup }: ContainerService) =>
      new TraceCollector(mesh, 'Traces', { taskDefinition, logGroup, serviceName: 'shop' });
    expect(
      memory((mesh, member) => {
        traced(mesh, member);
        mesh.join(member);
      }),
    ).toBe(512 - 64 - 128);
    expect(
      memory((mesh, member) => {
        mesh.join(member);
        traced(mesh, member);
      }),
    ).toBe(512 - 64 - 128);
  });

  test('is joined, and left, in place', () => {
    const alone = (stack: Stack) => void service(stack);
    const joined = (stack: Stack) => {
      const member = service(stack);
      new ServiceMesh(stack, 'Mesh', { vpc: member.service.cluster.vpc }).join(member, { name: 'shop' });
    };
    // A task definition is a new revision each time.
    expect(losses(alone, joined)).toEqual(['AWS::ECS::TaskDefinition WILL_REPLACE']);
  });

  test('encrypts by a given authority, whoever joined before or joins after', () => {
    for (const first of [true, false]) {
      const made = template((mesh, member) => {
        if (first) mesh.encrypt({ certificateAuthorityArn: AUTHORITY });
        mesh.join(member, { name: 'shop' });
        if (!first) mesh.encrypt({ certificateAuthorityArn: AUTHORITY });
      });
      made.hasResourceProperties('AWS::ECS::Service', {
        ServiceConnectConfiguration: {
          Services: [
            {
              DiscoveryName: 'shop',
              Tls: {
                IssuerCertificateAuthority: { AwsPcaAuthorityArn: AUTHORITY },
                RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('MeshEncryptionRole'), 'Arn'] },
              },
            },
          ],
        },
      });
    }
  });

  test('takes in a service of a stack that deploys after it', () => {
    const stack = meshed((mesh) => {
      const other = new Stack(Stack.of(mesh), 'Other', { env: { account: '123456789012', region: 'us-east-1' } });
      mesh.join(service(other), { name: 'other' });
      mesh.encrypt({ certificateAuthorityArn: AUTHORITY });
    });
    const other = Template.fromStack(stack.node.findChild('Other') as Stack);
    other.hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: {
        Namespace: { 'Fn::GetStackOutput': Match.anyValue() },
        Services: [{ Tls: { RoleArn: { 'Fn::GetStackOutput': Match.anyValue() } } }],
      },
    });
    expect(JSON.stringify(other.toJSON())).not.toContain('Fn::ImportValue');
  });

  test('passes every pack', () => {
    const stack = meshed((mesh, member) => {
      mesh.join(member, { name: 'shop' });
      mesh.encrypt({ certificateAuthorityArn: AUTHORITY });
    });
    expect(policy(stack)).toEqual(CLEAN);
    expect(everyPack(stack.node.findChild('Mesh'))).toEqual(CLEAN);
  });
});

test.each<[string, Parameters<typeof meshed>[0], string]>([
  [
    'a name without a port',
    (mesh, _, stack) => mesh.join(service(new Stack(stack, 'Other'), { port: undefined }), { name: 'shop' }),
    "service 'shop' listens on no port: give it one, or leave the name out",
  ],
  [
    'the port of the proxy',
    (mesh, _, stack) => mesh.join(service(new Stack(stack, 'Other'), { port: 10080 }), { name: 'shop' }),
    "port of service 'shop' must not be 10080, where its proxy listens: choose another",
  ],
  [
    'a time-out in parts of a second',
    (mesh, member) => mesh.join(member, { name: 'shop', requestTimeout: Duration.millis(2500) }),
    "requestTimeout of service 'shop' must be whole seconds, got 2.5: round it (0 waits for ever)",
  ],
  [
    'a second authority',
    (mesh) => {
      mesh.encrypt({ certificateAuthorityArn: AUTHORITY });
      mesh.encrypt({ certificateAuthorityArn: AUTHORITY });
    },
    'encrypt was called before: call it once, a mesh has one certificate authority',
  ],
  [
    'a sixth group on a task',
    (_, member, stack) => {
      const { vpc } = member.service.cluster;
      for (let index = 0; index < 5; index++) carry(member, new ec2.SecurityGroup(stack, `Group${index}`, { vpc }));
    },
    "tasks of 'Shop/Service' would carry 6 security groups, at most 5 fit a network interface: let the service reach less (what needs everything is no service of its own yet)",
  ],
])('refuses %s', (_, build, message) => {
  expect(() => meshed(build)).toThrow(new Error(message));
});
