import { Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ClimbSignals } from '../../../lib/blocks/observability/climb-signals';
import { DistantLatency } from '../../../lib/blocks/observability/distant-latency';
import { outgrownRegion, outgrownTeam } from '../../../lib/blocks/observability/outgrown';
import { SignalDashboard } from '../../../lib/blocks/observability/signal-dashboard';
import { ACCOUNT, testStack } from '../../stacks';
import { vpc } from '../data/vpc';
import { everyPack } from '../every-pack';
import { rowsOf } from './dashboard-body';

const ALARM = 'AWS::CloudWatch::Alarm';
const HERE = { env: { account: ACCOUNT, region: 'us-east-1' } };

function latency(stack = testStack(HERE)) {
  return { stack, latency: new DistantLatency(stack, 'Latency', { domainName: 'shop.example.com', path: '/health' }) };
}

describe('latency seen from afar', () => {
  test('is asked for from every place that Route 53 asks from, over TLS with the name of the site', () => {
    const { stack } = latency();
    Template.fromStack(stack).hasResourceProperties('AWS::Route53::HealthCheck', {
      HealthCheckConfig: {
        Type: 'HTTPS',
        FullyQualifiedDomainName: 'shop.example.com',
        ResourcePath: '/health',
        Port: 443,
        EnableSNI: true,
        MeasureLatency: true,
        Regions: [
          'us-east-1',
          'us-west-1',
          'us-west-2',
          'sa-east-1',
          'eu-west-1',
          'ap-northeast-1',
          'ap-southeast-1',
          'ap-southeast-2',
        ],
      },
    });
  });

  test('is one line for each continent, and of a continent asked from several places the slowest', () => {
    const lines = latency().latency.metricsByContinent();
    expect(lines.map((line) => line.toMetricConfig().renderingProperties?.label)).toEqual([
      'North America',
      'South America',
      'Europe',
      'Asia',
      'Oceania',
    ]);
    expect(lines[3].toMetricConfig().mathExpression?.expression).toBe('MAX([from_ap_northeast_1, from_ap_southeast_1])');
  });

  test('stands on the dashboard, every continent a line', () => {
    const { stack, latency: afar } = latency();
    const tiers = [
      { tier: 'Edge', latency: { unit: '-' }, traffic: { unit: '-' }, errors: { unit: '-' }, saturation: { unit: '-' } },
    ];
    new SignalDashboard(stack, 'Dashboard', { tiers, afar });
    const [graph] = rowsOf(Template.fromStack(stack))['From every continent'];
    const visible = graph.properties.metrics!.filter((line) => (line.at(-1) as { visible?: boolean }).visible !== false);
    expect(visible).toHaveLength(5);
  });

  test('says that it is time for a further Region when the farthest continent waits more than 300 ms', () => {
    const { stack, latency: measured } = latency();
    new ClimbSignals(stack, 'Climb', { signals: [outgrownRegion(measured)] });
    const [alarm] = Object.values(Template.fromStack(stack).findResources(ALARM)).map(({ Properties }) => Properties);
    expect(alarm).toMatchObject({ Threshold: 300, EvaluationPeriods: 4, DatapointsToAlarm: 3, TreatMissingData: 'notBreaching' });
    const metrics = alarm.Metrics as { MetricStat?: { Metric: { MetricName: string; Dimensions: { Value: unknown }[] } } }[];
    const read = metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
    expect(read.map(({ MetricName }) => MetricName)).toEqual(Array(8).fill('TimeToFirstByte'));
    expect(new Set(read.map(({ Dimensions }) => Dimensions[1].Value)).size).toBe(8);
  });

  test('is read in us-east-1 from another Region, where no alarm can be made on it', () => {
    const stack = testStack({ env: { account: ACCOUNT, region: 'eu-central-1' } });
    const { latency: measured } = latency(stack);
    expect(measured.metricsByContinent()[1].toMetricConfig().metricStat?.region).toBe('us-east-1');
    expect(() => new ClimbSignals(stack, 'Climb', { signals: [outgrownRegion(measured)] })).toThrow(/region/i);
  });

  test('leaves nothing open in any pack', () => {
    const { stack } = latency();
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
  });
});

test('more than three services beside core and workers want a team', () => {
  const stack = testStack(HERE);
  const cluster = ecs.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'shop', vpc: vpc(stack) });
  new ClimbSignals(stack, 'Climb', { signals: [outgrownTeam(cluster)] });
  Template.fromStack(stack).hasResourceProperties(ALARM, {
    Namespace: 'ECS/ContainerInsights',
    MetricName: 'ServiceCount',
    Dimensions: [{ Name: 'ClusterName', Value: 'shop' }],
    Threshold: 5,
    Period: 3600,
  });
});
