import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { pipeline } from '../../blocks/delivery/delivery-fixture';

interface Scenario {
  readonly start: { readonly [parameter: string]: string };
  readonly parameters?: { readonly [name: string]: string };
  readonly [fault: string]: unknown;
}

interface Outcome {
  readonly steps: string[];
  readonly calls: object[];
  readonly parameters: { readonly [name: string]: string };
  readonly status: string;
  readonly fault: string | null;
}

const DEPLOYED = {
  ReleaseTag: '1.4.2',
  ReleaseMigrationTag: '1.4.2',
  BootstrapVersion: '/cdk-bootstrap/hnb659fds/version',
};
const MIGRATION = [
  'SetMigrationTag',
  'AwaitMigrationTag',
  'CheckMigrationTag',
  'StartMigration',
  'AwaitMigration',
  'CheckMigration',
];
const RELEASE = ['SetReleaseTag', 'AwaitReleaseTag', 'CheckReleaseTag'];

/** The runbook of a shop at stage 2, as Systems Manager gets it. */
const content = JSON.stringify(documentOf());

function documentOf(): object {
  const documents = Object.values(Template.fromStack(pipeline().shop).findResources('AWS::SSM::Document'));
  const { Content } = documents.find(({ Properties }) => Properties.Content.parameters?.Tag)!.Properties;
  // What CloudFormation puts in the place of references does not matter here.
  return JSON.parse(JSON.stringify(Content), (_, value) => (isReference(value) ? 'resolved' : value));
}

function isReference(value: unknown): boolean {
  const keys = Object.keys(Object(value));
  return keys.length === 1 && /^(Ref|Fn::\w+)$/.test(keys[0]);
}

function release(scenario: Scenario): Outcome {
  const given = JSON.stringify({ images: ['1.4.2', '1.4.3'], parameters: DEPLOYED, ...scenario });
  const run = spawnSync('python3', [join(__dirname, 'runbook-double.py'), content, given], { encoding: 'utf8' });
  if (run.error) throw new Error(`the runbook's scripts are Python, so this rehearsal needs python3: ${run.error.message}`);
  if (run.status !== 0) throw new Error(run.stderr);
  const outcome = JSON.parse(run.stdout) as Outcome;
  process.stdout.write(`release ${JSON.stringify(scenario)}: ${outcome.fault ?? 'released'}; ran ${outcome.steps.join(' ')}\n`);
  return outcome;
}

