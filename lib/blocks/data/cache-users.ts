import { Names } from 'aws-cdk-lib';
import * as elasticache from 'aws-cdk-lib/aws-elasticache';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { DataKey } from './data-key';
import { replicaRegions } from './replica-regions';
import { acknowledgeNoRotation } from './unrotated-secret';

/** Longest id of a user or group (ElastiCache API, CreateUser and CreateUserGroup). */
const LONGEST_ID = 40;
const APP_USER = 'app';

/** Properties of CacheUsers. */
export interface CacheUsersProps {
  /** @default - a multi-Region key of its own */
  readonly encryptionKey?: kms.IKey;
  /**
   * Regions that get a copy of the credentials. A cache of another Region has users, and so credentials, of its own: this is for
   * readers elsewhere.
   * @default - none
   */
  readonly credentialReplicaRegions?: string[];
}

/**
 * Who may use a cache: one user `app` with a generated password, in a user group.
 *
 * Role-based access from birth, because moving from an auth token to a user group replaces the cache
 * (cloudformation-coverage-roadmap#2356).
 *
 * The group also holds a switched-off user named `default`: CloudFormation's reference demands one of that name, ElastiCache itself
 * only from Redis groups; like this both are right, and nobody gets in without a name.
 */
export class CacheUsers extends Construct {
  /** Secret with the fields `username` and `password`. */
  public readonly secret: secretsmanager.Secret;
  public readonly user: elasticache.CfnUser;
  public readonly defaultUser: elasticache.CfnUser;
  public readonly group: elasticache.CfnUserGroup;
  /** Id of the group, for `UserGroupIds` of a cache. */
  public readonly groupId: string;

  constructor(scope: Construct, id: string, props: CacheUsersProps = {}) {
    super(scope, id);
    const regions = replicaRegions(this, 'credentialReplicaRegions', props.credentialReplicaRegions);
    this.secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'Credentials of the product cache',
      encryptionKey: props.encryptionKey ?? new DataKey(this, 'Key').key,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: APP_USER }),
        generateStringKey: 'password',
        // ElastiCache takes 16 to 128 characters, few of them punctuation.
        passwordLength: 64,
        excludePunctuation: true,
      },
      replicaRegions: regions,
    });
    retain(this.secret);
    acknowledgeNoRotation(this.secret);
    this.user = this.addUser('User', APP_USER, 'on ~* &* +@all');
    this.defaultUser = this.addUser('DefaultUser', 'default', 'off -@all');
    this.group = new elasticache.CfnUserGroup(this, 'Group', {
      engine: 'valkey',
      userGroupId: this.uniqueId('group'),
      userIds: [this.user.ref, this.defaultUser.ref],
    });
    // A retained cache would lock everybody out without them.
    retain(this.group);
    this.groupId = this.group.ref;
  }

  private addUser(id: string, userName: string, accessString: string): elasticache.CfnUser {
    const user = new elasticache.CfnUser(this, id, {
      engine: 'valkey',
      userId: this.uniqueId(userName),
      userName,
      accessString,
      // A dynamic reference: the password itself is in no template.
      authenticationMode: { Type: 'password', Passwords: [this.secret.secretValueFromJson('password').unsafeUnwrap()] },
    });
    retain(user);
    return user;
  }

  /** Ids are required and cannot change; they depend on the path only. */
  private uniqueId(suffix: string): string {
    const unique = Names.uniqueResourceName(this, { maxLength: LONGEST_ID - suffix.length - 1 });
    return `${unique}-${suffix}`.toLowerCase();
  }
}
