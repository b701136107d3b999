import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import { DumpBucket } from '../../../lib/blocks/compute/dump-bucket';
import { ServerVolume } from '../../../lib/blocks/compute/server-volume';
import type { SingleServer } from '../../../lib/blocks/compute/single-server';
import { testStack } from '../../stacks';
import { flagDependent } from '../before-after';
import { server, ZONES } from './server-fixture';

interface Step {
  readonly name: string;
  readonly action: string;
  // biome-ignore lint/suspicious/noExplicitAny: what stands in a document
  readonly inputs: any;
  readonly [property: string]: unknown;
}

interface Content {
  readonly schemaVersion: string;
  readonly parameters?: { readonly [name: string]: { readonly allowedPattern?: string; readonly allowedValues?: string[] } };
  readonly mainSteps: Step[];
  readonly outputs?: string[];
}

const withDumps = (stack: Stack) => server(stack, { dumps: new DumpBucket(stack, 'Dumps') });

function documents(build: (stack: Stack) => SingleServer = withDumps) {
  const stack = testStack();
  const it = build(stack);
  const all = Object.entries(Template.fromStack(stack).findResources('AWS::SSM::Document'));
  const id = (document: { readonly logicalId: string } | undefined) => document && stack.resolve(document.logicalId);
  const { deploy, restoreDump, restoreVolume, rollImage } = it.runbooks;
  const ids = { deploy: id(deploy), restoreDump: id(restoreDump), restoreVolume: id(restoreVolume), rollImage: id(rollImage) };
  const content = (logicalId: string): Content => all.find(([name]) => name === logicalId)![1].Properties.Content;
  return { all, ids, content };
}

const steps = (content: Content) => content.mainSteps.map(({ name }) => name);

describe('the runbooks of a server', () => {
  test('have no physical name, are updated in place, and run with the permissions of whoever starts them', () => {
    const { all } = documents();
    expect(all).toHaveLength(7);
    for (const [id, { Properties }] of all) {
      expect(Properties.Name).toBeUndefined();
      expect(Properties.UpdateMethod).toBe(id.startsWith('ServerScript') ? 'Replace' : 'NewVersion');
      expect(Properties.Content).not.toHaveProperty('assumeRole');
    }
  });

  test('lead from each step to one that is there, and end', () => {
    const { all } = documents();
    for (const { mainSteps } of all.map(([, { Properties }]) => Properties.Content as Content)) {
      const names = mainSteps.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { nextStep, onFailure, inputs } of mainSteps) {
        if (nextStep !== undefined) expect(names).toContain(nextStep);
        if (String(onFailure).startsWith('step:')) expect(names).toContain(String(onFailure).slice(5));
        for (const { NextStep } of inputs.Choices ?? []) expect(names).toContain(NextStep);
      }
    }
  });

  test('find the machine that is there now, and fail when there is none', () => {
    const { ids, content } = documents();
    for (const id of [ids.deploy, ids.restoreDump]) {
      const [machine] = content(id).mainSteps;
      expect(machine.inputs).toMatchObject({ Api: 'DescribeAutoScalingGroups' });
      expect(machine.outputs).toEqual([
        { Name: 'InstanceId', Selector: '$.AutoScalingGroups[0].Instances[0].InstanceId', Type: 'String' },
      ]);
    }
  });

  test('do not change with feature flags', () => {
    expect(flagDependent(withDumps, 'AWS::SSM::Document')).toEqual([]);
  });
});

describe('the deploy of an image', () => {
  const { ids, content, all } = documents();
  const runbook = content(ids.deploy);

  test('runs one subcommand on the machine, waits for it and fails with it', () => {
    expect(runbook.schemaVersion).toBe('0.3');
    expect(steps(runbook)).toEqual(['machine', 'deploy']);
    const [, deploy] = runbook.mainSteps;
    expect(deploy).toMatchObject({
      action: 'aws:runCommand',
      onFailure: 'Abort',
      isEnd: true,
      inputs: { InstanceIds: ['{{ machine.InstanceId }}'], Parameters: { Image: ['{{ Image }}'] } },
    });
    const [, command] = all.find(([id]) => id === deploy.inputs.DocumentName.Ref)!;
    expect(command.Properties.DocumentType).toBe('Command');
    expect(command.Properties.Content.mainSteps[0].inputs.runCommand).toEqual(["/usr/local/sbin/server deploy '{{ Image }}'"]);
  });

  test.each([
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1.4.2', true],
    ['public.ecr.aws/x/shop@sha256:0123', true],
    ["shop'; reboot; '", false],
    ['$(reboot)', false],
    ['', false],
    ['-rf', false],
  ])('takes %p for an image: %p', (image, taken) => {
    const { Image } = runbook.parameters!;
    expect(new RegExp(Image.allowedPattern!).test(image)).toBe(taken);
  });
});

