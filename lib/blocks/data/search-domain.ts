import { Names, Stack } from 'aws-cdk-lib';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { retain } from '../operations/retain';
import { serviceLog } from '../operations/service-log';
import { dataSubnets } from './data-subnets';
import { ExistingSearchDomain, type ISearchDomain, type SearchDomainAttributes, searchMetric } from './existing-search-domain';
import { SearchSize } from './search-size';
import { notRotated } from './unrotated-secret';

/** Properties of a SearchDomain. */
export interface SearchDomainProps {
  readonly vpc: ec2.IVpc;
  /**
   * Subnets in two or three zones, of which at most the first three are taken. A third may come later, in place.
   * @default - subnets without a way out, else private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Key for the indexes and the credentials. Choose once: another key makes the service delete and recreate the domain, although
   * a template diff shows an update (AWS::OpenSearchService::Domain EncryptionAtRestOptions).
   * @default - the AWS managed key of OpenSearch Service
   */
  readonly encryptionKey?: kms.IKey;
  /** @default SearchSize.USERS_1M */
  readonly size?: SearchSize;
  /**
   * OpenSearch version. A higher one is an upgrade in place.
   * @default EngineVersion.OPENSEARCH_2_19
   */
  readonly version?: opensearch.EngineVersion;
}

/**
 * Full-text search in the VPC: an OpenSearch Service domain, encrypted everywhere, over two or three zones, with dedicated masters.
 * Slow logs stay empty until indexes have thresholds, which `SearchIndexPolicies` sets. The service tunes queues and memory by
 * itself (Auto-Tune, on by default and without a property in CloudFormation), and updates its software in the off-peak window.
 *
 * The account needs the service-linked role of OpenSearch Service before the first domain in a VPC
 * (`aws iam create-service-linked-role --aws-service-name opensearchservice.amazonaws.com`); a template that made it would fail in
 * every account that has it. Clients sign in with user name and password: with a signed identity instead, somebody would have to
 * map it to a role inside the domain first, which no CloudFormation resource does.
 *
 * @throws if there are subnets in fewer than two zones
 */
export class SearchDomain extends Construct implements ISearchDomain {
  /** A domain that exists already. */
  public static fromAttributes(scope: Construct, id: string, attrs: SearchDomainAttributes): ISearchDomain {
    return new ExistingSearchDomain(scope, id, attrs);
  }

  public readonly domain: opensearch.Domain;
  /** Guards port 443. */
  public readonly connections: ec2.Connections;
  /** Credentials of the master user, fields `username` and `password`. */
  public readonly credentials: secretsmanager.ISecret;
  /** Host name that clients connect to, without `https://`. */
  public readonly endpoint: string;
  public readonly domainName: string;
  public readonly domainArn: string;
  public readonly size: SearchSize;
  public readonly zones: number;
  public readonly dataNodes: number;

