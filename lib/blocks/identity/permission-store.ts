import { Arn, ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as avp from 'aws-cdk-lib/aws-verifiedpermissions';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { PermissionModel } from './permission-model';
import type { UserDirectory } from './user-directory';
import type { UserGroup } from './user-group';

/** Properties of a PermissionStore. */
export interface PermissionStoreProps {
  /** Whose people are permitted something. */
  readonly users: UserDirectory;
  /**
   * Groups of these people; each that permits something gets a policy.
   * @default - none; policies are made elsewhere
   */
  readonly groups?: UserGroup[];
  /** @default PermissionModel.byGroups() */
  readonly model?: PermissionModel;
  /**
   * Key for policies and schema, from the first day on: the API that changes a store takes no key (UpdatePolicyStore). The policy of a
   * key made elsewhere must let `verifiedpermissions.amazonaws.com` in.
   * @default - a key that AWS owns
   */
  readonly encryptionKey?: kms.IKey;
}

/** A store of permissions, made here or elsewhere. */
export interface IPermissionStore {
  /** Id of the store, for the services that ask it. */
  readonly policyStoreId: string;
  /** Lets a service ask what people may do. */
  grantIsAuthorized(grantee: iam.IGrantable): iam.Grant;
}

/** A store of permissions that was made elsewhere in the account. */
export interface PermissionStoreAttributes {
  readonly policyStoreId: string;
  /** Region of the store, whose address answers questions. */
  readonly region: string;
  /**
   * ARN of its key.
   * @default - a key that AWS owns
   */
  readonly encryptionKeyArn?: string;
}

/** The questions that a service may ask, one at a time or several: batches have no action of their own (Service Authorization Reference). */
const QUESTIONS = ['IsAuthorized', 'IsAuthorizedWithToken'];

/**
 * Who may do what, asked of Amazon Verified Permissions: a store of Cedar policies, the user pool as where people and their groups
 * come from, and a first policy for each group. Without a policy nobody may do anything.
 *
 * Policies that people add later are state: the store is protected from deletion and stays behind when it leaves the template.
 * Then it is not found again, so the guard refuses that. 5 USD for a million questions, nothing at rest (Amazon Verified Permissions
 * pricing, not verified against AWS).
 *
 * Not verified against AWS: that Verified Permissions takes tokens of the pool's updated issuer. If it does not, a service that has
 * checked the token asks with `IsAuthorized`, naming user and groups itself; the policies are the same.
 *
 * @throws if no group permits anything, and there is no schema, or an action is out of range
 */
export class PermissionStore extends Construct implements IPermissionStore {
  /** A store that was made elsewhere in the account, in any Region: its ARN has none. */
  public static fromPermissionStoreAttributes(
    scope: Construct,
    id: string,
    attributes: PermissionStoreAttributes,
  ): IPermissionStore {
    return new ImportedPermissionStore(scope, id, attributes);
  }

  public readonly store: avp.CfnPolicyStore;
  /** Id of the store, for the services that ask it. */
  public readonly policyStoreId: string;
  /** The user pool as a source of identities. */
  public readonly identitySource: avp.CfnIdentitySource;
  /** Namespace of entities and actions. */
  public readonly namespace: string;
  private readonly encryptionKey?: kms.IKey;

  constructor(scope: Construct, id: string, props: PermissionStoreProps) {
    super(scope, id);
    const { users, groups = [], model = PermissionModel.byGroups(), encryptionKey } = props;
    checkActions(groups);
    this.encryptionKey = encryptionKey;
    this.namespace = model.namespace;
    this.store = new avp.CfnPolicyStore(this, 'Store', {
      description: 'Who may do what in the product',
      validationSettings: { mode: 'STRICT' },
      schema: { cedarJson: model.schemaFor(groups) },
      deletionProtection: { mode: 'ENABLED' },
      encryptionSettings: encryptionKey && { kmsEncryptionSettings: { key: encryptionKey.keyArn } },
    });
    retain(this.store);
    this.policyStoreId = this.store.attrPolicyStoreId;
    encryptionKey?.addToResourcePolicy(verifiedPermissions(Stack.of(this).account));

    const { policyStoreId, namespace } = this;
    this.identitySource = new avp.CfnIdentitySource(this, 'Users', {
      policyStoreId,
      principalEntityType: `${namespace}::User`,
      configuration: {
        cognitoUserPoolConfiguration: {
          userPoolArn: users.userPool.userPoolArn,
          clientIds: [users.client.userPoolClientId],
          groupConfiguration: { groupEntityType: `${namespace}::Group` },
        },
      },
    });
    for (const { name, permits = [] } of groups) {
      if (permits.length === 0) continue;
      const actions = permits.map((action) => `${namespace}::Action::"${action}"`).join(', ');
      // Verified Permissions user guide, Cognito identity sources: the id of the pool stands before the name of the group.
      const group = `${namespace}::Group::"${users.userPool.userPoolId}|${name}"`;
      new avp.CfnPolicy(this, `Policy-${name}`, {
        policyStoreId,
        definition: {
          static: {
            description: `What ${name} may do`,
            statement: `permit (principal in ${group}, action in [${actions}], resource);`,
          },
        },
      });
    }
  }

  /** Lets a service ask what people may do. */
  public grantIsAuthorized(grantee: iam.IGrantable): iam.Grant {
    const { policyStoreId, encryptionKey } = this;
    const { region } = Stack.of(this);
    return allowQuestions(this, grantee, { policyStoreId, region, encryptionKeyArn: encryptionKey?.keyArn });
  }
}

class ImportedPermissionStore extends Construct implements IPermissionStore {
  public readonly policyStoreId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly attributes: PermissionStoreAttributes,
  ) {
    super(scope, id);
    this.policyStoreId = attributes.policyStoreId;
  }

  public grantIsAuthorized(grantee: iam.IGrantable): iam.Grant {
    return allowQuestions(this, grantee, this.attributes);
  }
}

