import { valueAt } from '../../assembly/values';
import { behind, type FoundResource } from './found-resource';
import { knownFlag, knownList, knownText } from './known-values';

export const KAFKA = 'AWS::MSK::Cluster';
export const CONFIGURATION = 'AWS::MSK::Configuration';

const SIZES = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'];

/**
 * Broker types, as of 2026-11-21. Source: AWS::MSK::Cluster BrokerNodeGroupInfo InstanceType; Amazon MSK Developer Guide,
 * Amazon MSK broker sizes.
 */
export const BROKER_TYPES = [
  'kafka.t3.small',
  ...[...SIZES, '24xlarge'].map((size) => `kafka.m5.${size}`),
  ...SIZES.map((size) => `kafka.m7g.${size}`),
  ...SIZES.map((size) => `express.m7g.${size}`),
];

/** Type of the brokers of a cluster, as far as it is known. */
export function brokerTypeOf({ properties }: FoundResource): string | undefined {
  return knownText(valueAt(properties, ['BrokerNodeGroupInfo', 'InstanceType']));
}

/** Number of subnets, which is the number of zones: MSK takes one a zone. Undefined where it is not known. */
export function zonesOf({ properties }: FoundResource): number | undefined {
  const subnets = knownList(valueAt(properties, ['BrokerNodeGroupInfo', 'ClientSubnets']));
  const isWrittenOut = subnets?.every((subnet) => valueAt(subnet, ['Fn::Split']) === undefined);
  return subnets?.length && isWrittenOut ? subnets.length : undefined;
}

/** Whether clients may log in with IAM. */
export function takesIam({ properties }: FoundResource): boolean | undefined {
  return switchAt(properties, ['ClientAuthentication', 'Sasl', 'Iam', 'Enabled']);
}

/** A switch below properties; undefined where it, or what it stands in, is not known. */
export function switchAt(properties: Record<string, unknown>, path: string[]): boolean | undefined {
  let current: unknown = properties;
  for (const segment of path) {
    if (current === undefined) return false;
    if (typeof current !== 'object' || current === null || Object.keys(current).some((key) => /^(Ref$|Fn::)/.test(key)))
      return undefined;
    current = (current as Record<string, unknown>)[segment];
  }
  return knownFlag(current);
}

/** The settings of the brokers, where the assembly has them. */
export function settingsOf(cluster: FoundResource): { configuration: FoundResource; settings: Map<string, string> } | undefined {
  const [configuration] = behind(valueAt(cluster.properties, ['ConfigurationInfo', 'Arn']), cluster, [CONFIGURATION]);
  const text = knownText(configuration?.properties.ServerProperties);
  if (!configuration || text === undefined) return undefined;
  const lines = text.split('\n').filter((line) => /^\s*[^#\s].*=/.test(line));
  return {
    configuration,
    settings: new Map(lines.map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()])),
  };
}
