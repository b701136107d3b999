import type { AssemblyStack } from '../../../lib/assembly/cloud-assembly';
import { globalClusterCapacity } from '../../../lib/review/rules/global-cluster-capacity';
import { globalClusterCredentials } from '../../../lib/review/rules/global-cluster-credentials';
import { globalClusterEngine } from '../../../lib/review/rules/global-cluster-engine';
import { globalClusterInstanceClass } from '../../../lib/review/rules/global-cluster-instance-class';
import { globalClusterLink } from '../../../lib/review/rules/global-cluster-link';
import { replicaKeyPrimary } from '../../../lib/review/rules/replica-key-primary';
import { assembly, attribute, found, output, ref, resource, stack, testRules, UNKNOWN } from './rule-cases';

const FIRST = { Engine: 'aurora-postgresql', EngineVersion: '16.6', StorageEncrypted: true };
const PRIMARY = { ...FIRST, MasterUsername: 'app', MasterUserPassword: 'secret', DatabaseName: 'app' };
const cluster = (properties: Record<string, unknown>) => resource('RDS::DBCluster', properties);
const member = (DBInstanceClass: unknown) =>
  resource('RDS::DBInstance', { DBClusterIdentifier: ref('Database'), DBInstanceClass });

/** The Region where a global database is made. */
function home(primary: Record<string, unknown> = {}, link: Record<string, unknown> = {}, more = {}): AssemblyStack {
  const Link = resource('RDS::GlobalCluster', { SourceDBClusterIdentifier: ref('Database'), ...link });
  const Outputs = { LinkId: { Value: ref('Link') } };
  return stack({ Link, Database: cluster({ ...PRIMARY, ...primary }), ...more }, { sections: { Outputs } });
}

/** A Region that joins it. */
function away(region: string, secondary: Record<string, unknown> = {}, more = {}): AssemblyStack {
  const GlobalClusterIdentifier = output('Shop', 'us-east-1', 'LinkId');
  const Database = cluster({ ...FIRST, GlobalClusterIdentifier, ...secondary });
  return stack({ Database, ...more }, { stackName: `Shop-${region}`, region });
}

const WEST = away('us-west-2');
const three = (secondary: Record<string, unknown>) =>
  ['us-west-2', 'eu-central-1', 'ap-southeast-1'].map((region) => away(region, secondary));

