import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { TemplateResource } from '../../lib/assembly/cloud-assembly';
import { isStateful } from '../../lib/assembly/stateful-types';
import { GeographicArea } from '../../lib/blocks/edge/geographic-area';
import { ServerOption } from '../../lib/stages/server-option';
import { ACCOUNT } from '../stacks';
import {
  containerVariables,
  type LocatedResource,
  RETAINED,
  RETAINED_WITH_NAME,
  resources,
  type Synthesized,
  serverRelease,
  synthesized,
} from './synthesized';

const MOVED = ServerOption.movedOut('row counts compared on 2026-03-02');
const EUROPE = { env: { account: ACCOUNT, region: 'eu-central-1' } };
const AREAS = [
  { region: 'us-east-1', serves: [GeographicArea.NORTH_AMERICA, GeographicArea.SOUTH_AMERICA] },
  { region: 'ap-southeast-1', serves: [GeographicArea.ASIA] },
];

/** Everything a user may call a thing of theirs, which must not be what a stage is called. */
const STAGE_WORD = /\b(stage ?[1-4]|single|replicated|speciali[sz]ed|global)\b/i;
/** The same in a logical id, whose words are run together. */
const STAGE_ID = /Stage[1-4]|Single|Replicated|Speciali[sz]ed|Global/;

/** Names that CloudFormation demands, or that a service does; each depends on the construct's path only. */
const DEMANDED_NAMES: Record<string, string[]> = {
  'AWS::Backup::BackupVault': ['BackupVaultName'],
  'AWS::ElastiCache::GlobalReplicationGroup': ['GlobalReplicationGroupIdSuffix'],
  'AWS::ElastiCache::User': ['UserId', 'UserName'],
  'AWS::ElastiCache::UserGroup': ['UserGroupId'],
  // Athena takes no hyphens, which a generated name has.
  'AWS::Glue::Database': ['DatabaseInput'],
  'AWS::Glue::Table': ['TableInput'],
  'AWS::MSK::Cluster': ['ClusterName'],
  'AWS::RedshiftServerless::Namespace': ['NamespaceName', 'DbName', 'AdminUsername'],
  // The name of the database inside; and of the first user.
  'AWS::RDS::DBCluster': ['DatabaseName', 'MasterUsername'],
};

const VARIANTS: [string, () => Synthesized][] = [
  ['1', () => synthesized(1)],
  ['1 with Aurora', () => synthesized(1, { server: ServerOption.withoutDatabase() })],
  ['2', () => synthesized(2)],
  ['2 in Europe, moved out', () => synthesized(2, { server: MOVED }, EUROPE)],
  ['3', () => synthesized(3)],
  ['3 in Europe without a domain', () => synthesized(3, { domain: undefined }, EUROPE)],
  ['4', () => synthesized(4)],
  ['4 in Europe by areas', () => synthesized(4, { server: MOVED, regions: AREAS }, EUROPE)],
];

/** Every key and every string below a value, with the path to it. */
function* leaves(value: unknown, path: string[] = []): Generator<{ path: string[]; value: unknown }> {
  if (typeof value !== 'object' || value === null) {
    yield { path, value };
    return;
  }
  for (const [key, child] of Object.entries(value)) yield* leaves(child, [...path, key]);
}

/** Properties that name or describe the resource itself: `…Name`, `…Identifier`, `Name`, `…Description`, tags. */
function ownNames(resource: TemplateResource): { property: string; value: unknown }[] {
  const named = Object.entries(resource.Properties ?? {}).flatMap(([property, value]) => {
    if (/(Name|Identifier|Suffix|UserId|UserGroupId)$/.test(property)) return [{ property, value }];
    return [];
  });
  // References name another resource.
  return named.filter(({ value }) => typeof value === 'string' || JSON.stringify(value).includes('Fn::Join'));
}

function place({ stack, logicalId, resource }: LocatedResource): string {
  return `${resource.Type} ${logicalId} in ${stack.stackName}`;
}

