import * as iam from 'aws-cdk-lib/aws-iam';
import { acknowledgeOwnPolicies } from '../../../lib/blocks/operations/own-policies';
import { testStack } from '../../stacks';
import { everyPack } from '../every-pack';

const ARN = 'arn:aws:sqs:us-east-1:123456789012:jobs';

test('the permissions that grants collect are acknowledged at their role, and only there', () => {
  const stack = testStack();
  const roles = ['Mine', 'Theirs'].map((id) => {
    const role = new iam.Role(stack, id, { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [ARN] }));
    return role;
  });
  acknowledgeOwnPolicies(roles[0]);
  const packs = ['HIPAA.Security', 'NIST.800.53.R4', 'NIST.800.53.R5', 'PCI.DSS.321'];
  expect(everyPack(stack)).toEqual({
    open: packs.map((pack) => `${pack}::${pack}-IAMNoInlinePolicy at Shop/Theirs/DefaultPolicy/Resource`),
    unused: [],
  });
});
