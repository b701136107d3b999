import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { run } from '../../bin/commands/plan';
import { type Assembly, type AssemblyStack, readAssembly, type Template } from '../../lib/assembly/cloud-assembly';
import { referencesIn } from '../../lib/assembly/references';
import type { Finding, Hold, PromotionReport } from '../../lib/promotion/change';
import { comparePromotion } from '../../lib/promotion/compare';
import { applyHolds } from '../../lib/promotion/hold';
import { NOTHING, type Plan, planPromotion } from '../../lib/promotion/plan';

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown>; [attribute: string]: unknown }>;

function stack(
  stackName: string,
  Resources: Resources,
  more: Partial<Template> & { region?: string; after?: string[] } = {},
): AssemblyStack {
  const { region = 'us-east-1', after = [], ...template } = more;
  return {
    artifactId: `${stackName}-${region}`,
    stackName,
    region,
    account: '111111111111',
    templateFile: `${stackName}-${region}.template.json`,
    template: { Resources, ...template } as Template,
    dependencies: after,
    paths: {},
  };
}

function assembly(directory: string, ...stacks: AssemblyStack[]): Assembly {
  return { directory, stacks };
}

function plan(before: Assembly, after: Assembly): Plan {
  const found = planPromotion(before, after, comparePromotion);
  if (found.impossible === undefined) expectProof(before, after, found);
  return found;
}

/** Every deploy passes the check against the one before, and the last arrives. */
function expectProof(before: Assembly, after: Assembly, found: Plan): void {
  let state = before;
  for (const deploy of found.deploys) {
    expect(comparePromotion(state, deploy.assembly).safe).toBe(true);
    expect(danglingReferences(deploy.assembly)).toEqual([]);
    state = deploy.assembly;
  }
  expect(state).toBe(after);
  expect(comparePromotion(before, after).safe).toBe(found.deploys.length === 1);
}

/** CloudFormation refuses a template with one. */
function danglingReferences({ stacks }: Assembly): string[] {
  return stacks.flatMap((stack) => {
    const { Resources = {}, Outputs = {} } = stack.template;
    const dangling = referencesIn([Resources, Outputs], stack).filter((reference) => {
      if (reference.kind === 'resource') return !(reference.logicalId in Resources) && !reference.logicalId.startsWith('AWS::');
      if (reference.kind === 'export') return false;
      const producer = stacks.find(({ stackName, region }) => stackName === reference.stackName && region === reference.region);
      return !producer?.template.Outputs?.[reference.outputName];
    });
    const missing = Object.values(Resources).flatMap(({ DependsOn = [] }) =>
      [DependsOn].flat().filter((id) => !(id in Resources)),
    );
    return [...dangling.map((reference) => JSON.stringify(reference)), ...missing];
  });
}

const GET = (id: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });

function table(...regions: string[]): Resources {
  return {
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        Replicas: regions.map((Region) => ({ Region })),
      },
    },
  };
}

function cache(shards: number, id = 'Cache'): Resources {
  return {
    [id]: {
      Type: 'AWS::ElastiCache::ReplicationGroup',
      DeletionPolicy: 'Retain',
      UpdatePolicy: { UseOnlineResharding: true },
      Properties: { ReplicationGroupDescription: 'x', Engine: 'valkey', NumNodeGroups: shards, ReplicasPerNodeGroup: 1 },
    },
  };
}

const TOPIC: Resources = { Topic: { Type: 'AWS::SNS::Topic', DeletionPolicy: 'Retain' } };

