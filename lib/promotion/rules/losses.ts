import type { Verdict } from '../change';
import type { Rule } from './rule';

/** A caution about what holds no state itself, and whose end ends something else that people rely on. */
export interface Loss extends Rule {
  /** Resource types; a trailing `*` stands for any end. */
  readonly types: string[];
  readonly when: Verdict[];
}

const GONE: Verdict[] = ['destroyed', 'replaced'];

/** Told as notes: nothing that this library promises to keep is lost with these, but it should be read. */
export const LOSSES: Loss[] = [
  {
    id: 'root-disk-goes',
    types: ['AWS::EC2::Instance'],
    when: GONE,
    sentence: 'what is written on the root volume of the instance goes with it; only volumes of their own stay',
    source: 'EC2 user guide, Preserve data when an instance is terminated (DeleteOnTermination of the root volume)',
  },
  {
    id: 'address-goes',
    types: [
      'AWS::ApiGateway::RestApi',
      'AWS::ApiGatewayV2::Api',
      'AWS::AppSync::GraphQLApi',
      'AWS::CloudFront::Distribution',
      'AWS::Cognito::UserPoolDomain',
      'AWS::EC2::EIP',
      'AWS::GlobalAccelerator::Accelerator',
      'AWS::Lambda::Url',
      'AWS::S3::MultiRegionAccessPoint',
    ],
    when: GONE,
    sentence: 'its public address is given back and cannot be had again: whoever was given it, or lets it in, has to be told',
    source: 'EC2 user guide, Elastic IP addresses (releasing); the reference of each type (generated domain names)',
  },
  {
    id: 'backups-end',
    types: ['AWS::Backup::BackupPlan', 'AWS::Backup::BackupSelection', 'AWS::DLM::LifecyclePolicy', 'AWS::Rbin::Rule'],
    when: ['destroyed'],
    sentence: 'nothing is backed up, or kept from deletion, under it any more',
    source: 'AWS Backup developer guide, Deleting a backup plan; EBS user guide, Data Lifecycle Manager and Recycle Bin',
  },
  {
    id: 'executions-stop',
    types: ['AWS::StepFunctions::StateMachine'],
    when: GONE,
    sentence: 'its running executions are stopped, and what they had done so far is not carried over',
    source: 'Step Functions API, DeleteStateMachine',
  },
  {
    id: 'recording-ends',
    types: [
      'AWS::CloudTrail::Trail',
      'AWS::Config::ConfigurationRecorder',
      'AWS::EC2::FlowLog',
      'AWS::WAFv2::LoggingConfiguration',
    ],
    when: ['destroyed'],
    sentence: 'what happens from now on is not recorded by it any more; what it recorded so far stays where it was written',
    source: 'the reference of each type (CloudTrail user guide, Deleting a trail)',
  },
  {
    id: 'schedules-go-with-it',
    types: ['AWS::Scheduler::ScheduleGroup'],
    when: GONE,
    sentence: 'every schedule in it is deleted, those that a program put there among them',
    source: 'EventBridge Scheduler API, DeleteScheduleGroup',
  },
  {
    id: 'feed-starts-over',
    types: ['AWS::OSIS::Pipeline'],
    when: GONE,
    sentence: 'what it has read and not delivered is lost unless its source keeps it, and another one begins with a full copy',
    source: 'OpenSearch Service developer guide, Deleting Amazon OpenSearch Ingestion pipelines (not verified against AWS)',
  },
  {
    id: 'names-end',
    types: ['AWS::ServiceDiscovery::HttpNamespace', 'AWS::ServiceDiscovery::PrivateDnsNamespace'],
    when: GONE,
    sentence: 'services that call each other by its names fail to, until each has been deployed with other names',
    source: 'Amazon ECS developer guide, Service Connect concepts',
  },
  {
    id: 'custom-code-runs',
    types: ['Custom::*', 'AWS::CloudFormation::CustomResource'],
    when: GONE,
    sentence: 'a function outside of this template is called to delete it, and may delete whatever it pleases',
    source: 'CloudFormation user guide, Custom resource request types (Delete)',
  },
];

/** What else ends with a resource of a type. */
export function goesWithIt(type: string, verdict: Verdict): Loss[] {
  const isMeant = (pattern: string) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern);
  return LOSSES.filter(({ types, when }) => when.includes(verdict) && types.some(isMeant));
}
