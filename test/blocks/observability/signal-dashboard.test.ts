import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { CacheReplicationGroup } from '../../../lib/blocks/data/cache-replication-group';
import { ClimbSignals } from '../../../lib/blocks/observability/climb-signals';
import { cacheSignals, databaseSignals } from '../../../lib/blocks/observability/data-signals';
import { edgeSignals } from '../../../lib/blocks/observability/edge-signals';
import type { GoldenSignals } from '../../../lib/blocks/observability/golden-signals';
import { meshSignals } from '../../../lib/blocks/observability/mesh-signals';
import { serverSignals } from '../../../lib/blocks/observability/server-signals';
import { extractedServiceSignals, workerSignals } from '../../../lib/blocks/observability/service-signals';
import { SignalDashboard, type SignalDashboardProps } from '../../../lib/blocks/observability/signal-dashboard';
import { testStack } from '../../stacks';
import { service } from '../compute/service-fixture';
import { vpc } from '../data/vpc';
import { everyPack } from '../every-pack';
import { rowsOf, type Widget, widgetsOf } from './dashboard-body';

const DASHBOARD = 'AWS::CloudWatch::Dashboard';
const CPU = new cloudwatch.Metric({ namespace: 'Shop', metricName: 'Cpu' });
const SERVER = serverSignals({ logGroupName: 'server', saturation: [CPU] });

function template(props: Partial<SignalDashboardProps> = {}, stack = testStack()): Template {
  new SignalDashboard(stack, 'Dashboard', { tiers: [SERVER], ...props });
  return Template.fromStack(stack);
}

/** Names of the metrics with the statistic of each, in the graph of a signal. */
function lines({ properties }: Widget): string[] {
  return (properties.metrics ?? []).map((line) => {
    const options = line.at(-1) as { stat?: string; expression?: string };
    return options.expression ?? `${line[1]} ${options.stat ?? 'Average'}`;
  });
}

function row(tier: GoldenSignals, stack = testStack()): Record<string, string[]> {
  const widgets = rowsOf(template({ tiers: [tier] }, stack))[tier.tier];
  return Object.fromEntries(widgets.map((widget) => [String(widget.properties.title ?? 'none').split(':')[0], lines(widget)]));
}

describe('a dashboard', () => {
  test('has no name of its own, so that everything else changes in place', () => {
    template().hasResourceProperties(DASHBOARD, { DashboardName: Match.absent() });
    template().resourceCountIs(DASHBOARD, 1);
  });

  test('has a row of four for each tier, as wide as the page', () => {
    const widgets = rowsOf(template()).Server;
    expect(widgets.map(({ properties }) => properties.title)).toEqual([
      'Latency: seconds',
      'Traffic: requests in 5 minutes',
      'Errors: failed requests in 5 minutes',
      'Saturation: percent',
    ]);
    expect(widgets.map(({ x, width }) => [x, width])).toEqual([0, 6, 12, 18].map((x) => [x, 6]));
  });

  test('shows the state of the alarms above, and the climb below', () => {
    const stack = testStack();
    const alarm = CPU.createAlarm(stack, 'Alarm', { threshold: 1, evaluationPeriods: 1 });
    const signals = ['One', 'Two'].map((id) => ({ id, description: 'too small', metric: CPU, threshold: 50 }));
    const climb = new ClimbSignals(stack, 'Climb', { signals });
    const rows = rowsOf(template({ alarms: [alarm], climb }, stack));
    expect(Object.keys(rows)).toEqual(['Alarms', 'Server', 'When to climb']);
    expect(rows.Alarms[0].properties.alarms).toHaveLength(1);
    expect(
      rows['When to climb'].map(({ width, properties }) => [properties.title, width, properties.annotations?.alarms?.length]),
    ).toEqual([
      ['One', 12, 1],
      ['Two', 12, 1],
    ]);
  });

  test('draws the line from which on it gets tight', () => {
    expect(rowsOf(template()).Server[3].properties.annotations?.horizontal?.map(({ value }) => value)).toEqual([80]);
  });

  test('says in words what is not measured, since a graph without a line is refused', () => {
    const distribution = cloudfront.Distribution.fromDistributionAttributes(testStack(), 'D', {
      distributionId: 'E1',
      domainName: 'd',
    });
    const tier = edgeSignals({ distribution, additionalMetrics: false });
    const [latency] = rowsOf(template({ tiers: [tier] })).Edge;
    expect([latency.type, latency.properties.markdown]).toEqual([
      'text',
      '**Latency**\n\nnot measured: switch on the additional metrics of the distribution',
    ]);
    for (const { type, properties } of widgetsOf(template({ tiers: [tier] }))) {
      if (type === 'metric') expect(properties.metrics).not.toHaveLength(0);
    }
  });

  test('passes every pack, and needs a tier', () => {
    const stack = testStack();
    expect(everyPack(new SignalDashboard(stack, 'Dashboard', { tiers: [SERVER] }))).toEqual({ open: [], unused: [] });
    expect(() => template({ tiers: [] })).toThrow(new Error('tiers must name at least one tier, got none: leave the block out'));
  });
});

