import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAssembly } from '../../lib/assembly/assembly-writer';
import { type Assembly, type AssemblyStack, readAssembly, type TemplateResource } from '../../lib/assembly/cloud-assembly';
import type { Verdict } from '../../lib/promotion/change';
import { synthStage } from '../synth-stages';
import { catchOutput, check, type ExpectedFinding, expectFinding } from './run-check';

const WEST = 'us-west-2';
const directory = mkdtempSync(join(tmpdir(), 'mutations-'));
let folders = 0;

afterAll(() => rmSync(directory, { recursive: true }));

catchOutput();

const stages = new Map<number, Assembly>();

/** A stage of the product with one further Region: the mutations touch nothing that more of them would add. */
function productAt(stage: number): Assembly {
  const made = stages.get(stage) ?? readAssembly(synthStage(stage, { regions: [{ region: WEST }] }));
  stages.set(stage, made);
  return made;
}

/** The templates of an assembly, to be altered; parts are named by their construct path below the product. */
class Draft {
  public readonly stacks: AssemblyStack[];

  constructor(private readonly original: Assembly) {
    this.stacks = structuredClone(original.stacks);
  }

  public stack(region?: string): AssemblyStack {
    const found = this.stacks.find(({ stackName }) => stackName === (region ? `Shop-Product-${region}` : 'Shop'));
    if (!found) throw new Error(`no stack of the product in ${region ?? 'its own region'}`);
    return found;
  }

  public id(path: string, region?: string): string {
    const end = region ? `/Product/${region}/${path}` : `/Product/${path}`;
    const found = Object.entries(this.stack(region).paths).find(([, own]) => own.endsWith(end));
    if (!found) throw new Error(`no resource at ${end}`);
    return found[0];
  }

  public resources(region?: string): Record<string, TemplateResource> {
    return this.stack(region).template.Resources as Record<string, TemplateResource>;
  }

  public properties(path: string, region?: string): Record<string, unknown> {
    return this.resources(region)[this.id(path, region)].Properties!;
  }

  /** Sets a property by its dotted path; `undefined` takes it out. */
  public set(path: string, property: string, value: unknown, region?: string): void {
    const names = property.split('.');
    const last = names.pop()!;
    let container = this.properties(path, region);
    for (const name of names) container = container[name] as Record<string, unknown>;
    if (value === undefined) delete container[last];
    else container[last] = value;
  }

  /** Sets an attribute beside the properties, such as DeletionPolicy. */
  public attribute(path: string, attribute: string, value: unknown): void {
    const id = this.id(path);
    this.resources()[id] = { ...this.resources()[id], [attribute]: value };
    if (value === undefined) delete (this.resources()[id] as unknown as Record<string, unknown>)[attribute];
  }

  public remove(path: string, region?: string): void {
    delete this.resources(region)[this.id(path, region)];
  }

  /** As if the construct had been renamed in the code: another logical id, wherever it is mentioned. */
  public rename(path: string): void {
    const id = this.id(path);
    const stack = this.stack();
    const renamed = JSON.parse(JSON.stringify(stack.template).replaceAll(`"${id}"`, `"${id}Anew"`));
    Object.assign(stack, { template: renamed });
  }

  /** Writes the assembly as `cdk synth` would have. */
  public write(): string {
    const folder = join(directory, String(++folders));
    writeAssembly({ ...this.original, stacks: this.stacks }, folder);
    return folder;
  }
}

interface Mutation extends ExpectedFinding {
  readonly what: string;
  /** Stage that is deployed. */
  readonly from: number;
  /** Stage that is to be deployed over it. @default - the same */
  readonly to?: number;
  /** Alters both sides, where the mutation needs another start. */
  readonly given?: (both: Draft) => void;
  /** Alters what is deployed only. */
  readonly deployed?: (before: Draft) => void;
  readonly mutate: (after: Draft) => void;
  /** The part that is hit, by construct path below the product, and its region if that is a further one. */
  readonly part: string;
  readonly region?: string;
}

