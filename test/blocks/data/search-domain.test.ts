import type { Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { SearchDomain, type SearchDomainProps } from '../../../lib/blocks/data/search-domain';
import { SearchSize } from '../../../lib/blocks/data/search-size';
import { agnosticStack, testStack } from '../../stacks';
import { existingVpc, flagDependent, losses, templateOf } from '../before-after';
import { nagFindings } from '../nag';

const search =
  (props: Partial<SearchDomainProps> = {}, zones = 3) =>
  (stack: Stack) =>
    new SearchDomain(stack, 'Search', { vpc: existingVpc(stack, zones), ...props });

describe('a search domain', () => {
  test('is private, encrypted everywhere and spread over three zones', () => {
    templateOf((stack) => search({ encryptionKey: new kms.Key(stack, 'Key') })(stack)).hasResourceProperties(
      'AWS::OpenSearchService::Domain',
      {
        DomainName: Match.absent(),
        EngineMode: Match.absent(),
        EngineVersion: 'OpenSearch_2.19',
        VPCOptions: { SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'] },
        ClusterConfig: {
          InstanceCount: 3,
          DedicatedMasterCount: 3,
          ZoneAwarenessConfig: { AvailabilityZoneCount: 3 },
          MultiAZWithStandbyEnabled: false,
        },
        EncryptionAtRestOptions: { Enabled: true, KmsKeyId: { Ref: Match.stringLikeRegexp('^Key') } },
        NodeToNodeEncryptionOptions: { Enabled: true },
        DomainEndpointOptions: { EnforceHTTPS: true, TLSSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
        AdvancedSecurityOptions: { Enabled: true, InternalUserDatabaseEnabled: true },
      },
    );
  });

  test('publishes slow logs and the audit log, tunes itself and updates itself when few work', () => {
    const on = { Enabled: true };
    templateOf(search()).hasResourceProperties('AWS::OpenSearchService::Domain', {
      LogPublishingOptions: { SEARCH_SLOW_LOGS: on, INDEX_SLOW_LOGS: on, ES_APPLICATION_LOGS: on, AUDIT_LOGS: on },
      OffPeakWindowOptions: on,
      SoftwareUpdateOptions: { AutoSoftwareUpdateEnabled: true },
    });
  });

  test('tells of itself, and of the nodes it has', () => {
    const stack = testStack();
    const { size, zones, dataNodes, ...it } = search({ size: SearchSize.USERS_10M })(stack);
    expect({ size, zones, dataNodes }).toEqual({ size: SearchSize.USERS_10M, zones: 3, dataNodes: 6 });
    expect(it.domainName).toBeDefined();
    const metric = stack.resolve(search({}, 2)(testStack()).metric('CPUUtilization').dimensions);
    expect(metric).toMatchObject({ ClientId: '123456789012' });
  });

  test('stays, with its credentials and logs, and can be upgraded in place', () => {
    const template = templateOf(search());
    for (const type of ['OpenSearchService::Domain', 'SecretsManager::Secret', 'Logs::LogGroup', 'EC2::SecurityGroup']) {
      template.allResources(`AWS::${type}`, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    }
    template.hasResource('AWS::OpenSearchService::Domain', { UpdatePolicy: { EnableVersionUpgrade: true } });
  });

  test('needs no custom resource', () => {
    const template = templateOf(search());
    template.resourceCountIs('AWS::Lambda::Function', 0);
    expect(JSON.stringify(template.toJSON())).not.toContain('Custom::');
  });

  test('may write its logs before it is made', () => {
    const template = templateOf(search());
    const [policy] = Object.keys(template.findResources('AWS::Logs::ResourcePolicy'));
    template.hasResource('AWS::OpenSearchService::Domain', { DependsOn: Match.arrayWith([policy]) });
    template.resourceCountIs('AWS::Logs::LogGroup', 4);
  });

  test.each<[string, Partial<SearchDomainProps>]>([
    ['another size', { size: SearchSize.USERS_10M }],
    ['another version', { version: opensearch.EngineVersion.OPENSEARCH_3_1 }],
  ])('takes %s in place', (_, change) => {
    expect(losses(search(), search(change))).toEqual([]);
  });

  test('takes a third zone in place', () => {
    expect(losses(search({}, 2), search({}, 3))).toEqual([]);
    templateOf(search({}, 2)).hasResourceProperties('AWS::OpenSearchService::Domain', {
      ClusterConfig: { InstanceCount: 2, ZoneAwarenessConfig: { AvailabilityZoneCount: 2 } },
    });
  });

  test('never asks for another password', () => {
    const generated = (props: Partial<SearchDomainProps>) =>
      Object.values(templateOf(search(props)).findResources('AWS::SecretsManager::Secret'))[0].Properties.GenerateSecretString;
    expect(generated({ size: SearchSize.USERS_10M })).toEqual(generated({}));
    expect(generated({})).toEqual({
      ExcludeCharacters: ' "\'`\\/@:?#%&+=$<>|;,{}[]()',
      GenerateStringKey: 'password',
      PasswordLength: 32,
      SecretStringTemplate: '{"username":"search_admin"}',
    });
  });

  test('is not changed by feature flags', () => {
    expect(flagDependent(search(), 'AWS::OpenSearchService::Domain', 'AWS::SecretsManager::Secret')).toEqual([]);
  });

  test('refuses one zone', () => {
    const stack = testStack();
    expect(() => new SearchDomain(stack, 'Search', { vpc: existingVpc(stack, 1) })).toThrow(/^vpcSubnets must/);
    expect(
      () =>
        new SearchDomain(stack, 'Search2', {
          vpc: existingVpc(testStack(), 3),
          vpcSubnets: { availabilityZones: ['us-east-1a'] },
        }),
    ).toThrow(/^vpcSubnets must/);
  });

  test('works in a stack without an environment, and breaks no policy', () => {
    const stack = agnosticStack();
    search()(stack);
    expect(nagFindings(stack)).toEqual([]);
  });
});

describe('a search size', () => {
  const valid = { dataNodeType: 'm7g.large.search', dataNodesPerZone: 1, volumeGiB: 100, masterNodeType: 'm7g.medium.search' };
  test.each([
    [
      { dataNodeType: 't3.small.search' },
      "dataNodeType must be a c, m or r type that ends in .search, such as m7g.large.search, got: 't3.small.search'",
    ],
    [
      { masterNodeType: 'm7g.large' },
      "masterNodeType must be a c, m or r type that ends in .search, such as m7g.large.search, got: 'm7g.large'",
    ],
    [{ dataNodesPerZone: 0 }, 'dataNodesPerZone must be a whole number of at least 1, got: 0'],
    [{ volumeGiB: 9 }, 'volumeGiB must be a whole number from 10 to 3072, got: 9'],
    [{ volumeGiB: 10.5 }, 'volumeGiB must be a whole number from 10 to 3072, got: 10.5'],
  ])('refuses %j', (change, message) => {
    expect(() => SearchSize.of({ ...valid, ...change })).toThrow(message);
  });
});
