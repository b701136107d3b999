import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { AppContract } from '../../../lib/blocks/compute/app-contract';
import { Application, type ApplicationProps } from '../../../lib/blocks/compute/application';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { ServiceSize } from '../../../lib/blocks/compute/service-size';
import { AssetBucket } from '../../../lib/blocks/data/asset-bucket';
import { JobQueue } from '../../../lib/blocks/messaging/job-queue';
import { AlarmTopic } from '../../../lib/blocks/operations/alarm-topic';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { losses } from '../before-after';
import { appVpc, CLEAN, policy } from './service-fixture';

const ALARM = 'AWS::CloudWatch::Alarm';

function application(stack: Stack, props: Partial<ApplicationProps> = {}): Application {
  const jobs = props.jobs ?? new JobQueue(stack, 'Jobs');
  const logBucket = new LogBucket(stack, 'Logs');
  // As in a product; without another bucket that logs there, AwsSolutions does not see what the log bucket is.
  new AssetBucket(stack, 'Assets', { accessLogBucket: logBucket.bucket });
  return new Application(stack, 'Application', {
    vpc: appVpc(stack),
    publicSubnets: { subnetType: ec2.SubnetType.PUBLIC },
    appSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    image: ProductImage.fromRegistry('example/shop:1.0.0'),
    port: 3000,
    healthCheckPath: '/health',
    contract: new AppContract({ port: 3000, jobQueueUrl: jobs.queue.queueUrl }),
    serviceSize: ServiceSize.USERS_100K,
    workerSize: ServiceSize.WORKER,
    logBucket,
    ...props,
    jobs,
  });
}

/** The environment of each container, by the name of its process. */
function environments(template: Template): Record<string, Record<string, unknown>> {
  const all = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) => {
    const variables: { Name: string; Value: unknown }[] = Properties.ContainerDefinitions[0].Environment;
    return Object.fromEntries(variables.map(({ Name, Value }) => [Name, Value]));
  });
  return Object.fromEntries(all.map((one) => [String(one.PROCESS_TYPE), one]));
}

/** What the tasks of a service may do, by action, and on what. */
function allowed(template: Template, role: string): [unknown, unknown][] {
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => String(Properties.Roles[0].Ref).startsWith(role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => [Action].flat().map((action): [unknown, unknown] => [action, Resource]));
}

const queue = (start: string) => ({ 'Fn::GetAtt': [expect.stringMatching(`^${start}Queue`), 'Arn'] });