/** One property of one part becomes something else. */
function set(
  from: number,
  part: string,
  property: string,
  value: unknown,
  [verdict, rule, named]: [Verdict, string, string?],
  region?: string,
): Mutation {
  return {
    what: `${property} of ${part}${region ? ` in ${region}` : ''} becomes ${JSON.stringify(value) ?? 'unset'}`,
    from,
    mutate: (after) => after.set(part, property, value, region),
    part,
    region,
    verdict,
    rule,
    property: named ?? property,
  };
}

function leaves(from: number, part: string, verdict: Verdict, rule: string, mutate: (after: Draft) => void): Mutation {
  return { what: `${part} ${verdict === 'orphaned' ? 'leaves' : 'is removed'}`, from, mutate, part, verdict, rule };
}

const DATABASE = 'Database/Cluster';
const KAFKA = 'EventStream/Cluster';
const CREATE_ONLY: [Verdict, string] = ['replaced', 'create-only'];

const MUTATIONS: Mutation[] = [
  // A part gets another logical id, which is what renaming a construct does.
  ...[DATABASE, 'Database/Secret', 'Cache', 'Jobs/Queue', 'Assets/Bucket', 'ServerVolume/Volume', 'DataKey/Key'].map((part) => ({
    ...leaves(2, part, 'orphaned', 'removed-and-retained', (after) => after.rename(part)),
    what: `${part} is renamed`,
  })),
  {
    what: 'a renamed key is another key for the database',
    from: 2,
    mutate: (after) => after.rename('DataKey/Key'),
    part: DATABASE,
    verdict: 'replaced',
    rule: 'create-only',
    property: 'KmsKeyId',
  },
  {
    what: 'a part is renamed while the product climbs',
    from: 1,
    to: 2,
    mutate: (after) => after.rename('Jobs/Queue'),
    part: 'Jobs/Queue',
    verdict: 'orphaned',
    rule: 'removed-and-retained',
  },
  // Database
  set(2, DATABASE, 'StorageEncrypted', false, CREATE_ONLY),
  set(2, DATABASE, 'KmsKeyId', 'arn:aws:kms:us-east-1:123456789012:key/another', CREATE_ONLY),
  set(2, DATABASE, 'DatabaseName', 'store', CREATE_ONLY),
  set(2, DATABASE, 'SnapshotIdentifier', 'before-the-accident', CREATE_ONLY),
  set(2, DATABASE, 'DBClusterIdentifier', 'shop', CREATE_ONLY),
  set(2, DATABASE, 'DBSubnetGroupName', 'another', CREATE_ONLY),
  set(2, DATABASE, 'MasterUsername', 'admin', ['replaced', 'cluster-user-name']),
  set(2, DATABASE, 'Engine', 'aurora-mysql', ['replaced', 'database-engine']),
  set(4, DATABASE, 'GlobalClusterIdentifier', 'shop-global', ['replaced', 'cluster-joins-global']),
  {
    ...set(4, DATABASE, 'GlobalClusterIdentifier', 'shop-global', ['replaced', 'cluster-joins-global']),
    what: 'the primary is given the global cluster while the product goes global',
    from: 3,
    to: 4,
  },
  set(4, 'DatabaseReplication', 'SourceDBClusterIdentifier', 'another', CREATE_ONLY),
  set(4, 'Database/Cluster', 'SourceRegion', 'us-east-1', CREATE_ONLY, WEST),
  set(4, 'DataKey', 'PrimaryKeyArn', 'arn:aws:kms:us-east-1:123456789012:key/mrk-2', CREATE_ONLY, WEST),
  {
    what: 'the subnet group of the database is renamed',
    from: 2,
    mutate: (after) => after.rename('Database/SubnetGroup/Default'),
    part: DATABASE,
    verdict: 'replaced',
    rule: 'create-only',
    property: 'DBSubnetGroupName',
  },
  {
    ...set(3, 'DatabaseProxy/Proxy', 'VpcSubnetIds', undefined, ['refused', 'create-only']),
    what: 'the proxy of the database gets a third subnet',
    mutate: (after) => {
      const { SubnetIds } = after.properties('Database/SubnetGroup/Default');
      after.set('DatabaseProxy/Proxy', 'VpcSubnetIds', SubnetIds);
    },
  },
  {
    ...set(3, 'DatabaseProxy/Proxy', 'VpcSubnetIds', undefined, ['refused', 'fixed-name', 'DBProxyName']),
    what: 'the proxy, whose name is fixed, cannot be replaced',
    mutate: (after) => after.set('DatabaseProxy/Proxy', 'VpcSubnetIds', ['subnet-1', 'subnet-2']),
  },
  // Cache
  set(2, 'Cache', 'AtRestEncryptionEnabled', false, CREATE_ONLY),
  set(2, 'Cache', 'KmsKeyId', 'another', CREATE_ONLY),
  set(2, 'Cache', 'Port', 6380, CREATE_ONLY),
  set(2, 'Cache', 'AuthToken', 'sixteen-characters', ['replaced', 'cache-auth-token-added']),
  set(2, 'Cache', 'Durability', 'sync', ['refused', 'cache-durability']),
  set(2, 'Cache', 'CacheSubnetGroupName', 'another', CREATE_ONLY),
  set(4, 'Cache', 'GlobalReplicationGroupId', 'shop', CREATE_ONLY),
  set(4, 'Cache', 'NumNodeGroups', 6, ['refused', 'member-of-global-datastore']),
  {
    what: 'the cache becomes one without shards',
    from: 2,
    mutate: (after) => {
      for (const name of ['NumNodeGroups', 'ReplicasPerNodeGroup']) after.set('Cache', name, undefined);
      after.set('Cache', 'NumCacheClusters', 2);
    },
    part: 'Cache',
    verdict: 'replaced',
    rule: 'cache-cluster-mode-switch',
    property: 'NumNodeGroups',
  },
  {
    what: 'new shards come together with another change',
    from: 3,
    mutate: (after) => {
      after.set('Cache', 'NumNodeGroups', 6);
      after.set('Jobs/Queue', 'VisibilityTimeout', 60);
    },
    part: 'Cache',
    verdict: 'own-deploy',
    rule: 'resharding-alone',
    property: 'NumNodeGroups',
  },
  {
    what: 'new shards come without the policy that moves them online',
    from: 3,
    given: (both) => both.attribute('Cache', 'UpdatePolicy', undefined),
    mutate: (after) => after.set('Cache', 'NumNodeGroups', 6),
    part: 'Cache',
    verdict: 'replaced',
    rule: 'cache-resharding-offline',
    property: 'NumNodeGroups',
  },
  // Kafka
  {
    ...set(
      4,
      KAFKA,
      'BrokerNodeGroupInfo.ClientSubnets',
      ['subnet-1', 'subnet-2', 'subnet-3'],
      ['refused', 'nested-create-only'],
    ),
    what: 'the Kafka cluster gets other client subnets',
  },
  set(4, KAFKA, 'BrokerNodeGroupInfo.ClientSubnets', ['subnet-1'], ['refused', 'fixed-name', 'ClusterName']),
  set(4, KAFKA, 'BrokerNodeGroupInfo.SecurityGroups', ['sg-1'], ['refused', 'nested-create-only']),
  set(4, KAFKA, 'EncryptionInfo.EncryptionInTransit.InCluster', false, ['refused', 'nested-create-only']),
  set(4, KAFKA, 'EncryptionInfo.EncryptionAtRest', { DataVolumeKMSKeyId: 'another' }, ['refused', 'nested-create-only']),
  set(4, KAFKA, 'BrokerNodeGroupInfo.InstanceType', 'express.m7g.large', ['refused', 'broker-kind']),
  set(4, KAFKA, 'ClusterName', 'another', CREATE_ONLY),
  {
    what: 'a Replicator comes before its source has multi-VPC connectivity',
    from: 4,
    deployed: (before) => {
      before.set(KAFKA, 'BrokerNodeGroupInfo.ConnectivityInfo', undefined);
      before.remove('EventStream/ClusterPolicy');
      before.remove('StreamReplicator', WEST);
    },
    mutate: () => {},
    part: 'StreamReplicator',
    region: WEST,
    verdict: 'own-deploy',
    rule: 'replicator-before-its-source',
    property: 'ReplicationInfoList.SourceKafkaClusterArn',
  },
  {
    what: 'the Kafka cluster is created with multi-VPC connectivity',
    from: 4,
    deployed: (before) => before.remove(KAFKA),
    mutate: () => {},
    part: KAFKA,
    verdict: 'refused',
    rule: 'multi-vpc-at-creation',
    property: 'BrokerNodeGroupInfo.ConnectivityInfo.VpcConnectivity',
  },
  // Keys, secrets, disks, backups
  set(2, 'DataKey/Key', 'MultiRegion', false, ['refused', 'kms-key-immutable']),
  set(2, 'DataKey/Key', 'KeySpec', 'RSA_2048', ['refused', 'kms-key-immutable']),
  set(2, 'Database/Secret', 'Name', 'shop/database', CREATE_ONLY),
  leaves(2, 'Database/Secret', 'orphaned', 'removed-and-retained', (after) => after.remove('Database/Secret')),
  set(1, 'ServerVolume/Volume', 'AvailabilityZone', 'us-east-1b', ['refused', 'ebs-volume-immutable']),
  set(1, 'ServerVolume/Volume', 'Encrypted', false, ['refused', 'ebs-volume-immutable']),
  set(1, 'ServerVolume/Volume', 'SnapshotId', 'snap-1', ['refused', 'ebs-volume-immutable']),
  set(1, 'ServerVolume/Volume', 'Size', 10, ['refused', 'ebs-volume-shrinks']),
  set(1, 'ServerVolume/Vault', 'EncryptionKeyArn', 'arn:aws:kms:key', ['refused', 'create-only']),
  set(1, 'ServerVolume/Vault', 'BackupVaultName', 'another', CREATE_ONLY),
  // Queues, topics, buckets, tables
  set(1, 'Jobs/Queue', 'FifoQueue', true, CREATE_ONLY),
  set(1, 'Jobs/Queue', 'QueueName', 'jobs', CREATE_ONLY),
  set(3, 'Events/Topic', 'FifoTopic', true, CREATE_ONLY),
  set(2, 'Assets/Bucket', 'BucketName', 'shop-assets', CREATE_ONLY),
  set(2, 'Assets/Bucket', 'ObjectLockEnabled', true, CREATE_ONLY),
  {
    what: 'the assets exist only under a condition',
    from: 2,
    mutate: (after) => after.attribute('Assets/Bucket', 'Condition', 'InUse'),
    part: 'Assets/Bucket',
    verdict: 'orphaned',
    rule: 'condition-changed',
    property: 'Condition',
  },
  set(3, 'SharedTable/Table', 'TableName', 'shared', CREATE_ONLY),
  set(3, 'SharedTable/Table', 'KeySchema', [{ AttributeName: 'pk', KeyType: 'HASH' }], CREATE_ONLY),
  {
    what: 'two replicas of the shared table at once',
    from: 3,
    mutate: (after) => {
      const [own] = after.properties('SharedTable/Table').Replicas as Record<string, unknown>[];
      const replicas = [own, { ...own, Region: 'us-west-2' }, { ...own, Region: 'eu-central-1' }];
      after.set('SharedTable/Table', 'Replicas', replicas);
    },
    part: 'SharedTable/Table',
    verdict: 'own-deploy',
    rule: 'one-replica-per-update',
    property: 'Replicas',
  },
  {
    what: 'the global table becomes a table of one region',
    from: 3,
    mutate: (after) => after.attribute('SharedTable/Table', 'Type', 'AWS::DynamoDB::Table'),
    part: 'SharedTable/Table',
    verdict: 'refused',
    rule: 'type-change',
  },
  // Users
  set(3, 'Users/Pool', 'UsernameAttributes', ['email', 'phone_number'], ['refused', 'user-pool-sign-in']),
  set(3, 'Users/Pool', 'AliasAttributes', ['email'], ['refused', 'user-pool-sign-in']),
  set(3, 'Users/Pool', 'UsernameConfiguration', { CaseSensitive: true }, ['refused', 'user-pool-sign-in']),
  set(3, 'Users/Pool', 'Schema', [{ Name: 'email', Required: true }], ['refused', 'user-pool-attribute']),
  set(3, 'Users/Pool/Client', 'GenerateSecret', true, CREATE_ONLY),
  // Search, warehouse, logs
  set(3, 'Search/Domain', 'EncryptionAtRestOptions', { Enabled: true, KmsKeyId: 'another' }, ['replaced', 'search-encryption']),
  set(3, 'Search/Domain', 'VPCOptions', undefined, ['replaced', 'search-out-of-vpc']),
  set(3, 'Search/Domain', 'DomainName', 'shop', CREATE_ONLY),
  {
    ...set(3, 'Search/Domain', 'EngineVersion', 'OpenSearch_3.1', ['replaced', 'search-version-without-policy']),
    given: (both) => both.attribute('Search/Domain', 'UpdatePolicy', undefined),
  },
  set(3, 'Warehouse/Namespace', 'Tags', [{ Key: 'stage', Value: '3' }], ['refused', 'create-only-tags']),
  set(3, 'Warehouse/Namespace', 'NamespaceName', 'warehouse', CREATE_ONLY),
  set(2, 'Application/Service/LogGroup', 'LogGroupClass', 'INFREQUENT_ACCESS', ['refused', 'log-group-class']),
  set(2, 'Application/Service/LogGroup', 'LogGroupName', '/shop', CREATE_ONLY),
  // Network
  {
    ...set(2, 'Network/Vpc/dataSubnet1/Subnet', 'CidrBlock', '10.0.200.0/24', ['refused', 'subnet-group-in-use', 'SubnetIds']),
    what: 'a subnet of the database moves',
    part: 'Database/SubnetGroup/Default',
  },
  {
    ...set(4, 'Network/Vpc/dataSubnet1/Subnet', 'CidrBlock', '10.0.200.0/24', ['refused', 'replaced-reference']),
    what: 'a subnet of the Kafka cluster moves',
    part: KAFKA,
    property: 'BrokerNodeGroupInfo.ClientSubnets',
  },
  {
    what: 'the record of the site becomes a latency record',
    from: 2,
    mutate: (after) => {
      after.set('SiteAddress/Record', 'SetIdentifier', 'us-east-1');
      after.set('SiteAddress/Record', 'Region', 'us-east-1');
    },
    part: 'SiteAddress/Record',
    verdict: 'refused',
    rule: 'simple-and-routed-records',
    property: 'SetIdentifier',
  },
  // Between stacks
  {
    what: 'the database moves to another stack',
    from: 4,
    mutate: (after) => {
      const id = after.id(DATABASE);
      after.resources(WEST)[id] = after.resources()[id];
      after.remove(DATABASE);
    },
    part: DATABASE,
    verdict: 'orphaned',
    rule: 'removed-and-retained',
    says: /appears in stack Shop-Product-us-west-2 \(us-west-2\): a move between stacks or ids does not carry anything over/,
  },
  {
    what: 'a further region reads an output that is no longer there',
    from: 4,
    mutate: (after) => {
      const outputs = after.stack().template.Outputs!;
      for (const name of Object.keys(outputs)) if (name.includes('KeyArn')) delete outputs[name];
    },
    part: 'DataKey',
    region: WEST,
    verdict: 'refused',
    rule: 'reference-without-output',
    property: 'PrimaryKeyArn',
  },
  leaves(4, 'CacheReplication', 'orphaned', 'removed-and-retained', (after) => after.remove('CacheReplication')),
  leaves(4, 'DatabaseReplication', 'orphaned', 'removed-and-retained', (after) => after.remove('DatabaseReplication')),
  {
    ...leaves(2, 'Jobs/Queue', 'destroyed', 'removed-and-deleted', (after) => after.remove('Jobs/Queue')),
    deployed: (before) => before.attribute('Jobs/Queue', 'DeletionPolicy', 'Delete'),
  },
  {
    ...leaves(2, DATABASE, 'destroyed', 'removed-with-snapshot', (after) => after.remove(DATABASE)),
    deployed: (before) => before.attribute(DATABASE, 'DeletionPolicy', 'Snapshot'),
  },
];

