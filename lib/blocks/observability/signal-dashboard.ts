import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ClimbSignals } from './climb-signals';
import type { IDistantLatency } from './distant-latency';
import type { GoldenSignals, Signal } from './golden-signals';

/** Columns of a CloudWatch dashboard. */
const WIDTH = 24;
const HEIGHT = 6;

/** Properties of a SignalDashboard. */
export interface SignalDashboardProps {
  /** A row each, in the order of a request. */
  readonly tiers: GoldenSignals[];
  /**
   * Alarms whose state stands at the top.
   * @default - none
   */
  readonly alarms?: cloudwatch.IAlarm[];
  /**
   * The row "From every continent".
   * @default - none
   */
  readonly afar?: IDistantLatency;
  /**
   * The row "When to climb".
   * @default - none
   */
  readonly climb?: ClimbSignals;
}

/**
 * One page on which a product is seen: the state of its alarms, latency, traffic, errors and saturation of each tier, and how far it is
 * from outgrowing what it runs on.
 *
 * Without a name of its own, which is create-only: CloudFormation gives one, and everything else changes in place.
 *
 * @throws if there is no tier
 */
export class SignalDashboard extends Construct {
  public readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: SignalDashboardProps) {
    super(scope, id);
    if (props.tiers.length === 0) throw new Error('tiers must name at least one tier, got none: leave the block out');
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard');
    if (props.alarms?.length) this.row('Alarms', status(props.alarms, WIDTH));
    for (const tier of props.tiers) {
      this.row(
        tier.tier,
        graph('Latency', tier.latency),
        graph('Traffic', tier.traffic),
        graph('Errors', tier.errors),
        graph('Saturation', tier.saturation),
      );
    }
    if (props.afar) this.afarRow(props.afar);
    if (props.climb) this.climbRow(props.climb);
  }

  private afarRow(afar: IDistantLatency): void {
    const left = afar.metricsByContinent({ period: Duration.minutes(5) });
    const title = 'Latency: milliseconds until the first byte';
    const leftYAxis = { min: 0, showUnits: false };
    this.row('From every continent', new cloudwatch.GraphWidget({ title, left, leftYAxis, width: WIDTH, height: HEIGHT }));
  }

  private climbRow({ alarms }: ClimbSignals): void {
    const width = Math.floor(WIDTH / alarms.length);
    this.row(
      'When to climb',
      ...alarms.map((alarm) => new cloudwatch.AlarmWidget({ alarm, title: alarm.node.id, width, height: HEIGHT })),
    );
  }

  private row(title: string, ...widgets: cloudwatch.IWidget[]): void {
    this.dashboard.addWidgets(
      new cloudwatch.TextWidget({
        markdown: `## ${title}`,
        width: WIDTH,
        height: 1,
        background: cloudwatch.TextWidgetBackground.TRANSPARENT,
      }),
    );
    this.dashboard.addWidgets(...widgets);
  }
}

function status(alarms: cloudwatch.IAlarm[], width: number): cloudwatch.IWidget {
  // Three to a line of the widget.
  return new cloudwatch.AlarmStatusWidget({ alarms, width, height: 1 + Math.ceil(alarms.length / 3) });
}

function graph(title: string, { metrics, logQuery, logGroupNames, limit, unit }: Signal): cloudwatch.IWidget {
  const common = { title: `${title}: ${unit}`, width: WIDTH / 4, height: HEIGHT };
  if (logQuery !== undefined) {
    return new cloudwatch.LogQueryWidget({
      ...common,
      logGroupNames: logGroupNames ?? [],
      queryString: logQuery,
      view: cloudwatch.LogQueryVisualizationType.LINE,
    });
  }
  // A graph without a line is refused (CloudWatch API, dashboard body structure).
  if (!metrics?.length)
    return new cloudwatch.TextWidget({ markdown: `**${title}**\n\n${unit}`, width: WIDTH / 4, height: HEIGHT });
  return new cloudwatch.GraphWidget({
    ...common,
    left: metrics,
    leftYAxis: { min: 0, showUnits: false },
    leftAnnotations: limit === undefined ? [] : [{ value: limit, label: String(limit) }],
  });
}
