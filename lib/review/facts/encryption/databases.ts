import { isObject, items } from '../../../assembly/values';
import { type Answer, answer, anyOf, isOn, said } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { globalStoreOf } from '../state/flows';
import {
  CUSTOMER_KEY,
  keyKind,
  MANAGED_KEY,
  NONE,
  NOTHING_AT_REST,
  OFFERED,
  parameterIs,
  REQUIRED,
  SERVICE_DEFAULT,
  type Sealer,
  switched,
  UNKNOWN,
  unset,
  word,
} from './sealing';

function plainText(encrypted: Answer): { attention?: string } {
  return encrypted === 'no' ? { attention: 'not encrypted at rest' } : {};
}

const relational: Sealer = (thing, { landscape }) => {
  const {
    StorageEncrypted,
    KmsKeyId,
    DBClusterIdentifier,
    SnapshotIdentifier,
    DBClusterParameterGroupName,
    DBParameterGroupName,
  } = thing.properties;
  // The storage of a member is that of its cluster.
  if (DBClusterIdentifier !== undefined) return [];
  const encrypted = StorageEncrypted === undefined && SnapshotIdentifier !== undefined ? 'unknown' : isOn(StorageEncrypted);
  const group = DBClusterParameterGroupName ?? DBParameterGroupName;
  const strict = anyOf([
    parameterIs(group, thing, landscape, 'rds.force_ssl', ['1', 'true', 'on']),
    parameterIs(group, thing, landscape, 'require_secure_transport', ['1', 'true', 'on']),
  ]);
  const because =
    StorageEncrypted === undefined
      ? unset('StorageEncrypted', 'in plain text, or as its snapshot')
      : `StorageEncrypted: ${said(StorageEncrypted)}`;
  const parameters = strict === 'yes' ? ', and its parameter group requires TLS' : ', and no parameter group requires TLS';
  return {
    atRest: switched(encrypted, keyKind(KmsKeyId, thing, landscape, MANAGED_KEY)),
    inTransit: word(strict, REQUIRED, OFFERED),
    because: `${because}${parameters}`,
    ...(encrypted === 'no'
      ? plainText(encrypted)
      : strict === 'no'
        ? { attention: 'clients may come without TLS, unless their engine requires it by itself' }
        : {}),
  };
};

/** DocumentDB and Neptune require TLS unless a parameter group turns that off. */
function graph(parameter: string, off: string[]): Sealer {
  return (thing, { landscape }) => {
    const { StorageEncrypted, KmsKeyId, DBClusterIdentifier, DBClusterParameterGroupName } = thing.properties;
    if (DBClusterIdentifier !== undefined) return [];
    const encrypted = isOn(StorageEncrypted);
    const loose = parameterIs(DBClusterParameterGroupName, thing, landscape, parameter, off);
    return {
      atRest: switched(encrypted, keyKind(KmsKeyId, thing, landscape, MANAGED_KEY)),
      inTransit: word(loose, OFFERED, REQUIRED),
      because:
        StorageEncrypted === undefined
          ? unset('StorageEncrypted', 'in plain text')
          : `StorageEncrypted: ${said(StorageEncrypted)}`,
      ...plainText(encrypted),
    };
  };
}

const proxy: Sealer = ({ properties: { RequireTLS } }) => {
  const strict = isOn(RequireTLS);
  const because = RequireTLS === undefined ? unset('RequireTLS', 'clients choose') : `RequireTLS: ${said(RequireTLS)}`;
  const attention = strict === 'no' ? { attention: 'clients may come without TLS' } : {};
  return { atRest: NOTHING_AT_REST, inTransit: word(strict, REQUIRED, OFFERED), because, ...attention };
};

const table: Sealer = (thing, { landscape }) => {
  const { SSESpecification, Replicas } = thing.properties;
  const settings = isObject(SSESpecification) ? SSESpecification : {};
  const byKey = isOn(settings.SSEEnabled);
  // DynamoDB always encrypts; its endpoints take plain HTTP, too (AWS General Reference, DynamoDB endpoints).
  if (byKey === 'no')
    return {
      atRest: SERVICE_DEFAULT,
      inTransit: OFFERED,
      because: unset('SSESpecification', 'DynamoDB encrypts with a key it owns'),
    };
  const replicas = items(Replicas).filter(isObject);
  const keys = replicas.map(({ SSESpecification: own }) => (isObject(own) ? own.KMSMasterKeyId : undefined));
  const kinds = [settings.KMSMasterKeyId, ...keys]
    .filter((key) => key !== undefined)
    .map((key) => keyKind(key, thing, landscape, MANAGED_KEY));
  const kind = kinds.length === 0 ? MANAGED_KEY : kinds.every((one) => one === kinds[0]) ? kinds[0] : kinds.join(' or ');
  return { atRest: byKey === 'yes' ? kind : UNKNOWN, inTransit: OFFERED, because: 'SSESpecification.SSEEnabled' };
};

