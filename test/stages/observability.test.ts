import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Tracing } from '../../lib/blocks/observability/tracing';
import { ServerOption } from '../../lib/stages/server-option';
import { metricsOf, rowsOf } from '../blocks/observability/dashboard-body';
import { expectSection, markdownTable } from '../generated-section';
import { synthesized } from './synthesized';

const ALARM = 'AWS::CloudWatch::Alarm';
const MOVED = ServerOption.movedOut('row counts compared on 2026-03-02');
const first = synthesized(1).primary;
const second = synthesized(2, { server: MOVED }).primary;

/** Descriptions of the alarms that say that it is time to climb. */
function climbs(template: Template): string[] {
  const found = template.findResources(ALARM, { Properties: { AlarmDescription: Match.stringLikeRegexp('^Climb: ') } });
  return Object.keys(found).map((id) => /Climb([A-Za-z]+)[0-9A-F]{8}$/.exec(id)![1]);
}

describe('what is seen of the first stage', () => {
  test('is one dashboard with the server, the jobs and the climb, within the free tier of 50 metrics', () => {
    first.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    expect(Object.keys(rowsOf(first))).toEqual(['Alarms', 'Server', 'Workers and queue', 'When to climb']);
    expect(metricsOf(first).length).toBeLessThanOrEqual(50);
  });

  test('are two signs that it is outgrown, of the server itself', () => {
    expect(climbs(first)).toEqual(['DatabaseCpu', 'ResponseTime']);
    first.hasResourceProperties(ALARM, { MetricName: 'DatabaseCpu', Namespace: 'ScaleTiers', Threshold: 50, Period: 3600 });
    first.hasResourceProperties(ALARM, { MetricName: 'ResponseTime', Namespace: 'ScaleTiers', Threshold: 1, Period: 3600 });
  });

  test('is the CPU of Aurora where the database is not on the server, beside a row for it', () => {
    const { primary } = synthesized(1, { server: ServerOption.withoutDatabase() });
    primary.hasResourceProperties(ALARM, {
      AlarmDescription: Match.stringLikeRegexp('^Climb: '),
      MetricName: 'CPUUtilization',
      Namespace: 'AWS/RDS',
      Threshold: 50,
    });
    expect(Object.keys(rowsOf(primary))).toContain('Database');
    expect(queryGroups(primary, 'slow statements of the database')).toMatch(/^\["\/aws\/rds\/cluster\/.+\/postgresql"\]$/);
  });

  test('are five questions to its log', () => {
    first.resourceCountIs('AWS::Logs::QueryDefinition', 5);
  });

  test('has no composite alarm, which costs as much as five others: the uptime alarm says that the site is down', () => {
    first.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
    first.hasResourceProperties(ALARM, { MetricName: 'Up', TreatMissingData: 'breaching' });
  });
});

