import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import { isIntrinsic, isObject } from '../../assembly/values';
import { type DeployedResource, deployedResources } from './deployed-resources';
import { embeddedJson } from './embedded-json';

/** One statement of an IAM policy, wherever a template has one. */
export interface PolicyStatement {
  readonly stack: AssemblyStack;
  readonly logicalId: string;
  /** CloudFormation type of the resource. */
  readonly type: string;
  /** Dotted path of the statement below the resource's `Properties`; empty where the resource is the statement. */
  readonly property: string;
  /**
   * What it does: `identity` gives to whoever has the policy, `trust` lets somebody become a role, `resource` gives to its
   * principals, `limit` gives nothing (service control policies, policies of VPC endpoints).
   */
  readonly kind: 'identity' | 'trust' | 'resource' | 'limit';
  /** `Allow`, `Deny`, or something else where it is not known. */
  readonly effect: string;
  readonly principals: Principal[];
  /** Of `NotPrincipal`: everybody but these. */
  readonly notPrincipals: Principal[];
  /** Text, or an intrinsic function. */
  readonly actions: unknown[];
  readonly notActions: unknown[];
  readonly resources: unknown[];
  readonly notResources: unknown[];
  readonly conditions: PolicyCondition[];
  /** The statement as it stands in the template, worked out as in {@link DeployedResource}. */
  readonly raw: Record<string, unknown>;
}

/** Somebody that a statement is about. */
export interface Principal {
  /** `AWS`, `Service`, `Federated` or `CanonicalUser`; `AWS` for a plain `*`. */
  readonly kind: string;
  /** Text, or an intrinsic function. */
  readonly value: unknown;
}

/** One test of a statement's condition. */
export interface PolicyCondition {
  /** Such as `StringEquals`. */
  readonly operator: string;
  /** Such as `aws:SourceAccount`. */
  readonly key: string;
  readonly values: unknown[];
}

/** Types whose policies say what somebody may do, and name nobody. */
const IDENTITY_TYPES = /^AWS::(IAM|SSO|IoT|RolesAnywhere|Transfer|Serverless)::/;
/** Types whose policies only take away. */
const LIMIT_TYPES = ['AWS::Organizations::Policy', 'AWS::EC2::VPCEndpoint'];

const found = new WeakMap<Assembly, PolicyStatement[]>();

/**
 * The statements of all policies in an assembly: of identities, of roles' trust, and of every type of resource that has a
 * policy, whether as an object, as JSON text, or, for permissions of functions, as properties of their own.
 */
export function policyStatements(assembly: Assembly): PolicyStatement[] {
  let statements = found.get(assembly);
  if (!statements) {
    statements = deployedResources(assembly).flatMap(statementsOf);
    found.set(assembly, statements);
  }
  return statements;
}

function statementsOf(resource: DeployedResource): PolicyStatement[] {
  const permission = PERMISSIONS[resource.type]?.(resource.properties);
  if (permission) return [statement(resource, '', permission)];
  return documentsIn(resource.properties, []).flatMap(({ path, document }) => {
    const { Statement } = document;
    return (Array.isArray(Statement) ? Statement : [Statement]).flatMap((item, index) => {
      const property = [...path, 'Statement', ...(Array.isArray(Statement) ? [String(index)] : [])].join('.');
      // A statement that depends on a condition is there in one of two ways.
      return alternatives(item)
        .filter(isStatement)
        .map((raw) => statement(resource, property, raw));
    });
  });
}

/** What is a policy is known by its statements: types that have one come with every month. */
function documentsIn(value: unknown, path: string[]): { path: string[]; document: Record<string, unknown> }[] {
  const json = embeddedJson(value);
  if (json !== undefined) return documentsIn(json, path);
  if (Array.isArray(value)) return value.flatMap((item, index) => documentsIn(item, [...path, String(index)]));
  if (!isObject(value)) return [];
  const { Statement } = value;
  if ((Array.isArray(Statement) ? Statement : [Statement]).flatMap(alternatives).some(isStatement)) {
    return [{ path, document: value }];
  }
  return Object.entries(value).flatMap(([key, child]) => documentsIn(child, [...path, key]));
}

function isStatement(value: unknown): value is Record<string, unknown> {
  return isObject(value) && 'Effect' in value;
}

