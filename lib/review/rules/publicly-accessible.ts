import { valueAt } from '../../assembly/values';
import { at, resourcesOf } from '../template/found-resource';
import { knownFlag, knownText } from '../template/known-values';
import type { TemplateRule } from './rule';

/** Where each type says that it has an address on the internet. Database instances are seen by other packs, the rest by none. */
const FLAGS: Record<string, string> = {
  'AWS::RedshiftServerless::Workgroup': 'PubliclyAccessible',
  'AWS::Redshift::Cluster': 'PubliclyAccessible',
  'AWS::DMS::ReplicationInstance': 'PubliclyAccessible',
  'AWS::AmazonMQ::Broker': 'PubliclyAccessible',
  'AWS::RDS::DBCluster': 'PubliclyAccessible',
};
const CLUSTER = 'AWS::MSK::Cluster';
const PUBLIC_BROKERS = 'BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type';

/** Stores of data with an address on the internet. */
export const publiclyAccessible: TemplateRule = {
  id: 'publicly-accessible',
  severity: 'error',
  sentence: 'what stores data has no address on the internet: only a security group then stands between it and everybody',
  source:
    'AWS::RedshiftServerless::Workgroup PubliclyAccessible; AWS::MSK::Cluster PublicAccess; AWS Security Hub controls Redshift.1, DMS.1',
  types: [...Object.keys(FLAGS), CLUSTER],
  find: (assembly) => [
    ...resourcesOf(assembly, Object.keys(FLAGS))
      .filter(({ type, properties }) => knownFlag(properties[FLAGS[type]]) === true)
      .map((store) => at(store, FLAGS[store.type])),
    ...resourcesOf(assembly, [CLUSTER])
      .filter(({ properties }) => knownText(valueAt(properties, PUBLIC_BROKERS.split('.'))) === 'SERVICE_PROVIDED_EIPS')
      .map((cluster) => at(cluster, PUBLIC_BROKERS)),
  ],
};
