import type { Assembly } from '../../../assembly/cloud-assembly';
import { policyStatements } from '../../template/policy-statements';
import { isOn, said } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { denialsOf, statementsAt, strangersOf } from '../open-statements';
import type { Door } from './door';

/** Their doors are found with what they guard, where a block may stand in between; or there is a network before all of them. */
const LOOKED_AT_ELSEWHERE = new Set([
  'AWS::S3::BucketPolicy',
  'AWS::OpenSearchService::Domain',
  'AWS::Elasticsearch::Domain',
  'AWS::ApiGateway::RestApi',
  'AWS::Serverless::Api',
  'AWS::EFS::FileSystem',
  'AWS::MSK::ClusterPolicy',
  'AWS::VpcLattice::AuthPolicy',
  'AWS::VpcLattice::ResourcePolicy',
]);

const WORDS: Record<string, string> = {
  'AWS::SQS::Queue': 'queue',
  'AWS::SNS::Topic': 'topic',
  'AWS::Lambda::Function': 'function',
  'AWS::ECR::Repository': 'image repository',
  'AWS::KMS::Key': 'key',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::Events::EventBus': 'event bus',
  'AWS::S3::AccessPoint': 'access point of a bucket',
  'AWS::Logs::ResourcePolicy': 'log groups of the account',
  'AWS::Backup::BackupVault': 'backup vault',
};

/** What a policy of its own opens to callers whom nobody named: they come through the AWS API, from anywhere. */
export function policyDoors(assembly: Assembly, landscape: Landscape): Door[] {
  const doors: Door[] = [];
  for (const statement of policyStatements(assembly)) {
    const from = strangersOf(statement);
    const owner = landscape.thing(statement.stack, statement.logicalId);
    if (from === undefined || !owner || LOOKED_AT_ELSEWHERE.has(owner.type)) continue;
    // The URL of a function is an entrance of its own; an access point may stand in a VPC.
    const byUrl = statement.conditions.some(({ key }) => key === 'lambda:FunctionUrlAuthType');
    if (byUrl || isOn(owner.properties.InvokedViaFunctionUrl) === 'yes' || owner.properties.VpcConfiguration !== undefined)
      continue;
    const actions = [...statement.actions, ...statement.notActions.map((action) => `all but ${said(action)}`)];
    for (const guarded of guardedBy(owner, landscape)) {
      doors.push({
        kind: WORDS[guarded.type] ?? guarded.type.split('::').at(-1)!.toLowerCase(),
        from,
        ports: `AWS API: ${actions.map((action) => (typeof action === 'string' ? action : 'what only a deploy knows')).join(', ')}`,
        path: [guarded],
        guards: denialsOf(statementsAt(assembly, owner)),
      });
    }
  }
  return doors;
}

/** Where a policy that is a resource of its own names what it is about. */
const SUBJECTS = [
  'Queues',
  'Queue',
  'Topics',
  'TopicArn',
  'Bucket',
  'SecretId',
  'ClusterArn',
  'FunctionName',
  'ResourceArn',
  'StreamARN',
  'LayerVersionArn',
  'EventBusName',
];

/** What a policy that is a resource of its own is about; a resource with a policy in it is about itself. */
function guardedBy(owner: Thing, landscape: Landscape): Thing[] {
  if (!/(Policy|Permission)$/.test(owner.type)) return [owner];
  const named = SUBJECTS.map((property) => owner.properties[property]);
  const guarded = landscape.behind(named, owner.stack);
  return guarded.length > 0 ? guarded : [owner];
}
