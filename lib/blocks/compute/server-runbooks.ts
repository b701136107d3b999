import { Aws } from 'aws-cdk-lib';
import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { automation, findMachine, machineCommand } from '../operations/runbook';
import { RollImageRunbook } from './roll-image-runbook';
import type { ServerImage } from './server-image';
import type { IServerVolume } from './server-volume';

/** Properties of ServerRunbooks. */
export interface ServerRunbooksProps {
  /** The group of one machine. */
  readonly autoScalingGroup: autoscaling.IAutoScalingGroup;
  /** The volume that a backup is one of. */
  readonly volume: IServerVolume;
  /** Alarm that says whether the site answers. */
  readonly uptime: cloudwatch.IAlarm;
  /** @default - an image of the caller's: nothing to roll */
  readonly image?: ServerImage;
  /** Whether there are dumps to restore. */
  readonly restoresDumps: boolean;
}

/**
 * What people and pipelines do with the server, each as a document of Systems Manager: no SSH, and a record of who did what. Each runs
 * with the permissions of whoever starts it.
 *
 * The Command documents run one subcommand of the server's script; the Automation documents (runbooks) find the machine, start such a
 * command, wait for it and fail when it fails. Not verified against AWS.
 */
export class ServerRunbooks extends Construct {
  /** Runs another image of the product, or goes back by itself: `Image`. */
  public readonly deploy: ssm.CfnDocument;
  /** Puts a dump beside the database, and in its place if told so: `Dump`, `Swap`. */
  public readonly restoreDump?: ssm.CfnDocument;
  /** Makes a volume of one of the daily backups, beside the one in use: `Snapshot`. */
  public readonly restoreVolume: ssm.CfnDocument;
  /** Replaces the machine by one of the newest image of the system, or goes back by itself. */
  public readonly rollImage?: ssm.CfnDocument;
  private readonly props: ServerRunbooksProps;

  constructor(scope: Construct, id: string, props: ServerRunbooksProps) {
    super(scope, id);
    this.props = props;
    this.deploy = this.deployRunbook();
    this.restoreDump = props.restoresDumps ? this.restoreDumpRunbook() : undefined;
    this.restoreVolume = this.restoreVolumeRunbook();
    if (props.image) {
      this.rollImage = new RollImageRunbook(this, 'RollImage', {
        autoScalingGroup: props.autoScalingGroup,
        image: props.image,
        uptime: props.uptime,
      }).document;
    }
  }

  /** The command behind `deploy`, for a runbook that has found the machine itself: `Image`. */
  public get deployCommand(): ssm.CfnDocument {
    return this.node.findChild('DeployCommand') as ssm.CfnDocument;
  }

  private deployRunbook(): ssm.CfnDocument {
    const image = {
      type: 'String',
      description: 'Image of the product, such as 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1.4.2',
      // What the shell would take for its own is not let through.
      allowedPattern: '^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}$',
    };
    const command = this.command('DeployCommand', 'Runs another image of the product on the server', { Image: image }, [
      "/usr/local/sbin/server deploy '{{ Image }}'",
    ]);
    return automation(this, 'Deploy', {
      description:
        '# Deploy an image\nPulls it, starts it beside the one that serves, and switches when its health check answers; otherwise the ' +
        'former goes on, and this fails. The next deploy of the stack runs what the template says.',
      parameters: { Image: image },
      mainSteps: [this.machine(), this.runCommand('deploy', command, { Image: ['{{ Image }}'] }, { isEnd: true })],
    });
  }

  private restoreDumpRunbook(): ssm.CfnDocument {
    const dump = {
      type: 'String',
      description: "Dump to restore, as 'server restore list' names it, or the latest",
      default: 'latest',
      allowedPattern: '^(latest|dumps/[0-9TZ-]{1,40})$',
    };
    const what = {
      type: 'String',
      description: 'dump: beside the database; swap: in its place; forget: drop the former',
      allowedValues: ['list', 'dump', 'swap', 'forget', 'cache'],
    };
    const command = this.command('RestoreCommand', 'Restores a dump on the server', { What: what, Dump: dump }, [
      "/usr/local/sbin/server restore '{{ What }}' '{{ Dump }}'",
    ]);
    const swap = {
      type: 'String',
      description: 'Whether the restored database takes the place of the present one, which is kept: minutes without the site',
      default: 'no',
      allowedValues: ['no', 'yes'],
    };
    return automation(this, 'RestoreDump', {
      description:
        '# Restore a dump\nChecks the dump against its checksum, restores it into a database beside the present one, and swaps the two ' +
        'if told so. The former is kept until somebody runs `server restore forget`.',
      parameters: { Dump: dump, Swap: swap },
      mainSteps: [
        this.machine(),
        this.runCommand('restore', command, { What: ['dump'], Dump: ['{{ Dump }}'] }, { nextStep: 'whether' }),
        {
          name: 'whether',
          action: 'aws:branch',
          inputs: { Choices: [{ NextStep: 'swap', Variable: '{{ Swap }}', StringEquals: 'yes' }] },
          isEnd: true,
        },
        this.runCommand('swap', command, { What: ['swap'] }, { isEnd: true }),
      ],
    });
  }

  private restoreVolumeRunbook(): ssm.CfnDocument {
    const { volume } = this.props;
    return automation(this, 'RestoreVolume', {
      description:
        '# Restore a volume\nMakes a new volume of one of the daily backups, in the zone of the server and encrypted, and touches ' +
        'nothing else. docs/server.md says how to put it in the place of the present one.',
      parameters: {
        Snapshot: {
          type: 'String',
          description: 'Snapshot of a recovery point in the vault of the volume: the end of its ARN',
          allowedPattern: '^snap-[0-9a-f]{8,17}$',
        },
      },
      outputs: ['create.VolumeId'],
      mainSteps: [
        {
          name: 'create',
          action: 'aws:executeAwsApi',
          inputs: {
            Service: 'ec2',
            Api: 'CreateVolume',
            SnapshotId: '{{ Snapshot }}',
            AvailabilityZone: volume.availabilityZone,
            VolumeType: 'gp3',
            Encrypted: true,
            ...(volume.encryptionKey && { KmsKeyId: volume.encryptionKey.keyArn }),
            TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'Name', Value: `${Aws.STACK_NAME} data, restored` }] }],
          },
          outputs: [{ Name: 'VolumeId', Selector: '$.VolumeId', Type: 'String' }],
          nextStep: 'available',
        },
        {
          name: 'available',
          action: 'aws:waitForAwsResourceProperty',
          timeoutSeconds: 1800,
          inputs: {
            Service: 'ec2',
            Api: 'DescribeVolumes',
            VolumeIds: ['{{ create.VolumeId }}'],
            PropertySelector: '$.Volumes[0].State',
            DesiredValues: ['available'],
          },
          isEnd: true,
        },
      ],
    });
  }

  private machine(): object {
    return findMachine('machine', this.props.autoScalingGroup);
  }

  private runCommand(name: string, document: ssm.CfnDocument, parameters: object, then: object): object {
    return {
      name,
      action: 'aws:runCommand',
      timeoutSeconds: 7200,
      onFailure: 'Abort',
      inputs: { DocumentName: document.ref, InstanceIds: ['{{ machine.InstanceId }}'], Parameters: parameters },
      ...then,
    };
  }

  private command(id: string, description: string, parameters: object, lines: string[]): ssm.CfnDocument {
    return machineCommand(this, id, { description, parameters, name: 'server', lines, timeoutSeconds: 7200 });
  }
}
