import type { IConstruct } from 'constructs';
import { acknowledge, inPacks, sameReason } from './acknowledge';

/**
 * Records why the permissions of a role (or of every role below a construct) stand in policies of its own, which CDK's grants write.
 * Only where there are such policies; a role whose permissions are known when it is made has a managed one.
 */
export function acknowledgeOwnPolicies(construct: IConstruct): void {
  acknowledge(
    construct,
    ...sameReason(
      'The rule guards against permissions that are scattered over users and roles and reviewed nowhere. Here grants collect them, of ' +
        "this library and of the product's own code, for exactly one role of this stack: they are reviewed, changed and rolled back with " +
        'it, and go when it goes. A managed policy holds no more than 6,144 characters (IAM quotas) and could be attached to another ' +
        'identity; for one role only AWS documents the inline policy as the tighter choice (IAM user guide, choosing between managed ' +
        'policies and inline policies).',
      ...inPacks('IAMNoInlinePolicy', 'HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'),
    ),
  );
}
