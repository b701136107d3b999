import { BUILT_IN } from '../../lib/blocks/compute/product-service';
import { checkAddresses } from '../../lib/blocks/edge/address-list';
import { type Fault, show } from './fault';
import { imageFault } from './image-reference';
import { nearestName } from './nearest-name';
import type { SoundProduct } from './schema-faults';

/** Names of a service's ways in, of which it has one or none. */
const ENTRANCES = ['paths', 'hosts', 'grpc'] as const;

/** How a thing that is reached by name starts. */
const SERVICE = 'service:';

/** `api` is there without being said, and called like the others. */
const CALLABLE = [...BUILT_IN.callable, 'api'];

/** What is wrong with the options of stage 3 and 4; the parameters are those of `meaningFaults`. */
export function optionFaults(product: SoundProduct, faulty: Set<string>): Fault[] {
  return [
    ...serviceFaults(product, faulty),
    ...addressFaults(product),
    ...releaseFaults(product),
    ...signInFaults(product, faulty),
    ...emailFaults(product, faulty),
    ...searchFeedFaults(product),
    ...archiveFaults(product, faulty),
  ];
}

function serviceFaults(product: SoundProduct, faulty: Set<string>): Fault[] {
  const services = product.services ?? [];
  const names = services.map((entry) => entry?.name);
  const callable = [...new Set([...CALLABLE, ...names.filter((name) => name !== undefined)])];
  return services.flatMap((entry, index) => {
    if (entry === undefined) return [];
    const base = `$.services[${index}]`;
    const { name, image, reaches = [] } = entry;
    const faults = image === undefined ? [] : imageFault(`${base}.image`, image);
    if (name !== undefined) faults.push(...nameFaults(`${base}.name`, name, names.slice(0, index)));
    const [first, second] = ENTRANCES.filter((key) => entry[key] !== undefined);
    if (second !== undefined) {
      const rule = `must not be there beside ${first}, because a service has one way in`;
      faults.push({ path: `${base}.${second}`, rule, given: show(entry[second]), remedy: 'delete one of the two' });
    }
    if ((first === 'hosts' || first === 'grpc') && !product.domain && !faulty.has('$.domain')) {
      faults.push(withoutDomain(`${base}.${first}`, entry[first]));
    }
    reaches.forEach((what, number) => {
      if (!what?.startsWith(SERVICE)) return;
      const fault = reachFault(`${base}.reaches[${number}]`, what, { caller: name, callable });
      if (fault) faults.push(fault);
    });
    return faults;
  });
}

function nameFaults(path: string, name: string, before: (string | undefined)[]): Fault[] {
  const fault = { path, given: show(name) };
  if (BUILT_IN.reserved.includes(name)) {
    const rule = `must be none of ${BUILT_IN.reserved.join(', ')}, which the product calls its own parts`;
    return [{ ...fault, rule, remedy: 'choose another name' }];
  }
  const first = before.indexOf(name);
  if (first < 0) return [];
  return [
    { ...fault, rule: `must be there once, as $.services[${first}].name is`, remedy: 'give each service a name of its own' },
  ];
}

function reachFault(
  path: string,
  what: string,
  { caller, callable }: { readonly caller?: string; readonly callable: string[] },
): Fault | undefined {
  const target = what.slice(SERVICE.length);
  const fault = { path, given: show(what) };
  if (target === caller) return { ...fault, rule: 'must name another service than its own', remedy: 'delete it' };
  if (callable.includes(target)) return undefined;
  const near = nearestName(target, callable);
  const remedy = near === undefined ? 'name one of these, or add the service' : `did you mean ${SERVICE}${near}?`;
  return { ...fault, rule: `must name a service that can be called (${callable.join(', ')})`, remedy };
}

// The library's own check judges one address at a time, so that the fault is said of that one.
function addressFaults({ firewall = {} }: SoundProduct): Fault[] {
  const { allowedAddresses = [], blockedAddresses = [] } = firewall;
  const wrong = (list: string, addresses: (string | undefined)[]) =>
    addresses.flatMap((address, index) => {
      if (address === undefined || isAddress(address)) return [];
      const rule = 'must be an address or a range that starts where it says, from /1 on';
      const remedy = 'write it as in 192.0.2.0/24 or 2001:db8::/32';
      return [{ path: `$.firewall.${list}[${index}]`, rule, given: show(address), remedy }];
    });
  const both = blockedAddresses.flatMap((address, index) => {
    if (address === undefined || !allowedAddresses.includes(address)) return [];
    const rule = 'must not be in allowedAddresses too';
    return [{ path: `$.firewall.blockedAddresses[${index}]`, rule, given: show(address), remedy: 'take it from one of the two' }];
  });
  return [...wrong('allowedAddresses', allowedAddresses), ...wrong('blockedAddresses', blockedAddresses), ...both];
}

