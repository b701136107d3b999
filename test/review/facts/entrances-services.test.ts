import { att, retained as kept, ref, resource } from '../../promotion/templates';
import { entrances, type Resources } from './in-words';

const handler = { Handler: resource('AWS::Lambda::Function', { Runtime: 'nodejs22.x' }) };

/** What API Gateway calls a function by. */
const invocation = {
  'Fn::Join': ['', ['arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/', att('Handler', 'Arn'), '/invocations']],
};

describe('REST APIs as entrances', () => {
  const api = (properties: Record<string, unknown> = {}) => ({
    Api: resource('AWS::ApiGateway::RestApi', properties),
    ...handler,
  });
  const method = (AuthorizationType: string, more: Record<string, unknown> = {}) =>
    resource('AWS::ApiGateway::Method', {
      RestApiId: ref('Api'),
      HttpMethod: 'GET',
      AuthorizationType,
      Integration: { Type: 'AWS_PROXY', Uri: invocation },
      ...more,
    });

  test('lead to what their methods call, and tell of calls without a sign-in', () => {
    expect(entrances({ ...api(), Get: method('NONE') })).toEqual(['REST API, from anyone, tcp 443: Api > Handler']);
    expect(entrances({ ...api(), Get: method('AWS_IAM') })).toEqual([
      'REST API, from anyone, tcp 443: Api > Handler [sign-in by AWS_IAM]',
    ]);
    expect(entrances({ ...api(), Get: method('AWS_IAM'), Post: method('NONE', { HttpMethod: 'POST' }) })).toEqual([
      'REST API, from anyone, tcp 443: Api > Handler [sign-in by AWS_IAM, but not for 1 of 2 calls]',
    ]);
    const options = method('NONE', { HttpMethod: 'OPTIONS', Integration: { Type: 'MOCK' } });
    expect(entrances({ ...api(), Get: method('AWS_IAM'), Ask: options })).toEqual([
      'REST API, from anyone, tcp 443: Api > Handler [sign-in by AWS_IAM]',
    ]);
  });

  test('are none where they are private, and end where nothing leads on', () => {
    expect(entrances(api({ EndpointConfiguration: { Types: ['PRIVATE'] } }))).toEqual([]);
    expect(entrances(api({ Policy: {} }))).toEqual(['REST API, from anyone, tcp 443: Api [resource policy]']);
    const proxy = method('NONE', { Integration: { Type: 'HTTP_PROXY', Uri: 'https://partner.example' } });
    expect(entrances({ ...api(), Get: proxy })).toEqual(['REST API, from anyone, tcp 443: Api > (https://partner.example)']);
  });

  test('are found behind their own domain names and firewalls', () => {
    const found = entrances({
      ...api(),
      Get: method('NONE'),
      Domain: resource('AWS::ApiGateway::DomainName', { DomainName: 'api.example.com' }),
      Mapping: resource('AWS::ApiGateway::BasePathMapping', { DomainName: ref('Domain'), RestApiId: ref('Api') }),
      Record: resource('AWS::Route53::RecordSet', {
        Name: 'api.example.com',
        Type: 'A',
        HostedZoneId: 'Z1',
        AliasTarget: { DNSName: att('Domain', 'RegionalDomainName') },
      }),
      Acl: resource('AWS::WAFv2::WebACL', { Rules: [{}] }),
      Association: resource('AWS::WAFv2::WebACLAssociation', {
        WebACLArn: att('Acl', 'Arn'),
        ResourceArn: { 'Fn::Join': ['', ['arn:aws:apigateway:us-east-1::/restapis/', ref('Api'), '/stages/prod']] },
      }),
    });
    expect(found).toEqual(['REST API, from anyone, tcp 443: Api > Handler [firewall Acl (1 rule)], called api.example.com']);
  });
});

