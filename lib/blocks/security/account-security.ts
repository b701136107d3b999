import { Duration, Names } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { DataKey } from '../data/data-key';
import { AlarmTopic } from '../operations/alarm-topic';
import { LogBucket } from '../operations/log-bucket';
import { serviceLog } from '../operations/service-log';
import { AccessAnalysis, type AccessAnalysisProps } from './access-analysis';
import { AccountSettingsRunbook } from './account-settings-runbook';
import { AuditAlarms } from './audit-alarms';
import { AuditBucket, trailMayEncrypt } from './audit-bucket';
import { AuditTrail } from './audit-trail';
import { ConfigurationRecorder } from './configuration-recorder';
import { ConformancePack } from './conformance-pack';
import type { ConformanceRules } from './conformance-rules';
import { FindingSeverity, SecurityFindings } from './security-findings';
import { SecurityPosture, type SecurityPostureProps } from './security-posture';
import { ThreatDetection, type ThreatDetectionProps } from './threat-detection';

/** What of the account is here, and what is elsewhere: an account has one of each, and an organization may have made it. */
export interface AccountSecurityProps {
  /** Key of the records. It can be changed later; what was written keeps its own. @default - a key of its own, 1 USD a month */
  readonly encryptionKey?: kms.IKey;
  /** Where findings and alarms go. @default - a topic of its own, to which people subscribe */
  readonly alarmTopic?: sns.ITopic;
  /** Findings below this are shown, not sent. @default FindingSeverity.HIGH */
  readonly tellsFrom?: FindingSeverity;
  /** A trail of management events and the alarms of the CIS benchmark. False where the organization has a trail. @default true */
  readonly trail?: boolean;
  /** GuardDuty. False where the Region has a detector. @default true */
  readonly detectsThreats?: boolean;
  /** @default - all features that the product has a use for */
  readonly threats?: ThreatDetectionProps;
  /** AWS Config with a pack of rules. False where the Region has a recorder. @default true */
  readonly recordsConfiguration?: boolean;
  /** Whether the service-linked role of AWS Config is still missing in the account. @default true */
  readonly createsConfigRole?: boolean;
  /** @default ConformanceRules.PRODUCT */
  readonly rules?: ConformanceRules;
  /** Security Hub. False where the Region has a hub. @default true */
  readonly checksPosture?: boolean;
  /** @default - the foundational standard and CIS 3.0 */
  readonly posture?: SecurityPostureProps;
  /** @default - access from outside the account only, which is free */
  readonly access?: AccessAnalysisProps;
}

/**
 * What watches over a whole account, in a stack of its own: once for each account and, but for the trail, each Region. No stage
 * makes it. It holds nothing that a product needs, so products come and go beside it. What is switched off later leaves its
 * bucket, log or findings behind, kept and no longer in the template: the guard says so.
 *
 *     calls -> CloudTrail -> locked bucket, alarms of the CIS benchmark -.
 *     resources -> Config -> bucket, rules -> Security Hub ---------------+-> topic -> people
 *     traffic, sign-ins, processes -> GuardDuty -> Security Hub ----------'
 *
 * At rest some 5 USD a month (key, alarms, metrics); then by use, as each block says: of the order of 100 USD for one product at
 * stage 3.
 */
export class AccountSecurity extends Construct {
  /** Key of the records. */
  public readonly encryptionKey: kms.IKey;
  /** Where findings and alarms go. */
  public readonly alarmTopic: sns.ITopic;
  /** Access logs of the buckets here, where there are any. */
  public readonly accessLogs?: LogBucket;
  public readonly trail?: AuditTrail;
  public readonly trailAlarms?: AuditAlarms;
  public readonly threatDetection?: ThreatDetection;
  public readonly configuration?: ConfigurationRecorder;
  public readonly conformance?: ConformancePack;
  public readonly posture?: SecurityPosture;
  public readonly accessAnalysis: AccessAnalysis;
  public readonly settings: AccountSettingsRunbook;
  public readonly findings: SecurityFindings;

  constructor(scope: Construct, id: string, props: AccountSecurityProps = {}) {
    super(scope, id);
    const { trail = true, detectsThreats = true, recordsConfiguration = true, checksPosture = true } = props;
    this.encryptionKey = props.encryptionKey ?? new DataKey(this, 'Key').key;
    const { encryptionKey } = this;
    this.alarmTopic = props.alarmTopic ?? new AlarmTopic(this, 'Alarms', { encryptionKey }).topic;
    // A log bucket to which nothing logs would be taken for a bucket that should.
    if (trail || recordsConfiguration) this.accessLogs = new LogBucket(this, 'AccessLogs');

    if (trail) {
      this.trail = this.makeTrail();
      const logGroup = this.trail.logGroup;
      this.trailAlarms = new AuditAlarms(this, 'TrailAlarms', { logGroup, alarmTopic: this.alarmTopic });
    }
    if (detectsThreats) this.threatDetection = new ThreatDetection(this, 'ThreatDetection', props.threats);
    if (recordsConfiguration) {
      this.configuration = new ConfigurationRecorder(this, 'Configuration', {
        encryptionKey,
        accessLogBucket: this.accessLogs?.bucket,
        createsServiceRole: props.createsConfigRole,
      });
    }
    if (recordsConfiguration || props.rules) {
      this.conformance = new ConformancePack(this, 'Conformance', { rules: props.rules });
      if (this.configuration) {
        this.conformance.pack.addDependency(this.configuration.recorder);
        this.conformance.pack.addDependency(this.configuration.deliveryChannel);
      }
    }
    if (checksPosture) {
      this.posture = new SecurityPosture(this, 'Posture', props.posture);
      if (this.configuration) this.posture.hub.addDependency(this.configuration.recorder);
    }
    this.accessAnalysis = new AccessAnalysis(this, 'AccessAnalysis', props.access);
    this.settings = new AccountSettingsRunbook(this, 'Settings');
    this.findings = new SecurityFindings(this, 'Findings', {
      topic: this.alarmTopic,
      from: props.tellsFrom ?? FindingSeverity.HIGH,
      throughHub: checksPosture,
    });
  }

  private makeTrail(): AuditTrail {
    const { encryptionKey } = this;
    const trailName = Names.uniqueResourceName(this, { maxLength: 100, separator: '-' });
    encryptionKey.addToResourcePolicy(trailMayEncrypt(this, trailName));
    const records = new AuditBucket(this, 'TrailRecords', {
      encryptionKey,
      // Decided once: a lock cannot come later.
      lockedFor: Duration.days(365),
      accessLogBucket: this.accessLogs?.bucket,
    });
    records.letTrailWrite(trailName);
    const logGroup = serviceLog(this, 'TrailLog', { encryptionKey });
    return new AuditTrail(this, 'Trail', { trailName, bucket: records.bucket, logGroup, encryptionKey });
  }
}
