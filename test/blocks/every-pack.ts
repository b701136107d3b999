import {
  HIPAASecurityChecks,
  type NagPack,
  NIST80053R4Checks,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
} from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { allAcknowledgements, covers } from '../policy-findings';

/** The packs of cdk-nag beside AwsSolutions, by what their ids begin with. */
const PACKS: [string, new () => NagPack][] = [
  ['HIPAA.Security', HIPAASecurityChecks],
  ['NIST.800.53.R4', NIST80053R4Checks],
  ['NIST.800.53.R5', NIST80053R5Checks],
  ['PCI.DSS.321', PCIDSS321Checks],
  ['Serverless', ServerlessChecks],
];

/** What these packs find below a construct and nobody acknowledged, and acknowledgements of theirs that no finding needs. */
export function everyPack(scope: IConstruct): { open: string[]; unused: string[] } {
  const findings = PACKS.flatMap(([name, Pack]) => {
    const pack = new Pack();
    // As it judges when nobody has acknowledged anything.
    Object.defineProperty(pack, 'isAcknowledged', { value: () => false });
    return pack.validateScope(scope).violations.flatMap(({ ruleName, violatingResources }) => {
      return violatingResources.map(({ constructPath }) => ({ rule: `${name}::${ruleName}`, path: constructPath ?? '' }));
    });
  });
  const written = allAcknowledgements(scope).filter(({ id }) => PACKS.some(([name]) => id.startsWith(`${name}::`)));
  return {
    open: findings
      .filter((finding) => !written.some((one) => covers(one, finding)))
      .map(({ rule, path }) => `${rule} at ${path}`),
    unused: written.filter((one) => !findings.some((finding) => covers(one, finding))).map(({ id, path }) => `${id} at ${path}`),
  };
}

/** Ids acknowledged below a construct, each once, that start like this. */
export function acknowledgedIds(scope: IConstruct, start = ''): string[] {
  return [...new Set(allAcknowledgements(scope).map(({ id }) => id))].filter((id) => id.startsWith(start)).sort();
}
