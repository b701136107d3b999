import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AuroraDatabase } from '../../../lib/blocks/data/aurora-database';
import { DatabaseProxy, type DatabaseProxyProps } from '../../../lib/blocks/data/database-proxy';
import { ProxyAlarms } from '../../../lib/blocks/data/proxy-alarms';
import { agnosticStack, testStack } from '../../stacks';
import { nagFindings } from '../nag';
import { additions, FLAGS, losses } from './kept';
import { vpc } from './vpc';

interface Shop {
  readonly stack: Stack;
  readonly network: ec2.Vpc;
  readonly database: AuroraDatabase;
  readonly proxy?: DatabaseProxy;
}

function shop(
  options: { zones?: number; readers?: number; proxy?: Partial<DatabaseProxyProps> | false; stack?: Stack } = {},
): Shop {
  const stack = options.stack ?? testStack();
  const network = vpc(stack, options.zones ?? 2);
  const database = new AuroraDatabase(stack, 'Database', { vpc: network, readers: options.readers ?? 1 });
  if (options.proxy === false) return { stack, network, database };
  return { stack, network, database, proxy: new DatabaseProxy(stack, 'Proxy', { vpc: network, database, ...options.proxy }) };
}

test('the proxy demands TLS and logs in with the database secret', () => {
  Template.fromStack(shop().stack).hasResourceProperties('AWS::RDS::DBProxy', {
    RequireTLS: true,
    EngineFamily: 'POSTGRESQL',
    Auth: [
      {
        AuthScheme: 'SECRETS',
        IAMAuth: 'DISABLED',
        ClientPasswordAuthType: 'POSTGRES_SCRAM_SHA_256',
        SecretArn: { Ref: Match.stringLikeRegexp('SecretAttachment') },
      },
    ],
    VpcSubnetIds: [{ Ref: Match.stringLikeRegexp('dataSubnet1') }, { Ref: Match.stringLikeRegexp('dataSubnet2') }],
  });
});

test('IAM login can be demanded', () => {
  const { stack, proxy } = shop({ proxy: { iamAuthentication: true } });
  proxy!.grantConnect(new iam.User(stack, 'User'), 'app').assertSuccess();
  Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBProxy', { Auth: [Match.objectLike({ IAMAuth: 'REQUIRED' })] });
});

test('its role reads the secret, decrypts with the key and nothing else', () => {
  const { stack, proxy } = shop();
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy')).filter(
    ({ Properties }) => JSON.stringify(Properties.Roles) === JSON.stringify([stack.resolve(proxy!.role.roleName)]),
  );
  const statements: { Action: string | string[]; Resource: unknown }[] = policies.flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
  expect(statements.flatMap(({ Action }) => Action).sort()).toEqual([
    'kms:Decrypt',
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
  ]);
  expect(JSON.stringify(statements.map(({ Resource }) => Resource))).not.toContain('*');
  expect(statements.find(({ Action }) => Action === 'kms:Decrypt')).toMatchObject({
    Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' } },
  });
});

test('the database lets the proxy in, and the proxy may go nowhere else', () => {
  const template = Template.fromStack(shop().stack);
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  template.hasResourceProperties('AWS::EC2::SecurityGroup', { GroupDescription: 'RDS Proxy of the product database' });
  expect(JSON.stringify(template.findResources('AWS::EC2::SecurityGroup'))).not.toContain('0.0.0.0/0');
});

test('with a reader there is a read-only endpoint beside it, without one reads go to the writer', () => {
  const pair = shop({ readers: 1 });
  Template.fromStack(pair.stack).hasResourceProperties('AWS::RDS::DBProxyEndpoint', { TargetRole: 'READ_ONLY' });
  expect(pair.proxy!.readerHost).not.toBe(pair.proxy!.writerHost);
  const alone = shop({ readers: 0 });
  Template.fromStack(alone.stack).resourceCountIs('AWS::RDS::DBProxyEndpoint', 0);
  expect(alone.proxy!.readerHost).toBe(alone.proxy!.writerHost);
});

test('names fit and depend on the path alone', () => {
  const { stack } = shop();
  const template = Template.fromStack(stack);
  const [proxy] = Object.values(template.findResources('AWS::RDS::DBProxy'));
  const [endpoint] = Object.values(template.findResources('AWS::RDS::DBProxyEndpoint'));
  for (const name of [proxy.Properties.DBProxyName, endpoint.Properties.DBProxyEndpointName]) {
    expect(name).toMatch(/^[a-z][a-z0-9]{0,59}$/);
  }
  expect(proxy.Properties.DBProxyName).not.toBe(endpoint.Properties.DBProxyEndpointName);
});

