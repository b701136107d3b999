import { Duration, Names, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as servicediscovery from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { crossRegionValue } from '../network/cross-region-value';
import { letIn } from '../network/let-in';
import { acknowledge } from '../operations/acknowledge';
import { takeMemory } from '../operations/task-memory';
import { carry } from './client-groups';
import type { ContainerService } from './container-service';
import { MeshProtocol } from './entrance';
import { checkServiceName } from './reach';

/** Port of a service's proxy. Not the container's: what comes from a load balancer passes the mesh by, with its own time-outs. */
const PROXY_PORT = 10080;

/** Port under which every service is called, so that its name is enough. */
const CALLED_PORT = 80;

/** What ECS wants at least for the proxy beside a container (Amazon ECS developer guide, Service Connect, considerations). */
const PROXY_MIB = 64;

/** Name of the port in the task definition. */
const PORT_NAME = 'app';

/** How long a caller waits for an answer (seed: circuit breaker, 3 seconds). */
const REQUEST_TIMEOUT = Duration.seconds(3);

/** How long a connection stays open on which nothing moves: what Service Connect takes where nobody says so. */
const IDLE_TIMEOUT = Duration.minutes(5);

/** What ECS has to be allowed for certificates (AWS managed policies for Amazon ECS). */
const TLS_POLICY = 'service-role/AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity';

/** Properties of a ServiceMesh. */
export interface ServiceMeshProps {
  readonly vpc: ec2.IVpc;
}

/** How a service takes part in a mesh. */
export interface MeshMembership {
  /**
   * Name under which others call the service, at `http://NAME`; it needs a port.
   * @default - nobody calls it, it only calls others
   */
  readonly name?: string;
  /** @default true */
  readonly callsOthers?: boolean;
  /** @default MeshProtocol.HTTP */
  readonly protocol?: MeshProtocol;
  /**
   * How long callers wait for the whole answer; 0 for as long as it takes, as streams of gRPC need.
   * @default Duration.seconds(3) (seed: circuit breaker)
   */
  readonly requestTimeout?: Duration;
  /**
   * How long a connection stays open on which nothing moves; 0 for ever.
   * @default Duration.minutes(5)
   */
  readonly idleTimeout?: Duration;
}

/** Options of encryption in a mesh. */
export interface MeshEncryption {
  /**
   * ARN of an authority of AWS Private CA in the same Region, tagged `AmazonECSManaged=true`. One costs 400 USD a month, or 50 if it
   * issues short-lived certificates only, which Service Connect takes (AWS Private CA pricing).
   */
  readonly certificateAuthorityArn: string;
}

/**
 * Services that call each other by name, through ECS Service Connect: a proxy in every task finds the tasks of the other service, spreads
 * the requests, times them out, tries again, leaves out tasks that fail, measures, and writes an access log to the service's own log.
 *
 * What the circuit breaker of the seeds asks for, and what Service Connect makes of it (Amazon ECS developer guide, Service Connect
 * components; AWS::ECS::Service TimeoutConfiguration; aws/containers-roadmap#1963, open):
 *
 *     seed                      here
 *     time-out after 3 s        the same, for each request; to be changed for each service
 *     opens at 50 % of errors   never for a whole service; one task is left out after 5 failures in a row, at most half of the tasks
 *     tries again after 30 s    a task comes back after 30 s, and later each time, up to 300 s
 *     no retries                two more tries where the connection failed or the answer was 503; cannot be changed
 *
 * So what must not be done twice has to bear it by itself (an idempotency key), and what must fail at once while *all* of a service is
 * broken needs a breaker in the code. The numbers of the last three lines are ECS's own and in no template; not verified against AWS.
 *
 * A task knows the names that were there when its deployment began. So the one that is called deploys first, and who shall call a new
 * service is deployed, or released, once more. Requests between services are not encrypted unless `encrypt` was called; they stay
 * in the VPC. Costs nothing by itself; the proxy takes of the task's CPU (ECS wants 256 units more for it up to 500 requests a second)
 * and 64 MiB of its memory.
 */
export class ServiceMesh extends Construct {
  /** Where the services find each other; other services of AWS see it under `namespaceName`. */
  public readonly namespace: servicediscovery.CfnHttpNamespace;
  public readonly namespaceName: string;
  /** Carried by whoever may call services of the mesh, and let in by each of them. */
  public readonly callers: ec2.SecurityGroup;
  /** Role by which ECS gets certificates, where requests are encrypted. */
  public encryptionRole?: iam.Role;
  private encryption?: MeshEncryption;
  private readonly called: ContainerService[] = [];

  constructor(scope: Construct, id: string, props: ServiceMeshProps) {
    super(scope, id);
    // A name is required and cannot change: it depends on the path only, and never is a cluster's default.
    this.namespaceName = Names.uniqueResourceName(this, { maxLength: 100, separator: '-' }).toLowerCase();
    this.namespace = new servicediscovery.CfnHttpNamespace(this, 'Namespace', {
      name: this.namespaceName,
      description: 'Services of one product that call each other',
    });
    this.callers = new ec2.SecurityGroup(this, 'Callers', { vpc: props.vpc, description: 'Callers of the service mesh' });
  }

  /**
   * Takes a service in, of this stack or of one that deploys after it; an update in place.
   * @throws if it has a name and no port, or the port is the proxy's, or a time-out is none
   */
  public join(service: ContainerService, membership: MeshMembership = {}): void {
    const { securityGroupId } = this.callers;
    const here = Stack.of(service) === Stack.of(this);
    const callers = here
      ? this.callers
      : ec2.SecurityGroup.fromSecurityGroupId(service, 'MeshCallers', this.lend(service, 'Callers', securityGroupId));
    const calls = membership.callsOthers ?? true;
    const { name } = membership;
    if (name !== undefined) {
      this.serve(service, name, membership);
      const { securityGroups } = service.connections;
      const proxy = new ec2.Connections({ securityGroups, defaultPort: ec2.Port.tcp(PROXY_PORT) });
      letIn({ connections: proxy }, callers, 'Service mesh');
    }
    if (calls) {
      carry(service, callers);
      // Where there are no other services, as on a single server, it is empty, and the image does everything itself.
      service.taskDefinition.defaultContainer!.addEnvironment('SERVICE_NAMESPACE', this.namespaceName);
    }
    takeMemory(service.taskDefinition, PROXY_MIB);
    const resource = service.service.node.defaultChild as ecs.CfnService;
    resource.serviceConnectConfiguration = {
      enabled: true,
      namespace: this.lend(service, 'Namespace', this.namespace.attrArn),
      services: name === undefined ? undefined : [this.endpoint(name, membership)],
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': service.logGroup.logGroupName,
          'awslogs-region': Stack.of(service).region,
          'awslogs-stream-prefix': 'mesh',
        },
      },
      // Without query strings, which may hold what is nobody else's business.
      accessLogConfiguration: { format: 'JSON' },
    };
    if (name === undefined) return;
    this.called.push(service);
    if (this.encryption && this.encryptionRole) this.encryptOne(service, this.encryption, this.encryptionRole);
  }

  /**
   * Encrypts what the services of the mesh tell each other, by certificates that ECS gets and renews. It may be called at any time, and
   * changes no name: containers go on saying `http://NAME` to their proxies, which speak TLS 1.3 with each other. What comes from a load
   * balancer passes the proxies by and stays as it is. Not verified against AWS.
   * @throws if it was called before
   */
  public encrypt(encryption: MeshEncryption): void {
    if (this.encryption) throw new Error('encrypt was called before: call it once, a mesh has one certificate authority');
    this.encryption = encryption;
    this.encryptionRole = new iam.Role(this, 'EncryptionRole', {
      description: 'Gets the certificates of the service mesh',
      assumedBy: new iam.ServicePrincipal('ecs.amazonaws.com'),
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(TLS_POLICY)],
    });
    acknowledge(this.encryptionRole, {
      id: `AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${TLS_POLICY}]`,
      reason:
        'The rule guards against policies that AWS may widen. ECS asks for this one by name to make and rotate certificates of Service ' +
        'Connect; it is held to secrets and authorities that are tagged as managed by ECS, and only ECS can take the role.',
    });
    for (const service of this.called) this.encryptOne(service, encryption, this.encryptionRole);
  }

  private serve(service: ContainerService, name: string, { protocol, requestTimeout, idleTimeout }: MeshMembership): void {
    checkServiceName('name', name);
    const { port } = service;
    if (port === undefined) throw new Error(`service '${name}' listens on no port: give it one, or leave the name out`);
    if (port === PROXY_PORT) {
      throw new Error(`port of service '${name}' must not be ${PROXY_PORT}, where its proxy listens: choose another`);
    }
    checkTimeout('requestTimeout', name, requestTimeout);
    checkTimeout('idleTimeout', name, idleTimeout);
    // On the L1: the L2 cannot name a port later, and stages without a mesh go without the name.
    const resource = service.taskDefinition.node.defaultChild as ecs.CfnTaskDefinition;
    resource.addPropertyOverride('ContainerDefinitions.0.PortMappings.0.Name', PORT_NAME);
    resource.addPropertyOverride('ContainerDefinitions.0.PortMappings.0.AppProtocol', protocol ?? MeshProtocol.HTTP);
  }

  private endpoint(name: string, membership: MeshMembership): ecs.CfnService.ServiceConnectServiceProperty {
    const { requestTimeout = REQUEST_TIMEOUT, idleTimeout = IDLE_TIMEOUT } = membership;
    return {
      portName: PORT_NAME,
      discoveryName: name,
      clientAliases: [{ dnsName: name, port: CALLED_PORT }],
      ingressPortOverride: PROXY_PORT,
      timeout: { perRequestTimeoutSeconds: requestTimeout.toSeconds(), idleTimeoutSeconds: idleTimeout.toSeconds() },
    };
  }

  private encryptOne(service: ContainerService, { certificateAuthorityArn }: MeshEncryption, role: iam.IRole): void {
    const resource = service.service.node.defaultChild as ecs.CfnService;
    resource.addPropertyOverride('ServiceConnectConfiguration.Services.0.Tls', {
      IssuerCertificateAuthority: { AwsPcaAuthorityArn: certificateAuthorityArn },
      RoleArn: this.lend(service, 'EncryptionRoleArn', role.roleArn),
    });
    if (Stack.of(service) === Stack.of(this)) service.service.node.addDependency(role);
  }

  private lend(service: ContainerService, name: string, value: string): string {
    return crossRegionValue(service, { producer: this, name, value });
  }
}

function checkTimeout(prop: string, name: string, timeout?: Duration): void {
  if (timeout === undefined || timeout.isUnresolved()) return;
  const seconds = timeout.toSeconds({ integral: false });
  if (Number.isInteger(seconds)) return;
  throw new Error(`${prop} of service '${name}' must be whole seconds, got ${seconds}: round it (0 waits for ever)`);
}