describe('promotions that need several deploys', () => {
  test('what one deploy can do is one deploy', () => {
    const after = assembly('after', stack('Shop', { ...table('us-east-1'), ...TOPIC }));
    const found = plan(assembly('before', stack('Shop', table('us-east-1'))), after);
    expect(found.deploys).toHaveLength(1);
    expect(found.deploys[0]).toMatchObject({
      assembly: after,
      stacks: [{ stackName: 'Shop', region: 'us-east-1', added: 1, changed: 0, removed: 0 }],
      notable: ['+ Topic (SNS::Topic)'],
      heldBack: [],
    });
  });

  test('a table goes from one region to four in three deploys', () => {
    const before = assembly('before', stack('Shop', table('us-east-1')));
    const after = assembly('after', stack('Shop', table('us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-1')));
    const found = plan(before, after);
    expect(found.deploys.map((deploy) => deploy.notable)).toEqual([
      ['~ Table: Replicas'],
      ['~ Table: Replicas'],
      ['~ Table: Replicas'],
    ]);
    const replicas = found.deploys.map(
      (deploy) => deploy.assembly.stacks[0].template.Resources?.Table.Properties?.Replicas as { Region: string }[],
    );
    expect(replicas.map((list) => list.map(({ Region }) => Region))).toEqual([
      ['us-east-1', 'us-west-2'],
      ['us-east-1', 'us-west-2', 'eu-central-1'],
      ['us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-1'],
    ]);
    expect(found.deploys[0].heldBack).toMatchObject([{ logicalId: 'Table', property: 'Replicas', source: expect.any(String) }]);
    expect(found.deploys[0].waitFor).toEqual([
      'every stack CREATE_COMPLETE or UPDATE_COMPLETE',
      'the table and every replica ACTIVE (a new replica copies the whole table)',
    ]);
  });

  test('resharding comes alone, after everything else', () => {
    const before = assembly('before', stack('Shop', cache(1)));
    const found = plan(before, assembly('after', stack('Shop', { ...cache(3), ...TOPIC })));
    expect(found.deploys.map((deploy) => deploy.notable)).toEqual([['+ Topic (SNS::Topic)'], ['~ Cache: NumNodeGroups']]);
  });

  test('two caches that reshard go one after the other', () => {
    const before = assembly('before', stack('Shop', { ...cache(1), ...cache(1, 'Sessions') }));
    const found = plan(before, assembly('after', stack('Shop', { ...cache(3), ...cache(2, 'Sessions') })));
    expect(found.deploys.map((deploy) => deploy.notable)).toEqual([['~ Cache: NumNodeGroups'], ['~ Sessions: NumNodeGroups']]);
  });

  test('a table and a cache each take their own time', () => {
    const before = assembly('before', stack('Shop', { ...cache(1), ...table('us-east-1') }));
    const after = assembly('after', stack('Shop', { ...cache(3), ...table('us-east-1', 'us-west-2', 'eu-central-1') }));
    expect(plan(before, after).deploys.map((deploy) => deploy.notable)).toEqual([
      ['~ Table: Replicas'],
      ['~ Table: Replicas'],
      ['~ Cache: NumNodeGroups'],
    ]);
  });

  test('Kafka in two regions: create, connect, replicate', () => {
    const kafka = (region: string, more: Resources = {}) =>
      stack(
        'Shop',
        {
          Kafka: {
            Type: 'AWS::MSK::Cluster',
            DeletionPolicy: 'Retain',
            Properties: {
              ClusterName: 'shop',
              KafkaVersion: '3.8.x',
              NumberOfBrokerNodes: 3,
              BrokerNodeGroupInfo: {
                InstanceType: 'kafka.m7g.large',
                ClientSubnets: ['a', 'b', 'c'],
                ConnectivityInfo: { VpcConnectivity: { ClientAuthentication: { Sasl: { Iam: { Enabled: true } } } } },
              },
            },
          },
          KafkaPolicy: {
            Type: 'AWS::MSK::ClusterPolicy',
            Properties: { ClusterArn: GET('Kafka'), Policy: { Statement: [] } },
          },
          ...more,
        },
        { region, Outputs: { KafkaArn: { Value: GET('Kafka') } } },
      );
    const source = { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'KafkaArn', Region: 'us-east-1' } };
    const replicator: Resources = {
      Replicator: {
        Type: 'AWS::MSK::Replicator',
        Properties: { ReplicationInfoList: [{ SourceKafkaClusterArn: source, TargetKafkaClusterArn: GET('Kafka') }] },
      },
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: { Dimensions: [{ Name: 'Replicator', Value: { Ref: 'Replicator' } }] },
      },
    };
    const after = assembly('after', kafka('us-east-1'), kafka('eu-central-1', replicator));
    const found = plan(NOTHING, after);
    expect(found.impossible).toBeUndefined();
    const there = (id: string) => found.deploys.map((deploy) => id in (deploy.assembly.stacks[1].template.Resources ?? {}));
    expect(there('Kafka')).toEqual([true, true, true]);
    expect(there('KafkaPolicy')).toEqual([false, true, true]);
    expect(there('Replicator')).toEqual([false, false, true]);
    expect(there('Alarm')).toEqual([false, false, true]);
  });

  test('stacks that refer to one another: one goes first without the reference', () => {
    const to = (StackName: string, OutputName: string) => ({ 'Fn::GetStackOutput': { StackName, OutputName } });
    const after = assembly(
      'after',
      stack(
        'A',
        { Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, Description: to('B', 'Topic') } } },
        { Outputs: { Role: { Value: GET('Role') } } },
      ),
      stack(
        'B',
        { Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: to('A', 'Role') } } },
        { Outputs: { Topic: { Value: { Ref: 'Topic' } } } },
      ),
    );
    const found = plan(NOTHING, after);
    expect(found.deploys).toHaveLength(2);
    expect(found.deploys[0].assembly.stacks[0].template.Resources?.Role.Properties).not.toHaveProperty('Description');
    expect(found.deploys[1].notable).toEqual(['~ Role: Description']);
  });

  test('a deploy that only adds the output to refer to is a deploy', () => {
    const read = { 'Fn::GetStackOutput': { StackName: 'B', OutputName: 'Topic' } };
    const side = (Description?: unknown) =>
      stack('A', { Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, Description } } });
    const found = plan(
      assembly('before', side('none'), stack('B', TOPIC)),
      assembly('after', side(read), stack('B', TOPIC, { Outputs: { Topic: { Value: { Ref: 'Topic' } } } })),
    );
    expect(found.deploys.map((deploy) => deploy.notable)).toEqual([[], ['~ Role: Description']]);
  });
});

