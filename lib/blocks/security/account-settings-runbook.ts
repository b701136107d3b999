import { Aws } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { automation, type RunbookStep } from '../operations/runbook';

/**
 * The settings of an account for which CloudFormation has no resource type, as a runbook that a person starts with permissions of
 * their own, once in every Region: Amazon Inspector scans images, machines and functions; no bucket can become public; new
 * volumes are encrypted; AWS Backup backs up Aurora, DynamoDB and S3; passwords of IAM users are long. Each call may be made again. What CloudFormation does have a type for,
 * sharing of snapshots with everybody, is blocked by the template.
 *
 * The rules of `ConformanceRules.PRODUCT` say whether it was done. Amazon Inspector is free for 15 days, then about 0.09 USD for
 * an image and 0.01 for each scan after it, and 1.26 USD for a machine and month (Amazon Inspector pricing, us-east-1; in no
 * price list at hand, check it). Not verified against AWS.
 */
export class AccountSettingsRunbook extends Construct {
  public readonly document: ssm.CfnDocument;
  /** What keeps snapshots of volumes from being shared with everybody. */
  public readonly snapshotBlock: ec2.CfnSnapshotBlockPublicAccess;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.snapshotBlock = new ec2.CfnSnapshotBlockPublicAccess(this, 'SnapshotBlock', { state: 'block-all-sharing' });
    this.document = automation(this, 'Document', {
      description:
        '# Settings of the account\nTurns on Amazon Inspector, blocks public buckets, lets AWS Backup back up Aurora, DynamoDB and S3, ' +
        'encrypts new volumes, and asks for long passwords. ' +
        'Run it once in every Region, as an administrator of the account.',
      mainSteps: [
        call('scanForVulnerabilities', 'inspector2', 'Enable', { resourceTypes: ['EC2', 'ECR', 'LAMBDA'] }),
        call('blockPublicBuckets', 's3control', 'PutPublicAccessBlock', {
          AccountId: Aws.ACCOUNT_ID,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            IgnorePublicAcls: true,
            BlockPublicPolicy: true,
            RestrictPublicBuckets: true,
          },
        }),
        // By type of resource; what is not named stays as it is.
        call('letBackupsHappen', 'backup', 'UpdateRegionSettings', {
          ResourceTypeOptInPreference: { Aurora: true, DynamoDB: true, S3: true },
        }),
        call('encryptNewVolumes', 'ec2', 'EnableEbsEncryptionByDefault', {}),
        {
          ...call('askForLongPasswords', 'iam', 'UpdateAccountPasswordPolicy', {
            MinimumPasswordLength: 14,
            RequireSymbols: true,
            RequireNumbers: true,
            RequireUppercaseCharacters: true,
            RequireLowercaseCharacters: true,
            AllowUsersToChangePassword: true,
            MaxPasswordAge: 90,
            PasswordReusePrevention: 24,
          }),
          isEnd: true,
        },
      ],
    });
  }
}

function call(name: string, Service: string, Api: string, inputs: object): RunbookStep {
  return { name, action: 'aws:executeAwsApi', inputs: { Service, Api, ...inputs } };
}
