import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { CacheReplicationGroup } from '../../../lib/blocks/data/cache-replication-group';
import { DataMove, type DataMoveProps } from '../../../lib/blocks/data/data-move';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { vpc } from './vpc';

/** Where the program's files are. */
const FOLDER = join(__dirname, '../../../lib/blocks/data/move');
const NAME = '/data-move/Shop/Product';

interface Shop {
  readonly stack: Stack;
  readonly role: iam.Role;
  readonly move: DataMove;
}

function shop(options: { stack?: Stack; props?: Partial<DataMoveProps> } = {}): Shop {
  const stack = options.stack ?? testStack();
  const network = vpc(stack, 2);
  const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  const securityGroup = new ec2.SecurityGroup(stack, 'ServerGroup', { vpc: network, description: 'Server' });
  const autoScalingGroup = autoscaling.AutoScalingGroup.fromAutoScalingGroupName(stack, 'Machine', 'the-group');
  const move = new DataMove(stack, 'DataMove', {
    vpc: network,
    server: { connections: new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.HTTPS }) },
    grantee: role,
    autoScalingGroup,
    database: new AuroraDatabase(stack, 'Database', { vpc: network }),
    cache: new CacheReplicationGroup(stack, 'Cache', { vpc: network }),
    recordParameterName: NAME,
    ...options.props,
  });
  return { stack, role, move };
}

interface Document {
  readonly logicalId: string;
  readonly DocumentType: string;
  readonly UpdateMethod: string;
  readonly Name?: string;
  readonly Content: {
    readonly parameters?: { readonly [name: string]: { readonly allowedValues: string[]; readonly default?: string } };
    readonly mainSteps: { readonly [key: string]: unknown }[];
  };
}

function documents(stack: Stack): Document[] {
  const found = Template.fromStack(stack).findResources('AWS::SSM::Document');
  return Object.entries(found).map(([logicalId, { Properties }]) => ({ logicalId, ...Properties }));
}

function commandLines(document: Document): string[] {
  const { runCommand } = document.Content.mainSteps[0].inputs as { runCommand: string[] };
  return runCommand;
}

function programFiles(stack: Stack): Document[] {
  return documents(stack).filter(({ UpdateMethod }) => UpdateMethod === 'Replace');
}

function stepCommand(stack: Stack): Document {
  return documents(stack).find(
    ({ logicalId }) => logicalId.includes('DataMoveStep') && !programFiles(stack).some((file) => file.logicalId === logicalId),
  )!;
}

function runbook(stack: Stack): Document {
  return documents(stack).find(({ DocumentType }) => DocumentType === 'Automation')!;
}

describe('the doors it opens', () => {
  test('the server reaches database and cache, and the database the server, on one port each', () => {
    const { stack } = shop();
    const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress')).map(
      ({ Properties }) => [Properties.Description, Properties.FromPort, Properties.ToPort],
    );
    expect(rules.sort()).toEqual([
      ['Database that follows this one', 5432, 5432],
      ['Server whose data moves', 5432, 5432],
      ['Server whose data moves', 6379, 6379],
    ]);
  });

  test('the database, which otherwise reaches nothing, reaches port 5432 of the server', () => {
    const { stack } = shop();
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupEgress', {
      FromPort: 5432,
      ToPort: 5432,
      DestinationSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('ServerGroup'), 'GroupId'] },
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('DatabaseSecurityGroup'), 'GroupId'] },
    });
  });
});

test('the server may read two secrets and its own documents, and write and remove one parameter, nothing else', () => {
  const { stack } = shop();
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(({ Properties }) =>
    JSON.stringify(Properties.Roles).includes('"Role'),
  );
  const statements: { Action: string | string[]; Resource: unknown; Condition?: unknown }[] = policies.flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
  expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
    'secretsmanager:DescribeSecret',
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:GetSecretValue',
    'ssm:DeleteParameter',
    'ssm:GetDocument',
    'ssm:PutParameter',
  ]);
  const parameter = statements.find(({ Action }) => Action.includes('ssm:PutParameter'))!;
  expect(JSON.stringify(parameter.Resource)).toContain(`:parameter${NAME}"`);
  const read = statements.find(({ Action }) => Action === 'ssm:GetDocument')!;
  expect(read.Resource).toHaveLength(9);
  expect(JSON.stringify(statements.map(({ Resource }) => Resource))).not.toContain('*');
});

