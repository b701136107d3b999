import { Annotations, Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct, type IConstruct } from 'constructs';
import { retain } from '../operations/retain';
import { instancesOf } from './aurora-instances';
import type { IAuroraDatabase } from './existing-aurora-database';

/** An Aurora global database, ours or one that exists already. */
export interface IAuroraGlobalDatabase extends IConstruct {
  /** Identifier by which secondary clusters join. */
  readonly globalClusterIdentifier: string;
  /** Version that every member has to have. */
  readonly engineVersion: rds.AuroraPostgresEngineVersion;
}

/** What to know about a global database that exists already. */
export interface AuroraGlobalDatabaseAttributes {
  readonly globalClusterIdentifier: string;
  readonly engineVersion: rds.AuroraPostgresEngineVersion;
}

/** Properties of an AuroraGlobalDatabase. */
export interface AuroraGlobalDatabaseProps {
  /** Database of the same Region that becomes the primary. Nothing of it changes. */
  readonly database: IAuroraDatabase;
}

/**
 * Makes a database the primary of a global database by pointing at it, which only adds a resource.
 *
 * `GlobalClusterIdentifier` is never set on the primary itself: unset to set is not updatable, so it would replace the database
 * (RDS resource provider, DBCluster handler).
 *
 * If the whole resource is deleted, the handler takes the primary out first and deletes the empty shell; the data stays.
 *
 * @throws if the database's minimum capacity is known to be 0
 */
export class AuroraGlobalDatabase extends Construct implements IAuroraGlobalDatabase {
  /** A global database that exists already. */
  public static fromAttributes(scope: Construct, id: string, attrs: AuroraGlobalDatabaseAttributes): IAuroraGlobalDatabase {
    class Import extends Construct implements IAuroraGlobalDatabase {
      public readonly globalClusterIdentifier = attrs.globalClusterIdentifier;
      public readonly engineVersion = attrs.engineVersion;
    }
    return new Import(scope, id);
  }

  public readonly globalClusterIdentifier: string;
  public readonly engineVersion: rds.AuroraPostgresEngineVersion;
  /**
   * Host that always leads to the current primary, also after a switchover. Not verified against AWS; from another Region it needs
   * a route between the two VPCs.
   */
  public readonly writerHost: string;
  public readonly resource: rds.CfnGlobalCluster;

  constructor(scope: Construct, id: string, props: AuroraGlobalDatabaseProps) {
    super(scope, id);
    checkSize(this, props.database);
    this.engineVersion = props.database.engineVersion;
    this.resource = new rds.CfnGlobalCluster(this, 'Resource', {
      // The id, not the ARN, which older handlers ignored. Engine, EngineVersion and StorageEncrypted come from the source and must
      // not be given beside it. Without a GlobalClusterIdentifier the handler makes one from the logical id (its CreateHandler).
      sourceDbClusterIdentifier: props.database.cluster.clusterIdentifier,
      deletionProtection: true,
    });
    // A global database wants a source with an instance, which comes after the cluster.
    this.resource.node.addDependency(...instancesOf(props.database.cluster));
    retain(this.resource);
    this.globalClusterIdentifier = this.resource.ref;
    this.writerHost = Token.asString(this.resource.getAtt('GlobalEndpoint.Address'));
  }
}

function checkSize(scope: Construct, { size }: IAuroraDatabase): void {
  if (!size || size.supportsGlobalDatabase) return;
  if (size.autoPauses) {
    throw new Error(
      'database.size must not start at 0 ACU in a global database, got 0: choose DatabaseSize.USERS_10M (AWS recommends 8 ACU or more)',
    );
  }
  Annotations.of(scope).addWarningV2(
    'cdk-scale-tiers:globalDatabaseTooSmall',
    `AWS recommends at least 8 ACU for the primary of a global database, got ${size.minCapacity}: choose DatabaseSize.USERS_10M`,
  );
}