describe('the golden signals', () => {
  test('of the edge come from us-east-1, wherever the product is', () => {
    const stack = testStack({ env: { account: '123456789012', region: 'eu-central-1' } });
    const distribution = cloudfront.Distribution.fromDistributionAttributes(stack, 'D', {
      distributionId: 'E1',
      domainName: 'd',
    });
    const tier = edgeSignals({ distribution, additionalMetrics: true });
    expect(row(tier, stack)).toEqual({
      Latency: ['OriginLatency p50', 'OriginLatency p95', 'OriginLatency p99'],
      Traffic: ['Requests Sum'],
      Errors: ['4xxErrorRate Average', '5xxErrorRate Average'],
      Saturation: ['CacheHitRate Average'],
    });
    const metrics = rowsOf(Template.fromStack(stack)).Edge.flatMap(({ properties }) => properties.metrics ?? []);
    for (const metric of metrics) {
      expect(metric.slice(2, 6)).toEqual(['DistributionId', 'E1', 'Region', 'Global']);
      expect(metric.at(-1)).toMatchObject({ region: 'us-east-1' });
    }
  });

  test('of workers are waiting, jobs, failures and backlog', () => {
    const stack = testStack();
    const [queue, deadLetterQueue] = ['Queue', 'Dead'].map((id) => new sqs.Queue(stack, id));
    expect(row(workerSignals({ queue, deadLetterQueue }), stack)).toEqual({
      Latency: ['ApproximateAgeOfOldestMessage Maximum'],
      Traffic: ['NumberOfMessagesSent Sum', 'NumberOfMessagesDeleted Sum'],
      Errors: ['ApproximateNumberOfMessagesVisible Maximum'],
      Saturation: ['ApproximateNumberOfMessagesVisible Maximum'],
    });
  });

  test('of a service beside the core are those of its target groups, and of its tasks alone where no user reaches it', () => {
    const of = (targetGroupFullNames?: string[]) => {
      const stack = testStack();
      const targets = targetGroupFullNames && { loadBalancerFullName: 'app/front/1', targetGroupFullNames };
      return row(extractedServiceSignals({ name: 'billing', service: service(stack).service, targets }), stack);
    };
    const times = ['p50', 'p95', 'p99'].map((statistic) => `TargetResponseTime ${statistic}`);
    const tasks = ['CPUUtilization Average', 'MemoryUtilization Average'];
    expect(of(['targetgroup/a/1'])).toEqual({
      Latency: times,
      Traffic: ['RequestCount Sum'],
      Errors: ['HTTPCode_Target_5XX_Count Sum'],
      Saturation: tasks,
    });
    expect(of(['targetgroup/a/1', 'targetgroup/b/2'])).toEqual({
      Latency: [...times, ...times],
      Traffic: ['RequestCount Sum', 'RequestCount Sum'],
      Errors: ['HTTPCode_Target_5XX_Count Sum', 'HTTPCode_Target_5XX_Count Sum'],
      Saturation: tasks,
    });
    expect(of()).toEqual({ none: [], Saturation: tasks });
  });

  test('of a mesh are found by searching, so that a new service shows up by itself', () => {
    expect(row(meshSignals({ clusterName: 'shop' }))).toEqual({
      Latency: [
        `SEARCH('{AWS/ECS,ClusterName,ServiceName,TargetDiscoveryName} MetricName="TargetResponseTime" ClusterName="shop"', 'Average', 300)`,
      ],
      Traffic: [
        `SEARCH('{AWS/ECS,ClusterName,DiscoveryName,ServiceName} MetricName="RequestCount" ClusterName="shop"', 'Sum', 300)`,
      ],
      Errors: [
        `SEARCH('{AWS/ECS,ClusterName,ServiceName,TargetDiscoveryName} MetricName="HTTPCode_Target_5XX_Count" ClusterName="shop"', 'Sum', 300)`,
      ],
      Saturation: [
        `SEARCH('{AWS/ECS,ClusterName,DiscoveryName,ServiceName} MetricName="ActiveConnectionCount" ClusterName="shop"', 'Average', 300)`,
      ],
    });
    const [[line]] = rowsOf(template({ tiers: [meshSignals({ clusterName: 'shop' })] }))['Calls between services'].map(
      ({ properties }) => properties.metrics ?? [],
    );
    const { label } = line.at(-1) as { label: string };
    expect(label).toMatch(/^[$][{]PROP[(]'Dim.TargetDiscoveryName'[)][}]$/);
  });

  test('of one service of a mesh are what the others ask of it', () => {
    const tier = meshSignals({ clusterName: 'shop', discoveryName: 'billing' });
    expect(tier.tier).toBe('Calls of other services');
    expect(row(tier).Traffic).toEqual([
      `SEARCH('{AWS/ECS,ClusterName,DiscoveryName,ServiceName} MetricName="RequestCount" ClusterName="shop" DiscoveryName="billing"', 'Sum', 300)`,
    ]);
    expect(row(tier).Errors[0]).toContain('TargetDiscoveryName="billing"');
  });

  test('of a database speak of its readers where it has some', () => {
    const signals = (readers: number) => {
      const stack = testStack();
      return row(databaseSignals(new AuroraDatabase(stack, 'Database', { vpc: vpc(stack), readers })), stack);
    };
    expect(signals(1)).toEqual({
      Latency: ['CommitLatency Average', 'CommitLatency Maximum', 'AuroraReplicaLagMaximum Maximum'],
      Traffic: ['CommitThroughput Average', 'DatabaseConnections Average'],
      Errors: ['Deadlocks Average'],
      Saturation: ['ACUUtilization Average', 'CPUUtilization Average'],
    });
    expect(signals(0).Latency).toEqual(['CommitLatency Average', 'CommitLatency Maximum']);
    expect(signals(0).Saturation).toEqual(['ACUUtilization Average']);
  });

  test('of a cache are its answers, commands, evictions and its fullest node', () => {
    const stack = testStack();
    const made = row(cacheSignals(new CacheReplicationGroup(stack, 'Cache', { vpc: vpc(stack) })), stack);
    expect(made.Latency).toEqual(['p50', 'p95', 'p99'].map((statistic) => `SuccessfulReadRequestLatency ${statistic}`));
    expect(made.Traffic).toEqual(['GetTypeCmds Sum', 'SetTypeCmds Sum']);
    expect(made.Errors).toContain('AuthenticationFailures Sum');
    expect(made.Saturation.filter((line) => line.startsWith('MAX('))).toHaveLength(2);
  });

  test('of a server are read from the access log of its web server', () => {
    const [latency, traffic, errors] = rowsOf(template()).Server.map(({ properties }) => properties.query ?? '');
    for (const query of [latency, traffic, errors]) {
      expect(query).toMatch(
        /^SOURCE 'server' \| filter ispresent\(request_time\)\n\| (filter status >= 500\n\| )?stats .* by bin\(5m\)$/,
      );
    }
    expect(latency).toContain('pct(request_time, 50) as p50, pct(request_time, 95) as p95, pct(request_time, 99) as p99');
    expect(traffic).toContain('stats count(*) as requests');
    expect(errors).toContain('filter status >= 500\n| stats count(*) as failed');
  });
});