describe('the release runbook, run with its own scripts against a double of AWS', () => {
  test('migrates first and releases then, one parameter at a time', () => {
    const { fault, steps, calls, parameters, status } = release({ start: { Tag: '1.4.3' } });
    expect(fault).toBeNull();
    expect(steps).toEqual(['FindImage', 'MigrateFirst', ...MIGRATION, ...RELEASE]);
    expect(calls).toEqual([
      { ReleaseMigrationTag: '1.4.3' },
      { run_task: expect.stringContaining('Migration'), of: '1.4.3' },
      { ReleaseTag: '1.4.3' },
    ]);
    expect(parameters).toEqual({ ...DEPLOYED, ReleaseTag: '1.4.3', ReleaseMigrationTag: '1.4.3' });
    expect(status).toBe('UPDATE_COMPLETE');
  });

  test('changes nothing where there is no such image', () => {
    const { fault, steps, calls, parameters } = release({ start: { Tag: '1.4.4' } });
    expect(fault).toBe('ImageNotFoundException');
    expect(steps).toEqual(['FindImage']);
    expect(calls).toEqual([]);
    expect(parameters).toEqual(DEPLOYED);
  });

  test('releases nothing when the migration fails', () => {
    const { fault, steps, parameters } = release({ start: { Tag: '1.4.3' }, exit_code: 3 });
    expect(fault).toBe(
      'the migration to 1.4.3 ended with 3 (no reason given): what served before serves on; its log is in resolved',
    );
    expect(steps.at(-1)).toBe('CheckMigration');
    expect(parameters.ReleaseTag).toBe('1.4.2');
  });

  test('releases nothing when the migration never ran', () => {
    const { fault, parameters } = release({ start: { Tag: '1.4.3' }, exit_code: null });
    expect(fault).toContain('the migration to 1.4.3 ended with no exit code (CannotPullContainerError)');
    expect(parameters.ReleaseTag).toBe('1.4.2');
    const none = release({ start: { Tag: '1.4.3' }, no_capacity: true });
    expect(none.fault).toBe('ECS started no migration (Capacity is unavailable at this time): what served before serves on');
    expect(none.parameters.ReleaseTag).toBe('1.4.2');
  });

  test('fails with the first fault when the tasks do not become healthy and the stack goes back', () => {
    const { fault, parameters, status } = release({ start: { Tag: '1.4.3' }, fails: 'ReleaseTag' });
    expect(fault).toBe(
      'ReleaseTag is 1.4.2 and not 1.4.3: the stack is UPDATE_ROLLBACK_COMPLETE, what served before serves on. ' +
        'First fault: ProductApplicationService: ECS Deployment Circuit Breaker was triggered',
    );
    expect(parameters.ReleaseTag).toBe('1.4.2');
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('says that an alarm rang when Amazon ECS sends a canary back', () => {
    const why =
      'Resource handler returned message: "Error occurred during operation \'ECS Deployment rolled back: CloudWatch Alarm ' +
      'Shop-ProductApplicationServiceReleaseAlarmsErrors was triggered\'"';
    const { fault, parameters, status } = release({ start: { Tag: '1.4.3' }, fails: 'ReleaseTag', why, polls: 240 });
    expect(fault).toBe(
      'ReleaseTag is 1.4.2 and not 1.4.3: the stack is UPDATE_ROLLBACK_COMPLETE, what served before serves on. ' +
        `An alarm rang during the release, so its traffic went back. First fault: ProductApplicationService: ${why}`,
    );
    expect(parameters.ReleaseTag).toBe('1.4.2');
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('waits for a canary that takes its time, and is out of time after the hour of a stack that rolls', () => {
    // A look every five seconds: forty minutes, and longer than the hour.
    expect(release({ start: { Tag: '1.4.3' }, polls: 480 }).fault).toBeNull();
    const late = release({ start: { Tag: '1.4.3', Migrate: 'no' }, polls: 721 });
    expect(late.fault).toBe('AwaitReleaseTag timed out');
    expect(late.status).toBe('UPDATE_IN_PROGRESS');
  });

  test('goes on after a release that went back', () => {
    const parameters = { ...DEPLOYED, ReleaseMigrationTag: '1.4.3' };
    const { fault, calls } = release({ start: { Tag: '1.4.3' }, status: 'UPDATE_ROLLBACK_COMPLETE', parameters });
    expect(fault).toBeNull();
    // The migration's tag is there already; it runs once more all the same.
    expect(calls.slice(1)).toEqual([{ ReleaseTag: '1.4.3' }]);
  });

  test('migrates on the first day, when the tag is the deployed one', () => {
    const { fault, calls } = release({ start: { Tag: '1.4.2' }, status: 'CREATE_COMPLETE' });
    expect(fault).toBeNull();
    expect(calls).toEqual([{ run_task: expect.stringContaining('Migration'), of: '1.4.2' }]);
  });

  test('goes back without a migration', () => {
    const parameters = { ...DEPLOYED, ReleaseTag: '1.4.3', ReleaseMigrationTag: '1.4.3' };
    const { fault, steps, calls } = release({ start: { Tag: '1.4.2', Migrate: 'no' }, parameters });
    expect(fault).toBeNull();
    expect(steps).toEqual(['FindImage', 'MigrateFirst', ...RELEASE]);
    expect(calls).toEqual([{ ReleaseTag: '1.4.2' }]);
  });

  test('does not disturb an update that is under way, and says what to do', () => {
    const busy = release({ start: { Tag: '1.4.3' }, status: 'UPDATE_ROLLBACK_FAILED' });
    expect(busy.fault).toBe(
      'the stack is UPDATE_ROLLBACK_FAILED: wait until it has ended, or repair it, then release 1.4.3 again',
    );
    expect(busy.calls).toEqual([]);
    const strange = release({ start: { Tag: '1.4.3' }, parameters: { ReleaseMigrationTag: '1.4.3' }, status: 'UPDATE_COMPLETE' });
    expect(strange.fault).toBe(
      'the stack has no parameter ReleaseTag: deploy it with cdk deploy first, then release 1.4.3 again',
    );
  });

  test('takes no moving tag', () => {
    expect(release({ start: { Tag: 'latest' } }).fault).toContain('Tag does not match its pattern');
  });
});