describe('what is seen of the second stage', () => {
  test('is one dashboard with the four signals of five tiers, and the climb', () => {
    second.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    const rows = rowsOf(second);
    expect(Object.keys(rows)).toEqual([
      'Alarms',
      'Edge',
      'Load balancer and service',
      'Workers and queue',
      'Database',
      'Cache',
      'When to climb',
    ]);
    for (const tier of Object.keys(rows).slice(1, 6)) {
      expect(rows[tier].map(({ properties }) => properties.title?.split(':')[0])).toEqual([
        'Latency',
        'Traffic',
        'Errors',
        'Saturation',
      ]);
      expect(rows[tier].every(({ properties }) => (properties.metrics ?? []).length > 0)).toBe(true);
    }
    for (const tier of ['Edge', 'Load balancer and service', 'Cache']) {
      expect(rows[tier][0].properties.metrics?.map((line) => (line.at(-1) as { stat: string }).stat)).toEqual([
        'p50',
        'p95',
        'p99',
      ]);
    }
  });

  test('stays within the free tier of 50 metrics', () => {
    expect(metricsOf(second).length).toBeLessThanOrEqual(50);
  });

  test('measures what the edge shows', () => {
    second.resourceCountIs('AWS::CloudFront::MonitoringSubscription', 1);
  });

  test('shows the state of every fault, and none of the alarms that drive scaling', () => {
    const [shown] = rowsOf(second).Alarms;
    const ids = (shown.properties.alarms ?? []).map((arn) => arn.split('.')[0]);
    const told = Object.entries(second.findResources(ALARM)).filter(([, { Properties }]) =>
      JSON.stringify(Properties.AlarmActions).includes('AlarmsTopic'),
    );
    const faults = told.filter(([, { Properties }]) => !Properties.AlarmDescription.startsWith('Climb: ')).map(([id]) => id);
    expect(ids.filter((id) => !id.includes('SiteDown')).sort()).toEqual(faults.sort());
    expect(ids.filter((id) => id.includes('SiteDown'))).toHaveLength(1);
  });

  test('are four signs that the database is outgrown', () => {
    expect(climbs(second).sort()).toEqual(['Connections', 'ReaderAtCapacity', 'ReplicaLag', 'WriterNearLimit']);
  });

  test('says when the site is down, and asks questions to every log', () => {
    second.hasResourceProperties('AWS::CloudWatch::CompositeAlarm', { AlarmDescription: Match.stringLikeRegexp('^Down: ') });
    second.resourceCountIs('AWS::Logs::QueryDefinition', 6);
    expect(queryGroups(second, 'errors by route')).toMatch(/ServiceLogGroup/);
    expect(queryGroups(second, 'failures of the workers')).toMatch(/WorkerLogGroup/);
    expect(queryGroups(second, 'slow statements of the database')).toMatch(/^\["\/aws\/rds\/cluster\/.+\/postgresql"\]$/);
  });

  test('follows no request unless asked to', () => {
    const task = 'AWS::ECS::TaskDefinition';
    const collectors = (template: Template) =>
      Object.values(template.findResources(task)).filter(({ Properties }) =>
        Properties.ContainerDefinitions.some(({ Name }: { Name: string }) => Name === 'trace-collector'),
      ).length;
    expect(collectors(second)).toBe(0);
    const { primary } = synthesized(2, { tracing: Tracing.xray(1) });
    expect(collectors(primary)).toBe(2);
    primary.hasResourceProperties(task, {
      ContainerDefinitions: Match.arrayWith([
        Match.objectLike({ Environment: Match.arrayWith([{ Name: 'OTEL_SERVICE_NAME', Value: 'Shop-Worker' }]) }),
      ]),
    });
  });
});

describe('what is seen of the later stages', () => {
  const third = synthesized(3).primary;
  const fourth = synthesized(4).primary;
  const composites = (template: Template) =>
    Object.values(template.findResources('AWS::CloudWatch::CompositeAlarm')).map(({ Properties }) =>
      Properties.AlarmDescription.slice(0, 7),
    );

  test('is the same at stage 3, with two more signs of growth: services, and users who are far', () => {
    third.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    expect(composites(third)).toEqual(['Down: t']);
    expect(climbs(third)).toEqual(['ReaderAtCapacity', 'ReplicaLag', 'WriterNearLimit', 'Connections', 'Services', 'FarUsers']);
    third.hasResourceProperties(ALARM, {
      AlarmDescription: Match.stringLikeRegexp('^Climb: '),
      MetricName: 'ServiceCount',
      Namespace: 'ECS/ContainerInsights',
      Threshold: 5,
    });
    third.hasResourceProperties(ALARM, { AlarmDescription: Match.stringLikeRegexp('^Climb: .* one continent'), Threshold: 300 });
  });

  test('is the same at stage 4, above which there is none, and rings for a Region without a healthy task', () => {
    fourth.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    expect(composites(fourth).sort()).toEqual(['Down: t', 'No task']);
    expect(climbs(fourth)).toEqual([]);
  });

  test('has a row for the site seen from every continent', () => {
    for (const template of [third, fourth]) expect(Object.keys(rowsOf(template))).toContain('From every continent');
    for (const template of [first, second]) expect(Object.keys(rowsOf(template))).not.toContain('From every continent');
  });
});

