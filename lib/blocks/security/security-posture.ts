import { Aws } from 'aws-cdk-lib';
import * as securityhub from 'aws-cdk-lib/aws-securityhub';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';
import { SecurityStandard } from './security-standard';

/** Properties of SecurityPosture. */
export interface SecurityPostureProps {
  /** @default - SecurityStandard.FOUNDATIONAL and CIS_3_0 */
  readonly standards?: SecurityStandard[];
}

/**
 * Security Hub CSPM of this account and Region: checks resources against standards, and collects the findings of GuardDuty,
 * Inspector, Access Analyzer and AWS Config in one place. Needs AWS Config to record (`ConfigurationRecorder`), or most controls
 * say nothing.
 *
 * An account has one hub a Region: where there is one, CloudFormation fails with "already exists", so leave this out. Free for 30
 * days, then 0.001 USD a check: about 25 USD a month for a product of this size with two standards, and the rules of AWS Config
 * behind them are free (AWS Security Hub CSPM pricing, us-east-1; in no price list at hand, check it). This resource is stateful:
 * it holds the findings of 90 days and is kept when it leaves the template. Not verified against AWS.
 */
export class SecurityPosture extends Construct {
  public readonly hub: securityhub.CfnHub;
  public readonly standards: securityhub.CfnStandard[];

  /** @throws if a standard stands twice */
  constructor(scope: Construct, id: string, props: SecurityPostureProps = {}) {
    super(scope, id);
    const standards = props.standards ?? [SecurityStandard.FOUNDATIONAL, SecurityStandard.CIS_3_0];
    const paths = standards.map(({ path }) => path);
    const twice = paths.find((path, index) => paths.indexOf(path) !== index);
    if (twice) throw new Error(`standards must name each standard once, got '${twice}' twice: leave one out`);
    this.hub = new securityhub.CfnHub(this, 'Hub', {
      autoEnableControls: true,
      controlFindingGenerator: 'SECURITY_CONTROL',
      // Which ones those are AWS decides; they are named below.
      enableDefaultStandards: false,
    });
    retain(this.hub);
    // One after the other: Security Hub takes one change of its standards at a time.
    let before: Construct = this.hub;
    this.standards = standards.map((standard) => {
      const subscription = new securityhub.CfnStandard(this, standard.id, {
        standardsArn: `arn:${Aws.PARTITION}:securityhub:${Aws.REGION}::${standard.path}`,
      });
      subscription.node.addDependency(before);
      before = subscription;
      return subscription;
    });
  }
}
