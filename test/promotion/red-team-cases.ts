import type { Assembly, AssemblyStack, Template, TemplateResource } from '../../lib/assembly/cloud-assembly';
import type { Verdict } from '../../lib/promotion/change';
import { assembly, att, ref, resource, retained, stack, stackOutput } from './templates';

type Resources = Record<string, TemplateResource>;

/** Something that was, or could be, tried to get past the guard. */
export interface Attack {
  readonly what: string;
  readonly before: Assembly;
  readonly after: Assembly;
  readonly id: string;
  readonly verdict: Verdict;
  readonly rule: string;
}

/** Places for substitution, written <so>. */
function placed(text: string): string {
  return text.replaceAll('<', '$' + '{').replaceAll('>', '}');
}

function files(KmsKeyId: unknown): TemplateResource {
  return retained('AWS::EFS::FileSystem', { Encrypted: true, KmsKeyId });
}

function shop(resources: Resources, sections: Partial<Template> = {}): Assembly {
  const made = stack('Shop', resources);
  return assembly({ ...made, template: { ...made.template, ...sections } });
}

/** The same resources under two versions of the other sections. */
function sections(resources: Resources, before: Partial<Template>, after: Partial<Template>): Pick<Attack, 'before' | 'after'> {
  return { before: shop(resources, before), after: shop(resources, after) };
}