describe('the restore of a dump', () => {
  const { ids, content } = documents();

  test('puts it beside the database, and in its place only when told so', () => {
    const runbook = content(ids.restoreDump);
    expect(steps(runbook)).toEqual(['machine', 'restore', 'whether', 'swap']);
    const [, restore, whether, swap] = runbook.mainSteps;
    expect(restore.inputs.Parameters).toEqual({ What: ['dump'], Dump: ['{{ Dump }}'] });
    expect(whether).toMatchObject({
      isEnd: true,
      inputs: { Choices: [{ NextStep: 'swap', Variable: '{{ Swap }}', StringEquals: 'yes' }] },
    });
    expect(swap.inputs.Parameters).toEqual({ What: ['swap'] });
    expect(runbook.parameters).toMatchObject({ Swap: { default: 'no' }, Dump: { default: 'latest' } });
  });

  test('takes no name of a dump that the shell would run', () => {
    const { Dump } = content(ids.restoreDump).parameters!;
    const takes = (name: string) => new RegExp(Dump.allowedPattern!).test(name);
    expect(['latest', 'dumps/2026-11-22T02-30-00Z'].map(takes)).toEqual([true, true]);
    expect(["dumps/'; reboot", '../x', ''].map(takes)).toEqual([false, false, false]);
  });

  test('is not there where there are no dumps', () => {
    expect(documents((stack) => server(stack)).ids.restoreDump).toBeUndefined();
  });
});

describe('the restore of a volume', () => {
  test('makes a new encrypted one in the zone of the server, and touches nothing else', () => {
    const { ids, content } = documents();
    const runbook = content(ids.restoreVolume);
    expect(steps(runbook)).toEqual(['create', 'available']);
    expect(runbook.mainSteps[0].inputs).toMatchObject({
      Api: 'CreateVolume',
      SnapshotId: '{{ Snapshot }}',
      AvailabilityZone: ZONES[1],
      Encrypted: true,
    });
    expect(runbook.mainSteps[0].inputs).not.toHaveProperty('KmsKeyId');
    expect(runbook.outputs).toEqual(['create.VolumeId']);
  });

  test('encrypts with the key of the volume', () => {
    const { ids, content } = documents((stack) => {
      const encryptionKey = new kms.Key(stack, 'Key');
      return server(stack, { volume: new ServerVolume(stack, 'V', { availabilityZone: ZONES[0], encryptionKey }) });
    });
    expect(content(ids.restoreVolume).mainSteps[0].inputs.KmsKeyId).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'],
    });
  });
});

describe('the roll of the image', () => {
  const { ids, content } = documents();
  const runbook = content(ids.rollImage);
  const step = (name: string) => runbook.mainSteps.find((one) => one.name === name)!;

  test('stops when the newest is in use', () => {
    expect(step('newest').inputs.Name).toBe('/aws/service/debian/release/12/latest/arm64');
    expect(step('alreadyNewest')).toMatchObject({
      isEnd: true,
      isCritical: false,
      onFailure: 'step:pin',
      inputs: { DesiredValues: ['{{ newest.Image }}'] },
    });
  });

  test('replaces the machine, the old one first, and waits for the site', () => {
    expect(step('pin').inputs).toMatchObject({ Api: 'PutParameter', Value: '{{ newest.Image }}', Overwrite: true });
    expect(step('replace').inputs).toMatchObject({ Api: 'StartInstanceRefresh', Preferences: { MinHealthyPercentage: 0 } });
    expect(step('replaceMachine').inputs).toMatchObject({ DesiredValues: ['Successful'] });
    expect(step('replaceSite')).toMatchObject({ isEnd: true, inputs: { Api: 'DescribeAlarms', DesiredValues: ['OK'] } });
  });

  test('puts the former image back when any of that fails, and stays failed', () => {
    for (const name of ['replace', 'replaceMachine', 'replaceSite']) {
      expect(step(name).onFailure).toBe('step:putBack');
      // A step that failed makes the run a failed one unless this says otherwise.
      expect(step(name)).not.toHaveProperty('isCritical');
    }
    expect(step('putBack')).toMatchObject({ nextStep: 'replaceAgain', inputs: { Value: '{{ former.Image }}' } });
    expect(steps(runbook).slice(-3)).toEqual(['replaceAgain', 'replaceAgainMachine', 'replaceAgainSite']);
  });

  test('is not there for an image of the caller', () => {
    const machineImage = ec2.MachineImage.genericLinux({ 'us-east-1': 'ami-0123456789abcdef0' });
    expect(documents((stack) => server(stack, { machineImage })).ids.rollImage).toBeUndefined();
  });
});