testRules([
  {
    rule: globalClusterEngine,
    passes: {
      'members that are alike': assembly(home(), WEST),
      'a version that is not known': assembly(home({ EngineVersion: UNKNOWN }), WEST),
      'a link that was made empty': assembly(
        home({}, { SourceDBClusterIdentifier: undefined, Engine: 'aurora-postgresql' }),
        WEST,
      ),
      'members of a link from elsewhere': assembly(away('us-west-2', { EngineVersion: '13.4' })),
    },
    fails: {
      'a member of another engine': {
        in: assembly(home(), away('us-west-2', { Engine: 'aurora-mysql' })),
        at: ['Shop-us-west-2/Database Engine: it is aurora-mysql here and aurora-postgresql at Database'],
      },
      'a member in the clear': {
        in: assembly(home(), away('us-west-2', { StorageEncrypted: false })),
        at: ['Shop-us-west-2/Database StorageEncrypted: it is false here and true at Database'],
      },
      'one old member of three': {
        in: assembly(home(), WEST, away('eu-central-1', { EngineVersion: '15.4' })),
        at: ['Shop-eu-central-1/Database EngineVersion: it is 15.4 here and 16.6 at Database'],
      },
      'a primary that differs from all others': {
        in: assembly(home({ EngineVersion: '15.4' }), ...three({})),
        at: ['Database EngineVersion: it is 15.4 here and 16.6 at all 3 other members'],
      },
      'a member that names the link in words': {
        in: assembly(
          home({}, { GlobalClusterIdentifier: 'shop-global' }),
          away('us-west-2', { GlobalClusterIdentifier: 'shop-global', EngineVersion: '17.4' }),
        ),
        at: ['Shop-us-west-2/Database EngineVersion: it is 17.4 here and 16.6 at Database'],
      },
      'a member that differs from an empty link': {
        in: assembly(home({}, { SourceDBClusterIdentifier: undefined, Engine: 'aurora-mysql' }), WEST),
        at: ['Shop-us-west-2/Database Engine: it is aurora-postgresql here and aurora-mysql at Link'],
      },
    },
  },
  {
    rule: globalClusterInstanceClass,
    passes: {
      'memory-optimized and serverless instances': assembly(
        home({}, {}, { Writer: member('db.r7g.large') }),
        away('us-west-2', {}, { Reader: member('db.serverless') }),
      ),
      'a class that is not known': assembly(home({}, {}, { Writer: member(UNKNOWN) })),
      'a burstable instance of a cluster alone': { Database: cluster(PRIMARY), Writer: member('db.t4g.medium') },
    },
    fails: {
      'burstable instances on both sides': {
        in: assembly(home({}, {}, { Writer: member('db.t4g.medium') }), away('us-west-2', {}, { Reader: member('db.t3.large') })),
        at: ['Writer DBInstanceClass: it is db.t4g.medium', 'Shop-us-west-2/Reader DBInstanceClass: it is db.t3.large'],
      },
    },
  },
  {
    rule: globalClusterCapacity,
    passes: {
      enough: assembly(home({ ServerlessV2ScalingConfiguration: { MinCapacity: 8 } }, {}, { Writer: member('db.serverless') })),
      'little, for provisioned instances': assembly(
        home({ ServerlessV2ScalingConfiguration: { MinCapacity: 1 } }, {}, { Writer: member('db.r7g.large') }),
      ),
      'a parameter': assembly(
        home({ ServerlessV2ScalingConfiguration: { MinCapacity: UNKNOWN } }, {}, { Writer: member('db.serverless') }),
      ),
    },
    fails: {
      'too little': {
        in: assembly(home({ ServerlessV2ScalingConfiguration: { MinCapacity: 0.5 } }, {}, { Writer: member('db.serverless') })),
        at: ['Database ServerlessV2ScalingConfiguration.MinCapacity: it is 0.5'],
      },
    },
  },
  {
    rule: globalClusterLink,
    passes: {
      'a link made from a cluster': assembly(home(), ...three({})),
      'a link made empty': assembly(home({}, { SourceDBClusterIdentifier: undefined, Engine: 'aurora-postgresql' }), WEST),
    },
    fails: {
      'a link that says again what its source says': {
        in: assembly(home({}, { Engine: 'aurora-postgresql', StorageEncrypted: true })),
        at: [
          'Link Engine: Engine comes from the source cluster and cannot be given with it',
          'Link StorageEncrypted: StorageEncrypted comes from the source cluster and cannot be given with it',
        ],
      },
      'a circle': {
        in: assembly(home({ GlobalClusterIdentifier: ref('Link') })),
        at: ['Database GlobalClusterIdentifier: Link is made from this cluster: the two refer to each other'],
      },
      'two members in one Region': {
        in: assembly(home(), away('us-east-1')),
        at: ['Shop-us-east-1/Database GlobalClusterIdentifier: Database is in us-east-1 too'],
      },
      'eleven secondaries': {
        in: assembly(home(), ...[...'abcdefghijk'].map((letter) => away(`xx-${letter}`))),
        at: ['Link: it has 11 secondaries'],
      },
    },
  },
  {
    rule: globalClusterCredentials,
    passes: {
      'a primary with a user, a secondary without': assembly(home(), WEST),
      'a link made empty, and a primary beside it': assembly(
        home({ GlobalClusterIdentifier: ref('Link') }, { SourceDBClusterIdentifier: undefined }),
        WEST,
      ),
    },
    fails: {
      'a secondary with a user': {
        in: assembly(home(), away('us-west-2', { MasterUsername: 'app', DatabaseName: 'app' })),
        at: [
          'Shop-us-west-2/Database MasterUsername: a secondary cluster has the MasterUsername of its primary',
          'Shop-us-west-2/Database DatabaseName: a secondary cluster has the DatabaseName of its primary',
        ],
      },
      'a second user of a link made empty': {
        in: assembly(
          home({ GlobalClusterIdentifier: ref('Link') }, { SourceDBClusterIdentifier: undefined }),
          away('us-west-2', { MasterUsername: 'app' }),
        ),
        at: ['Shop-us-west-2/Database MasterUsername: a secondary cluster has the MasterUsername of its primary'],
      },
      'a password that RDS manages': {
        in: assembly(home({ ManageMasterUserPassword: true }), WEST),
        at: ['Database ManageMasterUserPassword: RDS manages no password in a global database'],
      },
    },
  },
  {
    rule: replicaKeyPrimary,
    passes: {
      'a replica in another Region': keys({ MultiRegion: true }, 'us-west-2'),
      'a key that is not known': assembly(stack({ Copy: resource('KMS::ReplicaKey', { PrimaryKeyArn: UNKNOWN }) })),
    },
    fails: {
      'a key of one Region': { in: keys({}, 'us-west-2'), at: ['Key MultiRegion: Copy is to be its replica'] },
      'a replica beside its key': {
        in: keys({ MultiRegion: true }, 'us-east-1'),
        at: ['Shop-copy/Copy PrimaryKeyArn: both are in us-east-1'],
      },
    },
  },
]);

function keys(properties: Record<string, unknown>, region: string) {
  const Outputs = { KeyArn: { Value: attribute('Key', 'Arn') } };
  return assembly(
    stack({ Key: resource('KMS::Key', properties) }, { sections: { Outputs } }),
    stack(
      { Copy: resource('KMS::ReplicaKey', { PrimaryKeyArn: output('Shop', 'us-east-1', 'KeyArn') }) },
      { stackName: 'Shop-copy', region },
    ),
  );
}

test('Two stages of one product do not meet in a global database', () => {
  // GIVEN both stages in one assembly, with the same names
  const stage = (name: string, version: string) =>
    [home({ EngineVersion: version }), away('us-west-2', { EngineVersion: version })].map((one) => ({
      ...one,
      artifactId: `${name}-${one.artifactId}`,
      constructPath: `${name}/${one.stackName}`,
    }));
  // WHEN one runs an older version than the other
  const both = assembly(...stage('now', '15.7'), ...stage('next', '16.6'));
  // THEN nothing is wrong
  expect(found(globalClusterEngine, both)).toEqual([]);
  expect(found(globalClusterLink, both)).toEqual([]);
});