function isAddress(text: string): boolean {
  try {
    checkAddresses('address', [text]);
    return true;
  } catch {
    return false;
  }
}

// ECS shifts tenths of a percent, and CloudFormation ends an update after 36 hours (ReleaseStrategy).
function releaseFaults({ releases = {} }: SoundProduct): Fault[] {
  const faults: Fault[] = [];
  for (const key of ['canary', 'linear'] as const) {
    const percent = releases[key]?.percent;
    if (percent === undefined || Math.abs(percent * 10 - Math.round(percent * 10)) < 1e-6) continue;
    const remedy = 'write a share that Amazon ECS can shift, such as 10';
    faults.push({ path: `$.releases.${key}.percent`, rule: 'must be a multiple of 0.1', given: show(percent), remedy });
  }
  const { percent, minutes } = releases.linear ?? {};
  if (percent === undefined || minutes === undefined) return faults;
  // Once more at the end, while the old tasks stay.
  if ((Math.ceil(100 / percent) + 1) * minutes <= 33 * 60) return faults;
  const rule = 'must be so few that all steps together wait 33 hours at most';
  const remedy = 'shorten the steps or make them larger (CloudFormation ends an update after 36 hours)';
  return [...faults, { path: '$.releases.linear.minutes', rule, given: show(minutes), remedy }];
}

function signInFaults({ signIn = {}, domain }: SoundProduct, faulty: Set<string>): Fault[] {
  const { pages = {}, passkeys, groups = [] } = signIn;
  const faults: Fault[] = [];
  for (const key of ['prefix', 'below'] as const) {
    if (pages[key] === undefined || domain || faulty.has('$.domain')) continue;
    faults.push(withoutDomain(`$.signIn.pages.${key}`, pages[key]));
  }
  if (pages.below !== undefined && domain?.edgeCertificateArn !== undefined) {
    const rule = 'must not be there beside domain.edgeCertificateArn, which may not cover the name below the site';
    const remedy = 'leave edgeCertificateArn out to have one issued, or choose other pages';
    faults.push({ path: '$.signIn.pages.below', rule, given: show(pages.below), remedy });
  }
  if (passkeys === true && pages.below === undefined && !faulty.has('$.signIn.pages') && !faulty.has('$.signIn.pages.below')) {
    const rule = 'must be false without pages below the name of the site, which passkeys stay bound to';
    faults.push({ path: '$.signIn.passkeys', rule, given: 'true', remedy: 'give signIn.pages { "below": "auth" }' });
  }
  const names = groups.map((group) => group?.name);
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return;
    const rule = `must be there once, as $.signIn.groups[${first}].name is`;
    faults.push({ path: `$.signIn.groups[${index}].name`, rule, given: show(name), remedy: 'name every group once' });
  });
  return faults;
}

function emailFaults({ email, domain }: SoundProduct, faulty: Set<string>): Fault[] {
  if (email?.localPart === undefined || domain || faulty.has('$.domain')) return [];
  const remedy = 'give domain, or send from one address';
  return [{ ...withoutDomain('$.email.localPart', email.localPart), remedy }];
}

// The index has the name of the table alone.
function searchFeedFaults({ searchFeed }: SoundProduct): Fault[] {
  const tables = searchFeed?.tables ?? [];
  const indexes = tables.map((table) => table?.split('.')[1]);
  return indexes.flatMap((name, index) => {
    const first = indexes.indexOf(name);
    if (name === undefined || first === index) return [];
    const rule = `must have another name than $.searchFeed.tables[${first}], whatever its schema, because its index has that name`;
    return [{ path: `$.searchFeed.tables[${index}]`, rule, given: show(tables[index]), remedy: 'delete one of the two' }];
  });
}

function archiveFaults({ archive }: SoundProduct, faulty: Set<string>): Fault[] {
  const tables = archive?.tables ?? [];
  const names = tables.map((entry) => entry?.table && (entry.table.includes('.') ? entry.table : `public.${entry.table}`));
  return tables.flatMap((entry, index) => {
    if (entry === undefined) return [];
    const base = `$.archive.tables[${index}]`;
    const first = names.indexOf(names[index]);
    const faults: Fault[] = [];
    if (names[index] !== undefined && first !== index) {
      const rule = `must be there once, as $.archive.tables[${first}].table is`;
      faults.push({ path: `${base}.table`, rule, given: show(entry.table), remedy: 'join the two' });
    }
    if (archive?.immutable === true && entry.keepForDays === undefined && !faulty.has(`${base}.keepForDays`)) {
      const rule = 'must be given, because the archive is immutable';
      faults.push({ path: `${base}.keepForDays`, rule, given: 'nothing', remedy: 'say for how many days nobody may delete' });
    }
    return faults;
  });
}

function withoutDomain(path: string, value: unknown): Fault {
  return { path, rule: 'must not be there without a domain', given: show(value), remedy: 'give domain, or leave it out' };
}