const cache: Sealer = (thing, { landscape }) => {
  // A copy in a global datastore encrypts as its primary does; its own key is its own.
  const primary = thing.properties.GlobalReplicationGroupId === undefined ? undefined : primaryOf(thing, landscape);
  const { AtRestEncryptionEnabled, TransitEncryptionEnabled, TransitEncryptionMode, Engine } = (primary ?? thing).properties;
  // "Default: true when using Valkey, false when using Redis OSS" (ElastiCache API, CreateReplicationGroup, AtRestEncryptionEnabled).
  const byEngine = typeof Engine === 'string' && Engine.toLowerCase() === 'valkey';
  const isForeign = primary === undefined && thing.properties.GlobalReplicationGroupId !== undefined;
  const encrypted = isForeign ? 'unknown' : isOn(AtRestEncryptionEnabled, byEngine);
  const travels = isForeign ? 'unknown' : isOn(TransitEncryptionEnabled);
  const inTransit = travels === 'yes' && TransitEncryptionMode === 'preferred' ? OFFERED : word(travels, REQUIRED, NONE);
  const of = primary
    ? `of its primary in ${primary.stack.region}`
    : isForeign
      ? 'of its primary, which is not in this assembly'
      : '';
  return {
    atRest: switched(encrypted, keyKind(thing.properties.KmsKeyId, thing, landscape, SERVICE_DEFAULT)),
    inTransit,
    because: `AtRestEncryptionEnabled, TransitEncryptionEnabled ${of}`.trim(),
    ...(encrypted === 'no'
      ? plainText(encrypted)
      : inTransit === REQUIRED || isForeign
        ? {}
        : { attention: 'clients may come without TLS' }),
  };
};

function primaryOf(copy: Thing, landscape: Landscape): Thing | undefined {
  const store = globalStoreOf(copy, landscape);
  return landscape
    .ofType('AWS::ElastiCache::ReplicationGroup')
    .find(
      (group) =>
        group.properties.GlobalReplicationGroupId === undefined &&
        globalStoreOf(group, landscape) === store &&
        store !== undefined,
    );
}

const memcached: Sealer = ({ properties: { TransitEncryptionEnabled } }) => {
  const travels = isOn(TransitEncryptionEnabled);
  const because =
    TransitEncryptionEnabled === undefined ? unset('TransitEncryptionEnabled', 'in plain text') : 'TransitEncryptionEnabled';
  return { atRest: NONE, inTransit: word(travels, REQUIRED, NONE), because, attention: 'not encrypted at rest: its type cannot' };
};

const memory: Sealer = (thing, { landscape }) => ({
  atRest: keyKind(thing.properties.KmsKeyId, thing, landscape, SERVICE_DEFAULT),
  inTransit: word(isOn(thing.properties.TLSEnabled, true), REQUIRED, NONE),
  because: 'TLSEnabled, which is on by default; MemoryDB always encrypts at rest',
});

const search: Sealer = (thing, { landscape }) => {
  const { EncryptionAtRestOptions, DomainEndpointOptions, NodeToNodeEncryptionOptions } = thing.properties;
  const rest = isObject(EncryptionAtRestOptions) ? EncryptionAtRestOptions : {};
  const encrypted = isOn(rest.Enabled);
  const strict = isOn(isObject(DomainEndpointOptions) ? DomainEndpointOptions.EnforceHTTPS : undefined);
  const between = isOn(isObject(NodeToNodeEncryptionOptions) ? NodeToNodeEncryptionOptions.Enabled : undefined);
  const faults = [
    encrypted === 'no' ? 'not encrypted at rest' : '',
    strict === 'no' ? 'clients may come by plain HTTP' : '',
    between === 'no' ? 'not encrypted between its nodes' : '',
  ].filter((fault) => fault !== '');
  return {
    atRest: switched(encrypted, keyKind(rest.KmsKeyId, thing, landscape, MANAGED_KEY)),
    inTransit: word(strict, REQUIRED, OFFERED),
    because: 'EncryptionAtRestOptions, DomainEndpointOptions.EnforceHTTPS, NodeToNodeEncryptionOptions',
    ...(faults.length > 0 ? { attention: faults.join(', ') } : {}),
  };
};

