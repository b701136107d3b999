import { Lazy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { TraceCollector } from '../../../lib/blocks/observability/trace-collector';
import { Tracing } from '../../../lib/blocks/observability/tracing';
import { testStack } from '../../stacks';
import { CLEAN, policy, service } from '../compute/service-fixture';
import { everyPack } from '../every-pack';

const TASK = 'AWS::ECS::TaskDefinition';

function traced(tracing?: Tracing, stack = testStack()): Template {
  const { taskDefinition, logGroup } = service(stack);
  new TraceCollector(stack, 'Collector', { taskDefinition, logGroup, tracing, serviceName: 'Shop-web' });
  return Template.fromStack(stack);
}

type Container = { Name: string; Memory: number; Environment: { Name: string; Value: string }[] } & Record<string, unknown>;

function containers(template: Template): Container[] {
  const [task] = Object.values(template.findResources(TASK));
  return task.Properties.ContainerDefinitions;
}

function environment({ Environment }: Container): Record<string, string> {
  return Object.fromEntries(Environment.map(({ Name, Value }) => [Name, Value]));
}

describe('a trace collector', () => {
  test('runs beside the container, as restricted as that, and may fail without it', () => {
    expect(containers(traced())[1]).toMatchObject({
      Name: 'trace-collector',
      Image: expect.stringMatching(/^public\.ecr\.aws\/aws-observability\/aws-otel-collector:v\d+\.\d+\.\d+$/),
      Essential: false,
      Memory: 128,
      User: '10001:10001',
      ReadonlyRootFilesystem: true,
      LogConfiguration: { LogDriver: 'awslogs' },
    });
    expect(containers(traced())[1]).not.toHaveProperty('Secrets');
    expect(containers(traced())[1]).not.toHaveProperty('PortMappings', [expect.anything()]);
  });

  test('takes its memory from the container, so that both fit into the task', () => {
    const template = traced();
    const [task] = Object.values(template.findResources(TASK));
    const memory = containers(template).map((container) => container.Memory);
    expect(memory).toEqual([384, 128]);
    expect(memory[0] + memory[1]).toBe(Number(task.Properties.Memory));
  });

  test('is found by the standard variables, where 5 % of the requests are traced', () => {
    expect(environment(containers(traced())[0])).toMatchObject({
      OTEL_SERVICE_NAME: 'Shop-web',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.05',
    });
    expect(environment(containers(traced(Tracing.xray(100)))[0])).toMatchObject({ OTEL_TRACES_SAMPLER_ARG: '1' });
  });

  test('listens to its own task only, and hands on traces only', () => {
    const config = environment(containers(traced())[1]).AOT_CONFIG_CONTENT;
    expect(config).toContain('endpoint: localhost:4318\n');
    expect(config).toContain('exporters: [awsxray]');
    expect(config).not.toContain('0.0.0.0');
  });

  test('lets the task write traces, and nothing else', () => {
    traced().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{ Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Effect: 'Allow', Resource: '*' }],
      },
      Roles: [{ Ref: Match.stringLikeRegexp('TaskRole') }],
    });
  });

  test('passes every pack', () => {
    const stack = testStack();
    traced(undefined, stack);
    const { open, unused } = policy(stack);
    expect({ open, unused }).toEqual(CLEAN);
    expect(everyPack(stack).open.filter((finding) => /Collector|TaskDefinition/.test(finding))).toEqual([]);
  });

  test('needs a container and a memory that is known', () => {
    const empty = new ecs.FargateTaskDefinition(testStack(), 'Task', { memoryLimitMiB: 512 });
    const props = { logGroup: service(testStack()).logGroup, serviceName: 'web' };
    expect(() => new TraceCollector(testStack(), 'Collector', { ...props, taskDefinition: empty })).toThrow(
      new Error('taskDefinition has no container to trace: add one before the collector'),
    );
    const stack = testStack();
    const memoryLimitMiB = Lazy.number({ produce: () => 512 });
    const unknown = new ecs.FargateTaskDefinition(stack, 'Task', { memoryLimitMiB });
    unknown.addContainer('app', { image: ecs.ContainerImage.fromRegistry('shop:1') });
    expect(() => new TraceCollector(stack, 'Collector', { ...props, taskDefinition: unknown })).toThrow(
      new Error('taskDefinition must have a memory known at synthesis, got a token: the collector takes 128 MiB of it'),
    );
  });
});

describe('tracing', () => {
  test('is off, or follows a share of the requests', () => {
    expect(Tracing.none().isOn).toBe(false);
    expect(Tracing.xray().percent).toBe(5);
    expect(Tracing.xray(0.1).isOn).toBe(true);
    expect(Tracing.xray(Lazy.number({ produce: () => 1 })).isOn).toBe(true);
  });

  test.each([0, -1, 101, Number.NaN])('refuses a share of %p percent', (percent) => {
    expect(() => Tracing.xray(percent)).toThrow(
      new Error(`percent must be above 0 and at most 100, got ${percent}: give the share of the requests to trace`),
    );
  });
});