describe('docs/observability.md', () => {
  const PAGE = 'docs/observability.md';
  const code = (text: string) => `\`${text}\``;

  test('names what each row of the dashboard shows', () => {
    const tiers = Object.entries(rowsOf(second)).slice(1, -1);
    const shown = tiers.map(([tier, widgets]) => [
      tier,
      ...widgets.map(({ properties }) => {
        const lines = (properties.metrics ?? []).filter((line) => (line.at(-1) as { visible?: boolean }).visible !== false);
        return lines.map((line) => String((line.at(-1) as { label?: string }).label ?? line[1])).join('; ');
      }),
    ]);
    expectSection(PAGE, 'signals', markdownTable(['Tier', 'Latency', 'Traffic', 'Errors', 'Saturation'], shown));
  });

  test('names every alarm of the services, and every sign of growth, with what it waits for', () => {
    const head = ['Alarm', 'Reads', 'Rings', 'For', 'Missing'];
    const down = JSON.stringify(Object.values(second.findResources('AWS::CloudWatch::CompositeAlarm'))[0].Properties.AlarmRule);
    const rows = Object.entries(second.findResources(ALARM)).flatMap(([id, { Properties }]) => {
      const name = /ApplicationAlarms([A-Za-z]+)[0-9A-F]{8}$/.exec(id)?.[1];
      return name ? [[down.includes(id) ? `${name} (*Site down*)` : name, ...waitsFor(Properties)]] : [];
    });
    expectSection(PAGE, 'alarms', markdownTable(head, rows));
    const signs = [first, second, synthesized(3).primary].flatMap((template, index) =>
      Object.entries(template.findResources(ALARM)).flatMap(([id, { Properties }]) => {
        const name = /Climb([A-Za-z]+)[0-9A-F]{8}$/.exec(id)?.[1];
        // Stage 3 has those of the database, too.
        if (!name || (index === 2 && climbs(second).includes(name))) return [];
        return [[String(index + 1), name, ...waitsFor(Properties).slice(0, 2), SOURCES[name] ?? '']];
      }),
    );
    expectSection(PAGE, 'climb', markdownTable(['Stage', 'Sign', 'Reads', 'Counts', 'Source'], signs));
    expect(signs.map(([, name]) => name).filter((name) => !(name in SOURCES))).toEqual([]);
  });

  test('names every saved query', () => {
    const titles = (template: Template) =>
      Object.values(template.findResources('AWS::Logs::QueryDefinition')).map(({ Properties }) => Properties.Name.split('/')[2]);
    const all = [...new Set([...titles(second), ...titles(first)])].sort();
    const mark = (template: Template, title: string) => (titles(template).includes(title) ? 'yes' : 'no');
    const rows = all.map((title) => [title, mark(first, title), mark(second, title)]);
    expectSection(PAGE, 'queries', markdownTable(['Query', code('Stage1Single'), `from ${code('Stage2Replicated')}`], rows));
  });
});

/** Where the threshold of a sign comes from. */
const SOURCES: { [sign: string]: string } = {
  DatabaseCpu: 'seed: "Database CPU consistently > 50%"',
  ResponseTime: 'seed: "Response times creeping over 1 second"',
  ReaderAtCapacity: 'seed: "Read replica at capacity"; 80 % of the largest CPU is ours',
  ReplicaLag: 'issue: replica lag; a second is ours, usual is much less than 100 ms (Aurora user guide, replication)',
  WriterNearLimit: 'seed: "Single PostgreSQL instance hitting limits"; 90 % of the largest capacity is ours',
  Services: 'seed: "Need for more than 2-3 services"; three beside core and workers',
  FarUsers: 'seed: "Single region latency issues for global users"; 300 ms is ours',
  Connections: 'issue: connections near the maximum; 80 % is ours, of what the Aurora user guide gives for the capacity',
};

/** What an alarm reads, when it counts, for how long, and what silence means. */
function waitsFor(properties: Record<string, unknown>): string[] {
  const { Metrics, MetricName, Statistic, ExtendedStatistic, Period, Threshold, ComparisonOperator } = properties;
  const formula = (Metrics as { Expression?: string; Label?: string; MetricStat?: { Period: number } }[] | undefined) ?? [];
  const reads = formula.find(({ Expression }) => Expression)?.Label ?? `${MetricName}, ${ExtendedStatistic ?? Statistic}`;
  const sign = { GreaterThanThreshold: 'above', GreaterThanOrEqualToThreshold: 'at least', LessThanThreshold: 'below' };
  const minutes = Number(Period ?? formula.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period) / 60;
  const { EvaluationPeriods: of, DatapointsToAlarm: points = of } = properties;
  return [
    String(reads),
    `${sign[ComparisonOperator as keyof typeof sign]} ${Threshold}`,
    `${points} of ${of} × ${minutes} min`,
    properties.TreatMissingData === 'breaching' ? 'rings' : 'is fine',
  ];
}

/** The log groups of a saved query; what only a deploy knows stands there as its logical id. */
function queryGroups(template: Template, title: string): string {
  const found = template.findResources('AWS::Logs::QueryDefinition', {
    Properties: { Name: Match.stringLikeRegexp(`/${title}$`) },
  });
  const [{ Properties }] = Object.values(found);
  return JSON.stringify(
    Properties.LogGroupNames.map((name: unknown) => {
      const join = (name as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
      return join
        ? join[1].map((part) => (typeof part === 'string' ? part : JSON.stringify(part).replaceAll('"', ''))).join('')
        : name;
    }),
  );
}