describe('other APIs as entrances', () => {
  test('are HTTP APIs, through links to load balancers too', () => {
    const api = resource('AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' });
    const integration = (IntegrationUri: unknown) =>
      resource('AWS::ApiGatewayV2::Integration', { ApiId: ref('Api'), IntegrationUri });
    const route = resource('AWS::ApiGatewayV2::Route', {
      ApiId: ref('Api'),
      AuthorizationType: 'JWT',
      Target: { 'Fn::Join': ['', ['integrations/', ref('Integration')]] },
    });
    expect(entrances({ Api: api, Integration: integration(att('Handler', 'Arn')), Route: route, ...handler })).toEqual([
      'HTTP API, from anyone, tcp 443: Api > Handler [sign-in by JWT]',
    ]);
    const inside: Resources = {
      Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' }),
      Listener: resource('AWS::ElasticLoadBalancingV2::Listener', {
        LoadBalancerArn: ref('Balancer'),
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
      }),
      Targets: resource('AWS::ElasticLoadBalancingV2::TargetGroup'),
    };
    expect(entrances({ Api: api, Integration: integration(ref('Listener')), Route: route, ...inside })).toEqual([
      'HTTP API, from anyone, tcp 443: Api > Listener > Targets [sign-in by JWT]',
    ]);
    expect(entrances({ Api: resource('AWS::ApiGatewayV2::Api', { ProtocolType: 'WEBSOCKET' }) })).toEqual([
      'WebSocket API, from anyone, tcp 443: Api',
    ]);
  });

  test('are URLs of functions, with and without sign-in', () => {
    const url = (AuthType: unknown) => ({
      Url: resource('AWS::Lambda::Url', { AuthType, TargetFunctionArn: att('Handler', 'Arn') }),
      ...handler,
    });
    expect(entrances(url('NONE'))).toEqual(['function URL, from anyone, tcp 443: Url > Handler']);
    expect(entrances(url('AWS_IAM'))).toEqual(['function URL, from anyone, tcp 443: Url > Handler [sign-in by AWS_IAM]']);
    expect(entrances(url(ref('Auth')))).toEqual([
      'function URL, from anyone, if a deploy leaves it without sign-in, tcp 443: Url > Handler',
    ]);
    const permission = resource('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunctionUrl',
      FunctionName: att('Handler', 'Arn'),
      FunctionUrlAuthType: 'NONE',
      Principal: '*',
    });
    expect(entrances({ ...url('NONE'), Permission: permission })).toHaveLength(1);
  });

  test('are GraphQL APIs with what they read, unless they are private', () => {
    const api = (more = {}) => resource('AWS::AppSync::GraphQLApi', { AuthenticationType: 'API_KEY', ...more });
    const source = resource('AWS::AppSync::DataSource', {
      ApiId: att('Api', 'ApiId'),
      DynamoDBConfig: { TableName: ref('Table') },
      ServiceRoleArn: att('Role', 'Arn'),
    });
    const table = kept('AWS::DynamoDB::Table');
    expect(entrances({ Api: api(), Source: source, Table: table })).toEqual([
      'GraphQL API, from anyone, tcp 443: Api > Table [sign-in by API_KEY]',
    ]);
    expect(entrances({ Api: api({ Visibility: 'PRIVATE' }) })).toEqual([]);
  });

  test('are functions of the Serverless Application Model', () => {
    const fun = resource('AWS::Serverless::Function', {
      FunctionUrlConfig: { AuthType: 'NONE' },
      Events: { Get: { Type: 'Api' }, Put: { Type: 'Api' } },
    });
    expect(entrances({ Fun: fun })).toEqual(['function URL, from anyone, tcp 443: Fun', 'REST API, from anyone, tcp 443: Fun']);
  });
});

