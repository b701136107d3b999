import type * as events from 'aws-cdk-lib/aws-events';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { EventNotice } from '../operations/event-notice';

/** How bad a finding is, as Security Hub has it. */
export class FindingSeverity {
  public static readonly MEDIUM = new FindingSeverity(['MEDIUM', 'HIGH', 'CRITICAL'], 4);
  public static readonly HIGH = new FindingSeverity(['HIGH', 'CRITICAL'], 7);
  public static readonly CRITICAL = new FindingSeverity(['CRITICAL'], 9);

  private constructor(
    /** This label and those above it. */
    public readonly labels: string[],
    /** Least number with which GuardDuty says the same. */
    public readonly number: number,
  ) {}
}

/** What Security Hub calls itself where one of its own controls found something. */
const CONTROLS = 'Security Hub';

/** Properties of SecurityFindings. */
export interface SecurityFindingsProps {
  /** Where findings go; the policy of a topic made elsewhere must let events in. */
  readonly topic: sns.ITopic;
  /** From which severity on. @default FindingSeverity.HIGH */
  readonly from?: FindingSeverity;
  /**
   * Whether Security Hub collects the findings of the other services: then it alone is listened to, so that no finding comes from two.
   * @default true
   */
  readonly throughHub?: boolean;
}

/**
 * Tells people of what GuardDuty, Security Hub, Inspector and Access Analyzer find, as it is found, and not of what was
 * suppressed. Events of AWS services are free. Not verified against AWS.
 *
 * Security Hub sends a finding again whenever it is updated, and its own controls are evaluated each day: what they find comes
 * day after day until it is mended or somebody sets its workflow status to NOTIFIED or SUPPRESSED. So of its own controls only
 * what is critical is told, whatever `from` says; the rest stands in Security Hub. Other services repeat less.
 */
export class SecurityFindings extends Construct {
  constructor(scope: Construct, id: string, props: SecurityFindingsProps) {
    super(scope, id);
    const { topic, from = FindingSeverity.HIGH, throughHub = true } = props;
    const notice = (name: string, description: string, eventPattern: events.EventPattern, tells: { [name: string]: string }) =>
      new EventNotice(this, name, { description, eventPattern, topic, tells });
    const where = { account: '$.account', region: '$.region' };
    if (throughHub) {
      notice(
        'Hub',
        'Findings of Security Hub',
        {
          source: ['aws.securityhub'],
          detailType: ['Security Hub Findings - Imported'],
          detail: {
            findings: {
              Workflow: { Status: ['NEW'] },
              RecordState: ['ACTIVE'],
              $or: [
                { ProductName: [{ 'anything-but': { prefix: CONTROLS } }], Severity: { Label: from.labels } },
                { ProductName: [{ prefix: CONTROLS }], Severity: { Label: FindingSeverity.CRITICAL.labels } },
              ],
            },
          },
        },
        {
          ...where,
          title: '$.detail.findings[0].Title',
          severity: '$.detail.findings[0].Severity.Label',
          resource: '$.detail.findings[0].Resources[0].Id',
          foundBy: '$.detail.findings[0].ProductName',
        },
      );
      return;
    }
    notice(
      'GuardDuty',
      'Findings of GuardDuty',
      {
        source: ['aws.guardduty'],
        detailType: ['GuardDuty Finding'],
        detail: { severity: [{ numeric: ['>=', from.number] }] },
      },
      { ...where, title: '$.detail.title', severity: '$.detail.severity', kind: '$.detail.type' },
    );
    notice(
      'Inspector',
      'Findings of Amazon Inspector',
      { source: ['aws.inspector2'], detailType: ['Inspector2 Finding'], detail: { severity: from.labels, status: ['ACTIVE'] } },
      { ...where, title: '$.detail.title', severity: '$.detail.severity' },
    );
    notice(
      'AccessAnalyzer',
      'Findings of IAM Access Analyzer',
      { source: ['aws.access-analyzer'], detailType: ['Access Analyzer Finding'], detail: { status: ['ACTIVE'] } },
      { ...where, resource: '$.detail.resource', kind: '$.detail.resourceType' },
    );
  }
}
