import { Aws, Lazy, Token } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import { serviceLog } from '../operations/service-log';
import type { ContractSecret } from './app-contract';
import type { DumpBucket } from './dump-bucket';
import type { ProductImage } from './product-image';
import { ServerAlarms } from './server-alarms';
import { ServerGroup } from './server-group';
import { METRIC_NAMESPACE, ServerMetrics } from './server-metrics';
import { ServerPermissions } from './server-permissions';
import { serverUserData } from './server-provisioning';
import { ServerRelease } from './server-release';
import { ServerRunbooks } from './server-runbooks';
import { ServerScript } from './server-script';
import { ServerSize } from './server-size';
import type { IServerVolume } from './server-volume';

/** Variables that the server always sets for the containers. */
const SET_ALWAYS = [
  'PROCESS_TYPE',
  'AWS_REGION',
  'SHARED_CACHE_HOST',
  ...['HOST', 'PORT', 'TLS', 'CLUSTER_MODE', 'USER', 'PASSWORD'].map((name) => `CACHE_${name}`),
];
/** Variables that the server sets when the database is on it. */
const SET_FOR_DATABASE = ['WRITER_HOST', 'READER_HOST', 'REPORTING_HOST', 'PORT', 'NAME', 'USER', 'PASSWORD', 'SSL_MODE'].map(
  (name) => `DATABASE_${name}`,
);

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';

/** Properties of a SingleServer. */
export interface SingleServerProps {
  /** Network with a public subnet in the volume's zone. */
  readonly vpc: ec2.IVpc;
  /** Volume for everything that must last. */
  readonly volume: IServerVolume;
  /** Container image of the product, for Arm (`linux/arm64`); started once as `web` and once as `worker`. */
  readonly image: ProductImage;
  /** Port the web container listens on, 1 to 65535. */
  readonly port: number;
  /** Path that answers 2xx when the product can serve, such as `/health`. */
  readonly healthCheckPath: string;
  /**
   * Name of the site. The server gets a certificate for it as soon as the name leads to `publicIp`.
   * @default - plain HTTP on the address, good for a look
   */
  readonly domainName?: string;
  /**
   * Directory of the authority that signs the certificate (ACME, RFC 8555), such as the staging one of Let's Encrypt.
   * @default - that of Let's Encrypt
   */
  readonly acmeDirectory?: string;
  /**
   * Machine type; the volume has its own size.
   * @default ServerSize.USERS_1K
   */
  readonly size?: ServerSize;
  /**
   * Image of the system: Debian 12 for Arm, or one made from it.
   * @default - the Debian 12 that is newest at the first deploy, then the same until the runbook `rollImage` is started: no deploy
   * replaces the server for a new image
   */
  readonly machineImage?: ec2.IMachineImage;
  /**
   * Whether PostgreSQL runs on the server. If not, `environment` and `secrets` must carry the `DATABASE_` variables.
   * @default true
   */
  readonly databaseOnServer?: boolean;
  /**
   * Name of the database on the server, and of the role that owns it: lower-case letters, digits, underscores.
   * @default 'app'
   */
  readonly databaseName?: string;
  /**
   * Plain environment of the containers. The variables that the server sets itself are refused.
   * @default - none
   */
  readonly environment?: { [name: string]: string };
  /**
   * Secret environment of the containers; the server fetches it at each release and keeps it in memory only.
   * @default - none
   */
  readonly secrets?: ContractSecret[];
  /**
   * Where the nightly dumps of database and cache go.
   * @default - no dumps: only what backs up the volume
   */
  readonly dumps?: DumpBucket;
  /**
   * Whether anybody may reach ports 80 and 443.
   * @default true
   */
  readonly allowPublicWeb?: boolean;
  /**
   * Receives the alarms, and a word whenever the machine is replaced.
   * @default - the alarms change colour and nobody is told
   */
  readonly alarmTopic?: sns.ITopic;
  /**
   * Where the server's logs go.
   * @default - a log group of its own: kept for a year, and when it leaves the template
   */
  readonly logGroup?: logs.ILogGroup;
  /**
   * Key for the server's own log group, in place at any time; the policy of a key made elsewhere must let CloudWatch Logs in.
   * @default - CloudWatch Logs' own key
   */
  readonly encryptionKey?: kms.IKey;
}

/**
 * One Arm machine that runs the whole product: nginx, the product's containers, PostgreSQL and Redis.
 *
 * It holds nothing that must last: an Auto Scaling group of one puts a new machine in its place when it fails, and the new one
 * takes over the volume and the address; expect about ten minutes without the site (seed: recovery within 30 minutes; not
 * verified against AWS). No SSH: use a session of Systems Manager, and the runbooks. A release starts a container beside the old one and switches when
 * it is healthy; another `domainName`, `size`, database setting or version of this library replaces the machine. docs/server.md says
 * what runs on it.
 *
 * The product's containers may do what the machine's role may do; there is one boundary only, that of the machine.
 */
