import type { Assembly, AssemblyStack, TemplateResource } from '../../assembly/cloud-assembly';
import { sameValue } from '../../assembly/values';
import { type DeployRule, finding, type Rule } from './rule';

const MIXED: Rule = {
  id: 'simple-and-routed-records',
  sentence:
    'Route 53 does not mix a simple record with latency, weighted or geolocation ones of the same name and type: give the record a SetIdentifier and a routing policy from the start, or take it away first',
  source: 'Route 53 API, ChangeResourceRecordSets (InvalidChangeBatch); not verified against CloudFormation',
};

/** New records are created before old ones are deleted, so a simple record is still there when its routed successor comes. */
export const RECORD_SETS: DeployRule[] = [
  {
    ...MIXED,
    find: ({ resources, before, after }) => {
      const simple = [...records(before), ...records(after)].filter(({ record }) => !isRouted(record));
      const routed = records(before).filter(({ record }) => isRouted(record));
      return resources
        .filter(({ type }) => type === 'AWS::Route53::RecordSet')
        .flatMap((pair) => {
          const { before: old, after: record, stack } = pair;
          if (!record || !stack.after || (old && isRouted(old) === isRouted(record))) return [];
          const others = isRouted(record) ? simple : routed;
          if (!others.some((other) => sameName(other, { record, stack: stack.after! }))) return [];
          return [{ resource: pair, finding: finding(MIXED, 'refused', { property: 'SetIdentifier' }) }];
        });
    },
  },
];

interface PlacedRecord {
  readonly record: TemplateResource;
  readonly stack: AssemblyStack;
}

function records(assembly: Assembly): PlacedRecord[] {
  return assembly.stacks.flatMap((stack) =>
    Object.values(stack.template.Resources ?? {})
      .filter(({ Type }) => Type === 'AWS::Route53::RecordSet')
      .map((record) => ({ record, stack })),
  );
}

function isRouted(record: TemplateResource): boolean {
  return record.Properties?.SetIdentifier !== undefined;
}

/** Stacks name a zone each in their own way, so zones are told apart only within a stack. */
function sameName(left: PlacedRecord, right: PlacedRecord): boolean {
  const sameStack = left.stack.stackName === right.stack.stackName && left.stack.region === right.stack.region;
  const properties = ['Name', 'Type', ...(sameStack ? ['HostedZoneId', 'HostedZoneName'] : [])];
  return properties.every((property) => {
    const [a, b] = [left, right].map(({ record }) => record.Properties?.[property]);
    return (a === undefined && b === undefined) || sameValue(a, b);
  });
}
