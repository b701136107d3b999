import { Arn, ArnFormat, Aws, CfnParameter, Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { MigrationTask } from '../compute/migration-task';
import type { ReleaseTag } from '../compute/release-tag';
import type { SingleServer } from '../compute/single-server';
import { TAG_PATTERN } from '../compute/tag-pattern';
import { acknowledgeWildcards } from '../operations/acknowledge';
import { acknowledgeOwnPolicies } from '../operations/own-policies';
import { automation, type RunbookStep } from '../operations/runbook';
import { bringAlong, faultsOfFollowers, followersOf, letUpdate, secondsOfUpdate, UPDATE } from './release-followers';
import { migrateFirst, migrationSteps, updateSteps } from './release-steps';
import { letRunOnServer, serverSteps } from './server-steps';

/** Properties of a ReleaseRunbook. */
export interface ReleaseRunbookProps {
  /** What the product's image takes its tag from: `ProductImage.fromRelease(repository, release)`. */
  readonly release: ReleaseTag;
  /** Where the images are; in the account of the stack. */
  readonly repository: ecr.IRepository;
  /**
   * What runs before the release serves, and must end with 0: `product.application.migration`.
   * @default - nothing; the image is released as it is
   */
  readonly migration?: MigrationTask;
  /**
   * The single server, where the product is on one: it runs the image first, and the stack follows when it is healthy there.
   * @default - none: the stack's services take the image with the stack
   */
  readonly server?: SingleServer;
  /**
   * How long a migration may take. One that takes longer goes on, and the release does not come.
   * @default Duration.hours(1)
   */
  readonly migrationTimeout?: Duration;
  /**
   * How long an update of the stack may take; ECS ends one that does not become healthy earlier, by its circuit breaker, and one whose
   * alarms ring.
   * @default - an hour, and twice as long as the releases of all services of the stack wait, which may go there and back, one after the
   * other: a canary its bake times, for instance
   */
  readonly updateTimeout?: Duration;
}

/**
 * Releases an image: `aws ssm start-automation-execution --document-name NAME --parameters Tag=1.4.3`.
 *
 * It looks whether the image is there, runs its migration, and updates the stack it stands in with the new tag and nothing else: the
 * template is the deployed one, every other parameter keeps its value. Then it does the same with the stacks of the services that run
 * the product's own image, all at once. So the pipeline that starts it needs no permission for
 * CloudFormation, ECS or IAM, and there is no drift. If the migration fails nothing has changed; if the tasks do not become healthy or
 * an alarm of the release rings, ECS and CloudFormation go back by themselves, and the runbook fails and says which. `Migrate=no` leaves the migration out, for the way back to an older
 * image.
 *
 * The update runs with the role that `cdk deploy` gave the stack (bootstrap's, for CDK's default synthesizer), which CloudFormation
 * keeps and which nobody has to pass again (CloudFormation user guide, service role; not verified against AWS).
 */
export class ReleaseRunbook extends Construct {
  public readonly document: ssm.CfnDocument;
  /** What `start-automation-execution` takes. */
  public readonly documentName: string;
  /** The role of the runbook. */
  public readonly role: iam.Role;
  private starting?: iam.ManagedPolicy;

  constructor(scope: Construct, id: string, props: ReleaseRunbookProps) {
    super(scope, id);
    const { release, migration } = props;
    // The parameters belong to the images; without one in this stack there would be nothing to change.
    release.servingIn(this);
    const secondsOf = (stack: Stack) =>
      props.updateTimeout?.toSeconds() ?? Lazy.number({ produce: () => secondsOfUpdate(stack) });
    const updateSeconds = secondsOf(Stack.of(this));
    const followers = followersOf(this, release);
    const characters = () => JSON.stringify(Stack.of(this).resolve(this.document.content)).length;
    this.node.addValidation({ validate: () => faultsOfFollowers(followers, followersOf(this, release), characters()) });
    const migrationTimeout = props.migrationTimeout ?? Duration.hours(1);
    this.role = this.createRole(props);
    letUpdate(this.role, followers);
    const serve = [
      ...(props.server ? serverSteps(props.server, props.repository.repositoryUriForTag('{{ Tag }}')) : []),
      ...updateSteps('ReleaseTag', Aws.STACK_ID, release.parameterName, updateSeconds),
      ...bringAlong(followers, release, secondsOf),
    ];
    const migrate = migration && [
      ...updateSteps('MigrationTag', Aws.STACK_ID, release.migrationParameterName, updateSeconds),
      ...migrationSteps(migration, migrationTimeout),
    ];
    // In place: the pipeline goes on finding it by its name.
    this.document = automation(this, 'Document', {
      description: 'Releases an image of the product: migrates, then updates the stack with the tag and nothing else',
      assumeRole: this.role.roleArn,
      parameters: {
        Tag: { type: 'String', description: 'Tag of the image in the repository', allowedPattern: TAG_PATTERN },
        ...(migrate && {
          Migrate: {
            type: 'String',
            description: 'no: go back without migrating',
            default: 'yes',
            allowedValues: ['yes', 'no'],
          },
        }),
      },
      mainSteps: [
        ...this.findImage(props.repository),
        ...(migrate ? [migrateFirst(migrate[0].name, serve[0].name), ...migrate] : []),
        ...serve,
      ],
    });
    this.documentName = this.document.ref;
  }

  /** Lets a role start releases and see how they go. The role may be one of another stack, such as that of a pipeline. */
  public grantStart(role: iam.IRole): void {
    const stack = Stack.of(this);
    const arn = (resource: string, resourceName: string, arnFormat = ArnFormat.SLASH_RESOURCE_NAME) =>
      stack.formatArn({ service: 'ssm', resource, resourceName, arnFormat });
    const anyExecution = arn('automation-execution', '*');
    const anyVersion = arn('automation-definition', `${this.documentName}:*`);
    if (this.starting) {
      this.starting.attachToRole(role);
      return;
    }
    // A policy of this stack, so that the stack of the role need not know this one.
    this.starting = new iam.ManagedPolicy(this, 'Start', {
      description: 'Starting the release of one product',
      roles: [role],
      statements: [
        new iam.PolicyStatement({
          actions: ['ssm:StartAutomationExecution'],
          resources: [arn('document', this.documentName), anyVersion, anyExecution],
        }),
        new iam.PolicyStatement({ actions: ['ssm:GetAutomationExecution'], resources: [anyExecution] }),
        new iam.PolicyStatement({
          actions: ['iam:PassRole'],
          resources: [this.role.roleArn],
          conditions: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
        }),
      ],
    });
    acknowledgeWildcards(
      this.starting,
      'Systems Manager makes up the id of an execution when it starts, so none can be named; what may be started is one document, in ' +
        'any of its versions, and reading an execution shows its steps and their results, which hold no secret here.',
      anyExecution,
      anyVersion,
    );
  }

  /** Fails before anything changes, where there is no such image. A repository of another Region cannot be asked from here. */
  private findImage(repository: ecr.IRepository): RunbookStep[] {
    const arn = repository.repositoryArn;
    const there = Token.isUnresolved(arn) ? repository.env.region : Arn.split(arn, ArnFormat.SLASH_RESOURCE_NAME).region;
    const here = Stack.of(this).region;
    if (here !== there && !Token.isUnresolved(here) && !Token.isUnresolved(there)) return [];
    return [
      {
        name: 'FindImage',
        action: 'aws:executeAwsApi',
        inputs: {
          Service: 'ecr',
          Api: 'DescribeImages',
          repositoryName: repository.repositoryName,
          imageIds: [{ imageTag: '{{ Tag }}' }],
        },
        outputs: [{ Name: 'Digest', Selector: '$.imageDetails[0].imageDigest', Type: 'String' }],
      },
    ];
  }

  private createRole({ repository, migration, server }: ReleaseRunbookProps): iam.Role {
    const stack = Stack.of(this);
    const role = new iam.Role(this, 'Role', {
      description: 'Releases images of the product',
      assumedBy: new iam.ServicePrincipal('ssm.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: {
            'aws:SourceArn': stack.formatArn({ service: 'ssm', resource: 'automation-execution', resourceName: '*' }),
          },
        },
      }),
    });
    const allow = (actions: string[], resources: string[], conditions?: { [operator: string]: unknown }) =>
      role.addToPolicy(new iam.PolicyStatement({ actions, resources, conditions }));
    allow(UPDATE, [Aws.STACK_ID]);
    // Whoever updates a stack reads the parameters it names, among them the version of the bootstrap.
    allow(['ssm:GetParameters'], Lazy.list({ produce: () => this.namedParameters() }) as string[]);
    allow(['ecr:DescribeImages'], [repository.repositoryArn]);
    acknowledgeOwnPolicies(role);
    if (migration) this.letMigrate(role, migration);
    if (server) letRunOnServer(role, server);
    return role;
  }

  private letMigrate(role: iam.Role, migration: MigrationTask): void {
    const { taskDefinition, cluster, anyRevisionArn } = migration;
    const anyTask = Stack.of(this).formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['ecs:RunTask'],
        resources: [anyRevisionArn],
        conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
      }),
    );
    role.addToPolicy(new iam.PolicyStatement({ actions: ['ecs:DescribeTasks'], resources: [anyTask] }));
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [taskDefinition.taskRole.roleArn, taskDefinition.obtainExecutionRole().roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      }),
    );
    acknowledgeWildcards(
      role,
      'Each release makes a new revision of the one task definition, and ECS makes up the id of a task when it starts; both are held to ' +
        "the product's own family and cluster.",
      anyRevisionArn,
      anyTask,
    );
  }

  /** ARNs of what the stack takes out of Systems Manager when it is updated. */
  private namedParameters(): string[] {
    const stack = Stack.of(this);
    const named = stack.node.findAll().flatMap((child) => {
      if (!(child instanceof CfnParameter) || !child.type.startsWith('AWS::SSM::Parameter::')) return [];
      return typeof child.default === 'string' ? [child.default] : [];
    });
    const bootstrap = `/cdk-bootstrap/${stack.synthesizer.bootstrapQualifier ?? 'hnb659fds'}/version`;
    return [...new Set([bootstrap, ...named])].map((name) =>
      stack.formatArn({
        service: 'ssm',
        // Those of AWS belong to no account.
        account: name.startsWith('/aws/') ? '' : undefined,
        resource: 'parameter',
        resourceName: name.replace(/^\//, ''),
      }),
    );
  }
}
