import type { Assembly } from '../../assembly/cloud-assembly';
import { isStateful } from '../../assembly/stateful-types';
import type { Places } from '../places/places';
import type { StateFacts } from '../review';
import { type Landscape, landscapeOf, type Thing } from './landscape';
import { plannedBackups } from './state/backup-plans';
import { DATABASE_KEEPERS } from './state/databases';
import { type Fate, fateOnDelete, fateOnReplace, protectionOf } from './state/fate';
import { FILE_KEEPERS } from './state/files';
import { FLOW_KEEPERS } from './state/flows';
import { contentOf } from './state/holds';
import type { Elsewhere, Keeper, Keeping } from './state/keeping';
import { KEY_KEEPERS } from './state/keys';

const KEEPERS: Record<string, Keeper> = { ...DATABASE_KEEPERS, ...FILE_KEEPERS, ...FLOW_KEEPERS, ...KEY_KEEPERS };

/** Services that are in every Region at once. */
const EVERYWHERE = /^AWS::(Route53|CloudFront|Organizations|IAM)::/;

const LOST = 'lost with its Region';
const EVERYTHING = 'everything since the last copy outside the Region: there is none';

/** Everything that holds state, and what becomes of it. */
export function stateOf(assembly: Assembly, places: Places): StateFacts[] {
  const landscape = landscapeOf(assembly);
  return landscape.things
    .filter(({ type, resource }) => isStateful(type, resource))
    .map((thing) => {
      const keeping = keepingOf(thing, landscape);
      const plans = plannedBackups(thing, landscape);
      const onDelete = fateOnDelete(thing, landscape);
      const onReplace = fateOnReplace(thing);
      const elsewhere = keeping.elsewhere ?? plans.find((plan) => plan.elsewhere)?.elsewhere;
      const planned = plans.map(({ words }) => words);
      const own = keeping.backup === 'none' && planned.length > 0 ? [] : [keeping.backup];
      const attention = attentionFor(onDelete, onReplace, keeping, planned.length > 0, elsewhere);
      return {
        place: places.place(thing.stack, thing.logicalId),
        holds: contentOf(thing),
        onDelete: onDelete.words,
        onReplace: onReplace.words,
        protection: protectionOf(thing),
        backup: [...own, ...planned].join('; '),
        onRegionLoss: elsewhere?.where ?? LOST,
        recoveryPoint: elsewhere?.recoveryPoint ?? EVERYTHING,
        ...(attention === undefined ? {} : { attention }),
      };
    });
}

function keepingOf(thing: Thing, landscape: Landscape): Keeping {
  const keeper = KEEPERS[thing.type];
  if (keeper) return keeper(thing, landscape);
  if (EVERYWHERE.test(thing.type)) {
    return { backup: 'none in the template', elsewhere: { where: 'not tied to a Region', recoveryPoint: 'nothing' } };
  }
  return { backup: 'none in the template' };
}

function attentionFor(
  onDelete: Fate,
  onReplace: Fate,
  keeping: Keeping,
  isPlanned: boolean,
  elsewhere: Elsewhere | undefined,
): string | undefined {
  if (!onDelete.survives && !onReplace.survives) return 'nothing keeps it when its stack goes, nor when it is replaced';
  if (!onDelete.survives) return 'nothing keeps it when its stack goes';
  if (!onReplace.survives) return 'nothing keeps it when it is replaced';
  const hasCopy = keeping.isBackedUp !== false || isPlanned || elsewhere !== undefined;
  return hasCopy ? undefined : 'it has no copy anywhere';
}