describe('the documents', () => {
  test('have no name of their own, stay below the limit of 64 KB, and hold no line that Systems Manager would fill in', () => {
    const { stack } = shop();
    const all = documents(stack);
    expect(all.map(({ DocumentType, UpdateMethod }) => `${DocumentType} ${UpdateMethod}`).sort()).toEqual([
      'Automation NewVersion',
      'Command NewVersion',
      ...Array(9).fill('Command Replace'),
    ]);
    for (const document of all) {
      expect(document.Name).toBeUndefined();
      expect(JSON.stringify(document.Content).length).toBeLessThan(60_000);
    }
    expect(
      programFiles(stack)
        .flatMap(commandLines)
        .filter((line) => line.includes('{{')),
    ).toEqual([]);
  });

  test('hold the program as it is in its files, and the step runs only what has these checksums', () => {
    const { stack } = shop();
    const listed = JSON.stringify(commandLines(stepCommand(stack)));
    const python = readdirSync(FOLDER).filter((file) => file.endsWith('.py'));
    const texts = programFiles(stack).map((document) =>
      commandLines(document)
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect(texts).toHaveLength(python.length);
    for (const file of python) {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      expect(texts).toContain(text);
      expect(listed).toContain(`${file} ${createHash('sha256').update(text).digest('hex')}`);
    }
  });

  test('the step is a shell script that bash reads to its end', () => {
    const { stack } = shop();
    const folder = mkdtempSync(join(tmpdir(), 'data-move-'));
    const text = commandLines(stepCommand(stack)).map((line) => (typeof line === 'string' ? line : "readonly TOKEN='x'"));
    const file = join(folder, 'step.sh');
    writeFileSync(file, `${text.join('\n')}\n`);
    execFileSync('bash', ['-n', file]);
    rmSync(folder, { recursive: true });
    expect(text[0]).toBe('#!/bin/bash');
  });
});

describe('the runbook', () => {
  const order = ['preflight', 'copy', 'verify', 'cutOver', 'sessions', 'open', 'record'];

  test('does step after step until the one that is named, and pre-flight only if nothing is said', () => {
    const { Content } = runbook(shop().stack);
    expect(Content.parameters!.Until).toMatchObject({
      default: 'preflight',
      allowedValues: ['preflight', 'copy', 'verify', 'cut-over', 'sessions', 'open', 'record', 'roll-back'],
    });
    expect(Content.parameters!.Mode.allowedValues).toEqual(['dump', 'replicate']);
    expect(Content.parameters!.Sessions.allowedValues).toEqual(['move', 'drop']);
    expect(Content.parameters!.TargetContents.default).toBe('refuse');
    const steps = new Map(Content.mainSteps.map((step) => [step.name, step]));
    for (const [index, name] of order.slice(0, -1).entries()) {
      const step = name === 'cutOver' ? 'cut-over' : name;
      expect(steps.get(name)).toMatchObject({ action: 'aws:runCommand', onFailure: 'Abort', nextStep: `${name}IsLast` });
      expect(steps.get(`${name}IsLast`)).toMatchObject({
        inputs: {
          Choices: [{ NextStep: order[index + 1], Not: { Variable: '{{ Until }}', StringEquals: step } }],
          Default: 'done',
        },
      });
    }
    expect(steps.get('done')).toMatchObject({ action: 'aws:sleep', isEnd: true });
    expect(steps.get('record')).toMatchObject({ isEnd: true });
    expect(steps.get('rollBack')).toMatchObject({ isEnd: true, inputs: { Parameters: { Step: ['roll-back'] } } });
    expect(steps.get('direction')).toMatchObject({ inputs: { Default: 'preflight' } });
  });

  test('finds the machine through the group and runs the step on it', () => {
    const { stack, move } = shop();
    const { mainSteps } = runbook(stack).Content;
    expect(mainSteps[0]).toMatchObject({ inputs: { AutoScalingGroupNames: ['the-group'] } });
    expect(mainSteps.find(({ name }) => name === 'copy')).toMatchObject({
      inputs: {
        DocumentName: stack.resolve(move.step.ref),
        InstanceIds: ['{{ machine.InstanceId }}'],
        Parameters: {
          Step: ['copy'],
          Mode: ['{{ Mode }}'],
          Sessions: ['{{ Sessions }}'],
          TargetContents: ['{{ TargetContents }}'],
        },
      },
    });
  });
});

describe('the program without a database', () => {
  function python(code: string): string {
    const state = mkdtempSync(join(tmpdir(), 'data-move-'));
    try {
      const env = { ...process.env, MOVE_STATE: state, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: FOLDER, MOVE_RETRIES: '0' };
      return execFileSync('python3', ['-c', code], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
    } finally {
      rmSync(state, { recursive: true });
    }
  }

  function step(program: string, name: string, settings: { [name: string]: string } = {}): { status: number; said: string } {
    const state = mkdtempSync(join(tmpdir(), 'data-move-'));
    try {
      const env = { ...process.env, MOVE_STATE: state, PYTHONDONTWRITEBYTECODE: '1', MOVE_RETRIES: '0', ...settings };
      execFileSync('python3', [join(FOLDER, program), name], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      return { status: 0, said: '' };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string };
      return { status, said: stderr.trim() };
    } finally {
      rmSync(state, { recursive: true });
    }
  }

  test('finds the slot of a key as the Redis cluster specification does', () => {
    // The specification's own example, and keys that share a tag.
    expect(
      python(
        'import sessions; print(sessions.slot_of(b"123456789"), sessions.slot_of(b"{user1000}.a") == sessions.slot_of(b"{user1000}.b"), sessions.slot_of(b"foo{}{bar}") == sessions.slot_of(b"foo{}{baz}"))',
      ),
    ).toBe(`${0x31c3 % 16384} True False`);
  });

  test('digests a hash and a set whatever their order, and a list in its own', () => {
    expect(
      python(`import sessions as s
print(s.digest(b"hash", [b"a", b"1", b"b", b"2"]) == s.digest(b"hash", [b"b", b"2", b"a", b"1"]),
      s.digest(b"set", [b"a", b"b"]) == s.digest(b"set", [b"b", b"a"]),
      s.digest(b"list", [b"a", b"b"]) == s.digest(b"list", [b"b", b"a"]))`),
    ).toBe('True True False');
  });

  test('writes records whole or not at all', () => {
    expect(
      python(`import os, steps
steps.record("copy", rows=3)
print(steps.recorded("copy")["rows"], sorted(os.listdir(steps.STATE)), oct(os.stat(steps.path_of("copy")).st_mode)[-3:])
steps.forget("copy")
print(steps.recorded("copy"))`),
    ).toBe("3 ['copy.json'] 600\nNone");
  });

  test.each([
    ['database.py', 'cut-over', 'step copy has no record in'],
    ['database.py', 'verify', 'step copy has no record in'],
    ['database.py', 'copy', 'step preflight has no record in'],
    ['database.py', 'open', 'step cut-over has no record in'],
    ['database.py', 'record', 'step cut-over has no record in'],
    ['sessions.py', 'sessions', 'step cut-over has no record in'],
  ])('%s refuses %s before the steps that come first', (program, name, said) => {
    const answer = step(program, name);
    expect(answer.status).toBe(2);
    expect(answer.said).toContain(`REFUSED: ${said}`);
  });

  test('refuses a mode that does not exist, naming it and what is allowed', () => {
    const answer = step('database.py', 'preflight', { MOVE_MODE: 'copy', MOVE_TARGET_DSN: 'host=127.0.0.1' });
    expect(answer).toEqual({
      status: 2,
      said: "REFUSED: MOVE_MODE must be one of dump, replicate, got 'copy': set it to one of them",
    });
  });

  test('says that a server which does not answer is worth another try', () => {
    const answer = step('database.py', 'preflight', {
      MOVE_TARGET_DSN: 'host=127.0.0.1 port=1',
      MOVE_SOURCE_DSN: 'host=127.0.0.1 port=1',
    });
    expect(answer.status).toBe(3);
    expect(answer.said).toContain('TRY AGAIN: psql lost its server');
  });

  test('lets nobody in beside a step that is running', () => {
    expect(
      python(`import fcntl, os, subprocess, sys, steps
lock = open(os.path.join(steps.STATE, "lock"), "w")
fcntl.flock(lock, fcntl.LOCK_EX)
done = subprocess.run([sys.executable, "${FOLDER}/database.py", "preflight"], capture_output=True, encoding="utf8")
print(done.returncode, "another step holds" in done.stderr)`),
    ).toBe('3 True');
  });
});

test('another program is another document, and the same one the same document', () => {
  const [one, two] = [shop().stack, shop().stack].map((stack) => documents(stack).map(({ Content }) => JSON.stringify(Content)));
  expect(one).toEqual(two);
});

test.each([
  ['data-move/Shop', 'data-move/Shop'],
  ['/aws/Shop', '/aws/Shop'],
  ['/ssm-shop', '/ssm-shop'],
  ['/data move', '/data move'],
])('a record may not be called %s', (recordParameterName, given) => {
  expect(() => shop({ props: { recordParameterName } })).toThrow(
    `recordParameterName must be a path such as /data-move/Shop of letters, digits, '.', '-' and '_' that begins with neither aws nor ssm, got: '${given}'`,
  );
});

test('a database name that PostgreSQL would want quoted is refused', () => {
  expect(() => shop({ props: { databaseName: 'My-Shop' } })).toThrow(
    "databaseName must be 1 to 63 lower-case letters, digits and underscores and not start with a digit, got: 'My-Shop'",
  );
});

test('it synthesizes without a concrete environment', () => {
  expect(documents(shop({ stack: agnosticStack() }).stack)).toHaveLength(11);
});

test('no open finding', () => {
  expect(nagFindings(shop().stack)).toEqual(['AwsSolutions-VPC7 Shop/Network/Resource']);
});