/** "Encryption by default, secure connections by default" for new clusters and workgroups (AWS News, Redshift defaults, January 2025). */
const warehouse: Sealer = (thing, { landscape }) => {
  const { Encrypted, KmsKeyId, ClusterParameterGroupName } = thing.properties;
  const encrypted = isOn(Encrypted, true);
  const loose = parameterIs(ClusterParameterGroupName, thing, landscape, 'require_ssl', ['false']);
  return {
    atRest: switched(encrypted, keyKind(KmsKeyId, thing, landscape, SERVICE_DEFAULT)),
    inTransit: word(loose, OFFERED, REQUIRED),
    because:
      Encrypted === undefined
        ? unset('Encrypted', 'new clusters are encrypted since January 2025')
        : `Encrypted: ${said(Encrypted)}`,
    ...plainText(encrypted),
  };
};

const namespace: Sealer = (thing, { landscape }) => {
  const workgroups = landscape.referrers(thing, 'AWS::RedshiftServerless::Workgroup', 'NamespaceName');
  const settings = workgroups.flatMap(({ properties }) => items(properties.ConfigParameters).filter(isObject));
  const setting = settings.find(({ ParameterKey }) => ParameterKey === 'require_ssl');
  const strict = setting === undefined ? 'yes' : answer(setting.ParameterValue, (value) => String(value) === 'true');
  const key = thing.properties.KmsKeyId;
  return {
    atRest: keyKind(key, thing, landscape, SERVICE_DEFAULT),
    inTransit: word(strict, REQUIRED, OFFERED),
    because: `${key === undefined ? unset('KmsKeyId', 'Redshift Serverless encrypts with a key it owns') : 'KmsKeyId'}; require_ssl of its workgroup`,
    ...(strict === 'no' ? { attention: 'clients may come without TLS' } : {}),
  };
};

function named(property: string, byDefault: string, meaning: string): Sealer {
  return (thing, { landscape }) => {
    const key = thing.properties[property];
    return {
      atRest: keyKind(key, thing, landscape, byDefault),
      inTransit: REQUIRED,
      because: key === undefined ? unset(property, meaning) : property,
    };
  };
}

const users: Sealer = ({ properties: { KeyConfiguration } }) => {
  const byKey = isObject(KeyConfiguration) && KeyConfiguration.KeyType === 'CUSTOMER_MANAGED_KEY';
  const because = byKey ? 'KeyConfiguration.KeyType' : unset('KeyConfiguration', 'Cognito encrypts with a key it owns');
  return { atRest: byKey ? CUSTOMER_KEY : SERVICE_DEFAULT, inTransit: REQUIRED, because };
};

export const DATABASE_SEALERS: Record<string, Sealer> = {
  'AWS::RDS::DBCluster': relational,
  'AWS::RDS::DBInstance': relational,
  'AWS::RDS::DBProxy': proxy,
  'AWS::DocDB::DBCluster': graph('tls', ['disabled']),
  'AWS::DocDB::DBInstance': graph('tls', ['disabled']),
  'AWS::Neptune::DBCluster': graph('neptune_enforce_ssl', ['0']),
  'AWS::Neptune::DBInstance': graph('neptune_enforce_ssl', ['0']),
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::ElastiCache::ReplicationGroup': cache,
  'AWS::ElastiCache::CacheCluster': memcached,
  'AWS::ElastiCache::ServerlessCache': named('KmsKeyId', SERVICE_DEFAULT, 'serverless caches always encrypt'),
  'AWS::MemoryDB::Cluster': memory,
  'AWS::OpenSearchService::Domain': search,
  'AWS::Elasticsearch::Domain': search,
  'AWS::Redshift::Cluster': warehouse,
  'AWS::RedshiftServerless::Namespace': namespace,
  'AWS::Timestream::Database': named('KmsKeyId', MANAGED_KEY, 'Timestream encrypts with aws/timestream'),
  'AWS::DSQL::Cluster': named('KmsEncryptionKey', SERVICE_DEFAULT, 'Aurora DSQL encrypts with a key it owns'),
  'AWS::Cognito::UserPool': users,
};
