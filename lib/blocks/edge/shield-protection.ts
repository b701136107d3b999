import { Names } from 'aws-cdk-lib';
import * as shield from 'aws-cdk-lib/aws-shield';
import type { Construct } from 'constructs';
import type { FirewallRules } from './firewall-rules';

/** Protects a distribution or a load balancer by Shield Advanced, where that is wanted; the subscription is the account's. */
export function protectByShield(
  scope: Construct,
  resourceArn: string,
  { ddos, countedBecause }: FirewallRules,
): shield.CfnProtection | undefined {
  if (!ddos.shieldAdvanced) return undefined;
  const action = countedBecause === undefined ? { block: {} } : { count: {} };
  return new shield.CfnProtection(scope, 'ShieldProtection', {
    // Required, and create-only: it depends on the path only.
    name: Names.uniqueResourceName(scope, { maxLength: 128, separator: '-' }),
    resourceArn,
    applicationLayerAutomaticResponseConfiguration: ddos.automaticResponse ? { status: 'ENABLED', action } : undefined,
  });
}