describe.each(VARIANTS)('stage %s', (_, make) => {
  const stage = make();
  const all = resources(stage.assembly);
  const stateful = all.filter(({ resource }) => isStateful(resource.Type, resource));

  test('keeps everything that holds state, whatever becomes of the template', () => {
    const lost = stateful.filter(({ resource: { Type, DeletionPolicy, UpdateReplacePolicy }, properties }) => {
      const named = Type in DEMANDED_NAMES || properties.LogGroupName !== undefined;
      const kept = [RETAINED, ...(named ? [RETAINED_WITH_NAME] : [])];
      return !kept.some((one) => one.DeletionPolicy === DeletionPolicy && one.UpdateReplacePolicy === UpdateReplacePolicy);
    });
    expect(lost.map(place)).toEqual([]);
    expect(stateful.length).toBeGreaterThan(5);
  });

  test('names nothing that holds state, where nobody demands a name', () => {
    const given = stateful.flatMap(({ resource }) => {
      const demanded = DEMANDED_NAMES[resource.Type] ?? [];
      return ownNames(resource).filter(({ property, value }) => {
        // AWS WAF and OpenSearch Ingestion deliver to no log group that is called otherwise.
        const start = /^(aws-waf-logs-|\/aws\/vendedlogs\/OpenSearchIngestion\/)/;
        return !demanded.includes(property) && !(property === 'LogGroupName' && start.test(String(value)));
      });
    });
    expect(given).toEqual([]);
  });

  test('tells the stage in no id, name, description or tag of anything that holds state', () => {
    const told = stateful.flatMap(({ logicalId, resource }) => {
      const { Tags } = resource.Properties ?? {};
      const texts = [...leaves(resource.Properties ?? {})].filter(({ path }) => /(Name|Suffix|Id|Description)$/.test(path[0]));
      const found = [...texts, ...leaves(Tags ?? [])].filter(({ value }) => STAGE_WORD.test(String(value)));
      return [...found.map(({ value }) => `${logicalId}: ${value}`), ...(STAGE_ID.test(logicalId) ? [logicalId] : [])];
    });
    expect(told).toEqual([]);
  });

  test('has no custom resource, no nested stack, no asset, and no function but those that rotate the password and write policies of indexes', () => {
    const made = all.filter(({ resource: { Type } }) => {
      return /^Custom::|^AWS::CloudFormation::(CustomResource|Stack)$|^AWS::Lambda::/.test(Type);
    });
    const known = /ProductDatabasePassword(Function|Permission)|SearchIndexPoliciesFunction[0-9A-F]{8} in Shop-Product-DataCare$/;
    expect(made.map(place).filter((where) => !known.test(where))).toEqual([]);
    for (const { template } of stage.assembly.stacks) expect(JSON.stringify(template)).not.toContain('cdk-hnb659fds-assets');
  });

  test('hands values between stacks by weak references only', () => {
    for (const { template } of stage.assembly.stacks) {
      const found = [...leaves(template)].filter(({ path }) => path.includes('Fn::ImportValue'));
      expect(found).toEqual([]);
      expect(Object.values(template.Outputs ?? {}).filter(({ Export }) => Export !== undefined)).toEqual([]);
    }
  });

  test('reads only outputs that exist, in the Region they are in', () => {
    const stacks = stage.assembly.stacks;
    const wanted = stacks.flatMap(({ template }) => {
      const text = JSON.stringify(template);
      return [...text.matchAll(/"Fn::GetStackOutput":(\{[^}]*\})/g)].map(([, reference]) => JSON.parse(reference));
    });
    for (const { StackName, Region, OutputName } of wanted) {
      const producer = stacks.find(({ stackName, region }) => stackName === StackName && region === Region);
      expect(Object.keys(producer?.template.Outputs ?? {})).toContain(OutputName);
    }
    expect(wanted.length > 0).toBe(stacks.length > 1);
  });

  test('stays far below what CloudFormation takes', () => {
    for (const { template, templateFile } of stage.assembly.stacks) {
      expect(Object.keys(template.Resources ?? {}).length).toBeLessThanOrEqual(400);
      expect(statSync(join(stage.assembly.directory, templateFile)).size).toBeLessThanOrEqual(800_000);
      expect(JSON.stringify(template).length).toBeLessThanOrEqual(800_000);
    }
  });

  test('asks for nothing to be looked up', () => {
    const text = stage.assembly.stacks.map(({ template }) => JSON.stringify(template)).join();
    expect(text).not.toMatch(/dummy1|vpc-12345|DUMMY/);
  });

  test('encrypts what it stores', () => {
    const open = all.filter(({ resource: { Type, Properties = {} } }) => {
      if (Type === 'AWS::EC2::Volume') return Properties.Encrypted !== true;
      if (Type === 'AWS::RDS::DBCluster') return Properties.StorageEncrypted !== true || !Properties.KmsKeyId;
      if (Type === 'AWS::ElastiCache::ReplicationGroup') return !Properties.KmsKeyId;
      if (Type === 'AWS::MSK::Cluster') return !JSON.stringify(Properties.EncryptionInfo).includes('DataVolumeKMSKeyId');
      if (Type === 'AWS::SecretsManager::Secret') return !Properties.KmsKeyId;
      if (Type === 'AWS::SQS::Queue') return !(Properties.KmsMasterKeyId || Properties.SqsManagedSseEnabled);
      if (Type === 'AWS::S3::Bucket') return !Properties.BucketEncryption;
      return false;
    });
    expect(open.map(place)).toEqual([]);
  });
});

