import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { GITHUB_ISSUER } from './github-source';

/** The account's trust in the tokens of GitHub Actions. */
export interface IGitHubProvider {
  readonly providerArn: string;
}

/**
 * Makes the account take tokens of GitHub Actions. **One an account**: a second one is refused, so make it in one stack and name it by
 * `GitHubProvider.ofAccount` elsewhere. It opens nothing by itself, and stays when it leaves the template, since others may need it.
 */
export class GitHubProvider extends Construct implements IGitHubProvider {
  /** The one that the account has already; its ARN follows from the account. */
  public static ofAccount(scope: Construct): IGitHubProvider {
    const providerArn = Stack.of(scope).formatArn({
      service: 'iam',
      region: '',
      resource: 'oidc-provider',
      resourceName: GITHUB_ISSUER,
    });
    return { providerArn };
  }

  public readonly providerArn: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // No thumbprint: IAM knows GitHub's certificate authority (IAM user guide, obtain the thumbprint).
    const provider = new iam.CfnOIDCProvider(this, 'Provider', {
      url: `https://${GITHUB_ISSUER}`,
      clientIdList: ['sts.amazonaws.com'],
    });
    retain(provider);
    this.providerArn = provider.attrArn;
  }
}
