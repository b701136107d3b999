import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as config from 'aws-cdk-lib/aws-config';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AccessAnalysis } from '../../../lib/blocks/security/access-analysis';
import { AccountSecurity, type AccountSecurityProps } from '../../../lib/blocks/security/account-security';
import { AccountSettingsRunbook } from '../../../lib/blocks/security/account-settings-runbook';
import { ConfigurationRecorder } from '../../../lib/blocks/security/configuration-recorder';
import { ConformancePack } from '../../../lib/blocks/security/conformance-pack';
import { ConformanceRules } from '../../../lib/blocks/security/conformance-rules';
import { FindingSeverity, SecurityFindings } from '../../../lib/blocks/security/security-findings';
import { SecurityPosture } from '../../../lib/blocks/security/security-posture';
import { SecurityStandard } from '../../../lib/blocks/security/security-standard';
import { ThreatDetection } from '../../../lib/blocks/security/threat-detection';
import { testStack } from '../../stacks';
import { templateOf } from '../before-after';
import { everyPack } from '../every-pack';
import { nagFindings } from '../nag';

const account = (props?: AccountSecurityProps) => (stack: Stack) => new AccountSecurity(stack, 'Security', props);

/** Nothing that an account may have already. */
const NOTHING: AccountSecurityProps = {
  trail: false,
  detectsThreats: false,
  recordsConfiguration: false,
  checksPosture: false,
};

