import { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge, sameReason, wildcardResource } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import type { IServerVolume } from './server-volume';

/** Tag on the server's instances: only those with the volume's id may attach it. */
export const VOLUME_TAG = 'ServerVolume';

/** Properties of ServerPermissions. */
export interface ServerPermissionsProps {
  /** Role of the server. */
  readonly role: iam.Role;
  /** Volume that the server may attach. */
  readonly volume: IServerVolume;
  /** Address that the server may take over. */
  readonly elasticIp: ec2.CfnEIP;
  /** The one namespace that the server may put metrics into. */
  readonly metricNamespace: string;
}

/**
 * What the machine itself may do, apart from what the product may: be reached through Systems Manager, report, and take over
 * volume and address. A policy of its own, so that a wildcard granted to the product later is still found.
 */
export class ServerPermissions extends Construct {
  public readonly policy: iam.Policy;

  constructor(scope: Construct, id: string, props: ServerPermissionsProps) {
    super(scope, id);
    const { role, volume, elasticIp } = props;
    const stack = Stack.of(this);
    const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'ec2', resource, resourceName });
    this.policy = new iam.Policy(this, 'Policy', {
      roles: [role],
      statements: [
        // The managed policy for this (AmazonSSMManagedInstanceCore) also reads every parameter of the account.
        new iam.PolicyStatement({
          actions: [
            'ssm:UpdateInstanceInformation',
            'ssm:ListAssociations',
            'ssm:ListInstanceAssociations',
            'ssm:UpdateInstanceAssociationStatus',
            'ssm:PutInventory',
            'ssm:GetDocument',
            'ssm:DescribeDocument',
            ...['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(
              (a) => `ssmmessages:${a}`,
            ),
            ...['AcknowledgeMessage', 'DeleteMessage', 'FailMessage', 'GetEndpoint', 'GetMessages', 'SendReply'].map(
              (a) => `ec2messages:${a}`,
            ),
          ],
          resources: ['*'],
        }),
        new iam.PolicyStatement({
          actions: ['cloudwatch:PutMetricData'],
          resources: ['*'],
          conditions: { StringEquals: { 'cloudwatch:namespace': props.metricNamespace } },
        }),
        new iam.PolicyStatement({ actions: ['ec2:AttachVolume'], resources: [arn('volume', volume.volumeId)] }),
        new iam.PolicyStatement({
          actions: ['ec2:AssociateAddress'],
          resources: [arn('elastic-ip', elasticIp.attrAllocationId), arn('network-interface', '*')],
        }),
        new iam.PolicyStatement({
          actions: ['ec2:AttachVolume', 'ec2:AssociateAddress'],
          resources: [arn('instance', '*')],
          conditions: { StringEquals: { [`aws:ResourceTag/${VOLUME_TAG}`]: volume.volumeId } },
        }),
      ],
    });
    // EC2 uses the key through a grant that the caller makes (KMS developer guide, "How Amazon EBS uses AWS KMS").
    for (const statement of volume.encryptionKey?.grant(role, 'kms:CreateGrant').principalStatements ?? []) {
      statement.addConditions({
        Bool: { 'kms:GrantIsForAWSResource': true },
        StringEquals: { 'kms:ViaService': `ec2.${stack.region}.${stack.urlSuffix}` },
      });
    }
    acknowledgeOwnPolicies(this.policy);
    acknowledge(
      this.policy,
      ...sameReason(
        'The calls of the Systems Manager agent concern the calling machine and take no resource; PutMetricData takes none either ' +
          'and is held to one namespace by a condition. What can be named is: the volume and the address.',
        wildcardResource(this, '*'),
        'Checkov::CKV_AWS_111',
      ),
      ...sameReason(
        'The tools want the documents and associations of the Systems Manager agent named. They belong to AWS and to whoever manages ' +
          'the account, and come and go; AWS allows them on every resource too (AmazonSSMManagedInstanceCore). Unlike that policy, this ' +
          'one reads no parameter, and reporting on an association changes nothing but its state.',
        'Parliament::RESOURCE_STAR',
        'Cloudsplaining::InfrastructureModification',
      ),
      {
        id: 'Parliament::RESOURCE_MISMATCH',
        reason:
          'ec2:AttachVolume needs a volume and an instance, and the tool looks for both in one statement. They stand in two, so that the ' +
          'condition on the tag of the instance does not ask the same of the volume; IAM adds the statements up.',
      },
      {
        id: wildcardResource(this, arn('instance', '*')),
        reason:
          'An instance id is not known before the group starts it, so a tag that this group sets stands in for it; the volume and ' +
          'the address are named exactly.',
      },
      {
        id: wildcardResource(this, arn('network-interface', '*')),
        reason:
          'EC2 may check the interface of the machine that takes the address, whose id is not known before; the address is named ' +
          'exactly, so nothing else can be moved.',
      },
    );
  }
}
