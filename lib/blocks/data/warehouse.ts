import { Lazy, Names, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as redshiftserverless from 'aws-cdk-lib/aws-redshiftserverless';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { dataSubnets } from './data-subnets';
import { WarehouseSize } from './warehouse-size';

/** Properties of a Warehouse. */
export interface WarehouseProps {
  /** VPC to live in. */
  readonly vpc: ec2.IVpc;
  /**
   * Subnets in three zones at least.
   * @default - subnets without a way out, else private ones
   */
  readonly vpcSubnets?: ec2.SubnetSelection;
  /**
   * Key for the data and for the administrator's password.
   * @default - keys that AWS owns
   */
  readonly encryptionKey?: kms.IKey;
  /** @default WarehouseSize.USERS_1M */
  readonly size?: WarehouseSize;
  /**
   * Name of the first database. Create-only in effect: Redshift has no way to rename it.
   * @default 'warehouse'
   */
  readonly databaseName?: string;
}

/**
 * Analytics beside production: Redshift Serverless, private, encrypted, TLS only.
 *
 * The namespace (the data) carries no tags and can get none: `Tags` is create-only on `AWS::RedshiftServerless::Namespace`, so any
 * tag that an app adds later, or changes from stage to stage, would replace the warehouse. The workgroup (the compute) holds
 * nothing and is not retained. The administrator's password is made and rotated by Redshift; CloudFormation does not tell the
 * secret's ARN (`aws redshift-serverless get-namespace` does). A recovery point is made every half hour and kept for a day, without a
 * property to change that (Amazon Redshift management guide, snapshots and recovery points); what is longer in it than the
 * database keeps has to be saved by a snapshot.
 *
 * @throws if there are subnets in fewer than three zones
 */
export class Warehouse extends Construct implements ec2.IConnectable {
  public readonly namespace: redshiftserverless.CfnNamespace;
  public readonly workgroup: redshiftserverless.CfnWorkgroup;
  /** Guards port 5439. */
  public readonly connections: ec2.Connections;
  /** Default role for COPY and UNLOAD; empty until you grant it something. */
  public readonly role: iam.Role;
  /** ARN of the namespace. */
  public readonly namespaceArn: string;
  /** Host name that clients connect to. */
  public readonly endpointAddress: string;
  public readonly size: WarehouseSize;

  private readonly policy = new iam.PolicyDocument();

  constructor(scope: Construct, id: string, props: WarehouseProps) {
    super(scope, id);
    const selection = { ...dataSubnets(props.vpc, props.vpcSubnets), onePerAz: true };
    const { subnetIds, isPendingLookup } = props.vpc.selectSubnets(selection);
    if (!Token.isUnresolved(subnetIds) && !isPendingLookup && subnetIds.length < 3) {
      // Amazon Redshift management guide, considerations when using Redshift Serverless.
      throw new Error(
        `vpcSubnets must lie in at least three zones for Redshift Serverless, got: ${subnetIds.length}; add a zone to the network first`,
      );
    }
    const size = props.size ?? WarehouseSize.USERS_1M;
    this.size = size;
    const name = Names.uniqueResourceName(this, { maxLength: 63, separator: '-' }).toLowerCase();
    const keyArn = props.encryptionKey?.keyArn;

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', { vpc: props.vpc, description: 'Data warehouse' });
    retain(securityGroup);
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(5439) });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.CompositePrincipal(
        new iam.ServicePrincipal('redshift.amazonaws.com'),
        new iam.ServicePrincipal('redshift-serverless.amazonaws.com'),
      ),
    });

    this.namespace = new redshiftserverless.CfnNamespace(this, 'Namespace', {
      namespaceName: name,
      dbName: props.databaseName ?? 'warehouse',
      adminUsername: 'warehouse_admin',
      manageAdminPassword: true,
      adminPasswordSecretKmsKeyId: keyArn,
      kmsKeyId: keyArn,
      defaultIamRoleArn: this.role.roleArn,
      iamRoles: [this.role.roleArn],
      logExports: ['userlog', 'connectionlog', 'useractivitylog'],
      namespaceResourcePolicy: Lazy.any({ produce: () => (this.policy.isEmpty ? undefined : this.policy) }),
    });
    retain(this.namespace);
    // After every aspect: Tags.of(app) reaches all taggable resources.
    this.namespace.addPropertyDeletionOverride('Tags');

    this.workgroup = new redshiftserverless.CfnWorkgroup(this, 'Workgroup', {
      workgroupName: name,
      namespaceName: this.namespace.ref,
      baseCapacity: size.baseRpus,
      maxCapacity: size.maxRpus,
      subnetIds,
      securityGroupIds: [securityGroup.securityGroupId],
      port: 5439,
      publiclyAccessible: false,
      // In place. An older management guide refused it beside zero-ETL integrations, today's does not (considerations for zero-ETL). Not
      // verified against AWS.
      enhancedVpcRouting: true,
      configParameters: [
        { parameterKey: 'require_ssl', parameterValue: 'true' },
        // Zero-ETL integrations refuse a target without it (Amazon Redshift management guide, zero-ETL).
        { parameterKey: 'enable_case_sensitive_identifier', parameterValue: 'true' },
      ],
    });
    this.namespaceArn = this.namespace.attrNamespaceNamespaceArn;
    this.endpointAddress = this.workgroup.attrWorkgroupEndpointAddress;
  }

  /** Adds a statement, without `resources`, to the policy of the namespace, such as who may integrate with it. */
  public addToResourcePolicy(statement: iam.PolicyStatement): void {
    this.policy.addStatements(statement);
  }

  /** Lets a principal sign in to the workgroup with its IAM identity, as a database user that still needs grants in SQL. */
  public grantConnect(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['redshift-serverless:GetCredentials', 'redshift-serverless:GetWorkgroup'],
      resourceArns: [this.workgroup.attrWorkgroupWorkgroupArn],
    });
  }
}
