import { Names } from 'aws-cdk-lib';
import * as config from 'aws-cdk-lib/aws-config';
import { Construct } from 'constructs';
import { ConformanceRules } from './conformance-rules';

/** Properties of a ConformancePack. */
export interface ConformancePackProps {
  /** @default ConformanceRules.PRODUCT */
  readonly rules?: ConformanceRules;
}

/**
 * Rules that AWS Config holds against the account, as one pack with one figure of compliance. Needs a recorder in the account and
 * Region (`ConfigurationRecorder`), and has to wait for it: the pack cannot be made before.
 *
 * 0.001 USD for each evaluation of a rule (AWS Config pricing, aws-price-watcher, 2025-12-06): with the rules here, evaluated
 * daily or when something changes, some 5 USD a month. Several packs stand beside one another. Not verified against AWS.
 */
export class ConformancePack extends Construct {
  public readonly pack: config.CfnConformancePack;
  public readonly rules: ConformanceRules;

  constructor(scope: Construct, id: string, props: ConformancePackProps = {}) {
    super(scope, id);
    this.rules = props.rules ?? ConformanceRules.PRODUCT;
    this.pack = new config.CfnConformancePack(this, 'Pack', {
      // CloudFormation demands a name, and it cannot change.
      conformancePackName: Names.uniqueResourceName(this, { maxLength: 100, separator: '-' }),
      templateBody: this.rules.toTemplate(),
    });
  }
}
