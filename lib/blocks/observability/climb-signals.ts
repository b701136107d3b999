import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AlarmTopic } from '../operations/alarm-topic';

/** How the description of every signal begins, so that people and mail filters know it from a fault. */
export const CLIMB_PREFIX = 'Climb: ';

/** A sign that a product has outgrown what it runs on. */
export interface ClimbSignal {
  /** Id of the alarm, and so of what it is about. */
  readonly id: string;
  /** What happened, and what to do, such as `the database used more than 50 % of the CPU; raise its size`. */
  readonly description: string;
  /** With a period of `SUSTAINED`. */
  readonly metric: cloudwatch.IMetric;
  /** Value above which an hour counts. */
  readonly threshold: number;
}

/** Properties of ClimbSignals. */
export interface ClimbSignalsProps {
  readonly signals: ClimbSignal[];
  /** @default - nobody is told: the alarms only show their state */
  readonly alarmTopic?: AlarmTopic;
}

/**
 * Period of the metric of a signal, of which three of four have to be above the threshold: three hours of four are no burst, no deploy
 * and no nightly dump, but they are most of an evening on which everybody is there.
 */
export const SUSTAINED = Duration.hours(1);
const HOURS = 3;
const OF_HOURS = 4;

/**
 * Alarms that say that it is time for the next stage, and nothing else: whoever gets one plans, nobody gets up at night.
 *
 * They go to the same topic as the faults; their descriptions begin with `Climb:`.
 *
 * @throws if there is no signal, or two have one id
 */
export class ClimbSignals extends Construct {
  /** One for each signal, in the order given. */
  public readonly alarms: cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: ClimbSignalsProps) {
    super(scope, id);
    if (props.signals.length === 0) throw new Error('signals must name at least one signal, got none: leave the block out');
    const ids = props.signals.map((signal) => signal.id);
    const twice = ids.find((one, index) => ids.indexOf(one) !== index);
    if (twice !== undefined) throw new Error(`signals: '${twice}' stands twice, give every signal an id of its own`);
    this.alarms = props.signals.map((signal) => this.alarm(signal, props.alarmTopic));
  }

  private alarm(signal: ClimbSignal, topic?: AlarmTopic): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, signal.id, {
      alarmDescription: `${CLIMB_PREFIX}in three hours of four ${signal.description}`,
      metric: signal.metric,
      threshold: signal.threshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: OF_HOURS,
      datapointsToAlarm: HOURS,
      // Whoever has no users at night, or a database that sleeps, has outgrown nothing.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    topic?.notify(alarm);
    return alarm;
  }
}
