import { type Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Warehouse, type WarehouseProps } from '../../../lib/blocks/data/warehouse';
import { WarehouseSize } from '../../../lib/blocks/data/warehouse-size';
import { agnosticStack, testStack } from '../../stacks';
import { existingVpc, flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const warehouse =
  (props: Partial<WarehouseProps> = {}) =>
  (stack: Stack) =>
    new Warehouse(stack, 'Warehouse', { vpc: existingVpc(stack), ...props });

describe('a warehouse', () => {
  test('keeps its data, encrypted, under a name that comes from the path alone', () => {
    templateOf((stack) => warehouse({ encryptionKey: new kms.Key(stack, 'Key') })(stack)).hasResource(
      'AWS::RedshiftServerless::Namespace',
      {
        DeletionPolicy: 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          NamespaceName: Match.stringLikeRegexp('^shop-warehouse-[0-9a-f]{8}$'),
          KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
          ManageAdminPassword: true,
          AdminUserPassword: Match.absent(),
          AdminPasswordSecretKmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
          LogExports: ['userlog', 'connectionlog', 'useractivitylog'],
          NamespaceResourcePolicy: Match.absent(),
        },
      },
    );
  });

  test('is private, over TLS only, in three zones, with a bound on its bill', () => {
    templateOf(warehouse()).hasResourceProperties('AWS::RedshiftServerless::Workgroup', {
      PubliclyAccessible: false,
      EnhancedVpcRouting: true,
      BaseCapacity: 8,
      MaxCapacity: 32,
      SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'],
      ConfigParameters: [
        { ParameterKey: 'require_ssl', ParameterValue: 'true' },
        { ParameterKey: 'enable_case_sensitive_identifier', ParameterValue: 'true' },
      ],
    });
  });

  test('is immune to tags, which would replace it', () => {
    const tagged = (stack: Stack) => {
      warehouse()(stack);
      Tags.of(stack.node.root).add('tier', 'any');
      Tags.of(stack).add('team', 'data');
    };
    expect(losses(warehouse(), tagged)).toEqual([]);
    const template = templateOf(tagged);
    template.hasResourceProperties('AWS::RedshiftServerless::Namespace', { Tags: Match.absent() });
    template.hasResourceProperties('AWS::RedshiftServerless::Workgroup', { Tags: Match.anyValue() });
  });

  test('takes another size, zone and policy in place', () => {
    expect(
      losses(warehouse(), (stack) => {
        const after = new Warehouse(stack, 'Warehouse', { vpc: existingVpc(stack, 4), size: WarehouseSize.USERS_10M });
        after.addToResourcePolicy(
          new iam.PolicyStatement({
            actions: ['redshift:CreateInboundIntegration'],
            principals: [new iam.AccountRootPrincipal()],
          }),
        );
      }),
    ).toEqual([]);
  });

  test('is not changed by feature flags', () => {
    const types = ['Namespace', 'Workgroup'].map((type) => `AWS::RedshiftServerless::${type}`);
    expect(flagDependent(warehouse(), ...types, 'AWS::EC2::SecurityGroup')).toEqual([]);
  });

  test('lets a principal sign in', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Reports', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    warehouse()(stack).grantConnect(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: ['redshift-serverless:GetCredentials', 'redshift-serverless:GetWorkgroup'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WarehouseWorkgroup'), 'Workgroup.WorkgroupArn'] },
          }),
        ],
      },
    });
  });

  test('refuses two zones', () => {
    const stack = testStack();
    expect(() => new Warehouse(stack, 'Warehouse', { vpc: existingVpc(stack, 2) })).toThrow(
      'vpcSubnets must lie in at least three zones for Redshift Serverless, got: 2; add a zone to the network first',
    );
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    warehouse()(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a warehouse size', () => {
  test.each([
    [4, 32, 'baseRpus must be a multiple of 8 from 8 to 512, got: 4'],
    [12, 32, 'baseRpus must be a multiple of 8 from 8 to 512, got: 12'],
    [520, 520, 'baseRpus must be a multiple of 8 from 8 to 512, got: 520'],
    [32, 24, 'maxRpus must be a multiple of 8 from baseRpus (32) to 512, got: 24'],
    [32, 50, 'maxRpus must be a multiple of 8 from baseRpus (32) to 512, got: 50'],
  ])('refuses %d to %d', (base, max, message) => {
    expect(() => WarehouseSize.of(base, max)).toThrow(message);
  });
});
