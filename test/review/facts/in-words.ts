import type { Assembly, TemplateResource } from '../../../lib/assembly/cloud-assembly';
import { encryptionOf } from '../../../lib/review/facts/encryption';
import { entrancesOf } from '../../../lib/review/facts/entrances';
import { stateOf } from '../../../lib/review/facts/state';
import { statementsOf } from '../../../lib/review/facts/statements';
import type { Place } from '../../../lib/review/places/place';
import { placesOf } from '../../../lib/review/places/places';
import type { EncryptionFacts, Entrance, StateFacts, StatementFacts } from '../../../lib/review/review';
import { assembly, stack } from '../../promotion/templates';

export type Resources = Record<string, TemplateResource>;

/** An assembly of one stack, `Shop` in us-east-1. */
export function shopOf(resources: Resources): Assembly {
  return assembly(stack('Shop', resources));
}

/** Where something stands, in the fewest words: its logical id, after its Region where that is another than us-east-1. */
function at({ region, logicalId }: Place): string {
  return region === 'us-east-1' ? logicalId : `${region}:${logicalId}`;
}

/** `instance, from anyone, tcp 22: Box [guard]` */
export function spoken({ kind, from, ports, path, guards, names, beyond }: Entrance): string {
  const way = [...path.map(at), ...(beyond === undefined ? [] : [`(${beyond})`])].join(' > ');
  const called = names ? `, called ${names.join(', ')}` : '';
  return `${kind}, from ${from}, ${ports}: ${way}${guards.length > 0 ? ` [${guards.join('; ')}]` : ''}${called}`;
}

export function entrances(resources: Resources | Assembly): string[] {
  const whole = isAssembly(resources) ? resources : shopOf(resources);
  return entrancesOf(whole, placesOf(whole)).map(spoken);
}

export function stateIn(resources: Resources | Assembly): Record<string, StateFacts> {
  const whole = isAssembly(resources) ? resources : shopOf(resources);
  return Object.fromEntries(stateOf(whole, placesOf(whole)).map((facts) => [at(facts.place), facts]));
}

/** `at rest, in transit (because)! attention`, by logical id. */
export function encryptionIn(resources: Resources | Assembly): Record<string, string[]> {
  const whole = isAssembly(resources) ? resources : shopOf(resources);
  const result: Record<string, string[]> = {};
  for (const facts of encryptionOf(whole, placesOf(whole)))
    result[at(facts.place)] = [...(result[at(facts.place)] ?? []), sealed(facts)];
  return result;
}

function sealed({ atRest, inTransit, because, attention }: EncryptionFacts): string {
  return `${atRest}, ${inTransit} (${because})${attention === undefined ? '' : `! ${attention}`}`;
}

export function statementsIn(resources: Resources | Assembly): StatementFacts[] {
  const whole = isAssembly(resources) ? resources : shopOf(resources);
  return statementsOf(whole, placesOf(whole));
}

function isAssembly(value: Resources | Assembly): value is Assembly {
  return Array.isArray(value.stacks);
}
