import { referencesIn, resourcesBehind } from '../../assembly/references';
import { deployments } from '../template/deployments';
import { dnsRecords, RECORD_TYPES } from '../template/record-sets';
import type { TemplateRule } from './rule';

export const healthCheckNotThere: TemplateRule = {
  id: 'health-check-not-there',
  severity: 'error',
  sentence: 'the HealthCheckId of a record names a health check, or Route 53 refuses the record',
  source: 'CloudFormation AWS::Route53::RecordSet, HealthCheckId',
  types: RECORD_TYPES,
  find: (assembly) =>
    deployments(assembly).flatMap((deployment) =>
      dnsRecords(deployment).flatMap(({ stack, logicalId, at, properties: { HealthCheckId } }) => {
        const fault = faultOf(HealthCheckId);
        return fault === undefined ? [] : [{ stack, logicalId, property: `${at}HealthCheckId`, details: fault }];

        function faultOf(value: unknown): string | undefined {
          const behind = resourcesBehind(value, stack, deployment);
          const types = behind.map((site) => site.stack.template.Resources?.[site.logicalId]?.Type ?? '');
          const wrong = types.findIndex((type) => type !== 'AWS::Route53::HealthCheck' && !type.startsWith('Custom::'));
          if (wrong >= 0) return `it leads to ${behind[wrong].logicalId}, an ${types[wrong]}`;
          const [output] = referencesIn(value, stack).filter(({ kind }) => kind === 'output');
          if (output?.kind !== 'output' || behind.length > 0) return undefined;
          const producer = deployment.stacks.find(
            ({ stackName, region }) => stackName === output.stackName && region === output.region,
          );
          if (!producer || producer.template.Outputs?.[output.outputName]) return undefined;
          return `stack ${output.stackName} of ${output.region} has no output ${output.outputName}`;
        }
      }),
    ),
};
