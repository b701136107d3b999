import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { LoadBalancer } from '../../../lib/blocks/compute/load-balancer';
import { ReleaseStrategy } from '../../../lib/blocks/compute/release-strategy';
import { ReleaseTag } from '../../../lib/blocks/compute/release-tag';
import { ReleaseRunbook, type ReleaseRunbookProps } from '../../../lib/blocks/delivery/release-runbook';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { agnosticStack, testStack } from '../../stacks';
import { losses } from '../before-after';
import { service } from '../compute/service-fixture';
import { pipeline, serverPipeline } from './delivery-fixture';

interface Step {
  readonly name: string;
  readonly action: string;
  readonly timeoutSeconds?: number;
  readonly inputs: { readonly [name: string]: unknown };
}

/** The runbook as it stands in a template. */
function contentOf(template: Template): { assumeRole: unknown; parameters: Record<string, object>; mainSteps: Step[] } {
  const [found] = Object.values(template.findResources('AWS::SSM::Document')).filter(
    ({ Properties }) => Properties.Content.parameters?.Tag,
  );
  return found.Properties.Content;
}

/** A runbook without a migration. */
function small(stack: Stack, props: Partial<ReleaseRunbookProps> = {}): ReleaseRunbook {
  const repository = ecr.Repository.fromRepositoryName(stack, 'Images', 'shop');
  return new ReleaseRunbook(stack, 'Release', { release: ReleaseTag.of('1.4.2'), repository, ...props });
}

