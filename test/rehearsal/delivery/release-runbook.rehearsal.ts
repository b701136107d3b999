import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { pipeline, servicesPipeline } from '../../blocks/delivery/delivery-fixture';

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
  /** Parameters of the stacks of services. */
  readonly services: { readonly [name: string]: { readonly [name: string]: string } };
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
const content = JSON.stringify(documentOf(pipeline().shop));

function documentOf(shop: Stack): object {
  const documents = Object.values(Template.fromStack(shop).findResources('AWS::SSM::Document'));
  const { Content } = documents.find(({ Properties }) => Properties.Content.parameters?.Tag)!.Properties;
  // What CloudFormation puts in the place of references does not matter here.
  return JSON.parse(JSON.stringify(Content), (_, value) => (isReference(value) ? 'resolved' : value));
}

function isReference(value: unknown): boolean {
  const keys = Object.keys(Object(value));
  return keys.length === 1 && /^(Ref|Fn::\w+)$/.test(keys[0]);
}

function release(scenario: Scenario, runbook = content): Outcome {
  const given = JSON.stringify({ images: ['1.4.2', '1.4.3'], parameters: DEPLOYED, ...scenario });
  const run = spawnSync('python3', [join(__dirname, 'runbook-double.py'), runbook, given], { encoding: 'utf8' });
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

describe('the release runbook of a product whose services run its image', () => {
  const runbook = JSON.stringify(documentOf(servicesPipeline().shop));
  const SERVICES = ['SetServiceTags', 'AwaitServiceapi', 'AwaitServicebilling', 'CheckServiceTags'];
  const service = (name: string, tag: string, more: object = {}) => ({
    name,
    parameters: { ReleaseTag: tag, BootstrapVersion: '1' },
    ...more,
  });
  const from = (api: object, billing: object) => ({ start: { Tag: '1.4.3' }, services: { api, billing } });

  test('brings them along once the product serves the tag, those too that only followed it until now', () => {
    const { fault, steps, calls, services } = release(from(service('api', ''), service('billing', '1.4.2')), runbook);
    expect(fault).toBeNull();
    expect(steps).toEqual(['FindImage', 'MigrateFirst', ...MIGRATION, ...RELEASE, ...SERVICES]);
    expect(calls.slice(2)).toEqual([
      { ReleaseTag: '1.4.3' },
      { ReleaseTag: '1.4.3', service: 'api' },
      { ReleaseTag: '1.4.3', service: 'billing' },
    ]);
    expect([services.api.ReleaseTag, services.billing.ReleaseTag]).toEqual(['1.4.3', '1.4.3']);
  });

  test('leaves them where the product goes back', () => {
    const scenario = { ...from(service('api', ''), service('billing', '1.4.2')), fails: 'ReleaseTag' };
    const { fault, steps, services } = release(scenario, runbook);
    expect(fault).toContain('ReleaseTag is 1.4.2 and not 1.4.3: the stack is UPDATE_ROLLBACK_COMPLETE');
    expect(steps.at(-1)).toBe('CheckReleaseTag');
    expect([services.api.ReleaseTag, services.billing.ReleaseTag]).toEqual(['', '1.4.2']);
  });

  test('says which of them went back, and what the other serves; started again, it brings only that one along', () => {
    const went = release(from(service('api', '', { fails: 'ReleaseTag' }), service('billing', '1.4.2')), runbook);
    expect(went.fault).toBe(
      'ReleaseTag is that of the product and not 1.4.3: service api is UPDATE_ROLLBACK_COMPLETE, what served before serves on. ' +
        'First fault: ProductApplicationService: ECS Deployment Circuit Breaker was triggered',
    );
    expect(went.services.billing.ReleaseTag).toBe('1.4.3');
    const again = release(
      {
        ...from(service('api', '', { status: 'UPDATE_ROLLBACK_COMPLETE' }), service('billing', '1.4.3')),
        parameters: { ...DEPLOYED, ReleaseTag: '1.4.3', ReleaseMigrationTag: '1.4.3' },
      },
      runbook,
    );
    expect(again.fault).toBeNull();
    expect(again.calls.slice(1)).toEqual([{ ReleaseTag: '1.4.3', service: 'api' }]);
  });

  test('starts none where one is busy', () => {
    const busy = release(from(service('api', ''), service('billing', '1.4.2', { status: 'ROLLBACK_COMPLETE' })), runbook);
    expect(busy.fault).toBe(
      'service billing is ROLLBACK_COMPLETE: wait until it has ended, or repair it, then release 1.4.3 again',
    );
    expect(busy.services.api.ReleaseTag).toBe('');
  });

  test('takes it that CloudFormation finds nothing to do where a service has followed to the tag already', () => {
    const { fault, services } = release(from(service('api', '', { nothing_to_do: true }), service('billing', '1.4.3')), runbook);
    expect(fault).toBeNull();
    expect(services.api.ReleaseTag).toBe('');
  });
});
