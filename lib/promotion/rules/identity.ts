import type { Rule } from './rule';

/** What every resource is judged by, whatever its type. The engine itself applies these. */
export const IN_PLACE: Rule = {
  id: 'in-place',
  sentence: 'updated in place',
  source: '@aws-cdk/aws-service-spec',
};

export const UNKNOWN_TO_SCHEMAS: Rule = {
  id: 'unknown-to-the-schemas',
  sentence: 'the schemas do not know this, so it is taken for an update (not verified against AWS)',
  source: '@aws-cdk/aws-service-spec',
};

export const CREATE_ONLY: Rule = {
  id: 'create-only',
  sentence: 'set when the resource is created: another value means another resource',
  source: '@aws-cdk/aws-service-spec',
};

export const NESTED_CREATE_ONLY: Rule = {
  id: 'nested-create-only',
  sentence: 'set when the resource is created: another value means another resource, although cdk diff shows an update',
  source: '@aws-cdk/aws-service-spec',
};

export const CREATE_ONLY_TAGS: Rule = {
  id: 'create-only-tags',
  sentence: 'the tags of this type are create-only: another tag means another resource',
  source: '@aws-cdk/aws-service-spec',
};

export const CONDITIONAL: Rule = {
  id: 'conditional-replacement',
  sentence: 'the schema calls this a conditional replacement, so it counts as one (not verified against AWS)',
  source: '@aws-cdk/aws-service-spec',
};

export const REPLACED_REFERENCE: Rule = {
  id: 'replaced-reference',
  sentence: 'a create-only property refers to a resource that is itself replaced',
  source: '@aws-cdk/aws-service-spec',
};

export const SHIFTED_VALUE: Rule = {
  id: 'value-decided-elsewhere',
  sentence: 'set when the resource is created, and its value changes although its text does not',
  source: '@aws-cdk/aws-service-spec; CloudFormation Fn::ImportValue, Fn::GetStackOutput and AWS::CloudFormation::Stack',
};

export const NESTED_UNREAD: Rule = {
  id: 'nested-template-not-at-hand',
  sentence:
    'the template of this nested stack is not in both assemblies, so what happens to the state in it cannot be told: let it be an asset (aws-cdk-lib NestedStack)',
  source: 'CloudFormation AWS::CloudFormation::Stack, TemplateURL',
};

export const MADE_AT_DEPLOY: Rule = {
  id: 'resources-made-at-deploy',
  sentence: 'a loop makes these resources when the stack deploys, and it changes: which of them go cannot be told',
  source: 'CloudFormation Fn::ForEach (AWS::LanguageExtensions transform)',
};

export const TYPE_CHANGE: Rule = {
  id: 'type-change',
  sentence: 'CloudFormation refuses another type under the same logical id: give the new resource an id of its own',
  source: 'CloudFormation error "Update of resource type is not permitted"',
};

export const FIXED_NAME: Rule = {
  id: 'fixed-name',
  sentence: 'a resource with a fixed name cannot be replaced, because both would bear the name at once: the deploy fails',
  source: 'CloudFormation error "cannot update a stack when a custom-named resource requires replacing"',
};

export const REMOVED_DELETED: Rule = {
  id: 'removed-and-deleted',
  sentence:
    'leaves the template, and the deployed DeletionPolicy is Delete: deploy it with RemovalPolicy.RETAIN first, remove it afterwards',
  source: 'CloudFormation DeletionPolicy attribute',
};

export const REMOVED_SNAPSHOT: Rule = {
  id: 'removed-with-snapshot',
  sentence:
    'leaves the template, and the deployed DeletionPolicy is Snapshot: it is deleted and only a snapshot remains; deploy it with RemovalPolicy.RETAIN first',
  source: 'CloudFormation DeletionPolicy attribute',
};

export const REMOVED_RETAINED: Rule = {
  id: 'removed-and-retained',
  sentence: 'leaves the template and goes on living, and costing, without any stack to manage it',
  source: 'CloudFormation DeletionPolicy attribute',
};

export const STACK_LEFT_BEHIND: Rule = {
  id: 'stack-left-behind',
  sentence:
    'its stack is no longer in the app: cdk deploy leaves the whole stack behind as it is, and deleting it by hand follows each DeletionPolicy',
  source: 'AWS CDK CLI, cdk deploy and cdk destroy',
};

export const CONDITION_CHANGED: Rule = {
  id: 'condition-changed',
  sentence: 'another condition decides whether it exists: where that is false, it leaves the stack',
  source: 'CloudFormation Condition attribute',
};

export const POLICY_WEAKENED: Rule = {
  id: 'policy-weakened',
  sentence: 'nothing is lost now, but the next removal or replacement will delete it: keep Retain',
  source: 'CloudFormation DeletionPolicy and UpdateReplacePolicy attributes',
};

export const IDENTITY_RULES: Rule[] = [
  IN_PLACE,
  UNKNOWN_TO_SCHEMAS,
  CREATE_ONLY,
  NESTED_CREATE_ONLY,
  CREATE_ONLY_TAGS,
  CONDITIONAL,
  REPLACED_REFERENCE,
  SHIFTED_VALUE,
  NESTED_UNREAD,
  MADE_AT_DEPLOY,
  TYPE_CHANGE,
  FIXED_NAME,
  REMOVED_DELETED,
  REMOVED_SNAPSHOT,
  REMOVED_RETAINED,
  STACK_LEFT_BEHIND,
  CONDITION_CHANGED,
  POLICY_WEAKENED,
];
