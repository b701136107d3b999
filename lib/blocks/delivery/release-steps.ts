import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import type { MigrationTask } from '../compute/migration-task';
import { CONTAINER } from '../compute/product-task';
import type { RunbookStep } from '../operations/runbook';

/** Everything that ends an update, well or badly (CloudFormation user guide, stack status codes). */
const ENDED = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];

/** A stack whose parameter a runbook sets. */
export interface UpdatedStack {
  /** What people call it. */
  readonly called: string;
  /** Part of the names of its steps. */
  readonly step: string;
  /** Its name or id. */
  readonly stack: string;
  readonly timeoutSeconds: number;
}

/** Sets a parameter of the stack to the tag, waits for the update and looks whether it stayed. */
export function updateSteps(to: string, stack: string, parameter: string, timeoutSeconds: number): RunbookStep[] {
  return updateAllSteps(to, parameter, [{ called: 'the stack', step: to, stack, timeoutSeconds }]);
}

/** Does so with several stacks at once, since each may take as long as a canary is watched. */
export function updateAllSteps(to: string, parameter: string, updated: UpdatedStack[]): RunbookStep[] {
  const Stacks = Object.fromEntries(updated.map(({ called, stack }) => [called, stack]));
  const payload = { Stacks, Parameter: parameter, Tag: '{{ Tag }}' };
  return [
    script(`Set${to}`, 'start-update', payload, ['Changed', 'Before']),
    ...updated.map(({ step, stack, timeoutSeconds }) => ({
      name: `Await${step}`,
      action: 'aws:waitForAwsResourceProperty',
      timeoutSeconds,
      inputs: {
        Service: 'cloudformation',
        Api: 'DescribeStacks',
        StackName: stack,
        PropertySelector: '$.Stacks[0].StackStatus',
        DesiredValues: ENDED,
      },
    })),
    script(`Check${to}`, 'check-update', { ...payload, Changed: `{{ Set${to}.Changed }}` }, ['Status']),
  ];
}

/** Goes on with the release at once where somebody said so. */
export function migrateFirst(migration: string, release: string): RunbookStep {
  return {
    name: 'MigrateFirst',
    action: 'aws:branch',
    inputs: { Choices: [{ NextStep: release, Variable: '{{ Migrate }}', StringEquals: 'no' }], Default: migration },
  };
}

/** Runs the migration to its end. */
export function migrationSteps(migration: MigrationTask, timeout: Duration): RunbookStep[] {
  const cluster = migration.cluster.clusterName;
  return [
    script(
      'StartMigration',
      'start-migration',
      {
        Cluster: cluster,
        Family: migration.taskDefinition.family,
        Subnets: migration.subnetIds,
        SecurityGroups: migration.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
        Execution: '{{ automation:EXECUTION_ID }}',
      },
      ['Task'],
    ),
    {
      name: 'AwaitMigration',
      action: 'aws:waitForAwsResourceProperty',
      timeoutSeconds: timeout.toSeconds(),
      inputs: {
        Service: 'ecs',
        Api: 'DescribeTasks',
        cluster,
        tasks: ['{{ StartMigration.Task }}'],
        PropertySelector: '$.tasks[0].lastStatus',
        DesiredValues: ['STOPPED'],
      },
    },
    script(
      'CheckMigration',
      'check-migration',
      {
        Cluster: cluster,
        Task: '{{ StartMigration.Task }}',
        Container: CONTAINER,
        Tag: '{{ Tag }}',
        Log: migration.logGroup.logGroupName,
      },
      [],
    ),
  ];
}

/** A step that runs a script; it has ten minutes (Systems Manager user guide, aws:executeScript), so none of them waits. */
function script(name: string, file: string, payload: object, outputs: string[]): RunbookStep {
  return {
    name,
    action: 'aws:executeScript',
    inputs: {
      Runtime: 'python3.11',
      Handler: file.replace('-', '_'),
      Script: readFileSync(join(__dirname, 'runbook', `${file}.py`), 'utf8'),
      InputPayload: payload,
    },
    outputs: outputs.map((output) => ({ Name: output, Selector: `$.Payload.${output}`, Type: 'String' })),
  };
}