/** Whoever asks needs the key too, by way of Verified Permissions (user guide, necessary IAM policies for encrypted resources). */
function allowQuestions(
  scope: Construct,
  grantee: iam.IGrantable,
  { policyStoreId, region, encryptionKeyArn }: PermissionStoreAttributes,
): iam.Grant {
  const stack = Stack.of(scope);
  const store = Arn.format(
    {
      service: 'verifiedpermissions',
      region: '',
      resource: 'policy-store',
      resourceName: policyStoreId,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    },
    stack,
  );
  const questions = iam.Grant.addToPrincipal({
    grantee,
    actions: QUESTIONS.map((question) => `verifiedpermissions:${question}`),
    resourceArns: [store],
  });
  if (encryptionKeyArn === undefined) return questions;
  const key = iam.Grant.addToPrincipal({
    grantee,
    actions: ['kms:Decrypt'],
    resourceArns: [encryptionKeyArn],
    conditions: { StringEquals: { 'kms:ViaService': `verifiedpermissions.${region}.${stack.urlSuffix}` } },
  });
  return questions.combine(key);
}

/** Lets Verified Permissions use a key for the policy stores of this account (user guide, encrypting resources). */
function verifiedPermissions(account: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'PolicyStoresOfThisAccount',
    principals: [new iam.ServicePrincipal('verifiedpermissions.amazonaws.com')],
    actions: [
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    ],
    resources: ['*'],
    conditions: {
      StringEquals: { 'aws:SourceAccount': account },
      StringLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:verifiedpermissions::${account}:policy-store/*` },
    },
  });
}

function checkActions(groups: UserGroup[]): void {
  for (const { name, permits = [] } of groups) {
    if (permits.length > 0 && new Set(permits).size !== permits.length) {
      throw new Error(`groups: permits of '${name}' names an action twice: name every action once`);
    }
    for (const action of permits) {
      // Within quotes of a policy and of JSON, where nothing may end them.
      if (/^[A-Za-z0-9][A-Za-z0-9 ._:/-]{0,127}$/.test(action)) continue;
      throw new Error(
        `groups: permits of '${name}' must be letters, digits, spaces and signs of ._:/-, got '${action}': write it as in refund-order`,
      );
    }
  }
}