describe('promotions that no plan makes safe', () => {
  test('are named with the finding, in one sentence', () => {
    const found = plan(
      assembly('before', stack('Shop', { ...table('us-east-1'), ...TOPIC })),
      assembly('after', stack('Shop', TOPIC)),
    );
    expect(found.deploys).toEqual([]);
    expect(found.impossible).toMatch(/^no sequence of deploys is safe: Table \(AWS::DynamoDB::GlobalTable\) is orphaned: /);
  });

  test('also beside changes for which waiting helps', () => {
    const before = assembly('before', stack('Shop', { ...table('us-east-1'), ...TOPIC }));
    const found = plan(before, assembly('after', stack('Shop', table('us-east-1', 'us-west-2', 'eu-central-1'))));
    expect(found.impossible).toMatch(/^no sequence of deploys is safe: Topic \(AWS::SNS::Topic\) is orphaned: /);
  });
});

describe('with a comparison that', () => {
  const before = assembly('before', stack('Shop', { A: { Type: 'AWS::SNS::Topic', Properties: { X: 1 } } }));
  const after = assembly('after', stack('Shop', { A: { Type: 'AWS::SNS::Topic', Properties: { X: 2 } } }));
  const OWN: Finding = { ruleId: 'r', verdict: 'own-deploy', reason: 'it is shy', source: 'a book', property: 'X' };
  const report = (from: Assembly, to: Assembly, findings: Record<string, Finding[]>): PromotionReport => {
    const resources = to.stacks[0].template.Resources ?? {};
    const changes = Object.entries(resources).map(([logicalId, { Type }]) => {
      const same = JSON.stringify(from.stacks[0].template.Resources?.[logicalId]) === JSON.stringify(resources[logicalId]);
      const found = findings[logicalId] ?? [];
      const verdict = found[0]?.verdict ?? (same ? 'kept' : 'updated');
      return { stackName: 'Shop', region: 'us-east-1', logicalId, type: Type, stateful: true, verdict, findings: found };
    });
    return { before: from.directory, after: to.directory, changes, safe: Object.keys(findings).length === 0 };
  };
  const hold = (logicalId: string): Hold => ({
    stackName: 'Shop',
    region: 'us-east-1',
    logicalId,
    path: ['Properties', 'X'],
    value: 1,
  });

  test('holds a resource back for ever, there is no plan', () => {
    const found = planPromotion(before, after, (from, to) => {
      const same = to.stacks[0].template.Resources?.A.Properties?.X === 1;
      return report(from, to, same ? {} : { A: [{ ...OWN, holds: [hold('A')] }] });
    });
    expect(found.impossible).toBe('no sequence of deploys is safe: A X would have to wait for itself (it is shy)');
  });

  test('goes on complaining about what already waits, there is no plan', () => {
    const found = planPromotion(before, after, (from, to) => report(from, to, { A: [{ ...OWN, holds: [hold('A')] }] }));
    expect(found.impossible).toBe('no sequence of deploys is safe: A X (AWS::SNS::Topic) is own-deploy: it is shy (a book)');
  });

  test('wants every change alone, they go one by one', () => {
    const two = (x: number) =>
      assembly(
        `x${x}`,
        stack('Shop', {
          A: { Type: 'AWS::SNS::Topic', Properties: { X: x } },
          B: { Type: 'AWS::SNS::Topic', Properties: { X: x } },
        }),
      );
    const found = planPromotion(two(1), two(2), (from, to) => {
      const moves = ['A', 'B'].filter(
        (id) => from.stacks[0].template.Resources?.[id].Properties?.X !== to.stacks[0].template.Resources?.[id].Properties?.X,
      );
      return report(
        from,
        to,
        moves.length < 2 ? {} : Object.fromEntries(moves.map((id) => [id, [{ ...OWN, holds: [hold(id)] }]])),
      );
    });
    expect(found.deploys.map((deploy) => deploy.notable.filter((text) => text.startsWith('~ ')))).toEqual([
      ['~ A: X'],
      ['~ B: X'],
    ]);
  });
});

