import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { LoadBalancer } from '../../../lib/blocks/compute/load-balancer';
import { ReleaseStrategy } from '../../../lib/blocks/compute/release-strategy';
import { ReleaseTag } from '../../../lib/blocks/compute/release-tag';
import { ReleaseRunbook, type ReleaseRunbookProps } from '../../../lib/blocks/delivery/release-runbook';
import { LogBucket } from '../../../lib/blocks/operations/log-bucket';
import { ACCOUNT, agnosticStack, testStack } from '../../stacks';
import { losses } from '../before-after';
import { service } from '../compute/service-fixture';
import { pipeline, serverPipeline, servicesPipeline } from './delivery-fixture';

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
    expect(payload('SetMigrationTag')).toEqual({
      Stacks: { 'the stack': stack },
      Parameter: 'ReleaseMigrationTag',
      Tag: '{{ Tag }}',
    });
    expect(payload('SetReleaseTag')).toEqual({ Stacks: { 'the stack': stack }, Parameter: 'ReleaseTag', Tag: '{{ Tag }}' });
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

  test('waits an hour longer than the releases of its stack one after the other, there and back', () => {
    const waits = (releases?: ReleaseStrategy, others: ReleaseStrategy[] = []) => {
      const stack = testStack();
      small(stack);
      const made = service(stack);
      const logBucket = new LogBucket(stack, 'Logs');
      const front = new LoadBalancer(stack, 'LoadBalancer', { logBucket, vpc: made.service.cluster.vpc });
      // After the runbook, as services of a product's own may come.
      front.route('Core', { service: made, healthCheckPath: '/', releases });
      for (const [index, strategy] of others.entries()) {
        const id = `Other${index}`;
        const other = service(stack, { cluster: made.service.cluster }, id);
        front.route(id, {
          service: other,
          healthCheckPath: '/',
          releases: strategy,
          pathPatterns: [`/${index}`],
          priority: index + 1,
        });
      }
      const { mainSteps } = contentOf(Template.fromStack(stack));
      return mainSteps.find(({ name }) => name === 'AwaitReleaseTag')?.timeoutSeconds;
    };
    expect(waits()).toBe(3600);
    expect(waits(ReleaseStrategy.rolling())).toBe(3600);
    expect(waits(ReleaseStrategy.USERS_1M)).toBe(4800);
    // The core waits for auth, so its canary comes after that one's.
    expect(waits(ReleaseStrategy.USERS_1M, [ReleaseStrategy.USERS_1M])).toBe(6000);
    expect(waits(ReleaseStrategy.linear(10, Duration.minutes(30), Duration.hours(1)))).toBe(46_800);
  });

  describe('of a product whose services run its image', () => {
    const { app, shop: stack } = servicesPipeline();
    const made = Template.fromStack(stack);
    const content = contentOf(made);
    const all = Object.fromEntries(app.synth().stacks.map(({ stackName, template }) => [stackName, template]));
    const api = all['Shop-Product-Services-api'];

    test('brings them along once the product is released, and waits for all', () => {
      const names = content.mainSteps.map(({ name }) => name);
      expect(names.slice(names.indexOf('CheckReleaseTag') + 1)).toEqual([
        'SetServiceTags',
        'AwaitServiceapi',
        'AwaitServicebilling',
        'CheckServiceTags',
      ]);
      expect(content.mainSteps.find(({ name }) => name === 'SetServiceTags')!.inputs.InputPayload).toEqual({
        Stacks: { 'service api': 'Shop-Product-Services-api', 'service billing': 'Shop-Product-Services-billing' },
        Parameter: 'ReleaseTag',
        Tag: '{{ Tag }}',
      });
      expect(content.mainSteps.find(({ name }) => name === 'AwaitServiceapi')).toMatchObject({
        timeoutSeconds: 3600,
        inputs: { StackName: 'Shop-Product-Services-api' },
      });
    });

    test('may update their stacks and no others', () => {
      const [policy] = Object.values(made.findResources('AWS::IAM::Policy')).filter(({ Properties }) =>
        Properties.Roles[0].Ref.startsWith('ReleaseRole'),
      );
      const resources = policy.Properties.PolicyDocument.Statement.filter(({ Action }: { Action: string[] }) =>
        Action.includes('cloudformation:UpdateStack'),
      ).flatMap(({ Resource }: { Resource: unknown }) => Resource);
      const arn = (name: string) => ({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:cloudformation:us-east-1:${ACCOUNT}:stack/${name}/*`]],
      });
      expect(resources).toEqual([
        { Ref: 'AWS::StackId' },
        arn('Shop-Product-Services-api'),
        arn('Shop-Product-Services-billing'),
      ]);
    });

    test('starts them with the tag that the product serves, whatever its first one was', () => {
      expect(api.Parameters.ReleaseTag).toMatchObject({ Default: '', Type: 'String' });
      const pattern = new RegExp(api.Parameters.ReleaseTag.AllowedPattern);
      for (const tag of ['', '1.4.3']) expect(tag).toMatch(pattern);
      expect('latest').not.toMatch(pattern);
      expect(api.Conditions.ReleaseTagReleased).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'ReleaseTag' }, ''] }] });
      const serving = {
        'Fn::GetStackOutput': { OutputName: expect.stringContaining('ReleaseTag'), StackName: 'Shop', Region: 'us-east-1' },
      };
      const [task] = Object.values(api.Resources as Record<string, { Type: string; Properties: Record<string, unknown> }>).filter(
        ({ Type }) => Type === 'AWS::ECS::TaskDefinition',
      );
      const containers = task.Properties.ContainerDefinitions as { Name: string; Image: unknown }[];
      expect(containers.find(({ Name }) => Name === 'app')?.Image).toEqual({
        'Fn::Join': ['', expect.arrayContaining([{ 'Fn::If': ['ReleaseTagReleased', { Ref: 'ReleaseTag' }, serving] }])],
      });
      expect(Object.values(made.toJSON().Outputs)).toContainEqual({ Value: { Ref: 'ReleaseTag' } });
    });

    test('leaves those with an image of their own to their own runbooks', () => {
      const own = all['Shop-Product-Services-mailer'];
      const documents = (template: { Resources: Record<string, { Type: string }> }) =>
        Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::SSM::Document').length;
      expect([documents(own), documents(api)]).toEqual([1, 0]);
      expect(own.Parameters.ReleaseTag.Default).toBe('7');
    });

    test('has to be made after the product', () => {
      expect(() => servicesPipeline({ runbookFirst: true }).app.synth()).toThrow(
        'the release runbook does not know api, billing, which run its image: make it after the product',
      );
    });

    test('has room for sixty, and says where there are too many', () => {
      const services = (count: number) => {
        const more = Array.from({ length: count }, (_, index) => ({ name: `service-${index + 1}` }));
        return Stack.of(servicesPipeline({ more }).shop).node.findChild('Release').node.validate();
      };
      expect(services(58)).toEqual([]);
      expect(services(80)).toEqual([
        expect.stringMatching(
          /^a release runbook must have at most 60000 characters, got \d+ with 82 services that run the product's image: give some an image of their own$/,
        ),
      ]);
    }, 120_000);
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
