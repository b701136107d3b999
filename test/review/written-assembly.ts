import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Assembly, readAssembly, type TemplateResource } from '../../lib/assembly/cloud-assembly';

/** A stack to write; its resources lie below its path under their logical ids, as L2 constructs do. */
export interface WrittenStack {
  /** Construct path, `Shop` if none is given. */
  readonly path?: string;
  readonly region?: string;
  readonly resources: Record<string, TemplateResource>;
  readonly sections?: Record<string, unknown>;
  /** Metadata entries of the assembly, by construct path. */
  readonly metadata?: Record<string, { type: string; data: unknown; trace?: string[] }[]>;
  /** Indentation of the template. */
  readonly indent?: number;
}

/** Writes a cloud assembly with one stack or several, as the CDK would, and reads it. */
export function writtenAssembly(...stacks: WrittenStack[]): Assembly {
  const directory = mkdtempSync(join(tmpdir(), 'written-'));
  const artifacts = stacks.map(({ path = 'Shop', region = 'us-east-1', resources, sections, metadata, indent = 1 }) => {
    const id = path.replaceAll('/', '');
    const templateFile = `${id}.template.json`;
    writeFileSync(join(directory, templateFile), JSON.stringify({ ...sections, Resources: resources }, undefined, indent));
    const ids = Object.keys(resources).map((logicalId) => {
      const own = metadata?.[`/${path}/${logicalId}/Resource`] ?? [];
      return [`/${path}/${logicalId}/Resource`, [...own, { type: 'aws:cdk:logicalId', data: logicalId }]];
    });
    return [
      id,
      {
        type: 'aws:cloudformation:stack',
        environment: `aws://111111111111/${region}`,
        displayName: path,
        properties: { templateFile, stackName: id },
        metadata: { ...metadata, ...Object.fromEntries(ids) },
      },
    ];
  });
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'manifest.json'),
    JSON.stringify({ version: '38.0.0', artifacts: Object.fromEntries(artifacts) }),
  );
  return readAssembly(directory);
}

/** What `acknowledge` leaves in an assembly. */
export function acknowledged(id: string, reason: string, trace?: string[]) {
  return { type: 'aws:cdk:acknowledged-rules', data: { [id]: reason }, ...(trace ? { trace } : {}) };
}

/** A reason that can be signed. */
export const REASON = 'The bucket holds nothing but public pictures, which anybody may read';

export const BUCKET: TemplateResource = { Type: 'AWS::S3::Bucket', Properties: {} };