describe('what waits, and what gives way to it', () => {
  const at = { stackName: 'Shop', region: 'us-east-1' };
  const waits = (logicalId: string): Hold => ({ ...at, logicalId, path: [] });
  const held = (after: AssemblyStack[], deployed: AssemblyStack[], ...holds: Hold[]): Assembly =>
    applyHolds(assembly('after', ...after), holds, assembly('before', ...deployed));
  const ids = (result: Assembly, index = 0) => Object.keys(result.stacks[index].template.Resources ?? {}).sort();
  const QUEUE = { Type: 'AWS::SQS::Queue' };

  test('the later assembly itself is not touched', () => {
    const after = stack('Shop', { Late: QUEUE, Other: QUEUE });
    held([after], [], waits('Late'));
    expect(Object.keys(after.template.Resources ?? {})).toEqual(['Late', 'Other']);
  });

  test('a new resource that refers to it waits too, with what refers to that', () => {
    const result = held(
      [
        stack('Shop', {
          Late: QUEUE,
          ByRef: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: { Q: { Ref: 'Late' } } } } },
          BySub: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::Sub': `of $\{ByRef.Arn} in $\{AWS::Region}` } } },
          Other: {
            Type: 'AWS::SNS::Topic',
            Properties: { DisplayName: { 'Fn::Sub': `$\{!Late}` } },
            DependsOn: ['Late', 'Third'],
          },
          Third: { Type: 'AWS::SNS::Topic', DependsOn: 'Late' },
        }),
      ],
      [],
      waits('Late'),
    );
    expect(ids(result)).toEqual(['Other', 'Third']);
    expect(result.stacks[0].template.Resources?.Other.DependsOn).toEqual(['Third']);
    expect(result.stacks[0].template.Resources?.Third).toEqual({ Type: 'AWS::SNS::Topic' });
  });

  test('a deployed resource keeps the deployed value of the property that mentions it, and gets its other changes', () => {
    const service = (image: string, queue: unknown, count: number) => ({
      Type: 'AWS::ECS::TaskDefinition',
      Properties: { ContainerDefinitions: [{ Image: image, Environment: [{ Name: 'Q', Value: queue }] }], Cpu: count },
    });
    const result = held(
      [stack('Shop', { Late: QUEUE, Task: service('2', { Ref: 'Late' }, 512) })],
      [stack('Shop', { Task: service('1', 'none', 256) })],
      waits('Late'),
    );
    expect(result.stacks[0].template.Resources?.Task.Properties).toEqual(service('1', 'none', 512).Properties);
  });

  test('an Allow is cut down, so that the rest of the policy is there; a Deny is not', () => {
    const policy = (Statement: unknown[]) => ({ Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement } } });
    const mixed = { Effect: 'Allow', Action: 'sqs:*', Resource: [GET('Other'), GET('Late')] };
    const result = held(
      [
        stack('Shop', {
          Late: QUEUE,
          Other: QUEUE,
          Mixed: policy([mixed, { Effect: 'Allow', Action: '*', Resource: GET('Late') }]),
          OnlyLate: policy([{ Effect: 'Allow', Action: '*', Resource: GET('Late') }]),
          Denied: policy([{ Effect: 'Deny', Action: '*', Resource: [GET('Late'), GET('Other')] }]),
        }),
      ],
      [],
      waits('Late'),
    );
    expect(ids(result)).toEqual(['Mixed', 'Other']);
    expect(result.stacks[0].template.Resources?.Mixed).toEqual(policy([{ ...mixed, Resource: [GET('Other')] }]));
  });

  test('outputs go, and what reads them in other stacks goes with them, by weak and by strong reference', () => {
    const weak = { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'Late', Region: 'us-east-1' } };
    const result = held(
      [
        stack(
          'Shop',
          { Late: QUEUE, Other: QUEUE },
          { Outputs: { Late: { Value: { Ref: 'Late' }, Export: { Name: 'shop-late' } }, Other: { Value: { Ref: 'Other' } } } },
        ),
        stack(
          'Shop',
          {
            Weak: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: weak } },
            Strong: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: { 'Fn::ImportValue': 'shop-late' } } },
            Late: QUEUE,
          },
          { region: 'eu-central-1' },
        ),
      ],
      [],
      waits('Late'),
    );
    expect(Object.keys(result.stacks[0].template.Outputs ?? {})).toEqual(['Other']);
    expect(ids(result, 1)).toEqual(['Late']);
  });

  test('a new stack left empty is left out; what came after it comes after what it came after; its outputs are gone', () => {
    const read = { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'Constant' } };
    const result = held(
      [
        stack('First', { Queue: QUEUE }),
        stack(
          'Shop',
          { Late: QUEUE, CDKMetadata: { Type: 'AWS::CDK::Metadata' } },
          { after: ['First-us-east-1'], Outputs: { Constant: { Value: '1' } } },
        ),
        stack(
          'Last',
          { Queue: QUEUE, Reader: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: read } } },
          { after: ['Shop-us-east-1'] },
        ),
      ],
      [],
      waits('Late'),
    );
    expect(result.stacks.map(({ stackName, dependencies }) => [stackName, dependencies])).toEqual([
      ['First', []],
      ['Last', ['First-us-east-1']],
    ]);
    expect(ids(result, 1)).toEqual(['Queue']);
  });

  test('a deployed resource that waits keeps its deployed form, and what that refers to stays', () => {
    const deployed = stack(
      'Shop',
      {
        Old: { ...QUEUE, Properties: { KmsMasterKeyId: { Ref: 'Key' }, Tags: { Ref: 'Given' } } },
        Key: { Type: 'AWS::KMS::Key' },
      },
      { Parameters: { Given: { Type: 'String' } } },
    );
    const after = stack('Shop', { Old: { ...QUEUE, Properties: { KmsMasterKeyId: 'alias/aws/sqs' } } });
    const result = held([after], [deployed], waits('Old'));
    expect(result.stacks[0].template).toEqual(deployed.template);
  });

  test('a resource that is about to leave can be kept, with a policy of its own', () => {
    const result = held([stack('Shop', { Other: QUEUE })], [stack('Shop', { Old: QUEUE, Other: QUEUE })], {
      ...at,
      logicalId: 'Old',
      path: ['DeletionPolicy'],
      value: 'Retain',
    });
    expect(result.stacks[0].template.Resources?.Old).toEqual({ ...QUEUE, DeletionPolicy: 'Retain' });
  });

  test('a property below a property can be held, and left out', () => {
    const after = stack('Shop', { Kafka: { Type: 'AWS::MSK::Cluster', Properties: { Info: { A: 1, B: 2 } } } });
    const value = (hold: Partial<Hold>) =>
      held([after], [], { ...at, logicalId: 'Kafka', path: ['Properties', 'Info', 'B'], ...hold }).stacks[0].template.Resources
        ?.Kafka.Properties;
    expect(value({})).toEqual({ Info: { A: 1 } });
    expect(value({ value: { C: 3 } })).toEqual({ Info: { A: 1, B: { C: 3 } } });
    expect(value({ path: ['Properties', 'Missing', 'X'] })).toEqual({ Info: { A: 1, B: 2 } });
    expect(value({ path: ['Properties', 'Missing', 'X'], value: 1 })).toEqual({ Info: { A: 1, B: 2 }, Missing: { X: 1 } });
  });

  test('a hold on a stack or resource that nobody has is an error', () => {
    expect(() => held([stack('Shop', { A: QUEUE })], [], { ...waits('A'), stackName: 'Gone' })).toThrow(
      'A must wait, but the later assembly has no stack Gone (us-east-1)',
    );
    expect(() => held([stack('Shop', { A: QUEUE })], [], { ...waits('B'), path: ['Properties', 'X'] })).toThrow(
      'B of stack Shop must wait, but neither assembly has it',
    );
  });
});

