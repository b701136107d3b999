import { type PolicyStatement, policyStatements } from '../template/policy-statements';
import { writtenOut } from '../template/written-out';
import type { TemplateRule } from './rule';

/** Providers that many customers share and that say who asks in a claim of the token. */
const SHARED = /(token\.actions\.githubusercontent\.com|gitlab\.com|app\.terraform\.io|agent\.buildkite\.com)$/;
/** Providers that say by the audience for which application somebody logged in. */
const LOGINS = /(cognito-identity\.amazonaws\.com|accounts\.google\.com|graph\.facebook\.com|www\.amazon\.com)$/;

export const federatedTrustWithoutSubject: TemplateRule = {
  id: 'federated-trust-without-subject',
  severity: 'error',
  sentence:
    "a role that trusts tokens of a shared identity provider says whose: by a claim such as sub for GitHub and its like, by aud for Cognito and logins, or anybody's token will do",
  source: 'IAM User Guide, Create a role for OpenID Connect federation',
  types: ['AWS::IAM::Role'],
  find: (assembly) =>
    policyStatements(assembly)
      .filter(({ kind, effect }) => kind === 'trust' && effect === 'Allow')
      .flatMap((statement) =>
        statement.principals.flatMap(({ kind, value }) => {
          const provider = kind === 'Federated' ? providerOf(writtenOut(value)) : undefined;
          if (provider === undefined || isHeld(statement, provider)) return [];
          const { stack, logicalId, property } = statement;
          return [{ stack, logicalId, property: `${property}.Condition`, details: `this one takes any token of ${provider}` }];
        }),
      ),
};

function providerOf(principal: string): string | undefined {
  return SHARED.exec(principal)?.[1] ?? LOGINS.exec(principal)?.[1];
}

/** A test of ForAllValues, and one that passes if the claim is missing, hold nobody. */
function isHeld({ conditions }: PolicyStatement, provider: string): boolean {
  return conditions.some(({ operator, key, values }) => {
    if (/^ForAllValues:|IfExists$|Not/i.test(operator) || values.some((value) => /^\**$/.test(writtenOut(value)))) return false;
    const [host, claim] = [key.slice(0, key.lastIndexOf(':')), key.slice(key.lastIndexOf(':') + 1)];
    return host.toLowerCase() === provider && (LOGINS.test(provider) || claim !== 'aud');
  });
}
