import * as guardduty from 'aws-cdk-lib/aws-guardduty';
import { Construct } from 'constructs';
import { acknowledge } from '../operations/acknowledge';
import { retain } from '../operations/retain';

/** Properties of ThreatDetection. */
export interface ThreatDetectionProps {
  /**
   * Whether an agent watches the processes of containers on Fargate. GuardDuty puts it beside the tasks that start afterwards,
   * where their execution role may fetch it (Amazon GuardDuty user guide, prerequisites for Fargate). 1.50 USD for each vCPU and
   * month.
   * @default true
   */
  readonly watchesContainers?: boolean;
  /**
   * Whether sign-ins to Aurora are watched. 1 USD for each vCPU and month, or 0.40 USD for each ACU of a serverless database.
   * @default true
   */
  readonly watchesDatabases?: boolean;
  /** Whether reads and writes of objects are watched. 0.80 USD for a million. @default true */
  readonly watchesObjects?: boolean;
}

/**
 * GuardDuty of this account and Region: looks through what AWS records anyway (calls, flow logs, DNS) for what attackers do.
 *
 * An account has one detector a Region: where there is one, by hand or by the organization, CloudFormation fails with "already
 * exists", so leave this out. Free for 30 days, then by what it reads: about 4 USD for a million calls and 1 USD a GB of flow
 * logs and DNS queries, and more for each feature below (Amazon GuardDuty pricing, us-east-1; these prices are in no price list
 * at hand, check them).
 *
 * Malware on volumes and the traffic of Lambda functions are watched too, where there are any. This resource is stateful: it
 * holds the findings of 90 days and is kept when it leaves the template. Not verified against AWS.
 */
export class ThreatDetection extends Construct {
  public readonly detector: guardduty.CfnDetector;

  constructor(scope: Construct, id: string, props: ThreatDetectionProps = {}) {
    super(scope, id);
    const { watchesContainers = true, watchesDatabases = true, watchesObjects = true } = props;
    const status = (on: boolean) => (on ? 'ENABLED' : 'DISABLED');
    // Each said outright: what is left out keeps the default of the day on which the detector was made.
    this.detector = new guardduty.CfnDetector(this, 'Detector', {
      enable: true,
      findingPublishingFrequency: 'FIFTEEN_MINUTES',
      features: [
        { name: 'S3_DATA_EVENTS', status: status(watchesObjects) },
        { name: 'RDS_LOGIN_EVENTS', status: status(watchesDatabases) },
        { name: 'LAMBDA_NETWORK_LOGS', status: 'ENABLED' },
        { name: 'EBS_MALWARE_PROTECTION', status: 'ENABLED' },
        { name: 'EKS_AUDIT_LOGS', status: 'DISABLED' },
        {
          name: 'RUNTIME_MONITORING',
          status: status(watchesContainers),
          additionalConfiguration: [
            { name: 'ECS_FARGATE_AGENT_MANAGEMENT', status: status(watchesContainers) },
            { name: 'EC2_AGENT_MANAGEMENT', status: 'DISABLED' },
            { name: 'EKS_ADDON_MANAGEMENT', status: 'DISABLED' },
          ],
        },
      ],
    });
    retain(this.detector);
    acknowledge(this.detector, {
      id: 'ControlTower::CT.GUARDDUTY.PR.1',
      reason:
        'The control wants events of Amazon S3 watched, and looks for it in DataSources, which takes no feature that came after it and ' +
        'which GuardDuty does not take beside Features. They are watched here as the feature S3_DATA_EVENTS, unless the props of this ' +
        'block say otherwise.',
    });
  }
}
