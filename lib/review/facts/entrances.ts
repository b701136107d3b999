import type { Assembly } from '../../assembly/cloud-assembly';
import type { Place } from '../places/place';
import type { Places } from '../places/places';
import type { Entrance } from '../review';
import { apiDoors } from './entrances/apis';
import { bucketDoors } from './entrances/buckets';
import { dataServiceDoors } from './entrances/data-services';
import { distributionDoors } from './entrances/distributions';
import type { Door } from './entrances/door';
import { shieldsOf } from './entrances/guards';
import { loadBalancerDoors } from './entrances/load-balancers';
import { nameDoors, namesOf, publicNames } from './entrances/names';
import { platformDoors } from './entrances/platforms';
import { policyDoors } from './entrances/policies';
import { serverDoors } from './entrances/servers';
import { userDoors } from './entrances/users';
import { type Landscape, landscapeOf, type Thing } from './landscape';

/**
 * Every way by which the internet reaches something, one entry for each end of each way. Where a way cannot be followed, its
 * path ends: it is listed all the same.
 */
export function entrancesOf(assembly: Assembly, places: Places): Entrance[] {
  const landscape = landscapeOf(assembly);
  const names = publicNames(assembly, landscape);
  const doors = [
    ...distributionDoors(landscape, names),
    ...loadBalancerDoors(landscape),
    ...apiDoors(landscape),
    ...serverDoors(landscape),
    ...platformDoors(landscape),
    ...userDoors(landscape),
    ...bucketDoors(assembly, landscape),
    ...dataServiceDoors(assembly, landscape),
    ...policyDoors(assembly, landscape),
  ];
  const all = [...doors, ...nameDoors(names, doors)];
  const order = new Map(landscape.stacks.map((stack, index) => [stack, index]));
  const place = ({ stack, logicalId }: Thing): Place => places.place(stack, logicalId);
  return all
    .map((door, index) => ({ door, index }))
    .sort((left, right) => order.get(left.door.path[0].stack)! - order.get(right.door.path[0].stack)! || left.index - right.index)
    .map(({ door }) => {
      const called = namesOf(door.path[0], names);
      return {
        place: place(door.path[0]),
        kind: door.kind,
        from: door.from,
        ports: door.ports,
        path: door.path.map(place),
        guards: guardsOf(door, landscape),
        ...(called.length > 0 ? { names: called } : {}),
        ...(door.beyond === undefined ? {} : { beyond: door.beyond }),
      };
    });
}

function guardsOf({ path, guards }: Door, landscape: Landscape): string[] {
  return [...new Set([...path.flatMap((thing) => shieldsOf(thing, landscape)), ...guards])];
}
