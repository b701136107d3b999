import type * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { automation } from '../operations/runbook';
import { DEBIAN, type ServerImage } from './server-image';

/** Properties of a RollImageRunbook. */
export interface RollImageRunbookProps {
  /** The group of one machine. */
  readonly autoScalingGroup: autoscaling.IAutoScalingGroup;
  /** The pin. */
  readonly image: ServerImage;
  /** Alarm that says whether the site answers. */
  readonly uptime: cloudwatch.IAlarm;
}

/**
 * Puts the newest Debian 12 into the pin and replaces the machine; when the site does not answer with it, puts the former image back and
 * replaces the machine again. Expect about ten minutes without the site. Not verified against AWS.
 */
export class RollImageRunbook extends Construct {
  public readonly document: ssm.CfnDocument;
  private readonly props: RollImageRunbookProps;

  constructor(scope: Construct, id: string, props: RollImageRunbookProps) {
    super(scope, id);
    this.props = props;
    const parameter = props.image.parameter.ref;
    this.document = automation(this, 'Document', {
      description:
        '# Roll the image\nReplaces the machine by one of the newest Debian 12, on the same volume and address, and waits until the site ' +
        'answers; otherwise goes back to the former image and fails. About ten minutes without the site.',
      outputs: ['former.Image', 'newest.Image'],
      mainSteps: [
        this.read('newest', DEBIAN, 'former'),
        this.read('former', parameter, 'alreadyNewest'),
        {
          name: 'alreadyNewest',
          action: 'aws:assertAwsResourceProperty',
          inputs: {
            Service: 'ssm',
            Api: 'GetParameter',
            Name: parameter,
            PropertySelector: '$.Parameter.Value',
            DesiredValues: ['{{ newest.Image }}'],
          },
          isCritical: false,
          onFailure: 'step:pin',
          isEnd: true,
        },
        this.write('pin', '{{ newest.Image }}', 'replace'),
        ...this.replace('replace', { isEnd: true }, 'putBack'),
        this.write('putBack', '{{ former.Image }}', 'replaceAgain'),
        ...this.replace('replaceAgain', { isEnd: true }),
      ],
    });
  }

  private read(name: string, parameter: string, nextStep: string): object {
    return {
      name,
      action: 'aws:executeAwsApi',
      inputs: { Service: 'ssm', Api: 'GetParameter', Name: parameter },
      outputs: [{ Name: 'Image', Selector: '$.Parameter.Value', Type: 'String' }],
      nextStep,
    };
  }

  private write(name: string, value: string, nextStep: string): object {
    const inputs = { Service: 'ssm', Api: 'PutParameter', Name: this.props.image.parameter.ref, Value: value, Overwrite: true };
    return { name, action: 'aws:executeAwsApi', inputs, nextStep };
  }

  /** Replaces the machine, waits for the new one, then for the site. A step that fails makes the whole run a failed one (isCritical). */
  private replace(name: string, then: object, otherwise?: string): object[] {
    const failing = { onFailure: otherwise ? `step:${otherwise}` : 'Abort' };
    const { autoScalingGroupName } = this.props.autoScalingGroup;
    return [
      {
        name,
        action: 'aws:executeAwsApi',
        inputs: {
          Service: 'autoscaling',
          Api: 'StartInstanceRefresh',
          AutoScalingGroupName: autoScalingGroupName,
          // The old machine has to go first: the volume is in one place at a time.
          Preferences: { MinHealthyPercentage: 0, InstanceWarmup: 600, SkipMatching: false },
        },
        outputs: [{ Name: 'Id', Selector: '$.InstanceRefreshId', Type: 'String' }],
        ...failing,
        nextStep: `${name}Machine`,
      },
      {
        name: `${name}Machine`,
        action: 'aws:waitForAwsResourceProperty',
        timeoutSeconds: 2400,
        inputs: {
          Service: 'autoscaling',
          Api: 'DescribeInstanceRefreshes',
          AutoScalingGroupName: autoScalingGroupName,
          InstanceRefreshIds: [`{{ ${name}.Id }}`],
          PropertySelector: '$.InstanceRefreshes[0].Status',
          DesiredValues: ['Successful'],
        },
        ...failing,
        nextStep: `${name}Site`,
      },
      {
        name: `${name}Site`,
        action: 'aws:waitForAwsResourceProperty',
        timeoutSeconds: 1800,
        inputs: {
          Service: 'cloudwatch',
          Api: 'DescribeAlarms',
          AlarmNames: [this.props.uptime.alarmName],
          PropertySelector: '$.MetricAlarms[0].StateValue',
          DesiredValues: ['OK'],
        },
        ...failing,
        ...then,
      },
    ];
  }
}
