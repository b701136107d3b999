import { Aws, Stack, Token } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { letIn } from '../network/let-in';
import { machineCommand, machineFile } from '../operations/runbook';
import { POSTGRES_PORT } from './aurora-postgres';
import type { CacheReplicationGroup } from './cache-replication-group';
import { CHOICES, DataMoveRunbook, LONGEST_STEP, STEPS } from './data-move-runbook';
import type { IAuroraDatabase } from './existing-aurora-database';
import { moveProgram, stepScript } from './move/move-program';

/** Properties of a DataMove. */
export interface DataMoveProps {
  /** Network of both sides: the database comes from it to the server. */
  readonly vpc: ec2.IVpc;
  /** Security groups of the server that holds the data. */
  readonly server: ec2.IConnectable;
  /** Who the server is: it gets the permissions of the move. */
  readonly grantee: iam.IGrantable;
  /** The group of the one machine that is the server. */
  readonly autoScalingGroup: autoscaling.IAutoScalingGroup;
  /** Where the server's database goes. */
  readonly database: IAuroraDatabase;
  /** Where the server's sessions go. */
  readonly cache: CacheReplicationGroup;
  /**
   * Name of the Systems Manager parameter that says that all of it arrived, such as `/data-move/Shop/Product`; the last step writes it.
   * Not the stack's own: it must outlive the server.
   */
  readonly recordParameterName: string;
  /**
   * Name of the database on the server: lower-case letters, digits, underscores.
   * @default 'app'
   */
  readonly databaseName?: string;
}

/**
 * Moves what one server holds, its PostgreSQL and its Redis, to Aurora and Valkey: by dump (the site is down while it is copied) or by
 * logical replication (down only for the cut-over). A person starts it, step by step: docs/moving.md.
 *
 * Nothing is moved by deploying this. It lets the server in to database and cache, the database in to the server's PostgreSQL, and makes
 * the documents with the program. Not verified against AWS; the program runs against two real PostgreSQL servers in
 * test/rehearsal/move.
 */
export class DataMove extends Construct {
  /** The runbook to start: `Until`, `Mode`, `Sessions`, `TargetContents`. */
  public readonly runbook: ssm.CfnDocument;
  /** The command that does one step on the server. */
  public readonly step: ssm.CfnDocument;
  /** The files of the program, one document each. */
  public readonly program: ssm.CfnDocument[];
  /** Name of the parameter with the record of the verification. */
  public readonly recordParameterName: string;

  /** @throws if recordParameterName or databaseName does not fit */
  constructor(scope: Construct, id: string, props: DataMoveProps) {
    super(scope, id);
    checkNames(props);
    const { server, database, cache } = props;
    this.recordParameterName = props.recordParameterName;

    letIn(database, server, 'Server whose data moves');
    letIn(cache, server, 'Server whose data moves');
    const postgres = new ec2.Connections({
      securityGroups: server.connections.securityGroups,
      defaultPort: ec2.Port.tcp(POSTGRES_PORT),
    });
    // Logical replication: the new database connects to the old one.
    letIn({ connections: postgres }, database, 'Database that follows this one');

    const files = moveProgram();
    this.program = files.map(({ name, lines }) => this.programFile(name, lines));
    const listed = files.map(({ name, sha256 }, index) => `${name} ${sha256} ${this.program[index].ref}`);
    this.step = this.stepCommand(props, listed);
    this.runbook = new DataMoveRunbook(this, 'Runbook', {
      autoScalingGroup: props.autoScalingGroup,
      step: this.step,
    }).document;
    this.permit(props);
  }

  private permit({ grantee, database, cache }: DataMoveProps): void {
    database.secret.grantRead(grantee);
    cache.secret.grantRead(grantee);
    const stack = Stack.of(this);
    const parameter = stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: this.recordParameterName.slice(1) });
    const documents = this.program.map(({ ref }) => stack.formatArn({ service: 'ssm', resource: 'document', resourceName: ref }));
    grantee.grantPrincipal.addToPrincipalPolicy(
      new iam.PolicyStatement({ actions: ['ssm:PutParameter', 'ssm:DeleteParameter'], resources: [parameter] }),
    );
    grantee.grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['ssm:GetDocument'], resources: documents }));
  }

  /** Another text is another document: a step that runs during a deploy finds the files whose checksums it knows. */
  private programFile(name: string, lines: string[]): ssm.CfnDocument {
    return machineFile(this, `${name[0].toUpperCase()}${name.slice(1, -'.py'.length)}`, {
      description: `${name} of the program that moves data. The server takes it from here; not to be run as a command`,
      name: 'program',
      lines,
    });
  }

  private stepCommand(props: DataMoveProps, program: string[]): ssm.CfnDocument {
    const { database, cache } = props;
    const settings: { [name: string]: string } = {
      STEP: '{{ Step }}',
      MODE: '{{ Mode }}',
      SESSIONS: '{{ Sessions }}',
      TARGET_CONTENTS: '{{ TargetContents }}',
      REGION: Aws.REGION,
      VPC_CIDR: addressesOf(props.vpc),
      SOURCE_DATABASE: props.databaseName ?? 'app',
      TARGET_HOST: database.writerHost,
      READER_HOST: database.readerHost,
      TARGET_PORT: String(database.port),
      TARGET_DATABASE: database.databaseName,
      TARGET_SECRET: database.secret.secretArn,
      CACHE_HOST: cache.host,
      CACHE_PORT: String(cache.port),
      CACHE_SECRET: cache.secret.secretArn,
      RECORD_PARAMETER: this.recordParameterName,
    };
    return machineCommand(this, 'Step', {
      description: 'Does one step of the move of the data; start the runbook rather than this',
      parameters: {
        Step: { type: 'String', description: 'Which', allowedValues: [...STEPS, 'roll-back'] },
        ...CHOICES,
      },
      name: 'step',
      timeoutSeconds: LONGEST_STEP,
      lines: [
        '#!/bin/bash',
        ...Object.entries(settings).map(([name, value]) => `readonly ${name}='${value}'`),
        ...`readonly PROGRAM='${program.join('\n')}'`.split('\n'),
        ...stepScript(),
      ],
    });
  }
}

/** Of a VPC that was imported by its attributes nobody may know them; the security group lets in the database alone, all the same. */
function addressesOf(vpc: ec2.IVpc): string {
  try {
    return vpc.vpcCidrBlock;
  } catch {
    return '0.0.0.0/0';
  }
}

function checkNames({ recordParameterName, databaseName }: DataMoveProps): void {
  if (
    !Token.isUnresolved(recordParameterName) &&
    !/^\/(?!aws|ssm)[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+){0,14}$/i.test(recordParameterName)
  ) {
    throw new Error(
      `recordParameterName must be a path such as /data-move/Shop of letters, digits, '.', '-' and '_' that begins with neither aws nor ssm, got: '${recordParameterName}'`,
    );
  }
  if (databaseName !== undefined && !Token.isUnresolved(databaseName) && !/^[a-z_][a-z0-9_]{0,62}$/.test(databaseName)) {
    throw new Error(
      `databaseName must be 1 to 63 lower-case letters, digits and underscores and not start with a digit, got: '${databaseName}'`,
    );
  }
}
