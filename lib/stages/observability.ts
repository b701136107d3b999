import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { Application } from '../blocks/compute/application';
import type { ContainerService } from '../blocks/compute/container-service';
import type { SingleServer } from '../blocks/compute/single-server';
import type { AuroraDatabase } from '../blocks/data/aurora-database';
import type { MeasuredCache } from '../blocks/data/measured-cache';
import { OriginRecords } from '../blocks/edge/origin-records';
import type { Site } from '../blocks/edge/site';
import type { JobQueue } from '../blocks/messaging/job-queue';
import { crossRegionValue } from '../blocks/network/cross-region-value';
import { type ClimbSignal, ClimbSignals } from '../blocks/observability/climb-signals';
import { cacheSignals, databaseSignals } from '../blocks/observability/data-signals';
import { DistantLatency } from '../blocks/observability/distant-latency';
import { edgeSignals } from '../blocks/observability/edge-signals';
import type { GoldenSignals } from '../blocks/observability/golden-signals';
import { serverQueries, serviceQueries, slowStatementsQuery } from '../blocks/observability/log-questions';
import { meshSignals } from '../blocks/observability/mesh-signals';
import { outgrownDatabase, outgrownRegion, outgrownServer } from '../blocks/observability/outgrown';
import { SavedQueries } from '../blocks/observability/saved-queries';
import { serverSignals } from '../blocks/observability/server-signals';
import { extractedServiceSignals, serviceSignals, workerSignals } from '../blocks/observability/service-signals';
import { SignalDashboard } from '../blocks/observability/signal-dashboard';
import { TraceCollector } from '../blocks/observability/trace-collector';
import type { Tracing } from '../blocks/observability/tracing';
import type { AlarmTopic } from '../blocks/operations/alarm-topic';
import { ChildId } from './child-ids';
import type { Specialties } from './specialties';
import type { StageProps } from './stage-props';

/** By what a product is seen. */
export interface Observation {
  /** The four golden signals of each tier, on one page. */
  readonly dashboard: SignalDashboard;
  /** What says that it is time for the next stage; not where there is none. */
  readonly climb?: ClimbSignals;
  /** Questions to the logs. */
  readonly queries: SavedQueries;
}

/** What is seen of a product on one server. */
export interface ServerParts {
  readonly server: SingleServer;
  readonly jobs: JobQueue;
  readonly alarms: AlarmTopic;
  /** The database, where it is not on the server. */
  readonly database?: AuroraDatabase;
}

/** Shows one server, and says when it has become too small. */
export function observeServer(stage: Construct, { server, jobs, alarms, database }: ServerParts): Observation {
  const { logGroupName } = server.logGroup;
  const climb = new ClimbSignals(stage, ChildId.CLIMB, {
    signals: outgrownServer({
      databaseCpu: database?.metricCpuUtilization() ?? server.metricDatabaseCpu(),
      responseTime: server.metricResponseTime(),
    }),
    alarmTopic: alarms,
  });
  const statements = database ? databaseLog(database) : logGroupName;
  const queries = new SavedQueries(stage, ChildId.QUERIES, {
    folder: folderOf(stage),
    queries: [...serverQueries(logGroupName), slowStatementsQuery(statements)],
  });
  const saturation = [server.alarms.cpu.metric, server.metricMemoryUsed(), server.metricDataVolumeUsed()];
  const dashboard = new SignalDashboard(stage, ChildId.DASHBOARD, {
    alarms: alarmsOf(stage, climb),
    tiers: [serverSignals({ logGroupName, saturation }), workerSignals(jobs), ...(database ? [databaseSignals(database)] : [])],
    climb,
  });
  return { dashboard, climb, queries };
}

/** What is seen of a replicated product in one Region. */
export interface ReplicatedParts {
  readonly application: Application;
  readonly database: AuroraDatabase;
  readonly cache: MeasuredCache;
  readonly jobs: JobQueue;
  readonly site: Site;
  readonly alarms: AlarmTopic;
  /** With the queue of `notification`. @default - the core is the only service */
  readonly specialties?: Specialties;
}

/** Whether there is a stage to climb to. */
export interface ObservationOptions {
  /** @default true */
  readonly climbs?: boolean;
  /** Signs beside those of the database. @default - none */
  readonly signals?: ClimbSignal[];
  /** How long the site takes seen from afar. @default - not measured */
  readonly afar?: DistantLatency;
}

