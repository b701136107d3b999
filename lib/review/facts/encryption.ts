import type { Assembly } from '../../assembly/cloud-assembly';
import { resourceModel } from '../../assembly/service-spec';
import { isStateful } from '../../assembly/stateful-types';
import type { Places } from '../places/places';
import type { EncryptionFacts } from '../review';
import { DATABASE_SEALERS } from './encryption/databases';
import { MESSAGING_SEALERS } from './encryption/messaging';
import { keyKind, type Sealer, type Sealing } from './encryption/sealing';
import { STORAGE_SEALERS } from './encryption/storage';
import { WAY_SEALERS } from './encryption/ways';
import { landscapeOf, type Thing } from './landscape';

const SEALERS: Record<string, Sealer> = { ...STORAGE_SEALERS, ...DATABASE_SEALERS, ...MESSAGING_SEALERS, ...WAY_SEALERS };

/** How everything encrypts that stores or carries data. */
export function encryptionOf(assembly: Assembly, places: Places): EncryptionFacts[] {
  const landscape = landscapeOf(assembly);
  return landscape.things.flatMap((thing) => {
    const sealer = SEALERS[thing.type] ?? (isStateful(thing.type, thing.resource) ? byItsKey : undefined);
    const sealings = sealer?.(thing, { landscape, assembly }) ?? [];
    return (Array.isArray(sealings) ? sealings : [sealings]).map((sealing) => ({
      place: places.place(thing.stack, thing.logicalId),
      ...sealing,
    }));
  });
}

/** Of other types that hold state it is only known whether they take a key, and have got one. */
const byItsKey: Sealer = (thing: Thing, { landscape }): Sealing | Sealing[] => {
  const property = Object.keys(resourceModel(thing.type)?.properties ?? {}).find((name) => KEY.test(name));
  if (property === undefined) return [];
  const key = thing.properties[property];
  const because =
    key === undefined ? `${property} is not set: as its service does by default (not verified against AWS)` : property;
  return { atRest: keyKind(key, thing, landscape, 'as its service does by default'), inTransit: 'as its service does', because };
};

/** Such as `KmsKeyId`, `KmsKeyArn`, `KMSKeyArn`, `KmsKeyIdentifier`. */
const KEY = /^kms(master)?key(id|arn|identifier)?$|^(customer)?encryptionkey(arn)?$/i;
