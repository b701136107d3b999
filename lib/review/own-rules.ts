import { type Assembly, everyStack } from '../assembly/cloud-assembly';
import { libraryVersion } from '../assembly/library-version';
import type { Check } from './checks/check';
import type { Finding } from './finding';
import { type Places, placesOf } from './places/places';
import { OWN_PACK } from './rule-id';
import { RULES } from './rules';
import { RuleCannotRun, type RuleFinding, type TemplateRule } from './rules/rule';

/** The check that runs our own rules over all stacks of all Regions at once. */
export const ownRules: Check = checkOf(RULES);

/** A check that runs some rules of this library. */
export function checkOf(rules: TemplateRule[]): Check {
  return {
    pack: OWN_PACK,
    title: 'Rules of cdk-scale-tiers',
    run: async (assembly) => {
      const places = placesOf(assembly);
      const types = new Set(
        everyStack(assembly).flatMap((stack) => Object.values(stack.template.Resources ?? {}).map(({ Type }) => Type)),
      );
      const applies = (rule: TemplateRule) => rule.types.length === 0 || rule.types.some((type) => types.has(type));
      const idOf = (rule: TemplateRule) => `${OWN_PACK}::${rule.id}`;
      return {
        version: libraryVersion(),
        findings: rules.filter(applies).flatMap((rule) => findingsOf(rule, idOf(rule), assembly, places)),
        ruleIds: rules.map(idOf),
        notApplicable: rules.filter((rule) => !applies(rule)).map(idOf),
      };
    },
  };
}

/** What a rule says about a finding. */
export function messageOf({ sentence }: TemplateRule, { details }: Pick<RuleFinding, 'details'>): string {
  return details === undefined ? sentence : `${sentence}; ${details}`;
}

/** What a rule finds; undefined, with the reason, where it cannot tell. */
export function runRule(rule: TemplateRule, assembly: Assembly): { found: RuleFinding[] } | { cannotRun: string } {
  try {
    return { found: rule.find(assembly) };
  } catch (error) {
    if (error instanceof RuleCannotRun) return { cannotRun: error.message };
    throw error;
  }
}

function findingsOf(rule: TemplateRule, id: string, assembly: Assembly, places: Places): Finding[] {
  const { severity, source } = rule;
  const outcome = runRule(rule, assembly);
  // As with a pack that is not installed: told, but no fault of the template.
  if ('cannotRun' in outcome) {
    return [{ id, severity: 'note', source, message: `nobody can tell whether ${rule.sentence}; ${outcome.cannotRun}` }];
  }
  return outcome.found.map((found) => ({
    id,
    severity,
    message: messageOf(rule, found),
    source,
    place: places.place(found.stack, found.logicalId),
    ...(found.property === undefined ? {} : { property: found.property }),
  }));
}
