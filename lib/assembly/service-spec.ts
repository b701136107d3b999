import type { Resource, SpecDatabase } from '@aws-cdk/service-spec-types';

let database: SpecDatabase | undefined;

/**
 * AWS's resource schemas, as the CDK packages them.
 *
 * Loading them takes 0.3 s. `cloudformation-diff` loads them for itself, through the loader it finds on the module object at
 * its first comparison: handing it this instance there halves the time of a check. If it ever stops looking there, it loads
 * its own again and nothing else changes.
 */
export function serviceSpec(): SpecDatabase {
  if (!database) {
    const loader = require('@aws-cdk/aws-service-spec') as { loadAwsServiceSpecSync: () => SpecDatabase };
    const loaded = loader.loadAwsServiceSpecSync();
    loader.loadAwsServiceSpecSync = () => loaded;
    database = loaded;
  }
  return database;
}

const models = new Map<string, Resource | undefined>();

/** Schema of a resource type; undefined for custom resources and types newer than the database. */
export function resourceModel(type: string): Resource | undefined {
  if (!models.has(type)) models.set(type, serviceSpec().lookup('resource', 'cloudFormationType', 'equals', type)[0]);
  return models.get(type);
}

/** What to cite for a fact that stands in the schemas. */
export function specSource(type: string, property: string): string {
  const { version } = require('@aws-cdk/aws-service-spec/package.json') as { version: string };
  return `@aws-cdk/aws-service-spec ${version}, ${type} ${property}`;
}
