import { Match } from 'aws-cdk-lib/assertions';
import { ERROR_PAGE_PATH } from '../../lib/blocks/edge/error-page';
import { type LocatedResource, resources, synthesized } from './synthesized';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const REGIONS = ['us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-1'];

interface RuleProperties {
  readonly Priority: number;
  readonly Conditions: { readonly Field: string; readonly HttpHeaderConfig?: { readonly Values: unknown[] } }[];
  readonly Actions: Record<string, unknown>[];
}

/** What the firewall of a load balancer asks of every request. */
interface Statement {
  readonly NotStatement: {
    readonly Statement: {
      readonly OrStatement: {
        readonly Statements: {
          readonly ByteMatchStatement: { readonly FieldToMatch: unknown; readonly SearchString: unknown };
        }[];
      };
    };
  };
}

function rulesOf(region: string, all: LocatedResource[]): RuleProperties[] {
  return all
    .filter(({ stack }) => stack.region === region)
    .map(({ properties }) => properties as unknown as RuleProperties)
    .sort((one, other) => one.Priority - other.Priority);
}

describe.each([2, 3, 4])('the edge of stage %d', (stage) => {
  const { assembly, primary } = synthesized(stage);
  const [distribution, ...more] = resources(assembly, 'AWS::CloudFront::Distribution');
  const config = distribution.properties.DistributionConfig as Record<string, unknown>;
  const rules = resources(assembly, RULE);
  const regions = stage === 4 ? REGIONS : REGIONS.slice(0, 1);

  test('is one distribution, the same at every stage', () => {
    expect(more).toEqual([]);
    expect(distribution.logicalId).toBe('ProductSiteContentDeliveryDistributionA2DBF99D');
    expect(config.HttpVersion).toBe('http2and3');
  });

  test('caches static files for an hour and answers for a minute at most, compressed, under headers of its own', () => {
    const policies = Object.entries(primary.findResources('AWS::CloudFront::CachePolicy'));
    const named = (name: string) => policies.find(([, { Properties }]) => Properties.CachePolicyConfig.Name.includes(name))!;
    const [fixed, live] = [named('-static-1h-'), named('-dynamic-60s-')];
    expect(fixed[1].Properties.CachePolicyConfig).toMatchObject({ MinTTL: 0, DefaultTTL: 3600 });
    expect(live[1].Properties.CachePolicyConfig).toMatchObject({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 60 });
    const headers = { Ref: expect.stringContaining('SecurityHeaders') };
    const common = { Compress: true, ResponseHeadersPolicyId: headers };
    expect(config.DefaultCacheBehavior).toMatchObject({ ...common, CachePolicyId: { Ref: live[0] } });
    expect(config.CacheBehaviors).toMatchObject([
      { ...common, PathPattern: '/assets/*', CachePolicyId: { Ref: fixed[0] } },
      { ...common, PathPattern: ERROR_PAGE_PATH, CachePolicyId: { Ref: fixed[0] } },
    ]);
    primary.resourceCountIs('AWS::CloudFront::ResponseHeadersPolicy', 1);
  });

  test('shows a page of its own where nobody answers', () => {
    const shown = (config.CustomErrorResponses as Record<string, unknown>[]).filter(({ ResponsePagePath }) => ResponsePagePath);
    expect(shown.map(({ ErrorCode }) => ErrorCode)).toEqual([502, 503, 504]);
  });

  test('is the only way to a load balancer', () => {
    const [application] = config.Origins as { OriginCustomHeaders: { HeaderName: string; HeaderValue: unknown }[] }[];
    expect(application.OriginCustomHeaders).toEqual([
      {
        HeaderName: 'X-Origin-Verify',
        HeaderValue: {
          'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: expect.stringContaining('Password1') }, ':SecretString:::}}']],
        },
      },
    ]);
    for (const region of regions.filter(() => stage === 2)) {
      const all = rulesOf(region, rules);
      const refusal = all.at(-1)!;
      expect(refusal).toMatchObject({
        Priority: 50000,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['*'] } }],
        Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '403' } }],
      });
      const others = all.slice(0, -1);
      // The error page and the core.
      expect(others).toHaveLength(2);
      for (const { Conditions } of others) {
        expect(Conditions.filter(({ HttpHeaderConfig }) => HttpHeaderConfig?.Values.length === 2)).toHaveLength(1);
      }
    }
    // From stage 3 on, releases change the weights of the rules, which then must ask for nothing that changes: the firewall asks.
    for (const region of regions.filter(() => stage > 2)) {
      const actions = rulesOf(region, rules).flatMap(({ Actions }) => Actions as { Type: string }[]);
      // A release may fail on a listener that does anything else.
      expect(new Set(actions.map(({ Type }) => Type))).toEqual(new Set(['forward']));
      const shifted = rulesOf(region, rules).filter(({ Actions }) => JSON.stringify(Actions).includes('Weight'));
      expect(shifted).toHaveLength(2);
      for (const { Conditions } of shifted) {
        expect(Conditions.map(({ Field }) => Field)).toEqual(['path-pattern']);
      }
      const [acl] = resources(assembly, 'AWS::WAFv2::WebACL')
        .filter(({ stack }) => stack.region === region)
        .filter(({ properties }) => properties.Scope === 'REGIONAL');
      const { NotStatement } = (acl.properties.Rules as { Statement: Statement; Priority: number; Action: object }[])[0]
        .Statement;
      expect((acl.properties.Rules as object[])[0]).toMatchObject({ Name: 'Admission', Priority: 0, Action: { Block: {} } });
      const asked = NotStatement.Statement.OrStatement.Statements.map(({ ByteMatchStatement }) => ByteMatchStatement);
      expect(asked.map(({ FieldToMatch }) => FieldToMatch)).toEqual(Array(2).fill({ SingleHeader: { Name: 'x-origin-verify' } }));
      for (const { SearchString } of asked) expect(JSON.stringify(SearchString)).toContain('{{resolve:secretsmanager:');
    }
  });

  test('refuses nobody before the distribution sends what is asked for, and what is refused last is made last', () => {
    const own = rules.filter(({ stack }) => stack === distribution.stack);
    const needs = ({ resource }: LocatedResource) =>
      ([] as string[]).concat((resource as { DependsOn?: string[] }).DependsOn ?? []);
    if (stage > 2) {
      const [association] = resources(assembly, 'AWS::WAFv2::WebACLAssociation').filter(
        (one) => one.stack === distribution.stack,
      );
      const ACL = JSON.stringify(association.properties.WebACLArn);
      const [acl] = resources(assembly, 'AWS::WAFv2::WebACL').filter(({ logicalId }) => ACL.includes(logicalId));
      expect(needs(acl)).toContain(distribution.logicalId);
      const forwarding = own.filter(({ properties }) => JSON.stringify(properties.Actions).includes('forward'));
      expect(forwarding).toHaveLength(2);
      for (const rule of forwarding) expect(needs(rule)).toContain(association.logicalId);
      return;
    }
    const [refusal] = own.filter(({ properties }) => properties.Priority === 50000);
    for (const rule of own.filter((one) => one !== refusal)) {
      expect(needs(rule)).toContain(distribution.logicalId);
      expect(needs(refusal)).toContain(rule.logicalId);
    }
    expect(needs(refusal)).toEqual(expect.arrayContaining([expect.stringMatching(/^ProductApplicationService/)]));
  });

  test('holds its passwords in Secrets Manager and in no template', () => {
    const passwords = resources(assembly, 'AWS::SecretsManager::Secret').filter(({ logicalId }) =>
      logicalId.includes('Password'),
    );
    const own = passwords.filter(({ logicalId }) => logicalId.startsWith('ProductOriginVerification'));
    expect(own).toHaveLength(2);
    for (const { properties, resource } of own) {
      expect(properties).toMatchObject({ GenerateSecretString: { PasswordLength: 64 }, KmsKeyId: expect.anything() });
      expect(properties.SecretString).toBeUndefined();
      expect(properties.ReplicaRegions).toEqual(stage === 4 ? REGIONS.slice(1).map((Region) => ({ Region })) : undefined);
      expect(resource.DeletionPolicy).toBe('Retain');
    }
  });

  test('has its logs ready to be asked, in every Region', () => {
    const tables = resources(assembly, 'AWS::Glue::Table').map(({ stack }) => stack.region);
    expect(tables.sort()).toEqual([...regions, 'us-east-1'].sort());
    primary.resourceCountIs('AWS::Athena::NamedQuery', 7);
    primary.hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: Match.anyValue(),
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS', KmsKey: Match.anyValue() } },
      },
    });
  });
});

