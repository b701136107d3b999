import { isObject, items } from '../../../assembly/values';
import { isOn } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { type Keeper, regions } from './keeping';

/** AWS keeps these in several zones, and offers nobody a copy. */
const NO_BACKUP = 'none; the service keeps several copies in its Region';

/** Keys with the material of one, in other Regions. */
export function keyFamily(key: Thing, landscape: Landscape): Thing[] {
  const primary =
    key.type === 'AWS::KMS::ReplicaKey' ? landscape.firstBehind(key.properties.PrimaryKeyArn, key.stack, 'AWS::KMS::Key') : key;
  if (!primary) return [];
  return [primary, ...landscape.referrers(primary, 'AWS::KMS::ReplicaKey', 'PrimaryKeyArn')].filter((other) => other !== key);
}

const key: Keeper = (thing, landscape) => {
  const family = keyFamily(thing, landscape).map(({ stack }) => stack.region);
  if (family.length > 0) {
    return { backup: NO_BACKUP, elsewhere: { where: `the same key in ${regions(family)}`, recoveryPoint: 'nothing' } };
  }
  if (thing.type === 'AWS::KMS::ReplicaKey') {
    const where = 'the same key in the Region of its primary, which is not in this assembly';
    return { backup: NO_BACKUP, elsewhere: { where, recoveryPoint: 'nothing' } };
  }
  const may = isOn(thing.properties.MultiRegion) === 'yes' ? '; it may have replicas, but this assembly has none' : '';
  return { backup: `${NO_BACKUP}${may}` };
};

const secret: Keeper = ({ properties: { ReplicaRegions } }) => {
  const others = items(ReplicaRegions)
    .filter(isObject)
    .map(({ Region }) => (typeof Region === 'string' ? Region : 'a Region that only a deploy knows'));
  if (others.length === 0) return { backup: NO_BACKUP };
  return {
    backup: NO_BACKUP,
    elsewhere: { where: `replicas in ${regions(others)}`, recoveryPoint: 'the last change, if it was not copied yet' },
  };
};

const users: Keeper = (thing, landscape) => {
  const others = landscape
    .referrers(thing, 'AWS::Cognito::UserPoolReplica', 'UserPoolId')
    .map(({ properties }) =>
      typeof properties.RegionName === 'string' ? properties.RegionName : 'a Region that only a deploy knows',
    );
  const backup = 'none: the service offers none';
  return others.length === 0
    ? { backup }
    : { backup, elsewhere: { where: `replicas in ${regions(others)}`, recoveryPoint: 'not promised (copied asynchronously)' } };
};

export const KEY_KEEPERS: Record<string, Keeper> = {
  'AWS::KMS::Key': key,
  'AWS::KMS::ReplicaKey': key,
  'AWS::SecretsManager::Secret': secret,
  'AWS::Cognito::UserPool': users,
};
