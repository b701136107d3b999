import { Token, Tokenization } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { takeMemory } from '../operations/task-memory';
import { Tracing } from './tracing';

/** AWS Distro for OpenTelemetry, which is one binary on an empty image (aws-observability/aws-otel-collector, Dockerfile). */
const IMAGE = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.48.0';
const CONTAINER = 'trace-collector';
/** OTLP over HTTP (OpenTelemetry protocol specification, default ports). */
const PORT = 4318;
const MEMORY_MIB = 128;

/** What the collector does: nobody but its own task reaches it, and it forgets before it runs out of memory. */
const CONFIG = `receivers:
  otlp:
    protocols:
      http:
        endpoint: localhost:${PORT}
processors:
  memory_limiter:
    check_interval: 1s
    limit_mib: 96
  batch:
    timeout: 5s
exporters:
  awsxray:
service:
  telemetry:
    logs:
      level: warn
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter, batch]
      exporters: [awsxray]
`;

/** Properties of a TraceCollector. */
export interface TraceCollectorProps {
  /** The task whose default container is traced. */
  readonly taskDefinition: ecs.FargateTaskDefinition;
  /** Name of the service on the map of X-Ray, which is one for the whole account. */
  readonly serviceName: string;
  /** Receives what the collector says about itself. */
  readonly logGroup: logs.ILogGroup;
  /** @default Tracing.xray() */
  readonly tracing?: Tracing;
}

/**
 * A collector beside a task's container, to which it sends its traces and which hands them to AWS X-Ray.
 *
 * The collector runs as nobody in particular, can write no file, gets 128 MiB of the task and may fail: the task goes on without it.
 * It holds no secret and needs none. Not verified against AWS.
 *
 * @throws if the task has no container yet, or its memory is not known
 */
export class TraceCollector extends Construct {
  public readonly container: ecs.ContainerDefinition;

  constructor(scope: Construct, id: string, props: TraceCollectorProps) {
    super(scope, id);
    const { taskDefinition, tracing = Tracing.xray() } = props;
    const { memoryMiB } = taskDefinition;
    const traced = taskDefinition.defaultContainer;
    if (!traced) throw new Error('taskDefinition has no container to trace: add one before the collector');
    if (Token.isUnresolved(memoryMiB)) {
      throw new Error(
        `taskDefinition must have a memory known at synthesis, got a token: the collector takes ${MEMORY_MIB} MiB of it`,
      );
    }
    for (const [name, value] of Object.entries(telemetry(props.serviceName, tracing))) traced.addEnvironment(name, value);
    this.container = taskDefinition.addContainer(CONTAINER, {
      image: ecs.ContainerImage.fromRegistry(IMAGE),
      // Stands above the file that the image's own command names (aws-otel.github.io, setup/ecs/config-through-ssm).
      environment: { AOT_CONFIG_CONTENT: CONFIG },
      essential: false,
      memoryLimitMiB: MEMORY_MIB,
      user: '10001:10001',
      readonlyRootFilesystem: true,
      logging: ecs.LogDrivers.awsLogs({ logGroup: props.logGroup, streamPrefix: CONTAINER }),
    });
    takeMemory(taskDefinition, MEMORY_MIB);
    this.letSend(taskDefinition);
  }

  private letSend({ taskRole }: ecs.FargateTaskDefinition): void {
    taskRole.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] }),
    );
    acknowledge(taskRole, {
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason:
        'Traces belong to no resource: the two actions of AWS X-Ray that send them know only * (service authorization reference, AWS ' +
        'X-Ray). They write and cannot read, and every other statement of the role names what it is for.',
    });
  }
}

/** What an OpenTelemetry library reads (OpenTelemetry specification, environment variables). */
function telemetry(serviceName: string, { percent }: Tracing): { [name: string]: string } {
  return {
    OTEL_SERVICE_NAME: serviceName,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${PORT}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    // Whoever begins a request decides for all who take part in it.
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: Token.isUnresolved(percent) ? Tokenization.stringifyNumber(percent) : String(percent / 100),
  };
}
