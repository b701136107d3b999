import { isObject, items } from '../../assembly/values';
import { type DeployRule, finding, type Rule, stays } from './rule';

const UNTYPED: Rule = {
  id: 'user-pool-untyped-attribute',
  sentence:
    'any update of a user pool fails while Schema lists an attribute without AttributeDataType ("Invalid AttributeDataType input"): add the type before anything else changes',
  source: 'github aws-amplify/amplify-backend#3299; aws/aws-cdk#8585',
};

export const USER_POOL_SCHEMA: DeployRule[] = [
  {
    ...UNTYPED,
    find: ({ resources }) =>
      resources
        .filter((pair) => pair.type === 'AWS::Cognito::UserPool' && stays(pair) && pair.changed.length > 0)
        .filter((pair) =>
          items(pair.after?.Properties?.Schema).some(
            (attribute) => isObject(attribute) && attribute.AttributeDataType === undefined,
          ),
        )
        .map((pair) => ({ resource: pair, finding: finding(UNTYPED, 'refused', { property: 'Schema' }) })),
  },
];
