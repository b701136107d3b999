import { Duration } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge, sameReason, wildcardResource } from '../operations/acknowledge';
import { GitHubProvider, type IGitHubProvider } from './github-provider';
import { GITHUB_ISSUER, type GitHubSource } from './github-source';

/** Properties of a GitHubDeployRole. */
export interface GitHubDeployRoleProps {
  /** Whose workflows may take the role. */
  readonly source: GitHubSource;
  /** Where they may push images to. */
  readonly repository: ecr.IRepository;
  /**
   * The account's trust in GitHub.
   * @default - the one that the account has already
   */
  readonly provider?: IGitHubProvider;
}

/**
 * What a workflow on GitHub takes for an hour, without a password anywhere: it may push images to one repository, and start the
 * runbooks that say so (`ReleaseRunbook.grantStart`). No permission for CloudFormation, none for IAM but to hand a runbook its role.
 */
export class GitHubDeployRole extends Construct implements iam.IGrantable {
  public readonly role: iam.Role;
  public readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: GitHubDeployRoleProps) {
    super(scope, id);
    const { providerArn } = props.provider ?? GitHubProvider.ofAccount(this);
    const claims = { [`${GITHUB_ISSUER}:aud`]: 'sts.amazonaws.com', [`${GITHUB_ISSUER}:sub`]: props.source.subject };
    this.role = new iam.Role(this, 'Role', {
      description: 'Workflows on GitHub that push images and start releases',
      assumedBy: new iam.FederatedPrincipal(providerArn, { StringEquals: claims }, 'sts:AssumeRoleWithWebIdentity'),
      maxSessionDuration: Duration.hours(1),
    });
    this.grantPrincipal = this.role;
    const policy = new iam.ManagedPolicy(this, 'Push', {
      description: 'Pushing images to one repository',
      roles: [this.role],
      statements: [
        new iam.PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
        // What a push takes (Amazon ECR user guide, IAM permissions for pushing an image); nothing that deletes.
        new iam.PolicyStatement({
          actions: [
            'ecr:BatchCheckLayerAvailability',
            'ecr:BatchGetImage',
            'ecr:CompleteLayerUpload',
            'ecr:InitiateLayerUpload',
            'ecr:PutImage',
            'ecr:UploadLayerPart',
          ],
          resources: [props.repository.repositoryArn],
        }),
      ],
    });
    acknowledge(
      policy,
      ...sameReason(
        'ecr:GetAuthorizationToken knows no resource but *, and gives a token that opens only what the other statement names: pushing ' +
          'to the one repository of the product, whose tags never move, for an hour, from one branch or environment on GitHub.',
        wildcardResource(this, '*'),
        'Cloudsplaining::CredentialsExposure',
      ),
    );
  }
}
