import type { PropertyRule } from './rule';

/** What only ever grows: the service refuses the way back, which is where a demotion fails. */
export const NO_WAY_BACK: PropertyRule[] = [
  {
    id: 'database-storage-shrinks',
    types: ['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster'],
    properties: ['AllocatedStorage'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => Number(newValue) < Number(oldValue),
    sentence: 'the storage of a database is never reduced in place',
    source: 'RDS user guide, Working with storage; AWS Database Blog, Shrink storage volumes for your RDS databases',
  },
  {
    id: 'broker-storage-shrinks',
    types: ['AWS::MSK::Cluster'],
    properties: ['BrokerNodeGroupInfo.StorageInfo.EBSStorageInfo.VolumeSize'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => Number(newValue) < Number(oldValue),
    sentence: 'the storage of a broker grows but never shrinks',
    source: 'MSK developer guide, Scale up broker storage',
  },
  {
    id: 'version-goes-back',
    types: [
      'AWS::RDS::DBCluster',
      'AWS::RDS::DBInstance',
      'AWS::RDS::GlobalCluster',
      'AWS::DocDB::DBCluster',
      'AWS::Neptune::DBCluster',
      'AWS::OpenSearchService::Domain',
      'AWS::MSK::Cluster',
      'AWS::EKS::Cluster',
    ],
    properties: ['EngineVersion', 'KafkaVersion', 'Version'],
    verdict: 'refused',
    when: ({ oldValue, newValue }) => isOlder(newValue, oldValue),
    sentence: 'no store goes back to an older version in place',
    source:
      'RDS user guide, Upgrading a DB engine version; OpenSearch, MSK and EKS guides on upgrading versions (not verified against AWS)',
  },
];

/** Compares the numbers in two versions of the same product, as far as both give them. */
function isOlder(version: unknown, than: unknown): boolean {
  const [left, right] = [version, than].map((value) => (typeof value === 'string' ? value : ''));
  const product = (text: string) => text.replace(/[\d.]+.*$/, '');
  if (product(left) !== product(right)) return false;
  const [a, b] = [left, right].map((text) => (text.match(/\d+/g) ?? []).map(Number));
  const differs = a.findIndex((number, index) => index < b.length && number !== b[index]);
  return differs >= 0 && a[differs] < b[differs];
}