describe('sign-in as an entrance', () => {
  test('is a user pool, its pages, and guests of an identity pool', () => {
    expect(
      entrances({
        Pool: kept('AWS::Cognito::UserPool', {
          AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
          MfaConfiguration: 'ON',
        }),
        Open: kept('AWS::Cognito::UserPool'),
        Pages: resource('AWS::Cognito::UserPoolDomain', { UserPoolId: ref('Pool') }),
        Guests: kept('AWS::Cognito::IdentityPool', { AllowUnauthenticatedIdentities: true }),
        Members: kept('AWS::Cognito::IdentityPool', { AllowUnauthenticatedIdentities: false }),
        Role: resource('AWS::IAM::Role'),
        Attachment: resource('AWS::Cognito::IdentityPoolRoleAttachment', {
          IdentityPoolId: ref('Guests'),
          Roles: { unauthenticated: att('Role', 'Arn') },
        }),
      }),
    ).toEqual([
      'sign-in pages, from anyone, tcp 443: Pages > Pool',
      'user pool, from anyone, tcp 443: Pool [sign-in by its users; only administrators make users; second factor required]',
      'user pool, from anyone, who may sign up, tcp 443: Open [sign-in by its users]',
      'identity pool, from anyone, as a guest, tcp 443: Guests > Role',
    ]);
  });
});

describe('platforms as entrances', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['AWS::AppRunner::Service', {}, ['App Runner service, from anyone, tcp 443: It']],
    ['AWS::AppRunner::Service', { NetworkConfiguration: { IngressConfiguration: { IsPubliclyAccessible: false } } }, []],
    ['AWS::EKS::Cluster', {}, ['Kubernetes API, from anyone, tcp 443: It [sign-in by AWS_IAM]']],
    [
      'AWS::EKS::Cluster',
      { ResourcesVpcConfig: { PublicAccessCidrs: ['198.51.100.0/24'] } },
      ['Kubernetes API, from addresses 198.51.100.0/24, tcp 443: It [sign-in by AWS_IAM]'],
    ],
    ['AWS::EKS::Cluster', { ResourcesVpcConfig: { EndpointPublicAccess: false } }, []],
    ['Custom::AWSCDK-EKS-Cluster', { Config: { resourcesVpcConfig: { endpointPublicAccess: false } } }, []],
    [
      'AWS::Transfer::Server',
      {},
      ['file transfer server, from anyone, tcp 22, or those of its protocols: It [sign-in by its users]'],
    ],
    ['AWS::Transfer::Server', { EndpointType: 'VPC', EndpointDetails: {} }, []],
    [
      'AWS::MWAA::Environment',
      { WebserverAccessMode: 'PUBLIC_ONLY' },
      ['workflow pages, from anyone, tcp 443: It [sign-in by AWS_IAM]'],
    ],
    ['AWS::MWAA::Environment', { WebserverAccessMode: 'PRIVATE_ONLY' }, []],
    ['AWS::Amplify::App', {}, ['web app, from anyone, tcp 443: It']],
  ])('%s with %j', (type, properties, expected) => {
    expect(entrances({ It: resource(type, properties) })).toEqual(expected);
  });

  test('are accelerators, with what their endpoint groups lead to', () => {
    expect(
      entrances({
        Fast: resource('AWS::GlobalAccelerator::Accelerator', { Name: 'fast' }),
        Listener: resource('AWS::GlobalAccelerator::Listener', {
          AcceleratorArn: ref('Fast'),
          Protocol: 'TCP',
          PortRanges: [
            { FromPort: 443, ToPort: 443 },
            { FromPort: 8000, ToPort: 8100 },
          ],
        }),
        Ends: resource('AWS::GlobalAccelerator::EndpointGroup', {
          ListenerArn: ref('Listener'),
          EndpointConfigurations: [{ EndpointId: ref('Balancer') }, { EndpointId: 'arn:elsewhere' }],
        }),
        Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' }),
      }),
    ).toEqual([
      'Global Accelerator, from anyone, tcp 443, tcp 8000-8100: Fast > Balancer',
      'Global Accelerator, from anyone, tcp 443, tcp 8000-8100: Fast > (endpoint arn:elsewhere)',
    ]);
  });
});