function properties(
  Type: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Pick<Attack, 'before' | 'after'> {
  return { before: shop({ It: retained(Type, before) }), after: shop({ It: retained(Type, after) }) };
}

const same = (value: string) => ({ 'Fn::Equals': ['on', value] });
const keys = { One: retained('AWS::KMS::Key'), Two: retained('AWS::KMS::Key') };

function retargeted(reference: unknown): Pick<Attack, 'before' | 'after'> {
  const producer = (key: string) =>
    stack('Keys', keys, { outputs: { KeyArn: { Value: att(key, 'Arn'), Export: { Name: 'key' } } } });
  const consumer = stack('Shop', { It: files(reference) });
  return { before: assembly(producer('One'), consumer), after: assembly(producer('Two'), consumer) };
}

function nest(
  inner: AssemblyStack | undefined,
  Parameters?: Record<string, unknown>,
  more: Resources = {},
  url = 'one',
): AssemblyStack {
  const Nest = resource('AWS::CloudFormation::Stack', { TemplateURL: url, ...(Parameters ? { Parameters } : {}) });
  return stack('Shop', { ...keys, ...more, Nest }, inner ? { nested: { Nest: inner } } : {});
}

const inner = (resources: Resources, outputs?: Record<string, Record<string, unknown>>) =>
  stack('Shop/Nest', resources, { outputs });
const emptied = (tags: boolean) =>
  retained('AWS::S3::Bucket', tags ? { Tags: [{ Key: 'aws-cdk:auto-delete-objects', Value: 'true' }] } : {});
const emptier = resource('Custom::S3AutoDeleteObjects', { BucketName: ref('It') });
const loop = (...names: string[]) =>
  ({ 'Fn::ForEach::Stores': ['Name', names, { [placed('Store<Name>')]: resource('AWS::S3::Bucket') }] }) as unknown as Resources;
const cond = (conditions: Record<string, unknown>, Condition = 'Wanted') =>
  shop({ It: { ...files('key'), Condition } }, { Conditions: conditions });
const mapped = (value: string) => ({ Mappings: { Keys: { all: { arn: value } } } });
const byMap = { 'Fn::FindInMap': ['Keys', 'all', 'arn'] };

/** Each of these loses something, or fails, and was called safe once, unless the comment says otherwise. */
export const ATTACKS: Attack[] = [
  {
    what: 'a service that rolls gets its second target group and a canary in one update',
    before: shop({ It: resource('AWS::ECS::Service', { LoadBalancers: [{ TargetGroupArn: 'blue' }] }) }),
    after: shop({
      It: resource('AWS::ECS::Service', {
        LoadBalancers: [{ TargetGroupArn: 'blue', AdvancedConfiguration: { AlternateTargetGroupArn: 'green' } }],
        DeploymentConfiguration: { Strategy: 'CANARY', CanaryConfiguration: { CanaryPercent: 10, CanaryBakeTimeInMinutes: 5 } },
      }),
    }),
    id: 'It',
    verdict: 'own-deploy',
    rule: 'canary-after-two-groups',
  },
  {
    what: 'a mapping says something else under the same FindInMap',
    ...sections({ It: files(byMap) }, mapped('one'), mapped('two')),
    id: 'It',
    verdict: 'replaced',
    rule: 'create-only',
  },
  {
    what: 'a condition chooses the other branch of the same If',
    ...sections(
      { It: files({ 'Fn::If': ['Wanted', 'one', 'two'] }) },
      { Conditions: { Wanted: same('on') } },
      { Conditions: { Wanted: same('off') } },
    ),
    id: 'It',
    verdict: 'replaced',
    rule: 'create-only',
  },
  {
    what: 'a condition that another condition asks turns false',
    before: cond({ Wanted: { 'Fn::Not': [{ Condition: 'Other' }] }, Other: same('off') }),
    after: cond({ Wanted: { 'Fn::Not': [{ Condition: 'Other' }] }, Other: same('on') }),
    id: 'It',
    verdict: 'orphaned',
    rule: 'condition-changed',
  },
  {
    what: 'a condition that looks into a mapping turns false',
    ...sections(
      { It: { ...files('key'), Condition: 'Wanted' } },
      { ...mapped('on'), Conditions: { Wanted: { 'Fn::Equals': [byMap, 'on'] } } },
      { ...mapped('off'), Conditions: { Wanted: { 'Fn::Equals': [byMap, 'on'] } } },
    ),
    id: 'It',
    verdict: 'orphaned',
    rule: 'condition-changed',
  },
  {
    what: 'an output leads to another key under the same weak reference',
    ...retargeted(stackOutput('Keys', 'KeyArn', 'us-east-1')),
    id: 'It',
    verdict: 'replaced',
    rule: 'value-decided-elsewhere',
  },
  {
    what: 'an export leads to another key under the same import',
    ...retargeted({ 'Fn::ImportValue': 'key' }),
    id: 'It',
    verdict: 'replaced',
    rule: 'export-in-use',
  },
  {
    what: 'an export goes while another stack still imports it',
    before: retargeted({ 'Fn::ImportValue': 'key' }).before,
    after: assembly(stack('Keys', keys), stack('Shop', { It: files({ 'Fn::ImportValue': 'key' }) })),
    id: 'It',
    verdict: 'refused',
    rule: 'export-in-use',
  },
  {
    what: 'the parent gives a nested stack another key',
    before: assembly(nest(inner({ It: files(ref('Key')) }), { Key: att('One', 'Arn') })),
    after: assembly(nest(inner({ It: files(ref('Key')) }), { Key: att('Two', 'Arn') })),
    id: 'It',
    verdict: 'replaced',
    rule: 'value-decided-elsewhere',
  },
  {
    what: 'a key that a nested stack is given is replaced',
    ...(() => {
      const side = (PrimaryKeyArn: string) => {
        const Replica = retained('AWS::KMS::ReplicaKey', { PrimaryKeyArn });
        return assembly(nest(inner({ It: files(ref('Key')) }), { Key: att('Replica', 'Arn') }, { Replica }));
      };
      return { before: side('one'), after: side('two') };
    })(),
    id: 'It',
    verdict: 'replaced',
    rule: 'value-decided-elsewhere',
  },
  {
    what: 'an output of a nested stack leads to another key',
    before: assembly(
      nest(inner(keys, { Key: { Value: att('One', 'Arn') } }), undefined, { It: files(att('Nest', 'Outputs.Key')) }),
    ),
    after: assembly(
      nest(inner(keys, { Key: { Value: att('Two', 'Arn') } }), undefined, { It: files(att('Nest', 'Outputs.Key')) }),
    ),
    id: 'It',
    verdict: 'replaced',
    rule: 'value-decided-elsewhere',
  },
  {
    what: 'an output of a nested stack leads to a key that is replaced there',
    ...(() => {
      const side = (PrimaryKeyArn: string) => {
        const below = inner(
          { Replica: retained('AWS::KMS::ReplicaKey', { PrimaryKeyArn }) },
          { Key: { Value: att('Replica', 'Arn') } },
        );
        return assembly(nest(below, undefined, { It: files(att('Nest', 'Outputs.Key')) }));
      };
      return { before: side('one'), after: side('two') };
    })(),
    id: 'It',
    verdict: 'replaced',
    rule: 'value-decided-elsewhere',
  },
  {
    what: 'a nested stack that holds state is put under a condition that is false',
    ...(() => {
      const side = (value: string) => {
        const parent = nest(inner({ Assets: retained('AWS::S3::Bucket') }));
        const { Nest } = parent.template.Resources!;
        const Resources = { Nest: { ...Nest, Condition: 'Wanted' } };
        return assembly({ ...parent, template: { Resources, Conditions: { Wanted: same(value) } } });
      };
      return { before: side('on'), after: side('off') };
    })(),
    id: 'Nest',
    verdict: 'destroyed',
    rule: 'condition-changed',
  },
  {
    what: 'the template of a nested stack is not at hand, and it is another one',
    before: assembly(nest(undefined, undefined, {}, 'one')),
    after: assembly(nest(undefined, undefined, {}, 'two')),
    id: 'Nest',
    verdict: 'replaced',
    rule: 'nested-template-not-at-hand',
  },
  {
    what: 'a loop that makes buckets makes fewer',
    before: shop(loop('a', 'b')),
    after: shop(loop('a')),
    id: 'Fn::ForEach::Stores',
    verdict: 'replaced',
    rule: 'resources-made-at-deploy',
  },
  {
    what: 'a loop that makes buckets goes',
    before: shop(loop('a', 'b')),
    after: shop({}),
    id: 'Fn::ForEach::Stores',
    verdict: 'destroyed',
    rule: 'removed-and-deleted',
  },
  {
    what: 'a name that reads as the same number is another name',
    ...properties('AWS::DynamoDB::Table', { TableName: '010' }, { TableName: '10' }),
    id: 'It',
    verdict: 'replaced',
    rule: 'create-only',
  },
  {
    what: 'index keys hide in a function',
    ...properties(
      'AWS::DynamoDB::GlobalTable',
      { GlobalSecondaryIndexes: { 'Fn::If': ['C', [{ IndexName: 'a', KeySchema: [1] }], []] } },
      { GlobalSecondaryIndexes: { 'Fn::If': ['C', [{ IndexName: 'a', KeySchema: [2] }], []] } },
    ),
    id: 'It',
    verdict: 'replaced',
    rule: 'conditional-replacement',
  },
  {
    what: 'the custom resource behind autoDeleteObjects goes, and the bucket keeps its tag',
    before: shop({ It: emptied(true), Emptier: emptier }),
    after: shop({ It: emptied(true) }),
    id: 'It',
    verdict: 'destroyed',
    rule: 'emptied-by-its-custom-resource',
  },
  {
    what: 'a stack set gets another template',
    ...properties(
      'AWS::CloudFormation::StackSet',
      { StackSetName: 'x', TemplateBody: 'a' },
      { StackSetName: 'x', TemplateBody: 'b' },
    ),
    id: 'It',
    verdict: 'refused',
    rule: 'stacks-inside',
  },
  {
    what: 'a database gets less storage',
    ...properties('AWS::RDS::DBInstance', { AllocatedStorage: '100' }, { AllocatedStorage: '50' }),
    id: 'It',
    verdict: 'refused',
    rule: 'database-storage-shrinks',
  },
  {
    what: 'brokers get less storage',
    ...properties(
      'AWS::MSK::Cluster',
      { BrokerNodeGroupInfo: { StorageInfo: { EBSStorageInfo: { VolumeSize: 100 } } } },
      { BrokerNodeGroupInfo: { StorageInfo: { EBSStorageInfo: { VolumeSize: 50 } } } },
    ),
    id: 'It',
    verdict: 'refused',
    rule: 'broker-storage-shrinks',
  },
  {
    what: 'a database goes back to an older version',
    ...properties('AWS::RDS::DBCluster', { EngineVersion: '16.10' }, { EngineVersion: '16.6' }),
    id: 'It',
    verdict: 'refused',
    rule: 'version-goes-back',
  },
  {
    what: 'a final vault lock is taken off',
    ...properties('AWS::Backup::BackupVault', { LockConfiguration: { MinRetentionDays: 7, ChangeableForDays: 3 } }, {}),
    id: 'It',
    verdict: 'refused',
    rule: 'vault-lock-final',
  },
  {
    what: 'a final vault lock is loosened',
    ...properties(
      'AWS::Backup::BackupVault',
      { LockConfiguration: { MinRetentionDays: 7, ChangeableForDays: 3 } },
      { LockConfiguration: { MinRetentionDays: 1, ChangeableForDays: 3 } },
    ),
    id: 'It',
    verdict: 'refused',
    rule: 'vault-lock-final',
  },
  {
    what: 'a bucket that locks its objects no longer does',
    ...properties('AWS::S3::Bucket', { ObjectLockEnabled: true }, {}),
    id: 'It',
    verdict: 'replaced',
    rule: 'create-only',
  },
  ...(
    [
      ['AWS::Backup::BackupVault', 'EncryptionKeyArn'],
      ['AWS::Backup::BackupVault', 'BackupVaultName'],
      ['AWS::Cognito::UserPoolGroup', 'GroupName'],
      ['AWS::DynamoDB::GlobalTable', 'TableName'],
      ['AWS::Events::Archive', 'SourceArn'],
      ['AWS::Logs::LogGroup', 'LogGroupName'],
      ['AWS::S3::Bucket', 'BucketName'],
      ['AWS::SES::EmailIdentity', 'EmailIdentity'],
    ] as const
  ).map(
    ([type, property]): Attack => ({
      what: `${type}: another ${property}`,
      ...properties(type, { [property]: 'one' }, { [property]: 'two' }),
      id: 'It',
      verdict: 'replaced',
      rule: 'create-only',
    }),
  ),
  {
    what: 'a service leaves the app with its whole stack, and its log stays behind without a template',
    before: assembly(stack('Shop', {}), stack('Shop-Services-billing', { It: retained('AWS::Logs::LogGroup') })),
    after: assembly(stack('Shop', {})),
    id: 'It',
    verdict: 'orphaned',
    rule: 'stack-left-behind',
  },
  ...[
    'AWS::Backup::BackupVault',
    'AWS::Cognito::UserPoolGroup',
    'AWS::Cognito::UserPoolClient',
    'AWS::DynamoDB::GlobalTable',
    'AWS::Events::Archive',
    'AWS::Logs::LogGroup',
    'AWS::S3::Bucket',
    'AWS::SES::EmailIdentity',
    'AWS::VerifiedPermissions::PolicyStore',
  ].map(
    (type): Attack => ({
      what: `${type} leaves and stays behind`,
      before: shop({ It: retained(type) }),
      after: shop({}),
      id: 'It',
      verdict: 'orphaned',
      rule: 'removed-and-retained',
    }),
  ),
  ...[
    'AWS::Backup::BackupVault',
    'AWS::Cognito::UserPoolGroup',
    'AWS::Events::Archive',
    'AWS::SES::EmailIdentity',
    'AWS::EKS::Cluster',
    'AWS::CloudHSM::Cluster',
    'AWS::RDS::DBSnapshot',
    'AWS::Glue::Table',
    'AWS::SageMaker::FeatureGroup',
    'AWS::VerifiedPermissions::PolicyStore',
    'AWS::APS::Workspace',
    'AWS::NeptuneGraph::Graph',
    'AWS::KinesisAnalyticsV2::Application',
    'AWS::Serverless::SimpleTable',
    'AWS::ServiceOfTomorrow::Store',
    'MongoDB::Atlas::Cluster',
    'My::Company::Storage::MODULE',
    'Custom::DynamoDBReplica',
  ].map(
    (type): Attack => ({
      what: `${type} leaves`,
      before: shop({ It: resource(type) }),
      after: shop({}),
      id: 'It',
      verdict: 'destroyed',
      rule: 'removed-and-deleted',
    }),
  ),
  {
    what: 'a custom resource that its author retains leaves',
    before: shop({ It: retained('Custom::Anything') }),
    after: shop({}),
    id: 'It',
    verdict: 'orphaned',
    rule: 'removed-and-retained',
  },
];

const plain = files('arn:aws:kms:us-east-1:111111111111:key/one');
const spelled = (KmsKeyId: unknown) => ({ before: shop({ It: plain }), after: shop({ It: files(KmsKeyId) }) });

/** None of these changes anything, however different the texts look. */
export const HARMLESS: Pick<Attack, 'what' | 'before' | 'after'>[] = [
  {
    what: 'pseudo parameters in a Sub',
    ...spelled({ 'Fn::Sub': placed('arn:<AWS::Partition>:kms:<AWS::Region>:<AWS::AccountId>:key/one') }),
  },
  { what: 'pieces in a Join', ...spelled({ 'Fn::Join': [':', ['arn:aws:kms', ref('AWS::Region'), '111111111111', 'key/one']] }) },
  {
    what: 'Sub, Join and GetAtt of one key',
    before: shop({ It: files({ 'Fn::Sub': placed('<Key.Arn>') }) }),
    after: shop({ It: files(att('Key', 'Arn')) }),
  },
  {
    what: 'a property that is NoValue',
    before: shop({ It: files('key') }),
    after: shop({
      It: retained('AWS::EFS::FileSystem', { Encrypted: true, KmsKeyId: 'key', PerformanceMode: ref('AWS::NoValue') }),
    }),
  },
  {
    what: 'a condition that is always true',
    before: shop({ It: files('key') }),
    after: cond({ Wanted: same('on') }),
  },
  {
    what: 'a condition by another name',
    before: cond({ Wanted: { 'Fn::Equals': [ref('Mode'), 'on'] } }),
    after: cond({ Kept: { 'Fn::Equals': [ref('Mode'), 'on'] } }, 'Kept'),
  },
  { what: 'a mapping that moves', before: shop({ It: files(byMap) }, mapped('one')), after: shop({ It: files('one') }) },
  {
    what: 'autoDeleteObjects is taken away with its tag',
    before: shop({ It: emptied(true), Emptier: emptier }),
    after: shop({ It: emptied(false) }),
  },
  {
    what: 'what a condition kept out leaves the template',
    before: cond({ Wanted: same('off') }),
    after: shop({}),
  },
  {
    what: 'a consumer lets go of an export before it goes',
    before: assembly(
      stack('Keys', keys, { outputs: { KeyArn: { Value: att('One', 'Arn'), Export: { Name: 'key' } } } }),
      stack('Shop', { It: retained('AWS::SQS::Queue', { KmsMasterKeyId: { 'Fn::ImportValue': 'key' } }) }),
    ),
    after: assembly(stack('Shop', { It: retained('AWS::SQS::Queue') }), stack('Keys', keys)),
  },
  { what: 'a later version', ...properties('AWS::RDS::DBCluster', { EngineVersion: '16.6' }, { EngineVersion: '16.10' }) },
];

/** Safe, and worth a note: what would be read too late otherwise. */
export const CAUTIOUS: Omit<Attack, 'id' | 'verdict'>[] = [
  ...(
    [
      ['protection-off', 'AWS::RDS::DBCluster', { DeletionProtection: true }, { DeletionProtection: false }],
      ['protection-off', 'AWS::Cognito::UserPool', { DeletionProtection: 'ACTIVE' }, {}],
      [
        'passkeys-lose-their-domain',
        'AWS::Cognito::UserPool',
        { WebAuthnRelyingPartyID: 'auth.shop.example' },
        { WebAuthnRelyingPartyID: 'login.shop.example' },
      ],
      [
        'replica-unprotected',
        'AWS::DynamoDB::GlobalTable',
        { Replicas: [{ Region: 'us-east-1', DeletionProtectionEnabled: true }] },
        { Replicas: [{ Region: 'us-east-1' }] },
      ],
      [
        'point-in-time-recovery-off',
        'AWS::DynamoDB::Table',
        { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
        {},
      ],
      [
        'replica-point-in-time-recovery-off',
        'AWS::DynamoDB::GlobalTable',
        { Replicas: [{ Region: 'us-east-1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }] },
        { Replicas: [{ Region: 'us-east-1' }] },
      ],
      [
        'replica-leaves',
        'AWS::DynamoDB::GlobalTable',
        { Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] },
        { Replicas: [{ Region: 'us-east-1' }] },
      ],
      ['replica-leaves', 'AWS::SecretsManager::Secret', { ReplicaRegions: [{ Region: 'eu-west-1' }] }, {}],
      ['replication-ends', 'AWS::S3::Bucket', { ReplicationConfiguration: { Role: 'role', Rules: [] } }, {}],
      ['backups-shortened', 'AWS::RDS::DBInstance', { BackupRetentionPeriod: 7 }, { BackupRetentionPeriod: 0 }],
      ['backups-shortened', 'AWS::RDS::DBCluster', { BackupRetentionPeriod: 7 }, {}],
      ['backups-shortened', 'AWS::ElastiCache::ReplicationGroup', { SnapshotRetentionLimit: 7 }, {}],
      ['backups-go-with-it', 'AWS::RDS::DBInstance', { DeleteAutomatedBackups: false }, { DeleteAutomatedBackups: true }],
      ['kept-shorter', 'AWS::SQS::Queue', { MessageRetentionPeriod: 1_209_600 }, {}],
      ['kept-shorter', 'AWS::Kinesis::Stream', { RetentionPeriodHours: 168 }, { RetentionPeriodHours: 24 }],
      ['logs-kept-shorter', 'AWS::Logs::LogGroup', {}, { RetentionInDays: 30 }],
      [
        'objects-expire',
        'AWS::S3::Bucket',
        {},
        { LifecycleConfiguration: { Rules: [{ ExpirationInDays: 1, Status: 'Enabled' }] } },
      ],
      ['images-expire', 'AWS::ECR::Repository', {}, { LifecyclePolicy: { LifecyclePolicyText: '{}' } }],
      ['rows-expire', 'AWS::DynamoDB::Table', {}, { TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } }],
      [
        'versions-no-longer-kept',
        'AWS::S3::Bucket',
        { VersioningConfiguration: { Status: 'Enabled' } },
        { VersioningConfiguration: { Status: 'Suspended' } },
      ],
      ['failed-messages-expire', 'AWS::SQS::Queue', { RedrivePolicy: { maxReceiveCount: 3 } }, {}],
      ['key-disabled', 'AWS::KMS::Key', {}, { Enabled: false }],
      [
        'alias-moves',
        'AWS::KMS::Alias',
        { AliasName: 'alias/a', TargetKeyId: 'one' },
        { AliasName: 'alias/a', TargetKeyId: 'two' },
      ],
      ['vault-unlocked', 'AWS::Backup::BackupVault', { LockConfiguration: { MinRetentionDays: 7 } }, {}],
      [
        'second-group-leaves',
        'AWS::ECS::Service',
        { LoadBalancers: [{ TargetGroupArn: 'blue', AdvancedConfiguration: { AlternateTargetGroupArn: 'green' } }] },
        { LoadBalancers: [{ TargetGroupArn: 'blue' }] },
      ],
      [
        'vault-locked-for-good',
        'AWS::Backup::BackupVault',
        { LockConfiguration: { MinRetentionDays: 7 } },
        { LockConfiguration: { MinRetentionDays: 7, ChangeableForDays: 30 } },
      ],
      ['unknown-to-the-schemas', 'MongoDB::Atlas::Cluster', { Size: 1 }, { Size: 2 }],
    ] as [string, string, Record<string, unknown>, Record<string, unknown>][]
  ).map(([rule, type, before, after]) => ({ what: `${type}: ${rule}`, rule, ...properties(type, before, after) })),
  ...(
    [
      ['root-disk-goes', 'AWS::EC2::Instance'],
      ['address-goes', 'AWS::EC2::EIP'],
      ['backups-end', 'AWS::Backup::BackupSelection'],
      ['executions-stop', 'AWS::StepFunctions::StateMachine'],
      ['address-goes', 'AWS::Cognito::UserPoolDomain'],
      ['recording-ends', 'AWS::CloudTrail::Trail'],
      ['schedules-go-with-it', 'AWS::Scheduler::ScheduleGroup'],
      ['feed-starts-over', 'AWS::OSIS::Pipeline'],
      ['names-end', 'AWS::ServiceDiscovery::HttpNamespace'],
      ['custom-code-runs', 'Custom::Anything'],
    ] as const
  ).map(([rule, type]) => ({ what: `${type}: ${rule}`, rule, before: shop({ It: resource(type) }), after: shop({}) })),
  {
    what: 'another default of a parameter that a key is given by',
    rule: 'parameter-default-changed',
    ...sections(
      { It: files(ref('Key')) },
      { Parameters: { Key: { Default: 'one' } } },
      { Parameters: { Key: { Default: 'two' } } },
    ),
  },
  {
    what: 'a macro of the account rewrites the template',
    rule: 'macro-changed',
    ...sections({ It: files('key') }, {}, { Transform: ['AWS::LanguageExtensions', 'Renamer'] }),
  },
];
