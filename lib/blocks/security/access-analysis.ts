import type { Duration } from 'aws-cdk-lib';
import * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import { Construct } from 'constructs';

/** Properties of AccessAnalysis. */
export interface AccessAnalysisProps {
  /**
   * After how many days without use a permission, role or key is reported: whole days, 1 to 365. 0.20 USD a month for each role
   * and user of the account (IAM Access Analyzer pricing, aws-price-watcher, 2025-12-06): some 10 USD for one product at stage 3.
   * @default - unused access is not looked for
   */
  readonly unusedAfter?: Duration;
}

/**
 * IAM Access Analyzer of this account and Region: says which bucket, key, queue, role, snapshot or secret somebody outside the
 * account can reach. Free. Looks into one Region; unused access is found from one Region for all. Not verified against AWS.
 */
export class AccessAnalysis extends Construct {
  /** What finds access from outside. */
  public readonly externalAccess: accessanalyzer.CfnAnalyzer;
  /** What finds access that nobody uses. */
  public readonly unusedAccess?: accessanalyzer.CfnAnalyzer;

  /** @throws if unusedAfter does not fit */
  constructor(scope: Construct, id: string, props: AccessAnalysisProps = {}) {
    super(scope, id);
    this.externalAccess = new accessanalyzer.CfnAnalyzer(this, 'ExternalAccess', { type: 'ACCOUNT' });
    if (!props.unusedAfter) return;
    const unusedAccessAge = props.unusedAfter.toDays({ integral: false });
    if (!Number.isInteger(unusedAccessAge) || unusedAccessAge < 1 || unusedAccessAge > 365) {
      throw new Error(`unusedAfter must be a whole number of days from 1 to 365, got ${unusedAccessAge}: give another`);
    }
    this.unusedAccess = new accessanalyzer.CfnAnalyzer(this, 'UnusedAccess', {
      type: 'ACCOUNT_UNUSED_ACCESS',
      analyzerConfiguration: { unusedAccessConfiguration: { unusedAccessAge } },
    });
  }
}
