import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duration, type Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { WarehouseAlarms, type WarehouseAlarmsProps } from '../../../lib/blocks/data/warehouse-alarms';
import { WarehouseSize } from '../../../lib/blocks/data/warehouse-size';
import { WarehouseUsageLimit } from '../../../lib/blocks/data/warehouse-usage-limit';
import { agnosticStack, testStack } from '../../stacks';
import { templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';
import { run } from './search-doubles/opensearch';

jest.setTimeout(60_000);

const WORKGROUP = 'arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/1234abcd';

describe('alarms on a warehouse', () => {
  const alarms =
    (props: Partial<WarehouseAlarmsProps> = {}) =>
    (stack: Stack) =>
      void new WarehouseAlarms(stack, 'It', {
        workgroupName: 'shop',
        namespaceName: 'data',
        size: WarehouseSize.USERS_1M,
        integrationId: 'feed',
        alarmTopic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:alarms'),
        ...props,
      });

  test.each([
    ['AWS/Redshift-Serverless', 'ComputeSeconds', 'Workgroup', 'shop', 'Sum', 86400, 0.8 * 288 * 3600, 1],
    ['AWS/Redshift-Serverless', 'ComputeCapacity', 'Workgroup', 'shop', 'Minimum', 1800, 32, 2],
    ['AWS/Redshift-Serverless', 'QueriesQueued', 'Workgroup', 'shop', 'Minimum', 300, 0, 3],
    ['AWS/Redshift-Serverless', 'DataStorage', 'Namespace', 'data', 'Maximum', 21600, 1024000, 1],
    ['AWS/Redshift', 'IntegrationLag', 'IntegrationId', 'feed', 'Maximum', 300, 1800, 3],
    ['AWS/Redshift', 'IntegrationNumTablesFailedReplication', 'IntegrationId', 'feed', 'Maximum', 300, 0, 3],
  ])('%s %s', (Namespace, MetricName, Name, Value, Statistic, Period, Threshold, EvaluationPeriods) => {
    templateOf(alarms()).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace,
      MetricName,
      Dimensions: [{ Name, Value }],
      Statistic,
      Period,
      Threshold,
      EvaluationPeriods,
      TreatMissingData: 'notBreaching',
      AlarmActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
      OKActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
    });
  });

  test('know other limits, and a warehouse that nothing feeds', () => {
    templateOf(alarms()).resourceCountIs('AWS::CloudWatch::Alarm', 6);
    templateOf(alarms({ integrationId: undefined })).resourceCountIs('AWS::CloudWatch::Alarm', 4);
    const template = templateOf(alarms({ maxLag: Duration.hours(2), maxStorageGiB: 50, size: WarehouseSize.of(8, 16, 20) }));
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'IntegrationLag', Threshold: 7200 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'DataStorage', Threshold: 51200 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'ComputeSeconds', Threshold: 57600 });
  });
});