describe('the app contract', () => {
  /** What the server adds to what the release says, as `release.sh` writes it. */
  const CACHE = ['HOST', 'PORT', 'TLS', 'CLUSTER_MODE', 'USER', 'PASSWORD'].map((name) => `CACHE_${name}`);
  const DATABASE = ['WRITER_HOST', 'READER_HOST', 'REPORTING_HOST', 'PORT', 'NAME', 'USER', 'PASSWORD', 'SSL_MODE'].map(
    (n) => `DATABASE_${n}`,
  );
  const NAMES = [
    'ASSETS_BASE_URL',
    'ASSETS_BUCKET',
    ...CACHE,
    ...DATABASE,
    'EMAIL_CONFIGURATION_SET',
    'EMAIL_FROM',
    'EMAIL_REGION',
    'EVENT_BUS_NAME',
    'EVENT_STREAM_CLUSTER_ARN',
    'EVENT_TOPIC_ARN',
    'IDEMPOTENCY_TABLE',
    'JOB_QUEUE_URL',
    'JOB_TIMEOUT',
    'PERMISSION_STORE_ID',
    'PORT',
    'PROCESS_TYPE',
    'SEARCH_ENDPOINT',
    'SEARCH_PASSWORD',
    'SEARCH_USER',
    'SHARED_CACHE_HOST',
    'SERVICE_NAMESPACE',
    'SHARED_TABLE',
    'SIGN_IN_URL',
    'USER_POOL_CLIENT_ID',
    'USER_POOL_ID',
    'USER_POOL_ISSUER',
  ].sort();

  /** Names in the release that the server looks up, those of the secrets included. */
  function released({ primary }: Synthesized): string[] {
    const text = serverRelease(primary).replaceAll('\\', '');
    const environment = /"environment":\{(.*?)\},"secrets"/.exec(text)?.[1] ?? '';
    const plain = [...environment.matchAll(/"([A-Z_]+)":/g)].map(([, name]) => name);
    const secret = [...text.matchAll(/"name":"([A-Z_]+)"/g)].map(([, name]) => name);
    return [...plain, ...secret].sort();
  }

  test.each([2, 3, 4])('has the same names in every container of stage %d', (stage) => {
    const containers = containerVariables(synthesized(stage));
    expect(Object.keys(containers).length).toBe([3, 6, 21][stage - 2]);
    for (const names of Object.values(containers)) expect(names).toEqual(NAMES);
  });

  test.each([1, 2, 3, 4])('has the same names on the server of stage %d', (stage) => {
    const byServer = ['PROCESS_TYPE', 'SHARED_CACHE_HOST', ...CACHE];
    expect([...released(synthesized(stage)), ...byServer, ...DATABASE].sort()).toEqual(NAMES);
    const apart = synthesized(stage, { server: ServerOption.withoutDatabase() });
    expect([...released(apart), ...byServer].sort()).toEqual(NAMES);
  });
});
