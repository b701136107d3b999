import { isObject } from '../../assembly/values';
import { at, resourcesOf } from '../template/found-resource';
import type { TemplateRule } from './rule';

const PIPELINE = 'AWS::OSIS::Pipeline';

/** Pipelines of Amazon OpenSearch Ingestion outside of any network. No pack of others looks at their type. */
export const ingestionPipelinePublic: TemplateRule = {
  id: 'ingestion-pipeline-public',
  severity: 'warning',
  sentence:
    'a pipeline of OpenSearch Ingestion stands in a network: without one its endpoint is on the internet, and only a signature then stands between it and everybody',
  source: 'Amazon OpenSearch Service Developer Guide, Configuring VPC access for Amazon OpenSearch Ingestion pipelines',
  types: [PIPELINE],
  find: (assembly) =>
    resourcesOf(assembly, [PIPELINE])
      .filter(({ properties }) => !isObject(properties.VpcOptions))
      .map((pipeline) => at(pipeline, 'VpcOptions')),
};