describe('a further Region', () => {
  test('asks in every Region for the password that is kept there', () => {
    const { assembly } = synthesized(4);
    const text = (region: string) =>
      JSON.stringify(
        resources(assembly, 'AWS::WAFv2::WebACL')
          .filter(({ stack }) => stack.region === region)
          .map(({ properties }) => properties.Rules),
      );
    for (const region of REGIONS.slice(1)) {
      const references = text(region).split('{{resolve:secretsmanager:').slice(1);
      expect(references).toHaveLength(2);
      for (const [index, reference] of references.entries()) {
        expect(reference).toContain(`"secretsmanager:${region}:123456789012:secret"`);
        expect(reference).toContain(`"OutputName":"ProductOutputOriginPassword${(index % 2) + 1}`);
      }
    }
  });

  test('gets the next password with the same outputs that it reads now', () => {
    const outputs = (originPassword: number) => {
      const { primary } = synthesized(4, { originPassword });
      return Object.keys(primary.toJSON().Outputs).filter((name) => name.includes('OriginPassword'));
    };
    const numbers = (names: string[]) => [...new Set(names.map((name) => /OriginPassword(\d)[0-9A-F]*$/.exec(name)![1]))].sort();
    expect(numbers(outputs(1))).toEqual(['1', '2']);
    expect(numbers(outputs(2))).toEqual(['2', '3']);
    const stay = outputs(1).filter((name) => outputs(2).includes(name));
    expect(stay.length).toBe(outputs(1).length / 2);
    expect(numbers(stay)).toEqual(['2']);
  });
});

test('a product on one server has no edge', () => {
  const { primary } = synthesized(1);
  for (const type of ['AWS::CloudFront::Distribution', 'AWS::Athena::WorkGroup', RULE]) primary.resourceCountIs(type, 0);
});
