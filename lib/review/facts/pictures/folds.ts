import { isObject } from '../../../assembly/values';
import { segmentsOf } from '../labels';
import type { Landscape, Thing } from '../landscape';
import { NODE_TYPES } from './node-types';

/** The boxes of an assembly, and which box stands for what is folded into it. */
export interface Boxes {
  readonly all: Thing[];
  /** The box that a thing is, or is part of. */
  readonly boxOf: (thing: Thing) => Thing | undefined;
  /** What is folded into a box, such as the instances of a database. */
  readonly partsOf: (box: Thing) => Thing[];
}

export function boxesOf(landscape: Landscape): Boxes {
  const into = new Map<Thing, Thing>();
  const fold = (part: Thing, whole: Thing | undefined) => {
    if (whole && whole !== part) into.set(part, whole);
  };
  const behind = (thing: Thing, property: string) => landscape.behind(thing.properties[property], thing.stack);
  for (const member of landscape.ofType('AWS::RDS::DBInstance', 'AWS::DocDB::DBInstance', 'AWS::Neptune::DBInstance')) {
    fold(member, behind(member, 'DBClusterIdentifier')[0]);
  }
  for (const group of landscape.ofType('AWS::RDS::DBProxyTargetGroup')) {
    const [target] = [...behind(group, 'DBClusterIdentifiers'), ...behind(group, 'DBInstanceIdentifiers')];
    for (const proxy of behind(group, 'DBProxyName')) fold(proxy, target);
  }
  for (const endpoint of landscape.ofType('AWS::RDS::DBProxyEndpoint'))
    fold(endpoint, into.get(behind(endpoint, 'DBProxyName')[0]));
  for (const workgroup of landscape.ofType('AWS::RedshiftServerless::Workgroup'))
    fold(workgroup, behind(workgroup, 'NamespaceName')[0]);
  for (const queue of landscape.ofType('AWS::SQS::Queue')) {
    const { RedrivePolicy } = queue.properties;
    const letters = isObject(RedrivePolicy) ? landscape.behind(RedrivePolicy.deadLetterTargetArn, queue.stack) : [];
    for (const dead of letters) if (!isSharedByQueues(dead, landscape)) fold(dead, queue);
  }
  for (const url of landscape.ofType('AWS::Lambda::Url', 'AWS::Lambda::Alias', 'AWS::Lambda::Version')) {
    fold(
      url,
      [...behind(url, 'TargetFunctionArn'), ...behind(url, 'FunctionName')].find(({ type }) => type === 'AWS::Lambda::Function'),
    );
  }
  const all = landscape.things.filter((thing) => thing.type in NODE_TYPES && !into.has(thing) && !isMachinery(thing));
  const parts = new Map<Thing, Thing[]>();
  for (const [part, whole] of into) parts.set(whole, [...(parts.get(whole) ?? []), part]);
  const isBox = new Set(all);
  return {
    all,
    boxOf: (thing) => (isBox.has(thing) ? thing : isBox.has(into.get(thing)!) ? into.get(thing) : undefined),
    partsOf: (box) => parts.get(box) ?? [],
  };
}

/** A dead-letter queue of several queues is a queue of its own. */
function isSharedByQueues(dead: Thing, landscape: Landscape): boolean {
  return (
    landscape
      .ofType('AWS::SQS::Queue')
      .filter(({ properties, stack }) => landscape.behind(properties.RedrivePolicy, stack).includes(dead)).length > 1
  );
}

/** Functions by which the CDK deploys: they are no part of what runs. */
function isMachinery(thing: Thing): boolean {
  if (thing.type !== 'AWS::Lambda::Function') return false;
  return segmentsOf(thing).some((segment) =>
    /^Custom::|CustomResourceProvider|^AWS[0-9a-f]{32}$|^(LogRetention|BucketNotificationsHandler|SingletonLambda|framework-on)/.test(
      segment,
    ),
  );
}
