import { Aws, type CfnResource, Duration, Tags, Token } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge, sameReason } from '../operations/acknowledge';
import { ServerImage } from './server-image';
import { VOLUME_TAG } from './server-permissions';
import type { IServerVolume } from './server-volume';

/** Properties of a ServerGroup. */
export interface ServerGroupProps {
  /** Network with a public subnet in the volume's zone. */
  readonly vpc: ec2.IVpc;
  /** Volume that the machine attaches. */
  readonly volume: IServerVolume;
  readonly instanceType: ec2.InstanceType;
  readonly role: iam.IRole;
  readonly securityGroup: ec2.ISecurityGroup;
  /** What the machine runs at its first start. */
  readonly userData: ec2.UserData;
  /** @default - Debian 12, pinned by a parameter */
  readonly machineImage?: ec2.IMachineImage;
  /** @default - nobody is told when the machine is replaced */
  readonly alarmTopic?: sns.ITopic;
}

/** A group of exactly one machine in the zone of its volume. */
export class ServerGroup extends Construct {
  public readonly launchTemplate: ec2.LaunchTemplate;
  /** The pin of the system's image; where the caller did not give one. */
  public readonly image?: ServerImage;
  public readonly autoScalingGroup: autoscaling.AutoScalingGroup;
  /** Logical id of the group, which the machine reports to when it is ready. */
  public readonly logicalId: string;

  /** @throws if no public subnet lies in the volume's zone */
  constructor(scope: Construct, id: string, props: ServerGroupProps) {
    super(scope, id);
    const subnet = publicSubnet(props.vpc, props.volume.availabilityZone);
    const name = `${Aws.STACK_NAME} server`;

    this.image = props.machineImage ? undefined : new ServerImage(this, 'Image');
    this.launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      instanceType: props.instanceType,
      // By the parameter's name and not its value: rolling the image changes no launch template, and no deploy replaces the server.
      machineImage: props.machineImage ?? this.image!.machineImage,
      role: props.role,
      securityGroup: props.securityGroup,
      associatePublicIpAddress: true,
      userData: props.userData,
      requireImdsv2: true,
      // The containers are one hop behind the machine's bridge and get their credentials from it.
      httpPutResponseHopLimit: 2,
      // Unlimited, the default of T4g, bills a runaway process by the hour: up to 47 USD a month on a 20 USD server.
      cpuCredits: isBurstable(props.instanceType) ? ec2.CpuCredits.STANDARD : undefined,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: ec2.BlockDeviceVolume.ebs(8, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 }),
        },
      ],
    });
    Tags.of(this.launchTemplate).add('Name', name);
    this.acknowledgeMachine();

    this.autoScalingGroup = new autoscaling.AutoScalingGroup(this, 'Group', {
      vpc: props.vpc,
      vpcSubnets: { subnets: [subnet] },
      launchTemplate: this.launchTemplate,
      minCapacity: 1,
      maxCapacity: 1,
      healthChecks: autoscaling.HealthChecks.ec2({ gracePeriod: Duration.minutes(15) }),
      // The old machine has to go first: the volume is in one place at a time.
      updatePolicy: autoscaling.UpdatePolicy.rollingUpdate({ minInstancesInService: 0, maxBatchSize: 1 }),
      // Without credits from Unlimited a new machine installs at a fifth of its speed.
      signals: autoscaling.Signals.waitForCount(1, { timeout: Duration.minutes(25) }),
      notifications: props.alarmTopic && [{ topic: props.alarmTopic, scalingEvents: autoscaling.ScalingEvents.ALL }],
    });
    this.autoScalingGroup.node.addDependency(subnet.internetConnectivityEstablished);
    this.logicalId = (this.autoScalingGroup.node.defaultChild as CfnResource).logicalId;
    Tags.of(this.autoScalingGroup).add('Name', name);
    Tags.of(this.autoScalingGroup).add(VOLUME_TAG, props.volume.volumeId);
    acknowledge(
      this.autoScalingGroup,
      {
        id: 'ControlTower::CT.AUTOSCALING.PR.1',
        reason:
          'The rule guards against a zone that fails. This group is one machine, and its data are on a volume, which is in one zone for ' +
          'life: in another zone the machine would start without them. A second zone with a copy is what the second stage is for; ' +
          'until then a backup of each day can be restored in any zone of the Region.',
      },
      {
        id: 'ControlTower::CT.AUTOSCALING.PR.6',
        reason:
          'The rule guards against one type of machine that is sold out. The type is the size that the product pays for: another one ' +
          'would break the 20 USD a month of the first stage or run the product with less memory than it needs. When the type is sold ' +
          'out, the alarm on uptime says so, and another size is one word in the code.',
      },
    );
    if (!props.alarmTopic) {
      acknowledge(this.autoScalingGroup, {
        id: 'AwsSolutions::AwsSolutions-AS3',
        reason:
          'The caller gave no topic, so there is nobody to tell; the group never scales, it only replaces its one machine, and ' +
          'the alarms show when that fails.',
      });
    }
  }

  private acknowledgeMachine(): void {
    acknowledge(
      this.launchTemplate,
      ...sameReason(
        'The rules guard against machines that the internet reaches for no reason. This one is the public web server of a product ' +
          'without a load balancer; to put a load balancer and a NAT gateway before it costs more than twice the machine. Its security ' +
          'group opens ports 80 and 443 only, and people come in through Systems Manager, not by SSH.',
        'ControlTower::CT.EC2.PR.9',
        'Checkov::CKV_AWS_88',
      ),
      {
        id: 'ControlTower::CT.EC2.PR.2',
        reason:
          'The rule guards against credentials that leave the machine by a forwarded request. The containers of the product are one hop ' +
          'behind the bridge of the machine and are meant to have its role, so one hop would leave them without. Version 2 of the ' +
          'metadata service is required, whose token a forged or forwarded request cannot get.',
      },
      {
        id: 'ControlTower::CT.EC2.PR.10',
        reason:
          'The rule wants a metric each minute and not each five. Seven such metrics cost 2.10 USD a month of a machine for 20 USD, ' +
          'and no alarm reads them: status checks come each minute without, and uptime and disk are metrics of the server itself.',
      },
    );
  }
}

function publicSubnet(vpc: ec2.IVpc, zone: string): ec2.ISubnet {
  const subnet = vpc.publicSubnets.find(({ availabilityZone }) => availabilityZone === zone);
  if (!subnet) {
    const zones = vpc.publicSubnets.map(({ availabilityZone }) => availabilityZone).join(', ');
    throw new Error(
      `volume.availabilityZone must be a zone with a public subnet of the VPC (${zones || 'it has none'}), got: ${zone}`,
    );
  }
  return subnet;
}

function isBurstable(instanceType: ec2.InstanceType): boolean {
  return !Token.isUnresolved(instanceType.toString()) && instanceType.isBurstable();
}