describe('promotion', () => {
  test('a proxy is an addition', () => {
    const before = shop({ proxy: false }).stack;
    expect(losses(before, shop().stack)).toEqual([]);
    expect(additions(before, shop().stack)).toEqual(
      [
        'AWS::EC2::SecurityGroup',
        'AWS::EC2::SecurityGroupIngress',
        'AWS::IAM::ManagedPolicy',
        'AWS::IAM::Role',
        'AWS::RDS::DBProxy',
        'AWS::RDS::DBProxyEndpoint',
        'AWS::RDS::DBProxyTargetGroup',
      ]
        .concat('AWS::EC2::SecurityGroupEgress')
        .sort(),
    );
  });

  test('a third zone changes nothing of it', () => {
    expect(losses(shop({ zones: 2 }).stack, shop({ zones: 3 }).stack)).toEqual([]);
    const three = shop({ zones: 3 });
    expect(three.network.isolatedSubnets).toHaveLength(3);
    Template.fromStack(three.stack).hasResourceProperties('AWS::RDS::DBSubnetGroup', {
      SubnetIds: [Match.anyValue(), Match.anyValue(), Match.anyValue()],
    });
  });

  test('the comparison sees a proxy that moves', () => {
    const { stack, network, database } = shop({ zones: 3, proxy: false });
    new DatabaseProxy(stack, 'Proxy', { vpc: network, database, subnets: network.isolatedSubnets.slice(1) });
    expect(losses(shop({ zones: 3 }).stack, stack)).toEqual([
      expect.stringMatching(/DBProxy\) changes VpcSubnetIds/),
      expect.stringMatching(/DBProxyEndpoint\) changes VpcSubnetIds/),
    ]);
  });

  test('feature flags of the user do not rename it', () => {
    const flagged = shop({ stack: testStack({ context: FLAGS }) }).stack;
    expect(losses(shop().stack, flagged)).toEqual([]);
    expect(losses(flagged, shop().stack)).toEqual([]);
  });
});

describe('refusals', () => {
  test('one subnet, three, or two in one zone', () => {
    for (const [count, zones, pick] of [
      [1, 1, (all: ec2.ISubnet[]) => all.slice(0, 1)],
      [3, 3, (all: ec2.ISubnet[]) => all],
      [2, 1, (all: ec2.ISubnet[]) => [all[0], all[0]]],
    ] as const) {
      const { stack, network, database } = shop({ zones: 3, proxy: false });
      expect(() => new DatabaseProxy(stack, 'Proxy', { vpc: network, database, subnets: pick(network.isolatedSubnets) })).toThrow(
        new Error(`subnets must be exactly 2 in two availability zones, got ${count} in ${zones}: name two that will stay`),
      );
    }
  });
});

test('metrics carry the name of the proxy', () => {
  const { proxy } = shop();
  expect(Object.keys(proxy!.metricClientConnections().dimensions!)).toEqual(['ProxyName']);
  expect(proxy!.metricDatabaseConnections().metricName).toBe('DatabaseConnections');
});

test('it works without a concrete environment, and for a database that exists already', () => {
  shop({ stack: agnosticStack() });
  const { stack, network, database } = shop({ proxy: false });
  const existing = AuroraDatabase.fromAttributes(stack, 'Existing', {
    clusterIdentifier: 'old',
    securityGroup: database.connections.securityGroups[0],
    writerHost: 'writer.example.com',
    databaseName: 'app',
    engineVersion: rds.AuroraPostgresEngineVersion.VER_16_13,
    secret: database.secret,
  });
  new DatabaseProxy(stack, 'Proxy', { vpc: network, database: existing });
  Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBProxyTargetGroup', { DBClusterIdentifiers: ['old'] });
});

test('AwsSolutions has no open finding', () => {
  expect(nagFindings(shop().stack).filter((finding) => finding.includes('/Proxy') || finding.includes('/Database'))).toEqual([]);
});

test('the pool leaves a tenth of the connections to others, and nobody waits longer than half a minute for one', () => {
  Template.fromStack(shop().stack).hasResourceProperties('AWS::RDS::DBProxyTargetGroup', {
    ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: 90, ConnectionBorrowTimeout: 30 },
  });
});

test('the pool rings when it is used up, pinned, or waited for', () => {
  const { stack, proxy } = shop();
  const alarmTopic = new sns.Topic(stack, 'Topic');
  new ProxyAlarms(stack, 'Alarms', { proxy: proxy!, alarmTopic });
  const template = Template.fromStack(stack);
  const [ProxyName] = Object.values(template.findResources('AWS::RDS::DBProxy')).map(({ Properties }) => Properties.DBProxyName);
  const of = (MetricName: string) => ({
    MetricStat: {
      Metric: { Namespace: 'AWS/RDS', MetricName, Dimensions: [{ Name: 'ProxyName', Value: { Ref: Match.anyValue() } }] },
      Stat: 'Sum',
      Period: 300,
    },
  });
  expect(ProxyName).toBeDefined();
  for (const [id, metric, threshold] of [
    ['borrowed', 'DatabaseConnectionsCurrentlyBorrowed', 80],
    ['pinned', 'DatabaseConnectionsCurrentlySessionPinned', 50],
  ] as const) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: [
        Match.objectLike({ Expression: `100 * ${id} / allowed` }),
        Match.objectLike({ Id: id, ...of(metric) }),
        Match.objectLike({ Id: 'allowed', ...of('MaxDatabaseConnectionsAllowed') }),
      ],
      Threshold: threshold,
    });
  }
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'DatabaseConnectionsBorrowLatency',
    Statistic: 'Average',
    // Microseconds.
    Threshold: 100_000,
  });
  template.allResourcesProperties('AWS::CloudWatch::Alarm', {
    EvaluationPeriods: 3,
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: Match.stringLikeRegexp('Topic') }],
    OKActions: [{ Ref: Match.stringLikeRegexp('Topic') }],
  });
});
