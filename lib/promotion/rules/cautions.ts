import type { PropertyRule } from './rule';

/** Updates in place that nobody should make without knowing. */
export const CAUTIONS: PropertyRule[] = [
  {
    id: 'secret-generated-anew',
    types: ['AWS::SecretsManager::Secret'],
    properties: ['GenerateSecretString'],
    verdict: 'updated',
    sentence:
      'the secret gets a newly generated value, which a database that took its password from it does not learn (not verified against AWS)',
    source: 'CloudFormation AWS::SecretsManager::Secret, GenerateSecretString',
  },
];