describe('scale-tiers plan', () => {
  let work: string;
  let said: string;
  beforeEach(() => {
    work = mkdtempSync(join(tmpdir(), 'plan-'));
    said = '';
    const hear = (text: string) => {
      said += `${text}\n`;
    };
    jest.spyOn(console, 'log').mockImplementation(hear);
    jest.spyOn(console, 'error').mockImplementation(hear);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(work, { recursive: true });
  });

  function synthesize(name: string, regions: string[], bucket = true): string {
    const app = new App({ outdir: join(work, name) });
    const stage = new Stage(app, 'live', { env: { account: '111111111111', region: 'us-east-1' } });
    const shop = new Stack(stage, 'Shop', { stackName: 'Shop' });
    new dynamodb.CfnGlobalTable(shop, 'Table', {
      attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
      keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
      billingMode: 'PAY_PER_REQUEST',
      replicas: regions.map((region) => ({ region })),
    });
    if (bucket) new s3.Bucket(shop, 'Assets');
    app.synth();
    return join(work, name, 'assembly-live');
  }

  const THREE = ['us-east-1', 'us-west-2', 'eu-central-1'];

  test('prints the deploys, why they are several, and what to wait for', async () => {
    const [before, after] = [synthesize('one', ['us-east-1'], false), synthesize('three', THREE)];
    expect(await run([before, after])).toBe(0);
    const lines = said.trimEnd().split('\n');
    expect(lines[0]).toBe(`2 deploys lead from ${before} to ${after}: each passes the check, the jump in one deploy does not.`);
    expect(lines).toContain('Deploy 1 of 2');
    expect(lines).toContain('  Shop (us-east-1): 1 added, 1 changed');
    expect(lines).toContain('  + Assets (S3::Bucket)');
    expect(lines).toContain('  ~ Table: Replicas');
    expect(said).toMatch(/ {2}later: Table Replicas: .+ \[.+\]/);
    expect(said).toMatch(/ {2}then wait for: every stack CREATE_COMPLETE or UPDATE_COMPLETE; the table and every replica ACTIVE/);
    expect(lines).toContain(`Deploy 2 of 2: npx cdk deploy --app ${after} --all`);
    expect(lines.at(-1)).toBe('--out DIR writes every deploy as a folder to deploy from.');
    expect(lines.length).toBeLessThan(16);
  });

  test('writes each deploy as an assembly, and the written ones pass one after the other', async () => {
    const [before, after] = [synthesize('one', ['us-east-1']), synthesize('four', [...THREE, 'ap-southeast-1'])];
    const out = join(work, 'plan');
    expect(await run([before, after, '--out', out])).toBe(0);
    expect(said).toContain(`Deploy 1 of 3: npx cdk deploy --app ${join(out, '1')} --all`);
    expect(readdirSync(out)).toEqual(['1', '2', '3']);
    const states = [before, ...['1', '2', '3'].map((number) => join(out, number))].map(readAssembly);
    for (let i = 1; i < states.length; i++) expect(comparePromotion(states[i - 1], states[i]).safe).toBe(true);
    expect(comparePromotion(states[0], states[3]).safe).toBe(false);
    expect(states[3].stacks[0].template).toEqual(readAssembly(after).stacks[0].template);
    said = '';
    expect(await run([before, after, '--out', out])).toBe(2);
    expect(said).toContain(`'${join(out, '1')}' is not empty`);
  });

  test('speaks JSON to machines', async () => {
    const [before, after] = [synthesize('one', ['us-east-1']), synthesize('three', THREE)];
    expect(await run([before, after, '--json'])).toBe(0);
    const found = JSON.parse(said);
    expect(found).toMatchObject({
      before,
      after,
      deploys: [
        { number: 1, stackNames: ['Shop'] },
        { number: 2, heldBack: [] },
      ],
    });
    expect(found.deploys[0].heldBack[0]).toMatchObject({ logicalId: 'Table', path: 'live/Shop/Table', property: 'Replicas' });
  });

  test('plans a first deploy from nothing', async () => {
    expect(await run(['nothing', synthesize('one', ['us-east-1'])])).toBe(0);
    expect(said).toContain('One deploy leads from nothing to ');
  });

  test('exits 1 and says why when nothing is safe', async () => {
    const [before, after] = [synthesize('one', ['us-east-1']), synthesize('without', ['us-east-1'], false)];
    expect(await run([before, after, '--out', join(work, 'plan')])).toBe(1);
    expect(said).toMatch(/^No sequence of deploys is safe: live\/Shop\/Assets \(AWS::S3::Bucket\) is orphaned: .+\.\n$/);
    expect(readdirSync(work)).not.toContain('plan');
  });

  test.each([
    [[], 'scale-tiers plan: needs two assemblies, BEFORE and AFTER, got 0 (see scale-tiers plan --help)'],
    [['nothing', 'nowhere'], "'nowhere' is not a cloud assembly"],
    [['nothing', 'x', '--fast'], "Unknown option '--fast'"],
  ])('%j is unusable input: exit 2', async (args, message) => {
    expect(await run(args)).toBe(2);
    expect(said).toContain(message);
  });

  test('a list of accepted losses that cannot be read is unusable input: exit 2', async () => {
    const assembly = synthesize('one', ['us-east-1']);
    expect(await run([assembly, assembly, '--accept', join(work, 'none.json')])).toBe(2);
    expect(said).toContain("none.json' does not exist");
  });
});
