import { items } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import type { RuleFinding, TemplateRule } from './rule';

const CLIENT = 'AWS::Cognito::UserPoolClient';
const FLOWS = ['USER_PASSWORD_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'];

export const userPoolClientFlows: TemplateRule = {
  id: 'user-pool-client-flows',
  severity: 'note',
  sentence:
    'an app signs its users in by SRP or by an authorization code: the implicit grant puts tokens into an address, a password flow passes the password on, and a return address in clear text or with a wildcard gives the code away',
  source: 'Amazon Cognito Developer Guide, Application-specific settings with app clients; Understanding user pool grants',
  types: [CLIENT],
  find: (assembly) =>
    deployedResources(assembly, CLIENT).flatMap(({ stack, logicalId, properties }) => {
      const found = (property: string, isWeak: (value: unknown) => boolean): RuleFinding[] =>
        items(properties[property]).flatMap((value, index) =>
          isWeak(value) ? [{ stack, logicalId, property: `${property}.${index}`, details: `this one has ${value}` }] : [],
        );
      return [
        ...found('AllowedOAuthFlows', (flow) => flow === 'implicit'),
        ...found('ExplicitAuthFlows', (flow) => FLOWS.includes(String(flow))),
        ...found('CallbackURLs', isOpenAddress),
      ];
    }),
};

/** A program on the same machine may be called back without TLS. */
function isOpenAddress(url: unknown): boolean {
  return typeof url === 'string' && (url.includes('*') || /^http:\/\/(?!(localhost|127\.0\.0\.1|\[::1\])([:/]|$))/.test(url));
}
