import type { Assembly } from '../../../assembly/cloud-assembly';
import { isObject, items } from '../../../assembly/values';
import { apiDoors } from '../entrances/apis';
import { distributionDoors } from '../entrances/distributions';
import { waysFromLoadBalancer } from '../entrances/load-balancers';
import { publicNames } from '../entrances/names';
import { platformDoors } from '../entrances/platforms';
import type { Landscape, Thing } from '../landscape';
import type { Boxes } from './folds';
import { reachOf } from './reach';

/** An arrow between two boxes. */
export interface Flow {
  readonly from: Thing;
  readonly to: Thing;
  readonly label?: string;
}

/** Every arrow of an assembly, each once; the first reason for it gives its label. */
export function flowsOf(assembly: Assembly, landscape: Landscape, boxes: Boxes): Flow[] {
  const flows = new Map<Thing, Map<Thing, Flow>>();
  const add = (from: Thing | undefined, to: Thing | undefined, label?: string) => {
    const [source, target] = [from && boxes.boxOf(from), to && boxes.boxOf(to)];
    if (!source || !target || source === target) return;
    const known = flows.get(source) ?? new Map<Thing, Flow>();
    flows.set(source, known);
    if (!known.has(target)) known.set(target, { from: source, to: target, ...(label === undefined ? {} : { label }) });
  };
  for (const path of requestPaths(assembly, landscape)) {
    const passed = path.filter((thing) => boxes.boxOf(thing));
    passed.slice(1).forEach((thing, index) => {
      add(passed[index], thing);
    });
  }
  for (const { from, to, label } of deliveries(landscape)) add(from, to, label);
  for (const box of boxes.all) for (const other of reachOf(box, assembly, landscape, boxes)) add(box, other);
  for (const { from, to } of admitted(landscape, boxes)) add(from, to);
  return [...flows.values()].flatMap((targets) => [...targets.values()]);
}

/** What requests pass, from the internet and from inside. */
function requestPaths(assembly: Assembly, landscape: Landscape): Thing[][] {
  const doors = [
    ...distributionDoors(landscape, publicNames(assembly, landscape)),
    ...apiDoors(landscape),
    ...platformDoors(landscape),
  ].map(({ path }) => path);
  const balancers = landscape.ofType('AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancing::LoadBalancer');
  return [...doors, ...balancers.flatMap((balancer) => waysFromLoadBalancer(balancer, landscape).map(({ path }) => path))];
}

/** What is handed on without anybody asking for it. */
function deliveries(landscape: Landscape): Flow[] {
  const flows: Flow[] = [];
  const link = (sources: Thing[], targets: Thing[], label: string) => {
    for (const from of sources) for (const to of targets) flows.push({ from, to, label });
  };
  const eachOf = (
    type: string,
    draw: (properties: Record<string, unknown>, behind: (value: unknown) => Thing[], thing: Thing) => void,
  ) => {
    for (const thing of landscape.ofType(type)) draw(thing.properties, (value) => landscape.behind(value, thing.stack), thing);
  };
  eachOf('AWS::WAFv2::WebACLAssociation', (one, behind) => link(behind(one.WebACLArn), behind(one.ResourceArn), 'guards'));
  eachOf('AWS::CloudFront::Distribution', ({ DistributionConfig }, behind, thing) => {
    if (!isObject(DistributionConfig)) return;
    link(behind(DistributionConfig.WebACLId), [thing], 'guards');
    link([thing], behind(DistributionConfig.Logging), 'logs');
  });
  eachOf('AWS::ElasticLoadBalancingV2::LoadBalancer', ({ LoadBalancerAttributes }, behind, thing) => {
    link([thing], behind(LoadBalancerAttributes), 'logs');
  });
  eachOf('AWS::S3::Bucket', ({ LoggingConfiguration, NotificationConfiguration }, behind, thing) => {
    link([thing], behind(LoggingConfiguration), 'logs');
    link([thing], behind(NotificationConfiguration), 'notifies');
  });
  eachOf('Custom::S3BucketNotifications', (one, behind) =>
    link(behind(one.BucketName), behind(one.NotificationConfiguration), 'notifies'),
  );
  eachOf('AWS::SNS::Subscription', (one, behind) => link(behind(one.TopicArn), behind(one.Endpoint), 'delivers'));
  eachOf('AWS::Lambda::EventSourceMapping', (one, behind) => link(behind(one.EventSourceArn), behind(one.FunctionName), 'feeds'));
  eachOf('AWS::Pipes::Pipe', (one, behind) => link(behind(one.Source), behind(one.Target), 'feeds'));
  eachOf('AWS::Events::Rule', ({ EventBusName, Targets }, behind) => {
    for (const target of items(Targets))
      link(behind(EventBusName), behind(isObject(target) ? target.Arn : undefined), 'delivers');
  });
  eachOf('AWS::KinesisFirehose::DeliveryStream', ({ KinesisStreamSourceConfiguration }, behind, thing) => {
    link(behind(KinesisStreamSourceConfiguration), [thing], 'feeds');
  });
  eachOf('AWS::RDS::Integration', (one, behind) => link(behind(one.SourceArn), behind(one.TargetArn), 'feeds (zero-ETL)'));
  eachOf('AWS::EC2::VolumeAttachment', (one, behind) => link(behind(one.InstanceId), behind(one.VolumeId), 'mounts'));
  return flows;
}

/** Security groups that let one another in. */
function admitted(landscape: Landscape, boxes: Boxes): Flow[] {
  const owners = new Map<Thing, Thing[]>();
  const own = (group: Thing, box: Thing) => owners.set(group, [...(owners.get(group) ?? []), box]);
  for (const box of boxes.all) {
    const parts = [box, ...boxes.partsOf(box)];
    const templates = landscape.behind([box.properties.LaunchTemplate, box.properties.LaunchConfigurationName], box.stack);
    for (const part of [...parts, ...templates]) {
      for (const group of landscape.behind(part.properties, part.stack))
        if (group.type === 'AWS::EC2::SecurityGroup') own(group, box);
    }
  }
  const flows: Flow[] = [];
  const link = (source: unknown, of: Thing, targets: Thing[]) => {
    for (const from of landscape.behind(source, of.stack)) {
      for (const target of targets) {
        for (const left of owners.get(from) ?? [])
          for (const right of owners.get(target) ?? []) flows.push({ from: left, to: right });
      }
    }
  };
  for (const rule of landscape.ofType('AWS::EC2::SecurityGroupIngress')) {
    link(rule.properties.SourceSecurityGroupId, rule, landscape.behind(rule.properties.GroupId, rule.stack));
  }
  for (const group of landscape.ofType('AWS::EC2::SecurityGroup')) {
    for (const rule of items(group.properties.SecurityGroupIngress)) {
      if (isObject(rule)) link(rule.SourceSecurityGroupId, group, [group]);
    }
  }
  return flows;
}