describe('an application', () => {
  test('runs the core service and the workers from one image', () => {
    const stack = testStack();
    application(stack);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ECS::Service', 2);
    expect(Object.keys(environments(template)).sort()).toEqual(['migrate', 'web', 'worker']);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: '512', Memory: '1024' });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { Cpu: '256', Memory: '512' });
    template.hasResourceProperties('AWS::ECS::Cluster', {
      ClusterName: Match.absent(),
      ClusterSettings: [{ Name: 'containerInsights', Value: 'enabled' }],
    });
    template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', {
      CapacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    });
  });

  test('serves from the core and lets nobody call the workers', () => {
    const stack = testStack();
    const { service, worker } = application(stack);
    expect([service.port, worker.port]).toEqual([3000, undefined]);
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/health',
      Port: 3000,
    });
    Template.fromStack(stack).resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 1);
  });

  test('lets the core send jobs, and the workers take them and send more', () => {
    const stack = testStack();
    application(stack);
    const template = Template.fromStack(stack);
    const web = allowed(template, 'ApplicationServiceTaskDefinitionTaskRole');
    expect(web).toEqual(expect.arrayContaining([['sqs:SendMessage', queue('Jobs')]]));
    expect(web.map(([action]) => action)).not.toContain('sqs:ReceiveMessage');
    // A job may lead to further ones.
    const worker = allowed(template, 'ApplicationWorkerTaskDefinitionTaskRole');
    expect(worker).toEqual(
      expect.arrayContaining([
        ['sqs:ReceiveMessage', queue('Jobs')],
        ['sqs:DeleteMessage', queue('Jobs')],
        ['sqs:SendMessage', queue('Jobs')],
      ]),
    );
  });

  test('scales the core on CPU and on requests, and the workers on the backlog', () => {
    const stack = testStack();
    application(stack);
    const template = Template.fromStack(stack);
    const policies = Object.entries(template.findResources('AWS::ApplicationAutoScaling::ScalingPolicy'));
    const of = (start: string) => policies.filter(([id]) => id.startsWith(start)).map(([, { Properties }]) => Properties);
    expect(policies).toHaveLength(3);
    expect(policies.map(([id, { Properties }]) => id === Properties.PolicyName)).toEqual([true, true, true]);
    const core = of('ApplicationService').map((one) => one.TargetTrackingScalingPolicyConfiguration);
    expect(core).toEqual([
      expect.objectContaining({
        TargetValue: 70,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      }),
      expect.objectContaining({
        TargetValue: 1000,
        ScaleInCooldown: 300,
        ScaleOutCooldown: 60,
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ALBRequestCountPerTarget',
          ResourceLabel: {
            'Fn::Join': ['', expect.arrayContaining([{ 'Fn::GetAtt': [expect.any(String), 'TargetGroupFullName'] }])],
          },
        },
      }),
    ]);
    const [worker] = of('ApplicationWorker');
    expect(worker.TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Metrics[0].MetricStat.Metric).toEqual({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^JobsQueue/), 'QueueName'] } }],
    });
  });

  test('ends a task only after the load balancer has let go of it', () => {
    const stack = testStack();
    application(stack);
    const template = Template.fromStack(stack);
    const [group] = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));
    const delay = group.Properties.TargetGroupAttributes.find(({ Key }: { Key: string }) =>
      Key.startsWith('deregistration_delay'),
    );
    const containers = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(
      ({ Properties }) => Properties.ContainerDefinitions[0],
    );
    const web = containers.find(({ PortMappings }) => PortMappings);
    expect(Number(delay.Value)).toBe(30);
    expect(web.StopTimeout).toBeGreaterThan(Number(delay.Value));
    expect(web.StopTimeout).toBeLessThanOrEqual(120);
    template.hasResourceProperties('AWS::ECS::Service', { HealthCheckGracePeriodSeconds: 60 });
  });

  test('can change its schema with the same image and contract, by a task that no service runs', () => {
    const stack = testStack();
    const { migration } = application(stack);
    expect(migration).toBeDefined();
    const template = Template.fromStack(stack);
    const tasks = Object.values(template.findResources('AWS::ECS::TaskDefinition')).map(
      ({ Properties }) => Properties.ContainerDefinitions[0],
    );
    const of = (type: string) =>
      tasks.find(({ Environment }) => Environment.some(({ Value }: { Value: string }) => Value === type));
    const plain = ({ Environment }: { Environment: { Name: string }[] }) =>
      Environment.filter(({ Name }) => Name !== 'PROCESS_TYPE');
    expect(plain(of('migrate'))).toEqual(plain(of('web')));
    expect(of('migrate').Secrets).toEqual(of('web').Secrets);
    expect(of('migrate')).toMatchObject({ ReadonlyRootFilesystem: true, User: '1000:1000', StopTimeout: 120 });
    template.resourceCountIs('AWS::ECS::Service', 2);
  });

  test('changes no schema where its database takes no changes', () => {
    const stack = testStack();
    expect(application(stack, { migrates: false }).migration).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::ECS::TaskDefinition', 2);
  });

  test('keeps its workers waiting, and only them, while another place works off the queue', () => {
    const stack = testStack();
    application(stack, { workerStandsBy: true });
    const template = Template.fromStack(stack);
    template.resourcePropertiesCountIs('AWS::ECS::Service', { DesiredCount: 0 }, 1);
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 2, MaxCapacity: 5 });
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: 0,
      MaxCapacity: 0,
      ResourceId: {
        'Fn::Join': ['', Match.arrayWith([{ 'Fn::GetAtt': [Match.stringLikeRegexp('^ApplicationWorker'), 'Name'] }])],
      },
    });
  });

  test('passes a certificate on to its load balancer', () => {
    const stack = testStack();
    const arn = `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/1`;
    const made = application(stack, { certificate: acm.Certificate.fromCertificateArn(stack, 'Certificate', arn) });
    expect(made.loadBalancer.https).toBe(true);
  });

  test('passes AwsSolutions, with and without an environment', () => {
    for (const stack of [testStack(), agnosticStack()]) {
      const made = application(stack);
      made.alarmOn(new AlarmTopic(stack, 'Alarms'));
      made.extractService('Auth', { processType: 'auth', size: ServiceSize.SMALL, pathPatterns: ['/auth/*'] });
      expect(policy(stack)).toEqual(CLEAN);
    }
  });
});