describe('the security of an account', () => {
  test('has a trail of all Regions, a detector, a recorder with rules, a hub, and an analyzer', () => {
    const template = templateOf(account());
    template.hasResourceProperties('AWS::CloudTrail::Trail', {
      IsLogging: true,
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
      KMSKeyId: Match.anyValue(),
      AdvancedEventSelectors: [{ FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }],
    });
    for (const type of ['GuardDuty::Detector', 'Config::ConfigurationRecorder', 'Config::ConformancePack', 'SecurityHub::Hub']) {
      template.resourceCountIs(`AWS::${type}`, 1);
    }
    template.hasResourceProperties('AWS::AccessAnalyzer::Analyzer', { Type: 'ACCOUNT' });
    template.resourceCountIs('AWS::CloudWatch::Alarm', 14);
    template.resourceCountIs('AWS::Logs::MetricFilter', 14);
  });

  test('keeps what holds state', () => {
    const resources = Object.values(templateOf(account()).toJSON().Resources) as { Type: string; DeletionPolicy?: string }[];
    const kept = (type: string) => resources.filter(({ Type }) => Type === type).map(({ DeletionPolicy }) => DeletionPolicy);
    expect(kept('AWS::S3::Bucket')).toEqual(['Retain', 'Retain', 'Retain']);
    expect(kept('AWS::KMS::Key')).toEqual(['Retain']);
    expect(kept('AWS::Logs::LogGroup')).toEqual(['Retain']);
    // A second one cannot be made beside it, so a failed first deploy takes it away.
    expect(kept('AWS::GuardDuty::Detector')).toEqual(['RetainExceptOnCreate']);
  });

  test('leaves out what the account has already', () => {
    const template = templateOf(account(NOTHING));
    for (const type of [
      'CloudTrail::Trail',
      'GuardDuty::Detector',
      'Config::ConfigurationRecorder',
      'Config::ConformancePack',
      'SecurityHub::Hub',
      'CloudWatch::Alarm',
    ]) {
      template.resourceCountIs(`AWS::${type}`, 0);
    }
    // Each service tells by itself then.
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.guardduty'], detail: { severity: [{ numeric: ['>=', 7] }] } },
    });
    template.resourceCountIs('AWS::Events::Rule', 3);
  });

  test('holds rules against an account whose recorder is elsewhere', () => {
    const template = templateOf(account({ ...NOTHING, rules: ConformanceRules.of('ENCRYPTED_VOLUMES') }));
    template.hasResourceProperties('AWS::Config::ConformancePack', {
      TemplateBody: JSON.stringify({
        Resources: {
          EncryptedVolumes: {
            Type: 'AWS::Config::ConfigRule',
            Properties: { ConfigRuleName: 'encrypted-volumes', Source: { Owner: 'AWS', SourceIdentifier: 'ENCRYPTED_VOLUMES' } },
          },
        },
      }),
    });
  });

  test('makes the pack after the recorder and the channel, and the channel after the policy of its bucket', () => {
    const { Resources } = templateOf(account()).toJSON() as { Resources: Record<string, { Type: string; DependsOn?: string[] }> };
    const waitsFor = (type: string) => Object.values(Resources).find(({ Type }) => Type === type)?.DependsOn ?? [];
    expect(waitsFor('AWS::Config::ConformancePack').map((id) => Resources[id].Type)).toEqual(
      expect.arrayContaining(['AWS::Config::ConfigurationRecorder', 'AWS::Config::DeliveryChannel']),
    );
    expect(waitsFor('AWS::Config::DeliveryChannel').map((id) => Resources[id].Type)).toContain('AWS::S3::BucketPolicy');
    expect(waitsFor('AWS::CloudTrail::Trail').map((id) => Resources[id].Type)).toContain('AWS::S3::BucketPolicy');
  });

  test('lets only its own services encrypt, write and tell', () => {
    const template = templateOf(account());
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ Sid: 'AuditTrail', Condition: Match.objectLike({ StringEquals: Match.anyValue() }) }),
          Match.objectLike({ Sid: 'ConfigOfThisAccount', Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Sid: 'EventsOfThisAccount', Condition: { ArnLike: { 'aws:SourceArn': Match.anyValue() } } }),
        ]),
      },
    });
  });

  test.each([
    ['as it comes', {}],
    ['with nothing', NOTHING],
    ['with everything', { access: { unusedAfter: Duration.days(90) } }],
  ])('leaves no finding of any pack open, %s', (_, props) => {
    const stack = testStack();
    account(props)(stack);
    expect(everyPack(stack)).toEqual({ open: [], unused: [] });
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('each part alone', () => {
  test('GuardDuty watches objects, sign-ins, functions, volumes, and containers on Fargate', () => {
    templateOf((stack) => new ThreatDetection(stack, 'It')).hasResourceProperties('AWS::GuardDuty::Detector', {
      Enable: true,
      Features: Match.arrayWith([
        { Name: 'S3_DATA_EVENTS', Status: 'ENABLED' },
        { Name: 'RDS_LOGIN_EVENTS', Status: 'ENABLED' },
        { Name: 'LAMBDA_NETWORK_LOGS', Status: 'ENABLED' },
        { Name: 'EBS_MALWARE_PROTECTION', Status: 'ENABLED' },
        Match.objectLike({
          Name: 'RUNTIME_MONITORING',
          Status: 'ENABLED',
          AdditionalConfiguration: Match.arrayWith([{ Name: 'ECS_FARGATE_AGENT_MANAGEMENT', Status: 'ENABLED' }]),
        }),
      ]),
    });
  });

  test('GuardDuty leaves out what costs by the vCPU', () => {
    const props = { watchesContainers: false, watchesDatabases: false, watchesObjects: false };
    templateOf((stack) => new ThreatDetection(stack, 'It', props)).hasResourceProperties('AWS::GuardDuty::Detector', {
      Features: Match.arrayWith([
        { Name: 'S3_DATA_EVENTS', Status: 'DISABLED' },
        { Name: 'RDS_LOGIN_EVENTS', Status: 'DISABLED' },
        Match.objectLike({ Name: 'RUNTIME_MONITORING', Status: 'DISABLED' }),
      ]),
    });
  });

  test('Security Hub subscribes to one standard after the other', () => {
    const template = templateOf((stack) => new SecurityPosture(stack, 'It'));
    template.hasResourceProperties('AWS::SecurityHub::Hub', {
      EnableDefaultStandards: false,
      ControlFindingGenerator: 'SECURITY_CONTROL',
    });
    const standards = Object.values(template.findResources('AWS::SecurityHub::Standard'));
    expect(JSON.stringify(standards)).toContain('::standards/aws-foundational-security-best-practices/v/1.0.0');
    expect(JSON.stringify(standards)).toContain('::standards/cis-aws-foundations-benchmark/v/3.0.0');
    expect(standards.map(({ DependsOn }) => DependsOn?.length)).toEqual([1, 1]);
  });

  test('Security Hub refuses a standard twice', () => {
    const standards = [SecurityStandard.CIS_3_0, SecurityStandard.of('standards/cis-aws-foundations-benchmark/v/3.0.0')];
    expect(() => templateOf((stack) => new SecurityPosture(stack, 'It', { standards }))).toThrow(
      "standards must name each standard once, got 'standards/cis-aws-foundations-benchmark/v/3.0.0' twice: leave one out",
    );
    expect(() => SecurityStandard.of('CIS')).toThrow(
      "path 'CIS' is no standard of Security Hub, write it as in standards/pci-dss/v/4.0.1",
    );
  });

  test('AWS Config records everything with the role of its own, and delivers to a bucket without a default lock', () => {
    const template = templateOf((stack) => new ConfigurationRecorder(stack, 'It'));
    template.hasResourceProperties('AWS::Config::ConfigurationRecorder', {
      RecordingGroup: { AllSupported: true, IncludeGlobalResourceTypes: true },
      RoleARN: { 'Fn::Join': ['', Match.arrayWith([':role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig'])] },
    });
    template.hasResourceProperties('AWS::IAM::ServiceLinkedRole', { AWSServiceName: 'config.amazonaws.com' });
    template.hasResourceProperties('AWS::S3::Bucket', { ObjectLockEnabled: Match.absent() });
    templateOf((stack) => new ConfigurationRecorder(stack, 'It', { createsServiceRole: false })).resourceCountIs(
      'AWS::IAM::ServiceLinkedRole',
      0,
    );
  });

  test('a conformance pack holds rules that AWS has', () => {
    const known = new Set(Object.values(config.ManagedRuleIdentifiers as unknown as Record<string, string>));
    // Younger than the CDK's list (AWS Config developer guide, inspector-ec2-scan-enabled and inspector-ecr-scan-enabled).
    const younger = ['INSPECTOR_ECR_SCAN_ENABLED', 'INSPECTOR_EC2_SCAN_ENABLED'];
    const { identifiers } = ConformanceRules.PRODUCT;
    expect(identifiers.filter((identifier) => !known.has(identifier))).toEqual(younger);
    expect(new Set(identifiers).size).toBe(identifiers.length);
    // AWS::Config::ConformancePack TemplateBody: at most 51,200 characters.
    expect(ConformanceRules.PRODUCT.toTemplate().length).toBeLessThan(51_200);
    expect(ConformanceRules.PRODUCT.and('S3_BUCKET_LOGGING_ENABLED').identifiers).toHaveLength(identifiers.length + 1);
    templateOf((stack) => new ConformancePack(stack, 'It')).hasResourceProperties('AWS::Config::ConformancePack', {
      ConformancePackName: Match.stringLikeRegexp('^Shop-It-'),
    });
  });

  test.each([
    [[], 'identifiers must name at least one rule of AWS Config, got none: name one'],
    [
      ['s3-versioning'],
      "identifier 's3-versioning' is no managed rule of AWS Config, write it as in S3_BUCKET_VERSIONING_ENABLED",
    ],
    [['A_RULE', 'A_RULE'], "identifiers must name each rule once, got 'A_RULE' twice: leave one out"],
  ])('a conformance pack refuses %j', (identifiers, message) => {
    expect(() => ConformanceRules.of(...identifiers)).toThrow(message);
  });

  test('Access Analyzer finds what nobody uses where somebody pays for it', () => {
    const template = templateOf((stack) => new AccessAnalysis(stack, 'It', { unusedAfter: Duration.days(90) }));
    template.hasResourceProperties('AWS::AccessAnalyzer::Analyzer', {
      Type: 'ACCOUNT_UNUSED_ACCESS',
      AnalyzerConfiguration: { UnusedAccessConfiguration: { UnusedAccessAge: 90 } },
    });
    expect(() => templateOf((stack) => new AccessAnalysis(stack, 'It', { unusedAfter: Duration.days(400) }))).toThrow(
      'unusedAfter must be a whole number of days from 1 to 365, got 400: give another',
    );
  });

  test('the settings that no resource type has are a runbook that ends', () => {
    const template = templateOf((stack) => new AccountSettingsRunbook(stack, 'It'));
    template.hasResourceProperties('AWS::EC2::SnapshotBlockPublicAccess', { State: 'block-all-sharing' });
    const [{ Properties }] = Object.values(template.findResources('AWS::SSM::Document'));
    const steps: { inputs: { Service: string; Api: string }; isEnd?: boolean }[] = Properties.Content.mainSteps;
    expect(steps.map(({ inputs }) => `${inputs.Service}:${inputs.Api}`)).toEqual([
      'inspector2:Enable',
      's3control:PutPublicAccessBlock',
      'backup:UpdateRegionSettings',
      'ec2:EnableEbsEncryptionByDefault',
      'iam:UpdateAccountPasswordPolicy',
    ]);
    expect(steps.map(({ isEnd }) => isEnd)).toEqual([undefined, undefined, undefined, undefined, true]);
  });

  test('findings of the hub are told from a severity on, its own, which it repeats each day, when they are critical', () => {
    const build = (stack: Stack) =>
      new SecurityFindings(stack, 'It', { topic: new sns.Topic(stack, 'Topic'), from: FindingSeverity.MEDIUM });
    const template = templateOf(build);
    template.resourceCountIs('AWS::Events::Rule', 1);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.securityhub'],
        detail: {
          findings: {
            Workflow: { Status: ['NEW'] },
            RecordState: ['ACTIVE'],
            $or: [
              {
                ProductName: [{ 'anything-but': { prefix: 'Security Hub' } }],
                Severity: { Label: ['MEDIUM', 'HIGH', 'CRITICAL'] },
              },
              { ProductName: [{ prefix: 'Security Hub' }], Severity: { Label: ['CRITICAL'] } },
            ],
          },
        },
      },
      Targets: [Match.objectLike({ InputTransformer: Match.objectLike({ InputTemplate: Match.stringLikeRegexp('"title":<') }) })],
    });
  });

  test('a topic of another stack needs a policy of its own', () => {
    const stack = testStack();
    new SecurityFindings(stack, 'It', {
      topic: sns.Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:123456789012:ring'),
    });
    Template.fromStack(stack).resourceCountIs('AWS::SNS::TopicPolicy', 0);
  });
});
