import { isObject, items, sameValue } from '../../assembly/values';
import type { PropertyRule } from './rule';
import { byName } from './update-refused';

/** The schema allows these updates in place, or says "conditional"; the documents say that they replace. */
export const DOCUMENTED_REPLACEMENT: PropertyRule[] = [
  {
    id: 'search-encryption',
    types: ['AWS::OpenSearchService::Domain', 'AWS::Elasticsearch::Domain'],
    properties: ['EncryptionAtRestOptions'],
    verdict: 'replaced',
    when: ({ oldValue }) => oldValue !== undefined,
    sentence: 'once encryption at rest is set, changing it deletes the domain and creates another',
    source: 'CloudFormation AWS::OpenSearchService::Domain, EncryptionAtRestOptions',
  },
  {
    id: 'search-out-of-vpc',
    types: ['AWS::OpenSearchService::Domain', 'AWS::Elasticsearch::Domain'],
    properties: ['VPCOptions'],
    verdict: 'replaced',
    when: ({ newValue }) => newValue === undefined,
    sentence: 'taking a domain out of its VPC creates another domain',
    source: 'CloudFormation AWS::OpenSearchService::Domain, VPCOptions',
  },
  {
    id: 'search-version-without-policy',
    types: ['AWS::OpenSearchService::Domain', 'AWS::Elasticsearch::Domain'],
    properties: ['EngineVersion', 'ElasticsearchVersion'],
    verdict: 'replaced',
    when: ({ after }) => !sameValue(after.UpdatePolicy?.EnableVersionUpgrade, true),
    sentence: 'without UpdatePolicy EnableVersionUpgrade, another version means another domain',
    source: 'CloudFormation AWS::OpenSearchService::Domain, EngineVersion',
  },
  {
    id: 'cluster-joins-global',
    types: ['AWS::RDS::DBCluster'],
    properties: ['GlobalClusterIdentifier'],
    verdict: 'replaced',
    when: ({ newValue }) => newValue !== '',
    sentence:
      'an existing cluster cannot be given a global cluster: leave it unset on the primary and name the primary as SourceDBClusterIdentifier of AWS::RDS::GlobalCluster',
    source: 'RDS resource provider, DBCluster handler (promotion.md 3.1); CloudFormation AWS::RDS::GlobalCluster',
  },
  {
    id: 'cluster-user-name',
    types: ['AWS::RDS::DBCluster'],
    properties: ['MasterUsername'],
    verdict: 'replaced',
    sentence: 'the schema calls this a conditional replacement and the provider does not say when (not verified against AWS)',
    source: 'AWS::RDS::DBCluster schema, conditionalCreateOnlyProperties; promotion.md 9.1',
  },
  {
    id: 'database-engine',
    types: ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance'],
    properties: ['Engine'],
    verdict: 'replaced',
    when: ({ oldValue, newValue }) => !CONVERTIBLE_ENGINES.includes(`${oldValue} ${newValue}`),
    sentence: 'another engine means another database',
    source: 'RDS resource provider, DBCluster and DBInstance handlers (promotion.md 3.1)',
  },
  {
    id: 'cache-cluster-mode-switch',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['NumNodeGroups', 'ReplicasPerNodeGroup', 'NodeGroupConfiguration'],
    verdict: 'replaced',
    when: ({ before, after }) => isSharded(before.Properties) !== isSharded(after.Properties),
    sentence: 'going from one node group to shards, or back, by these properties creates another cache',
    source: 'AWS::ElastiCache::ReplicationGroup schema (measured, promotion.md 4b)',
  },
  {
    id: 'cache-resharding-offline',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['NumNodeGroups', 'NodeGroupConfiguration'],
    verdict: 'replaced',
    when: ({ after }) => !sameValue(after.UpdatePolicy?.UseOnlineResharding, true),
    sentence: 'without UpdatePolicy UseOnlineResharding, other shards mean another cache',
    source: 'CloudFormation AWS::ElastiCache::ReplicationGroup, NumNodeGroups',
  },
  {
    id: 'cache-auth-token-added',
    types: ['AWS::ElastiCache::ReplicationGroup'],
    properties: ['AuthToken'],
    verdict: 'replaced',
    when: ({ oldValue }) => oldValue === undefined,
    sentence: 'adding a token creates another cache: use a user group instead',
    source: 'CloudFormation AWS::ElastiCache::ReplicationGroup, AuthToken',
  },
  {
    id: 'table-attribute-type',
    types: ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'],
    properties: ['AttributeDefinitions'],
    verdict: 'replaced',
    when: ({ oldValue, newValue }) => {
      const fresh = byName(newValue, 'AttributeName');
      return [...byName(oldValue, 'AttributeName')].some(([name, old]) => {
        const next = fresh.get(name);
        return next !== undefined && !sameValue(old.AttributeType, next.AttributeType);
      });
    },
    sentence: 'another type for a key attribute that exists means another table',
    source: 'CloudFormation AWS::DynamoDB::Table, AttributeDefinitions (replacement if an existing definition is edited)',
  },
  {
    id: 'stacks-inside',
    types: [
      'AWS::CloudFormation::StackSet',
      'AWS::Serverless::Application',
      'AWS::ServiceCatalog::CloudFormationProvisionedProduct',
    ],
    properties: [
      'Location',
      'Parameters',
      'ProductId',
      'ProductName',
      'ProvisioningArtifactId',
      'ProvisioningArtifactName',
      'ProvisioningParameters',
      'StackInstancesGroup',
      'TemplateBody',
      'TemplateURL',
    ],
    verdict: 'replaced',
    sentence: 'whole stacks stand behind this and follow it, and what happens to the state in them cannot be told from here',
    source: 'CloudFormation AWS::CloudFormation::StackSet; Service Catalog and SAM references',
  },
];

const CONVERTIBLE_ENGINES = ['aurora aurora-mysql', 'oracle-ee oracle-ee-cdb', 'oracle-se2 oracle-se2-cdb'];

function isSharded(properties: Record<string, unknown> | undefined): boolean {
  if (!isObject(properties)) return false;
  const { NumNodeGroups, ReplicasPerNodeGroup, NodeGroupConfiguration } = properties;
  return NumNodeGroups !== undefined || ReplicasPerNodeGroup !== undefined || items(NodeGroupConfiguration).length > 0;
}
