/** Ports on which databases, caches, search domains, file systems and Kafka listen, as AWS's services and their engines have them. */
const DATA_PORTS: Record<number, string> = {
  1433: 'SQL Server',
  1521: 'Oracle',
  2049: 'NFS (EFS)',
  2181: 'ZooKeeper',
  2182: 'ZooKeeper',
  3306: 'MySQL',
  5432: 'PostgreSQL',
  5439: 'Redshift',
  6379: 'Redis or Valkey',
  6380: 'Redis or Valkey',
  8111: 'DynamoDB Accelerator',
  8182: 'Neptune',
  9042: 'Cassandra',
  9092: 'Kafka',
  9094: 'Kafka',
  9096: 'Kafka',
  9098: 'Kafka',
  9111: 'DynamoDB Accelerator',
  9142: 'Keyspaces',
  9194: 'Kafka',
  9196: 'Kafka',
  9198: 'Kafka',
  9200: 'OpenSearch',
  9300: 'OpenSearch',
  11211: 'Memcached',
  27017: 'DocumentDB or MongoDB',
};

/** What listens in a range of ports, the first that is known. */
export function dataServiceBehind(from: number, to: number): string | undefined {
  const port = Object.keys(DATA_PORTS)
    .map(Number)
    .find((candidate) => from <= candidate && candidate <= to);
  return port === undefined ? undefined : `${DATA_PORTS[port]}, port ${port}`;
}