describe('the usage limit of a warehouse', () => {
  const limited =
    (rpuHoursADay = 192) =>
    (stack: Stack) =>
      new WarehouseUsageLimit(stack, 'It', { workgroupArn: WORKGROUP, rpuHoursADay });

  test('is set when it is deployed, when it changes, and each day', () => {
    const template = templateOf((stack) => void limited()(stack));
    template.hasResource('AWS::SSM::Association', {
      Properties: {
        Name: { Ref: Match.stringLikeRegexp('^ItDocument') },
        Parameters: {
          AutomationAssumeRole: [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^ItRole'), 'Arn'] }],
          RpuHoursADay: ['192'],
        },
        ScheduleExpression: 'rate(1 day)',
        ApplyOnlyAtCronInterval: Match.absent(),
      },
      DependsOn: [Match.stringLikeRegexp('^ItPolicy')],
    });
    template.hasResourceProperties('AWS::SSM::Document', {
      DocumentType: 'Automation',
      UpdateMethod: 'NewVersion',
      Content: Match.objectLike({
        mainSteps: [
          Match.objectLike({
            action: 'aws:executeScript',
            inputs: Match.objectLike({ Handler: 'limit', InputPayload: { Workgroup: WORKGROUP, Amount: '{{ RpuHoursADay }}' } }),
          }),
        ],
      }),
    });
    expect(JSON.stringify(template.toJSON())).not.toContain('Delete');
  });

  test('is set by a role whose calls know no other resource than everything, and deletes nothing', () => {
    templateOf((stack) => void limited()(stack)).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: [
          {
            Action: ['ListUsageLimits', 'CreateUsageLimit', 'UpdateUsageLimit'].map((name) => `redshift-serverless:${name}`),
            Effect: 'Allow',
            Resource: '*',
          },
        ],
      }),
    });
  });

  test('tells people when it could not be set, where there is somebody to tell', () => {
    templateOf((stack) => void limited()(stack)).resourceCountIs('AWS::Events::Rule', 0);
    const template = templateOf((stack) => {
      const alarmTopic = sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:alarms');
      new WarehouseUsageLimit(stack, 'It', { workgroupArn: WORKGROUP, rpuHoursADay: 192, alarmTopic });
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ssm'],
        'detail-type': ['EC2 State Manager Association State Change'],
        detail: {
          'association-id': [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^ItAssociation'), 'AssociationId'] }],
          status: ['Failed', 'TimedOut'],
        },
      },
      Targets: [Match.objectLike({ Arn: 'arn:aws:sns:us-east-1:123456789012:alarms' })],
    });
  });

  test('refuses none', () => {
    expect(() => limited(0)(testStack())).toThrow('rpuHoursADay must be a whole number of at least 1, got: 0');
    expect(() => WarehouseSize.of(8, 32, 31)).toThrow(
      'rpuHoursADay must be a whole number of at least maxRpus (32), an hour at full power, got: 31',
    );
    expect(WarehouseSize.USERS_1M.rpuHoursADay).toBe(288);
    expect(WarehouseSize.USERS_10M.rpuHoursADay).toBe(1152);
    expect(WarehouseSize.of(8, 512).rpuHoursADay).toBe(512);
  });

  test('breaks no policy', () => {
    const stack = agnosticStack();
    const it = limited()(stack);
    expect(nagFindings(stack)).toEqual([]);
    expect(everyPack(it)).toEqual({ open: [], unused: [] });
  });

  describe('run against a peer that keeps limits as Redshift does', () => {
    interface Limit {
      usageLimitId: string;
      period: string;
      breachAction: string;
      amount: number;
    }
    let limits: Limit[];
    let calls: string[];
    let refuses: string | undefined;
    const server: Server = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const given = JSON.parse(text);
      const call = request.url!.split('/').pop()!;
      calls.push(call);
      const answer = (status: number, value: unknown) => response.writeHead(status).end(JSON.stringify(value));
      if (call === refuses) return answer(400, { message: 'ThrottlingException' });
      if (call === 'list_usage_limits') return answer(200, { usageLimits: limits });
      if (call === 'create_usage_limit') {
        // One limit that refuses queries for each period.
        if (limits.some(({ period, breachAction }) => period === given.period && breachAction === given.breachAction)) {
          return answer(409, { message: 'ConflictException' });
        }
        const { period, breachAction, amount } = given;
        limits.push({ usageLimitId: `limit-${limits.length}`, period, breachAction, amount });
        return answer(200, { usageLimit: limits[limits.length - 1] });
      }
      const found = limits.find(({ usageLimitId }) => usageLimitId === given.usageLimitId);
      if (!found) return answer(404, { message: 'ResourceNotFoundException' });
      Object.assign(found, { amount: given.amount, breachAction: given.breachAction });
      return answer(200, { usageLimit: found });
    });
    beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    afterAll(() => void server.close());
    beforeEach(() => {
      limits = [];
      calls = [];
      refuses = undefined;
    });
    const set = (Amount: string) =>
      run(
        'warehouse-usage-limit.py',
        'limit',
        { Workgroup: WORKGROUP, Amount },
        { PEER: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
      );

    test('makes it once, keeps it, and changes it in place', async () => {
      expect(await set('192')).toMatchObject({ ok: true, answer: { Done: 'made limit-0' } });
      expect(await set('192')).toMatchObject({ ok: true, answer: { Done: 'kept limit-0' } });
      expect(await set('300')).toMatchObject({ ok: true, answer: { Done: 'changed limit-0 from 192' } });
      expect(limits).toEqual([{ usageLimitId: 'limit-0', period: 'daily', breachAction: 'deactivate', amount: 300 }]);
      expect(calls.filter((call) => call === 'create_usage_limit').length).toBe(1);
    });

    test('leaves limits alone that somebody made for other things', async () => {
      const others = [
        { usageLimitId: 'month', period: 'monthly', breachAction: 'deactivate', amount: 4000 },
        { usageLimitId: 'told', period: 'daily', breachAction: 'log', amount: 10 },
      ];
      limits = others.map((limit) => ({ ...limit }));
      await set('192');
      expect(limits.slice(0, 2)).toEqual(others);
      expect(limits.length).toBe(3);
    });

    test('two at once end with one limit: the second is told, and finds it the next time', async () => {
      const both = await Promise.all([set('192'), set('192')]);
      expect(limits.length).toBe(1);
      expect(both.some(({ ok }) => ok)).toBe(true);
      expect(await set('192')).toMatchObject({ ok: true, answer: { Done: 'kept limit-0' } });
    });

    test('fails aloud when Redshift refuses', async () => {
      refuses = 'create_usage_limit';
      const { ok, text } = await set('192');
      expect(ok).toBe(false);
      expect(text).toContain('ThrottlingException');
      expect(limits).toEqual([]);
    });
  });
});
