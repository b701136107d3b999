import type { Assembly, AssemblyStack } from '../../assembly/cloud-assembly';
import type { Places } from '../places/places';
import type { Picture, PictureEdge, PictureNode } from '../review';
import { labelOf } from './labels';
import { type Landscape, landscapeOf, type Thing } from './landscape';
import { detailsOf, kindOf } from './pictures/details';
import { type Flow, flowsOf } from './pictures/flows';
import { type Boxes, boxesOf } from './pictures/folds';
import { LAYERS, NODE_TYPES } from './pictures/node-types';
import { siblingsOf } from './state/databases';
import { regions } from './state/keeping';

/** One picture of every stack that has something to draw: boxes, from the internet to the data, and arrows between them. */
export function picturesOf(assembly: Assembly, places: Places): Picture[] {
  const landscape = landscapeOf(assembly);
  const boxes = boxesOf(landscape);
  const flows = flowsOf(assembly, landscape, boxes);
  const drawn = withoutAlarmTopics(boxes.all, flows, landscape);
  return landscape.stacks.flatMap((stack) => {
    const own = drawn.filter((box) => box.stack === stack);
    if (own.length === 0) return [];
    return [pictureOf(stack, own, flows, { landscape, boxes, drawn, places })];
  });
}

interface Studio {
  readonly landscape: Landscape;
  readonly boxes: Boxes;
  readonly drawn: Thing[];
  readonly places: Places;
}

function pictureOf(stack: AssemblyStack, own: Thing[], flows: Flow[], studio: Studio): Picture {
  const { drawn, places, landscape, boxes } = studio;
  const within = flows.filter(
    ({ from, to }) => (from.stack === stack || to.stack === stack) && drawn.includes(from) && drawn.includes(to),
  );
  const isNear = (thing: Thing) => thing.stack.region === stack.region;
  const edges = within.filter(({ from, to }) => isNear(from) && isNear(to));
  // Boxes of other stacks of the Region stand at the rim; those of other Regions have a picture of their own.
  const rim = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].filter((thing) => thing.stack !== stack);
  const id = (thing: Thing) => (thing.stack === stack ? thing.logicalId : `${thing.stack.stackName}/${thing.logicalId}`);
  /** Two boxes of one name, such as the service of two stacks: what stands at the rim says whose it is. */
  const nameOf = (thing: Thing): string => {
    const label = labelOf(thing, drawn);
    const isOurs = (other: Thing) => other.type === thing.type && labelOf(other, drawn) === label;
    const whose = (thing.stack.constructPath ?? thing.stack.stackName).split('/').at(-1);
    return thing.stack !== stack && own.some(isOurs) ? `${whose} ${label}` : label;
  };
  const node = (thing: Thing): PictureNode => {
    const details =
      thing.stack === stack
        ? [...detailsOf(thing, landscape, boxes), ...farAway(thing, within, studio)]
        : [`in stack ${thing.stack.stackName}`];
    return {
      id: id(thing),
      label: nameOf(thing),
      kind: kindOf(thing),
      layer: NODE_TYPES[thing.type].layer,
      ...(details.length > 0 ? { detail: details.join(', ') } : {}),
      place: places.place(thing.stack, thing.logicalId),
    };
  };
  const layerOf = (thing: Thing) => LAYERS.indexOf(NODE_TYPES[thing.type].layer);
  const sorted = [...own, ...rim].sort((left, right) => layerOf(left) - layerOf(right));
  return {
    stack: stack.constructPath ?? stack.stackName,
    region: stack.region,
    nodes: sorted.map(node),
    edges: edges.map(
      ({ from, to, label }): PictureEdge => ({ from: id(from), to: id(to), ...(label === undefined ? {} : { label }) }),
    ),
  };
}

/** What a box uses in other Regions, in words: `uses SharedTable, Users in us-east-1`. */
function farAway(box: Thing, flows: Flow[], { landscape, drawn }: Studio): string[] {
  const used = flows.filter(({ from }) => from === box).map(({ to }) => to);
  const labels = new Map<string, string[]>();
  for (const thing of used.filter(({ stack }) => stack.region !== box.stack.region)) {
    // Who has the credentials of a global database works with the copy beside it.
    if (siblingsOf(thing, landscape).some((sibling) => used.includes(sibling) && sibling.stack.region === box.stack.region))
      continue;
    const label = labelOf(thing, drawn);
    labels.set(label, [...(labels.get(label) ?? []), thing.stack.region]);
  }
  const byPlace = new Map<string, string[]>();
  for (const [label, names] of labels) byPlace.set(regions(names), [...(byPlace.get(regions(names)) ?? []), label]);
  return [...byPlace].map(([place, names]) => `uses ${names.join(', ')} in ${place}`);
}

/** A topic to which only alarms write belongs to the alarms, which are not drawn. */
function withoutAlarmTopics(all: Thing[], flows: Flow[], landscape: Landscape): Thing[] {
  const touched = new Set(flows.flatMap(({ from, to }) => [from, to]));
  const alarms = landscape.ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm');
  const notified = new Set(alarms.flatMap(({ properties, stack }) => landscape.behind(properties.AlarmActions, stack)));
  return all.filter((box) => box.type !== 'AWS::SNS::Topic' || touched.has(box) || !notified.has(box));
}
