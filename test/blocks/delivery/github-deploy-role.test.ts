import { Template } from 'aws-cdk-lib/assertions';
import { GitHubDeployRole } from '../../../lib/blocks/delivery/github-deploy-role';
import { GitHubProvider } from '../../../lib/blocks/delivery/github-provider';
import { GitHubSource } from '../../../lib/blocks/delivery/github-source';
import { ImageRepository } from '../../../lib/blocks/delivery/image-repository';
import { agnosticStack, testStack } from '../../stacks';
import { pipeline } from './delivery-fixture';

const ISSUER = 'token.actions.githubusercontent.com';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Everything that the pipeline's role may do, in both stacks. */
function allowed(): Statement[] {
  const { registry, shop } = pipeline();
  return [registry, shop].flatMap((stack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::IAM::ManagedPolicy'))
      .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('GitHubRole'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]),
  );
}

describe('the deploy role of a pipeline on GitHub', () => {
  test('is taken by workflows of one environment, for an hour', () => {
    const stack = testStack();
    new GitHubDeployRole(stack, 'GitHub', {
      source: GitHubSource.environment('octocat/shop', 'production'),
      repository: new ImageRepository(stack, 'Images').repository,
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Role', {
      MaxSessionDuration: 3600,
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRoleWithWebIdentity',
            Effect: 'Allow',
            Principal: {
              Federated: {
                'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::123456789012:oidc-provider/${ISSUER}`]],
              },
            },
            Condition: {
              StringEquals: {
                [`${ISSUER}:aud`]: 'sts.amazonaws.com',
                [`${ISSUER}:sub`]: 'repo:octocat/shop:environment:production',
              },
            },
          },
        ],
      },
    });
    // The account has one; a second one would be refused.
    Template.fromStack(stack).resourceCountIs('AWS::IAM::OIDCProvider', 0);
  });

  test('may push to one repository, start one runbook and hand it its role, and nothing else', () => {
    const statements = allowed();
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.sort()).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:GetAuthorizationToken',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
      'iam:PassRole',
      'ssm:GetAutomationExecution',
      'ssm:StartAutomationExecution',
    ]);
    expect(statements.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action)).toEqual([
      'ecr:GetAuthorizationToken',
    ]);
    const pass = statements.find(({ Action }) => Action === 'iam:PassRole')!;
    expect(pass.Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^ReleaseRole/), 'Arn'] });
    expect(pass.Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } });
    const push = statements.find(({ Action }) => Action.includes('ecr:PutImage'))!;
    expect(push.Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Images/), 'Arn'] });
  });

  test('has no other policy in either stack', () => {
    const { registry, shop } = pipeline();
    for (const stack of [registry, shop]) {
      const inline = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
      expect(inline.filter(({ Properties }) => JSON.stringify(Properties.Roles).includes('GitHubRole'))).toEqual([]);
    }
  });

  test('works in a stack without an environment', () => {
    const stack = agnosticStack();
    const { repository } = new ImageRepository(stack, 'Images');
    new GitHubDeployRole(stack, 'GitHub', { source: GitHubSource.branch('octocat/shop', 'main'), repository });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe("the account's trust in GitHub", () => {
  test('is made once, for the audience of AWS, and stays', () => {
    const stack = testStack();
    const { providerArn } = new GitHubProvider(stack, 'Provider');
    Template.fromStack(stack).hasResource('AWS::IAM::OIDCProvider', {
      Properties: { Url: `https://${ISSUER}`, ClientIdList: ['sts.amazonaws.com'] },
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
    expect(stack.resolve(providerArn)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Provider/), 'Arn'] });
  });
});

describe('a source on GitHub', () => {
  test.each([
    [GitHubSource.branch('octocat/shop', 'main'), 'repo:octocat/shop:ref:refs/heads/main'],
    [GitHubSource.branch('octo-org/my.shop_2', 'release/1.x'), 'repo:octo-org/my.shop_2:ref:refs/heads/release/1.x'],
    [GitHubSource.environment('octocat/shop', 'live EU'), 'repo:octocat/shop:environment:live EU'],
    [
      GitHubSource.environment('octocat/shop', 'production').withSubjectPrefix('repo:octocat-123456/shop-456789'),
      'repo:octocat-123456/shop-456789:environment:production',
    ],
    [
      GitHubSource.branch('octocat/shop', 'main').withSubjectPrefix('repo:octocat@1/shop@2'),
      'repo:octocat@1/shop@2:ref:refs/heads/main',
    ],
  ])('is one subject: %#', (source, subject) => {
    expect(source.subject).toBe(subject);
  });

  test.each(['shop', 'octocat/*', '*/shop', 'octocat/shop/x', 'https://github.com/octocat/shop', 'octo?/shop', '', 'a--b-/x:y'])(
    "refuses the repository '%s'",
    (repository) => {
      const message = `repository must be owner/name of one repository on GitHub, such as octocat/shop, got '${repository}': write both`;
      expect(() => GitHubSource.branch(repository, 'main')).toThrow(message);
      expect(() => GitHubSource.environment(repository, 'production')).toThrow(message);
    },
  );

  test.each(['', '*', 'rel*', 'main?', 'a..b', 'a//b', 'main/', 'refs heads'])("refuses the branch '%s'", (branch) => {
    expect(() => GitHubSource.branch('octocat/shop', branch)).toThrow(
      `branch must be the name of one branch, such as main, got '${branch}': wildcards would let in others`,
    );
  });

  test.each(['', '*', 'prod*', 'a:b'])("refuses the environment '%s'", (environment) => {
    expect(() => GitHubSource.environment('octocat/shop', environment)).toThrow(
      `environment must be the name of one environment, of letters, digits, blanks, dots, hyphens and underscores, such as production, got '${environment}': rename it`,
    );
  });

  test.each(['', 'octocat/shop', 'repo:octocat/*', 'repo:octocat/shop:ref'])("refuses the subject prefix '%s'", (prefix) => {
    expect(() => GitHubSource.branch('octocat/shop', 'main').withSubjectPrefix(prefix)).toThrow(
      `prefix must be what the OIDC settings of the repository show, such as repo:octocat-123456/shop-456789, got '${prefix}': copy it from there`,
    );
  });
});