test.each([1, 2, 3, 4])('stage %d over itself is quiet: exit code 0, everything kept', async (stage) => {
  const { directory } = productAt(stage);
  const { code, report } = await check(directory, directory);

  expect(code).toBe(0);
  expect(report.safe).toBe(true);
  expect(new Set(report.changes.map(({ verdict }) => verdict))).toEqual(new Set(['kept']));
});

test('stage 2 over stage 1 is quiet', async () => {
  expect((await check(productAt(1).directory, productAt(2).directory)).code).toBe(0);
});

test('there are enough mutations, and each is another', () => {
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(MUTATIONS.map(({ what }) => what)).size).toBe(MUTATIONS.length);
});

test.each(MUTATIONS)('caught: $what (stage $from)', async (mutation) => {
  const before = new Draft(productAt(mutation.from));
  const after = new Draft(productAt(mutation.to ?? mutation.from));
  const at = mutation.deployed && before.resources(mutation.region)[before.id(mutation.part, mutation.region)] ? before : after;
  const logicalId = (mutation.to ? before : at).id(mutation.part, mutation.region);
  for (const draft of [before, after]) mutation.given?.(draft);
  mutation.deployed?.(before);
  mutation.mutate(after);

  const { code, report, table } = await check(before.write(), after.write());

  const stackName = mutation.region ? `Shop-Product-${mutation.region}` : 'Shop';
  const change = report.changes.find((one) => one.stackName === stackName && one.logicalId === logicalId);
  expectFinding(change, mutation);
  expect(table).toContain(`rule ${mutation.rule}, source:`);
  expect(report.safe).toBe(false);
  expect(code).toBe(1);
});

test('weakening a policy loses nothing yet, and the removal after it is caught', async () => {
  const kept = new Draft(productAt(2));
  const weakened = new Draft(productAt(2));
  weakened.attribute('Jobs/Queue', 'DeletionPolicy', 'Delete');
  const gone = new Draft(productAt(2));
  gone.remove('Jobs/Queue');
  const id = kept.id('Jobs/Queue');
  const [first, second, third] = [kept, weakened, gone].map((draft) => draft.write());

  const weakening = await check(first, second);
  expectFinding(
    weakening.report.changes.find(({ logicalId }) => logicalId === id),
    { verdict: 'updated', rule: 'policy-weakened', property: 'DeletionPolicy' },
  );
  expect(weakening.code).toBe(0);

  const removal = await check(second, third);
  expectFinding(
    removal.report.changes.find(({ logicalId }) => logicalId === id),
    { verdict: 'destroyed', rule: 'removed-and-deleted' },
  );
  expect(removal.code).toBe(1);
});