describe('a service beside the core', () => {
  const options = { processType: 'auth', size: ServiceSize.SMALL };

  test('takes its paths from the core, in the order the services were added', () => {
    const stack = testStack();
    const made = application(stack);
    made.extractService('Auth', { ...options, pathPatterns: ['/auth/*'] });
    made.extractService('Search', { ...options, processType: 'search', pathPatterns: ['/search/*'] });
    const template = Template.fromStack(stack);
    for (const [Priority, path] of [
      [1, '/auth/*'],
      [2, '/search/*'],
    ]) {
      template.hasResourceProperties('AWS::ElasticLoadBalancingV2::ListenerRule', {
        Priority,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [path] } }],
      });
    }
    expect(made.allServices()).toEqual([made.service, made.worker, ...made.extracted]);
    expect(made.extracted).toHaveLength(2);
    expect(environments(template)).toMatchObject({ auth: { PORT: '3000' }, search: { PORT: '3000' } });
  });

  test('without paths listens on nothing', () => {
    const stack = testStack();
    const extracted = application(stack).extractService('Notification', options);
    expect(extracted.port).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 0);
  });

  test('may send jobs', () => {
    const stack = testStack();
    application(stack).extractService('Auth', options);
    expect(allowed(Template.fromStack(stack), 'ApplicationAuthTaskDefinitionTaskRole')).toEqual(
      expect.arrayContaining([['sqs:SendMessage', queue('Jobs')]]),
    );
  });

  test('works off a queue of its own, which alone it is told of and scales on', () => {
    const stack = testStack();
    const own = new JobQueue(stack, 'Mails');
    application(stack).extractService('Notification', { ...options, processType: 'notification', queue: own });
    const template = Template.fromStack(stack);
    expect(environments(template)).toMatchObject({
      notification: { JOB_QUEUE_URL: { Ref: expect.stringMatching(/^MailsQueue/) } },
      web: { JOB_QUEUE_URL: { Ref: expect.stringMatching(/^JobsQueue/) } },
    });
    expect(allowed(template, 'ApplicationNotificationTaskDefinitionTaskRole')).toEqual(
      expect.arrayContaining([
        ['sqs:ReceiveMessage', queue('Mails')],
        ['sqs:SendMessage', queue('Mails')],
        ['sqs:SendMessage', queue('Jobs')],
      ]),
    );
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: {
        CustomizedMetricSpecification: {
          Metrics: Match.arrayWith([
            Match.objectLike({
              MetricStat: Match.objectLike({
                Metric: Match.objectLike({
                  Dimensions: [
                    { Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^MailsQueue'), 'QueueName'] } },
                  ],
                }),
              }),
            }),
          ]),
        },
      },
    });
  });

  test('comes without replacing or destroying anything', () => {
    const before = (stack: Stack) => application(stack);
    const after = (stack: Stack) => {
      application(stack, { serviceSize: ServiceSize.USERS_100K }).extractService('Auth', {
        ...options,
        pathPatterns: ['/auth/*'],
      });
    };
    expect(losses(before, after)).toEqual([]);
  });
});

describe('the alarms of an application', () => {
  function alarmCount(workerStandsBy: boolean): number {
    const stack = testStack();
    application(stack, { workerStandsBy }).alarmOn(new AlarmTopic(stack, 'Alarms'));
    return Object.keys(Template.fromStack(stack).findResources(ALARM, { Properties: { MetricName: 'RunningTaskCount' } })).length;
  }

  test('watch the workers as soon as they work', () => {
    expect([alarmCount(true), alarmCount(false)]).toEqual([1, 2]);
  });
});
