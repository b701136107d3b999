import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { automation, findMachine } from '../operations/runbook';

/** Two days, the longest that a command may run (Systems Manager, aws:runShellScript, timeoutSeconds). */
export const LONGEST_STEP = 172_800;

/** The steps of a move, in their order. */
export const STEPS = ['preflight', 'copy', 'verify', 'cut-over', 'sessions', 'open', 'record'] as const;

/** What takes them all back. */
const BACK = 'roll-back';

/** What whoever starts a move chooses; the same names for the runbook and for the command that does one step. */
export const CHOICES = {
  Mode: {
    type: 'String',
    description: 'dump: the site is down while the data is copied; replicate: only for the cut-over',
    allowedValues: ['dump', 'replicate'],
    default: 'dump',
  },
  Sessions: {
    type: 'String',
    description: 'What becomes of what Redis holds, sessions above all; drop logs everybody out',
    allowedValues: ['move', 'drop'],
    default: 'move',
  },
  TargetContents: {
    type: 'String',
    description: 'drop: throw away what somebody else made in the new database, such as the empty tables of a migration',
    allowedValues: ['refuse', 'drop'],
    default: 'refuse',
  },
};

/** Properties of a DataMoveRunbook. */
export interface DataMoveRunbookProps {
  /** The group of the one machine that holds the data. */
  readonly autoScalingGroup: autoscaling.IAutoScalingGroup;
  /** The command that does one step: `Step`, and the choices. */
  readonly step: ssm.CfnDocument;
}

/**
 * The move as a runbook: finds the machine, does step after step until the one named, and ends at the first that refuses. Steps that are
 * done have a record on the server's volume and are passed over, so that it can be started again at any time. It runs with the
 * permissions of whoever starts it. Not verified against AWS.
 */
export class DataMoveRunbook extends Construct {
  public readonly document: ssm.CfnDocument;

  constructor(scope: Construct, id: string, props: DataMoveRunbookProps) {
    super(scope, id);
    this.document = automation(this, 'Document', {
      description:
        '# Move the data\nFrom the server to the database and cache of the services: pre-flight, copy, verify, cut-over, sessions, open, ' +
        'record, until the step that is named. roll-back takes all of it back. docs/moving.md is the page for the day.',
      parameters: {
        Until: {
          type: 'String',
          description: 'Last step to do; start with preflight, which changes nothing',
          allowedValues: [...STEPS, BACK],
          default: 'preflight',
        },
        ...CHOICES,
      },
      mainSteps: [
        findMachine('machine', props.autoScalingGroup, { nextStep: 'direction' }),
        {
          name: 'direction',
          action: 'aws:branch',
          inputs: {
            Choices: [{ NextStep: nameOf(BACK), Variable: '{{ Until }}', StringEquals: BACK }],
            Default: nameOf(STEPS[0]),
          },
        },
        ...STEPS.flatMap((step, index) => {
          const next = STEPS[index + 1];
          if (next === undefined) return [run(props.step, step, { isEnd: true })];
          const whether = `${nameOf(step)}IsLast`;
          const further = { NextStep: nameOf(next), Not: { Variable: '{{ Until }}', StringEquals: step } };
          return [
            run(props.step, step, { nextStep: whether }),
            { name: whether, action: 'aws:branch', inputs: { Choices: [further], Default: 'done' } },
          ];
        }),
        run(props.step, BACK, { isEnd: true }),
        // A branch without a choice goes on to whatever stands next (Systems Manager, aws:branch).
        { name: 'done', action: 'aws:sleep', inputs: { Duration: 'PT1S' }, isEnd: true },
      ],
    });
  }
}

/** A step of an Automation has letters, digits and underscores in its name. */
function nameOf(step: string): string {
  return step.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function run(document: ssm.CfnDocument, step: string, then: object): object {
  const chosen = Object.keys(CHOICES).map((name) => [name, [`{{ ${name} }}`]]);
  return {
    name: nameOf(step),
    action: 'aws:runCommand',
    timeoutSeconds: LONGEST_STEP,
    onFailure: 'Abort',
    inputs: {
      DocumentName: document.ref,
      InstanceIds: ['{{ machine.InstanceId }}'],
      Parameters: { Step: [step], ...Object.fromEntries(chosen) },
    },
    ...then,
  };
}