export class SingleServer extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** Ports 80 and 443; the default port is 443. */
  public readonly connections: ec2.Connections;
  /** The role of the machine and so of the product's containers. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** Public IPv4 address of the site. */
  public readonly publicIp: string;
  /** The address. It goes with the server: by then the record of the site points elsewhere, and an unused one costs the same. */
  public readonly elasticIp: ec2.CfnEIP;
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  public readonly logGroup: logs.ILogGroup;
  /** What runs on the server. */
  public readonly release: ServerRelease;
  public readonly alarms: ServerAlarms;
  /** What people and pipelines start: deploy, restore, roll the image. */
  public readonly runbooks: ServerRunbooks;
  private readonly role: iam.Role;
  private readonly metrics: ServerMetrics;

  /**
   * @throws if no public subnet lies in the volume's zone, or port, healthCheckPath, domainName, databaseName, environment or
   * secrets do not fit
   */
  constructor(scope: Construct, id: string, props: SingleServerProps) {
    super(scope, id);
    const databaseOnServer = props.databaseOnServer ?? true;
    checkNames(props);

    this.elasticIp = new ec2.CfnEIP(this, 'Address', { domain: 'vpc' });
    this.publicIp = this.elasticIp.ref;
    this.logGroup = props.logGroup ?? serviceLog(this, 'Logs', { encryptionKey: props.encryptionKey });
    this.metrics = new ServerMetrics(props.volume.volumeId);
    this.release = new ServerRelease(this, 'Release', {
      ...props,
      setByServer: databaseOnServer ? [...SET_ALWAYS, ...SET_FOR_DATABASE] : SET_ALWAYS,
    });
    this.role = this.createRole();
    props.dumps?.grantDump(this.role);
    this.grantPrincipal = this.role;
    const permissions = new ServerPermissions(this, 'Permissions', {
      role: this.role,
      volume: props.volume,
      elasticIp: this.elasticIp,
      metricNamespace: METRIC_NAMESPACE,
    });
    const securityGroup = this.createSecurityGroup(props);
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.HTTPS });

    const script = new ServerScript(this, 'Script');
    const group: ServerGroup = new ServerGroup(this, 'Group', {
      vpc: props.vpc,
      volume: props.volume,
      instanceType: (props.size ?? ServerSize.USERS_1K).instanceType,
      machineImage: props.machineImage,
      role: this.role,
      securityGroup,
      alarmTopic: props.alarmTopic,
      userData: serverUserData({
        region: Aws.REGION,
        urlSuffix: Aws.URL_SUFFIX,
        stackName: Aws.STACK_NAME,
        signalResource: Lazy.string({ produce: () => group.logicalId }),
        scriptDocument: script.documentName,
        scriptSha256: script.sha256,
        volumeId: props.volume.volumeId,
        allocationId: this.elasticIp.attrAllocationId,
        releaseParameter: this.release.parameter.parameterName,
        logGroup: this.logGroup.logGroupName,
        metricNamespace: METRIC_NAMESPACE,
        dumpBucket: props.dumps?.bucket.bucketName ?? '',
        domain: props.domainName ?? '',
        acmeDirectory: props.acmeDirectory ?? LETS_ENCRYPT,
        databaseOnServer,
        databaseName: props.databaseName ?? 'app',
      }),
    });
    // CloudFormation waits for the machine, which in vain would wait for its permissions.
    group.node.addDependency(this.role.node.findChild('DefaultPolicy'), permissions);
    this.autoScalingGroup = group.autoScalingGroup;
    this.alarms = new ServerAlarms(this, 'Alarms', {
      autoScalingGroup: this.autoScalingGroup,
      volume: props.volume,
      dumps: props.dumps !== undefined,
      certificate: props.domainName !== undefined,
      alarmTopic: props.alarmTopic,
    });
    this.runbooks = new ServerRunbooks(this, 'Runbooks', {
      autoScalingGroup: this.autoScalingGroup,
      volume: props.volume,
      image: group.image,
      uptime: this.alarms.uptime,
      restoresDumps: props.dumps !== undefined,
    });
  }

  /** Share of the minutes in which the health check path answered: 0 to 1, averaged. */
  public metricUp(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.up(props);
  }

  /**
   * Seconds within which 95 of 100 requests of the last five minutes were answered: the maximum. No data while nobody asks.
   */
  public metricResponseTime(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.responseTime(props);
  }

  /** How full the fuller of the data volume and the system's disk is, in percent: the maximum. */
  public metricDataVolumeUsed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.dataVolumeUsed(props);
  }

  /** Memory in use, in percent: the average. */
  public metricMemoryUsed(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.memoryUsed(props);
  }

  /** What PostgreSQL uses of all the machine's processors, in percent: the average. No data where it runs elsewhere. */
  public metricDatabaseCpu(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.databaseCpu(props);
  }

  /** Hours since the last dump that was read back whole: the maximum. */
  public metricBackupAge(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.backupAge(props);
  }

  /** Days until the certificate ends, 0 while there is none: the maximum. No data without a domain. */
  public metricCertificateDays(props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metrics.certificateDays(props);
  }

  private createRole(): iam.Role {
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    this.logGroup.grantWrite(role);
    this.release.grantRead(role);
    this.release.grantWrite(role);
    acknowledgeOwnPolicies(role);
    return role;
  }

  private createSecurityGroup(props: SingleServerProps): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Web server',
      allowAllOutbound: true,
    });
    if (props.allowPublicWeb ?? true) {
      securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'Site');
      securityGroup.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTP, 'Certificate challenge and way to HTTPS');
      acknowledge(
        securityGroup,
        ...sameReason(
          'This is a public web server without a load balancer before it: ports 80 and 443 are its purpose, and no other port is ' +
            'open, not even SSH. Port 80 answers the certificate challenge and sends everybody else to HTTPS.',
          'AwsSolutions::AwsSolutions-EC23',
          'Checkov::CKV_AWS_260',
        ),
      );
    }
    return securityGroup;
  }
}

function checkNames({ domainName, databaseName }: SingleServerProps): void {
  const host = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
  if (domainName !== undefined && !Token.isUnresolved(domainName) && !host.test(domainName)) {
    throw new Error(`domainName must be a lower-case host name such as shop.example.com, got: '${domainName}'`);
  }
  if (databaseName !== undefined && !Token.isUnresolved(databaseName) && !/^[a-z_][a-z0-9_]{0,62}$/.test(databaseName)) {
    throw new Error(
      `databaseName must be 1 to 63 lower-case letters, digits and underscores and not start with a digit, got: '${databaseName}'`,
    );
  }
}