  constructor(scope: Construct, id: string, props: SearchDomainProps) {
    super(scope, id);
    const size = props.size ?? SearchSize.USERS_1M;
    const selection = dataSubnets(props.vpc, props.vpcSubnets);
    const subnets = props.vpc.selectSubnets({ ...selection, onePerAz: true }).subnets.slice(0, 3);
    if (subnets.length < 2) throw new Error(`vpcSubnets must lie in at least two zones, got: ${subnets.length}`);

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc: props.vpc, description: 'Search domain' });
    retain(securityGroup);
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(443) });

    this.credentials = new secretsmanager.Secret(this, 'Credentials', {
      description: 'Master user of the search domain',
      encryptionKey: props.encryptionKey,
      // Never edit: a change here may generate another password, and the domain's users would be locked out.
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: 'search_admin' }),
        generateStringKey: 'password',
        passwordLength: 32,
        excludeCharacters: ' "\'`\\/@:?#%&+=$<>|;,{}[]()',
      },
    });
    retain(this.credentials);
    acknowledge(
      this.credentials,
      ...notRotated(
        'A rotation has to change the password in the domain at the same moment, which Secrets Manager has no managed rotation for; ' +
          'the password is 32 random characters, lives only here, and works only from inside the VPC through named security groups.',
      ),
    );

    const { encryptionKey } = props;
    const [search, index, app, audit] = ['SearchLog', 'IndexLog', 'AppLog', 'AuditLog'].map((name) =>
      serviceLog(this, name, { encryptionKey }),
    );
    // CDK's own way is a custom resource. An account has ten such policies a Region (CloudWatch Logs quotas).
    const logPolicy = new logs.CfnResourcePolicy(this, 'LogPolicy', {
      policyName: Names.uniqueResourceName(this, { maxLength: 128, separator: '-' }),
      policyDocument: this.toJson(
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('es.amazonaws.com')],
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [search, index, app, audit].map((group) => group.logGroupArn),
          conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
        }),
      ),
    });

    this.domain = new opensearch.Domain(this, 'Domain', {
      version: props.version ?? opensearch.EngineVersion.OPENSEARCH_2_19,
      enableVersionUpgrade: true,
      vpc: props.vpc,
      vpcSubnets: [{ subnets }],
      securityGroups: [securityGroup],
      zoneAwareness: { enabled: true, availabilityZoneCount: subnets.length },
      capacity: {
        dataNodes: size.dataNodesPerZone * subnets.length,
        dataNodeInstanceType: size.dataNodeType,
        masterNodes: 3,
        masterNodeInstanceType: size.masterNodeType,
        // Explicit, for a feature flag of the user's would decide. With standby every index needs two replicas.
        multiAzWithStandbyEnabled: false,
      },
      ebs: { enabled: true, volumeSize: size.volumeGiB, volumeType: ec2.EbsDeviceVolumeType.GP3 },
      encryptionAtRest: { enabled: true, kmsKey: props.encryptionKey },
      nodeToNodeEncryption: true,
      enforceHttps: true,
      tlsSecurityPolicy: opensearch.TLSSecurityPolicy.TLS_1_2_PFS,
      fineGrainedAccessControl: {
        masterUserName: 'search_admin',
        masterUserPassword: this.credentials.secretValueFromJson('password'),
      },
      logging: {
        slowSearchLogEnabled: true,
        slowSearchLogGroup: search,
        slowIndexLogEnabled: true,
        slowIndexLogGroup: index,
        appLogEnabled: true,
        appLogGroup: app,
        auditLogEnabled: true,
        auditLogGroup: audit,
      },
      suppressLogsResourcePolicy: true,
      offPeakWindowEnabled: true,
      enableAutoSoftwareUpdate: true,
    });
    retain(this.domain);
    this.domain.node.addDependency(logPolicy);
    const resource = this.domain.node.defaultChild as opensearch.CfnDomain;
    // On the resource itself: through the domain's own property CDK sets it by a custom resource. A domain without a name cannot
    // name itself, so the ARN stands for the account's domains; a policy only ever acts on the domain it is attached to.
    resource.accessPolicies = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: 'es:ESHttp*',
          Resource: Stack.of(this).formatArn({ service: 'es', resource: 'domain', resourceName: '*' }),
        },
      ],
    };
    acknowledge(
      this.domain,
      {
        id: 'AwsSolutions::AwsSolutions-OS3',
        reason:
          'OpenSearch Service refuses policies by IP address on domains in a VPC; the security group says instead which clients ' +
          'may reach the domain, and it starts out with none.',
      },
      {
        id: 'AwsSolutions::AwsSolutions-OS5',
        reason:
          'With fine-grained access control the service recommends a policy that asks for no signature, since the domain itself ' +
          'demands user name and password of every request; the domain has no public endpoint.',
      },
      {
        id: 'ControlTower::CT.OPENSEARCH.PR.16',
        reason:
          'The control shuts out TLS below 1.2 by naming the one policy of its time, Policy-Min-TLS-1-2-2019-07. The domain has ' +
          'Policy-Min-TLS-1-2-PFS-2023-10, which also starts at TLS 1.2, takes 1.3, and drops the ciphers without forward secrecy.',
      },
    );
    this.endpoint = this.domain.domainEndpoint;
    this.domainName = resource.ref;
    this.domainArn = resource.attrArn;
    this.size = size;
    this.zones = subnets.length;
    this.dataNodes = size.dataNodesPerZone * subnets.length;
  }

  /** Lets a principal read the master user's credentials. Its security group needs `connections.allowDefaultPortFrom` besides. */
  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return this.credentials.grantRead(grantee);
  }

  public metric(metricName: string, props?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return searchMetric(this, this.domainName, metricName, props);
  }

  private toJson(statement: iam.PolicyStatement): string {
    return Stack.of(this).toJsonString(new iam.PolicyDocument({ statements: [statement] }));
  }
}