describe('a release runbook', () => {
  const { shop } = pipeline();
  const template = Template.fromStack(shop);
  const content = contentOf(template);

  test('looks for the image, migrates, and only then releases', () => {
    expect(content.mainSteps.map(({ name }) => name)).toEqual([
      'FindImage',
      'MigrateFirst',
      'SetMigrationTag',
      'AwaitMigrationTag',
      'CheckMigrationTag',
      'StartMigration',
      'AwaitMigration',
      'CheckMigration',
      'SetReleaseTag',
      'AwaitReleaseTag',
      'CheckReleaseTag',
    ]);
    // Nothing goes on after a step that failed.
    expect(content.mainSteps.filter((step) => 'onFailure' in step || 'nextStep' in step)).toEqual([]);
  });

  test('leaves the migration out where somebody says so, for the way back', () => {
    expect(content.parameters.Migrate).toMatchObject({ default: 'yes', allowedValues: ['yes', 'no'] });
    expect(content.mainSteps[1]).toMatchObject({
      action: 'aws:branch',
      inputs: {
        Choices: [{ NextStep: 'SetReleaseTag', Variable: '{{ Migrate }}', StringEquals: 'no' }],
        Default: 'SetMigrationTag',
      },
    });
  });

  test('takes a tag, and none that moves', () => {
    const pattern = new RegExp((content.parameters.Tag as { allowedPattern: string }).allowedPattern);
    for (const tag of ['1.4.3', 'v2', '20261122-abc']) expect(tag).toMatch(pattern);
    for (const tag of ['latest', '', '-x', 'a b', "'; rm", '{{ x }}']) expect(tag).not.toMatch(pattern);
  });

  test('changes one parameter at a time, of the stack it stands in', () => {
    const payload = (name: string) => content.mainSteps.find((step) => step.name === name)!.inputs.InputPayload;
    const stack = { Ref: 'AWS::StackId' };
    expect(payload('SetMigrationTag')).toEqual({ Stack: stack, Parameter: 'ReleaseMigrationTag', Tag: '{{ Tag }}' });
    expect(payload('SetReleaseTag')).toEqual({ Stack: stack, Parameter: 'ReleaseTag', Tag: '{{ Tag }}' });
    expect(Object.keys(template.toJSON().Parameters)).toEqual(expect.arrayContaining(['ReleaseTag', 'ReleaseMigrationTag']));
  });

  test('has scripts that Systems Manager reads as they stand, in a document below 64 KB', () => {
    const scripts = content.mainSteps.flatMap(({ inputs }) => (typeof inputs.Script === 'string' ? [inputs.Script] : []));
    expect(scripts).toHaveLength(6);
    for (const script of scripts) expect(script).not.toMatch(/\{\{|\}\}/);
    expect(JSON.stringify(content).length).toBeLessThan(64 * 1024);
  });

  test('stays the same document when it changes', () => {
    template.hasResourceProperties('AWS::SSM::Document', {
      DocumentType: 'Automation',
      UpdateMethod: 'NewVersion',
      Name: Match.absent(),
      Content: Match.objectLike({ assumeRole: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ReleaseRole'), 'Arn'] } }),
    });
    const changed = losses(small, (stack) => small(stack, { updateTimeout: Duration.minutes(30) }));
    // May: by the schema alone, which does not know of UpdateMethod.
    expect(changed.filter((loss) => !loss.endsWith('MAY_REPLACE'))).toEqual([]);
  });

  test('has a role that only Automation of this account takes', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      Description: 'Releases images of the product',
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { Service: 'ssm.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': '123456789012' },
              ArnLike: { 'aws:SourceArn': Match.anyValue() },
            },
          },
        ],
      },
    });
  });

  test('may update this stack, read what the stack names, and run the one task definition with its two roles', () => {
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy')).filter(({ Properties }) =>
      Properties.Roles[0].Ref.startsWith('ReleaseRole'),
    );
    const statements = policy.Properties.PolicyDocument.Statement;
    expect(statements).toHaveLength(6);
    const of = (action: string) =>
      statements.find(({ Action }: { Action: string | string[] }) => [Action].flat().includes(action));
    expect(of('cloudformation:UpdateStack').Resource).toEqual({ Ref: 'AWS::StackId' });
    expect(JSON.stringify(of('ssm:GetParameters').Resource)).toContain('/cdk-bootstrap/hnb659fds/version');
    expect(of('ecs:RunTask')).toMatchObject({
      Condition: { ArnEquals: { 'ecs:cluster': { 'Fn::GetAtt': [expect.stringMatching(/Cluster/), 'Arn'] } } },
    });
    const family = Object.values(template.findResources('AWS::ECS::TaskDefinition'))
      .map(({ Properties }) => Properties.Family)
      .find((name) => name.includes('Migration'));
    expect(JSON.stringify(of('ecs:RunTask').Resource)).toContain(`task-definition/${family}:*`);
    expect(of('iam:PassRole')).toMatchObject({
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      Resource: [
        { 'Fn::GetAtt': [expect.stringMatching(/MigrationTaskDefinitionTaskRole/), 'Arn'] },
        { 'Fn::GetAtt': [expect.stringMatching(/MigrationTaskDefinitionExecutionRole/), 'Arn'] },
      ],
    });
  });

  test('releases without a migration where there is none', () => {
    const stack = testStack();
    small(stack);
    const { mainSteps, parameters } = contentOf(Template.fromStack(stack));
    expect(mainSteps.map(({ name }) => name)).toEqual(['FindImage', 'SetReleaseTag', 'AwaitReleaseTag', 'CheckReleaseTag']);
    expect(Object.keys(parameters)).toEqual(['Tag']);
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('iam:PassRole');
  });

  test('runs the image on a single server first, which goes back by itself, and lets the stack follow', () => {
    const server = Template.fromStack(serverPipeline().stack);
    const { mainSteps } = contentOf(server);
    expect(mainSteps.map(({ name }) => name)).toEqual([
      'FindImage',
      'FindServer',
      'RunOnServer',
      'SetReleaseTag',
      'AwaitReleaseTag',
      'CheckReleaseTag',
    ]);
    const command = { Ref: expect.stringMatching(/DeployCommand/) };
    expect(mainSteps[2]).toMatchObject({
      action: 'aws:runCommand',
      inputs: { DocumentName: command, InstanceIds: ['{{ FindServer.InstanceId }}'] },
    });
    expect(JSON.stringify(mainSteps[2].inputs.Parameters)).toContain('/shop:{{ Tag }}');
    const [policy] = Object.values(server.findResources('AWS::IAM::ManagedPolicy')).filter(({ Properties }) =>
      Properties.Description.startsWith('Running an image'),
    );
    const [send, on] = policy.Properties.PolicyDocument.Statement;
    expect([send.Action, on.Action]).toEqual(['ssm:SendCommand', 'ssm:SendCommand']);
    expect(JSON.stringify(send.Resource)).toContain('DeployCommand');
    expect(on.Condition.StringEquals).toEqual({
      'aws:ResourceTag/aws:autoscaling:groupName': { Ref: expect.stringMatching(/Group/) },
    });
    server.hasParameter('ReleaseTag', { Default: '1.4.2' });
  });

  test('waits as long as it is told', () => {
    const stack = testStack();
    small(stack, { updateTimeout: Duration.minutes(20) });
    const { mainSteps } = contentOf(Template.fromStack(stack));
    expect(mainSteps.find(({ name }) => name === 'AwaitReleaseTag')?.timeoutSeconds).toBe(1200);
  });

  test('waits an hour longer than the slowest release of its stack there and back', () => {
    const waits = (releases?: ReleaseStrategy) => {
      const stack = testStack();
      small(stack);
      const made = service(stack);
      const logBucket = new LogBucket(stack, 'Logs');
      const front = new LoadBalancer(stack, 'LoadBalancer', { logBucket, vpc: made.service.cluster.vpc });
      // After the runbook, as services of a product's own may come.
      front.route('Core', { service: made, healthCheckPath: '/', releases });
      const { mainSteps } = contentOf(Template.fromStack(stack));
      return mainSteps.find(({ name }) => name === 'AwaitReleaseTag')?.timeoutSeconds;
    };
    expect(waits()).toBe(3600);
    expect(waits(ReleaseStrategy.rolling())).toBe(3600);
    expect(waits(ReleaseStrategy.USERS_1M)).toBe(4800);
    expect(waits(ReleaseStrategy.linear(10, Duration.minutes(30), Duration.hours(1)))).toBe(46_800);
  });

  test('asks no registry of another Region for the image', () => {
    const stack = testStack();
    const repository = ecr.Repository.fromRepositoryAttributes(stack, 'There', {
      repositoryName: 'shop',
      repositoryArn: 'arn:aws:ecr:eu-central-1:123456789012:repository/shop',
    });
    new ReleaseRunbook(stack, 'Release', { release: ReleaseTag.of('1'), repository });
    expect(contentOf(Template.fromStack(stack)).mainSteps[0].name).toBe('SetReleaseTag');
  });

  test('is started by every role that it was granted to, by one policy', () => {
    const stack = testStack();
    const runbook = small(stack);
    for (const id of ['One', 'Two']) {
      runbook.grantStart(new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() }));
    }
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::ManagedPolicy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^One') }, { Ref: Match.stringLikeRegexp('^Two') }],
    });
  });

  test('works in a stack without an environment', () => {
    const stack = agnosticStack();
    small(stack);
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
