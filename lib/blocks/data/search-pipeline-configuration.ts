import { Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { FEED_DEAD_LETTERS, FEED_EXPORTS } from './search-feed-files';
import type { SearchPipelineProps } from './search-pipeline';

/** Name of the pipeline in its own configuration, which metrics begin with. */
export const PIPELINE = 'search-feed';

/** What the pipeline does (OpenSearch Service developer guide, Aurora PostgreSQL, step 2). */
export function configuration(scope: Construct, props: SearchPipelineProps, role: iam.Role, exportRole: iam.Role): string {
  const { database, domain, feed, bucket, encryptionKey } = props;
  const { region } = Stack.of(scope);
  const quoted = (text: string) => `"${text}"`;
  const metadata = (name: string) => quoted(`\${getMetadata(\\"${name}\\")}`);
  const secret = (field: string) => `\${{aws_secrets:database:${field}}}`;
  const aws = (indent: string) => [
    `${indent}aws:`,
    `${indent}  sts_role_arn: ${quoted(role.roleArn)}`,
    `${indent}  region: ${quoted(region)}`,
  ];
  return [
    'version: "2"',
    `${PIPELINE}:`,
    '  source:',
    '    rds:',
    `      db_identifier: ${quoted(database.cluster.clusterIdentifier)}`,
    '      engine: aurora-postgresql',
    `      database: ${quoted(database.databaseName)}`,
    '      tables:',
    '        include:',
    ...feed.tables.map(({ table }) => `          - ${quoted(table)}`),
    '      acknowledgments: true',
    `      s3_bucket: ${quoted(bucket.bucketName)}`,
    `      s3_region: ${quoted(region)}`,
    // No slash at the end: with one the exported files are not found.
    `      s3_prefix: ${quoted(FEED_EXPORTS)}`,
    '      export:',
    `        kms_key_id: ${quoted(encryptionKey.keyArn)}`,
    `        iam_role_arn: ${quoted(exportRole.roleArn)}`,
    '      stream: true',
    ...aws('      '),
    '      authentication:',
    `        username: ${secret('username')}`,
    `        password: ${secret('password')}`,
    '  sink:',
    '    - opensearch:',
    `        hosts: [${quoted(`https://${domain.endpoint}`)}]`,
    `        index: ${metadata('table_name')}`,
    '        index_type: custom',
    `        document_id: ${metadata('primary_key')}`,
    `        action: ${metadata('opensearch_action')}`,
    `        document_version: ${metadata('document_version')}`,
    '        document_version_type: "external"',
    ...aws('        '),
    '        dlq:',
    '          s3:',
    `            bucket: ${quoted(bucket.bucketName)}`,
    `            key_path_prefix: ${quoted(FEED_DEAD_LETTERS)}`,
    `            region: ${quoted(region)}`,
    `            sts_role_arn: ${quoted(role.roleArn)}`,
    'extension:',
    '  aws:',
    '    secrets:',
    '      database:',
    `        secret_id: ${quoted(database.secret.secretArn)}`,
    `        region: ${quoted(region)}`,
    `        sts_role_arn: ${quoted(role.roleArn)}`,
    '        refresh_interval: PT1H',
  ].join('\n');
}