/** Shows a replicated product, tells people when its application fails, and says when its database has become too small. */
export function observeProduct(
  stage: Construct,
  parts: ReplicatedParts,
  { climbs = true, signals = [], afar }: ObservationOptions = {},
): Observation {
  const { application, database, cache, jobs, site, alarms } = parts;
  application.alarmOn(alarms);
  const climb = climbs
    ? new ClimbSignals(stage, ChildId.CLIMB, { signals: [...outgrownDatabase(database), ...signals], alarmTopic: alarms })
    : undefined;
  const answering = application.allServices().filter(({ port }) => port !== undefined);
  const working = application.allServices().filter(({ port }) => port === undefined);
  const queries = new SavedQueries(stage, ChildId.QUERIES, {
    folder: folderOf(stage),
    queries: [
      ...serviceQueries({ webLogGroupNames: logsOf(answering), workerLogGroupNames: logsOf(working) }),
      slowStatementsQuery(databaseLog(database)),
    ],
  });
  const { applicationLoadBalancer: loadBalancer } = application.loadBalancer;
  const dashboard = new SignalDashboard(stage, ChildId.DASHBOARD, {
    alarms: alarmsOf(stage, climb),
    tiers: [
      edgeSignals({ distribution: site.delivery.distribution, additionalMetrics: true }),
      serviceSignals({ loadBalancer, service: application.service.service }),
      workerSignals({ queue: jobs.queue, deadLetterQueue: jobs.deadLetterQueue, service: application.worker.service }),
      ...besideTheCore(parts),
      databaseSignals(database),
      cacheSignals(cache),
    ],
    afar,
    climb,
  });
  return { dashboard, climb, queries };
}

/** The services beside the core that are of the product itself, and what all services ask of each other. */
function besideTheCore({ application, specialties }: ReplicatedParts): GoldenSignals[] {
  if (!specialties) return [];
  const { queue, deadLetterQueue } = specialties.notificationQueue;
  const rows = application.extracted.map((made) => {
    const { service } = made;
    const name = made.node.id.toLowerCase();
    const targets = application.targetsOf(made);
    if (targets) return extractedServiceSignals({ name, service, targets });
    return workerSignals({ tier: `Service ${name} and its queue`, service, queue, deadLetterQueue });
  });
  return [...rows, meshSignals({ clusterName: application.cluster.clusterName })];
}

/** Looks at the site from every continent. */
export function lookFromAfar(stage: Construct, site: Site, { domain, healthCheckPath: path }: StageProps): DistantLatency {
  const domainName = domain?.name ?? site.delivery.distribution.distributionDomainName;
  return new DistantLatency(stage, ChildId.DISTANT_LATENCY, { domainName, path });
}

/**
 * The sign that a continent waits too long: for the stage's own row in us-east-1, where the numbers are. Elsewhere it stands with the
 * alarms of the edge, whose topic tells people.
 */
export function farUsers(stage: Construct, { edgeAlarms, alarms }: Site, afar: DistantLatency): ClimbSignal[] {
  const watch = Stack.of(edgeAlarms ?? stage);
  if (watch === Stack.of(stage)) return [outgrownRegion(afar)];
  const value = crossRegionValue(watch, { producer: afar, name: 'HealthCheckId', value: afar.healthCheckId });
  const there = DistantLatency.fromHealthCheckId(watch, ChildId.DISTANT_LATENCY, value);
  new ClimbSignals(watch, ChildId.CLIMB, { signals: [outgrownRegion(there)], alarmTopic: alarms });
  return [];
}

/** Follows requests through every service of an application, where that is wanted. */
export function trace(application: Application, tracing?: Tracing): void {
  if (!tracing?.isOn) return;
  for (const service of application.allServices()) {
    traceService(service, tracing, `${Stack.of(service).stackName}-${service.node.id}`);
  }
}

/** Follows requests through a service, where that is wanted. */
export function traceService(service: ContainerService, tracing: Tracing | undefined, serviceName: string): void {
  if (!tracing?.isOn) return;
  const { taskDefinition, logGroup } = service;
  new TraceCollector(service, ChildId.TRACE_COLLECTOR, { taskDefinition, logGroup, tracing, serviceName });
}

function logsOf(services: ContainerService[]): string[] {
  return services.map(({ logGroup }) => logGroup.logGroupName);
}

/** Where Aurora writes (Aurora user guide, publishing PostgreSQL logs to CloudWatch Logs). */
function databaseLog({ clusterIdentifier }: AuroraDatabase): string {
  return `/aws/rds/cluster/${clusterIdentifier}/postgresql`;
}

/**
 * The faults a stage tells of in its own stack, without what drives scaling, the signs of growth, and what rings all the time because
 * it looks at the empty one of two target groups.
 */
function alarmsOf(stage: Construct, climb?: ClimbSignals): cloudwatch.AlarmBase[] {
  return stage.node
    .findAll()
    .filter((child): child is cloudwatch.AlarmBase => child instanceof cloudwatch.AlarmBase)
    .filter((alarm) => Stack.of(alarm) === Stack.of(stage))
    .filter((alarm) => !(alarm.node.scope instanceof OriginRecords && alarm.node.scope.halves.some((half) => half === alarm)))
    .filter(({ node: { scopes } }) => !scopes.some((scope) => scope === climb || scope instanceof ecs.ScalableTaskCount));
}

/** Two products of one stack do not share a folder. */
function folderOf(stage: Construct): string {
  return `${Stack.of(stage).stackName}/${stage.node.id}`;
}
