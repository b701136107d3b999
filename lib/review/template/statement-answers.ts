import type { Finding } from '../finding';
import type { Judged } from '../judge';
import type { StatementFacts } from '../review';
import { packOf } from '../rule-id';

/** Rules about what a policy allows, and whom. */
const ABOUT_POLICIES = /IAM|wildcard|trust|principal|privilege|public-policy/i;
const POLICY_PACKS = ['Cloudsplaining', 'Parliament'];

/**
 * A statement with the acknowledgement that answers for it: the one of a finding at its resource that names one of its actions
 * or resources, or else of one about the policy as a whole. None while such a finding is open.
 */
export function answered(statement: StatementFacts, { findings }: Judged): StatementFacts {
  const { templateFile, logicalId } = statement.place;
  const here = findings
    .filter(({ place }) => place?.templateFile === templateFile && place.logicalId === logicalId)
    .filter(isAboutPolicies);
  const named = here.filter((finding) => names(finding, statement));
  const decisive = named.length > 0 ? named : here.filter((finding) => detailOf(finding) === undefined);
  const [first] = decisive;
  if (!first || decisive.some(({ acknowledgement }) => acknowledgement === undefined)) return statement;
  return { ...statement, acknowledgement: first.acknowledgement };
}

function isAboutPolicies({ id }: Finding): boolean {
  return POLICY_PACKS.includes(packOf(id) ?? '') || ABOUT_POLICIES.test(id);
}

/** Whether cdk-nag speaks of one of the statement's wildcards. It spells references by logical id, the facts spell them for people. */
function names(finding: Finding, { actions, resources }: StatementFacts): boolean {
  const [, kind, name] = /^(Action|Resource)::(.*)$/s.exec(detailOf(finding) ?? '') ?? [];
  if (name === undefined) return false;
  return (kind === 'Action' ? actions : resources).some((one) => shape(one) === shape(name));
}

function detailOf({ id }: Finding): string | undefined {
  return /\[(.*)\]$/s.exec(id)?.[1];
}

function shape(text: string): string {
  return text.replaceAll('<AWS::Partition>', 'aws').replaceAll(/<[^>]*>/g, '<>');
}