function statement(resource: DeployedResource, property: string, raw: Record<string, unknown>): PolicyStatement {
  const { stack, logicalId, type } = resource;
  return {
    stack,
    logicalId,
    type,
    property,
    kind: kindOf(type, property),
    effect: typeof raw.Effect === 'string' ? raw.Effect : 'unknown',
    principals: principals(raw.Principal),
    notPrincipals: principals(raw.NotPrincipal),
    actions: list(raw.Action),
    notActions: list(raw.NotAction),
    resources: list(raw.Resource),
    notResources: list(raw.NotResource),
    conditions: conditions(raw.Condition),
    raw,
  };
}

function kindOf(type: string, property: string): PolicyStatement['kind'] {
  if (property.startsWith('AssumeRolePolicyDocument.')) return 'trust';
  if (LIMIT_TYPES.includes(type)) return 'limit';
  return IDENTITY_TYPES.test(type) ? 'identity' : 'resource';
}

function principals(value: unknown): Principal[] {
  if (value === undefined) return [];
  if (!isObject(value) || isIntrinsic(value)) return list(value).map((item) => ({ kind: 'AWS', value: item }));
  return Object.entries(value).flatMap(([kind, names]) => list(names).map((name) => ({ kind, value: name })));
}

function conditions(value: unknown): PolicyCondition[] {
  return alternatives(value).flatMap((condition) =>
    Object.entries(isObject(condition) ? condition : {}).flatMap(([operator, tests]) =>
      Object.entries(isObject(tests) ? tests : {}).map(([key, values]) => ({ operator, key, values: list(values) })),
    ),
  );
}

/** A list, of which a policy may write a single item without its brackets. */
function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).flatMap((item) =>
    alternatives(item).flatMap((choice) => (Array.isArray(choice) ? choice : [choice])),
  );
}

/** Both sides of an `Fn::If` whose outcome is not known, and any other value by itself. */
export function alternatives(value: unknown): unknown[] {
  const choice = isIntrinsic(value) ? (value as Record<string, unknown>)['Fn::If'] : undefined;
  if (!Array.isArray(choice)) return [value];
  return choice
    .slice(1)
    .filter((branch) => !(isObject(branch) && branch.Ref === 'AWS::NoValue'))
    .flatMap(alternatives);
}

/** Types that are a statement, spelled in properties of their own. */
const PERMISSIONS: Record<string, (properties: Record<string, unknown>) => Record<string, unknown> | undefined> = {
  'AWS::Lambda::Permission': (properties) => ({
    Effect: 'Allow',
    Principal: permitted(properties.Principal),
    Action: properties.Action,
    Resource: properties.FunctionName,
    Condition: {
      ArnLike: present({ 'aws:SourceArn': properties.SourceArn }),
      StringEquals: present({
        'aws:SourceAccount': properties.SourceAccount,
        'aws:PrincipalOrgID': properties.PrincipalOrgID,
        'lambda:EventSourceToken': properties.EventSourceToken,
        'lambda:FunctionUrlAuthType': properties.FunctionUrlAuthType,
      }),
      Bool: present({ 'lambda:InvokedViaFunctionUrl': properties.InvokedViaFunctionUrl }),
    },
  }),
  'AWS::Lambda::LayerVersionPermission': (properties) => ({
    Effect: 'Allow',
    Principal: permitted(properties.Principal),
    Action: properties.Action,
    Resource: properties.LayerVersionArn,
    Condition: { StringEquals: present({ 'aws:PrincipalOrgID': properties.OrganizationId }) },
  }),
  'AWS::Events::EventBusPolicy': (properties) =>
    properties.Statement === undefined
      ? {
          Effect: 'Allow',
          Principal: permitted(properties.Principal),
          Action: properties.Action,
          Condition: busCondition(properties.Condition),
        }
      : undefined,
};

/** As it was before buses had statements: a test is `{ Type, Key, Value }`. */
function busCondition(condition: unknown): unknown {
  if (!isObject(condition)) return undefined;
  return { [String(condition.Type)]: { [String(condition.Key)]: condition.Value } };
}

function permitted(principal: unknown): unknown {
  return typeof principal === 'string' && principal.includes('.') ? { Service: principal } : { AWS: principal };
}

function present(tests: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tests).filter(([, value]) => value !== undefined));
}
