import { isObject, items } from '../../../assembly/values';
import { answer, isOn, said } from '../answers';
import type { Landscape, Thing } from '../landscape';
import { ANYONE, type Door, maybe, type Way } from './door';
import { waysFromListener, waysFromLoadBalancer } from './load-balancers';

/** What an API calls, as opposed to what merely wires it up. */
const WIRING = /^AWS::(IAM|ApiGateway|ApiGatewayV2|Logs|EC2|CDK|SecretsManager)::/;

const HTTPS = 'tcp 443';

/** APIs that answer at an address of AWS: API Gateway, AppSync, function URLs. */
export function apiDoors(landscape: Landscape): Door[] {
  return [
    ...landscape.ofType('AWS::ApiGateway::RestApi', 'AWS::Serverless::Api').flatMap((api) => restDoors(api, landscape)),
    ...landscape.ofType('AWS::ApiGatewayV2::Api', 'AWS::Serverless::HttpApi').flatMap((api) => httpDoors(api, landscape)),
    ...landscape.ofType('AWS::Lambda::Url').map((url) => urlDoor(url, landscape)),
    ...landscape.ofType('AWS::Serverless::Function').flatMap(serverlessDoors),
    ...landscape.ofType('AWS::AppSync::GraphQLApi', 'AWS::AppSync::Api').flatMap((api) => graphDoors(api, landscape)),
  ];
}

/** One call that an API takes: how the caller proves who it is, and where it goes. */
interface Route {
  readonly signIn: string;
  readonly ways: Way[];
}

function doorsOf(api: Thing, kind: string, from: string, routes: Route[], guards: string[]): Door[] {
  if (routes.length === 0) return [{ kind, from, ports: HTTPS, path: [api], guards }];
  const ends = new Map<string, { way: Way; signIns: string[] }>();
  for (const { signIn, ways } of routes) {
    for (const way of ways.length > 0 ? ways : [{ path: [], guards: [] }]) {
      const key = [...way.path.map(({ stack, logicalId }) => `${stack.artifactId}/${logicalId}`), way.beyond].join(' ');
      const end = ends.get(key) ?? { way, signIns: [] };
      ends.set(key, { ...end, signIns: [...end.signIns, signIn] });
    }
  }
  return [...ends.values()].map(({ way, signIns }) => ({
    kind,
    from,
    ports: HTTPS,
    path: [api, ...way.path],
    guards: [...guards, ...signInGuards(signIns), ...way.guards],
    ...(way.beyond === undefined ? {} : { beyond: way.beyond }),
  }));
}

/** A call without a sign-in must not hide behind others that have one. */
function signInGuards(signIns: string[]): string[] {
  const open = signIns.filter((signIn) => signIn === '').length;
  const kinds = [...new Set(signIns.filter((signIn) => signIn !== ''))];
  if (kinds.length === 0) return [];
  const except = open > 0 ? `, but not for ${open} of ${signIns.length} calls` : '';
  return [`sign-in by ${kinds.join(' or ')}${except}`];
}

function restDoors(api: Thing, landscape: Landscape): Door[] {
  const { EndpointConfiguration, Policy, DisableExecuteApiEndpoint, Body, DefinitionBody } = api.properties;
  const types = isObject(EndpointConfiguration) ? (EndpointConfiguration.Types ?? [EndpointConfiguration.Type]) : [];
  const isPrivate = answer(types, (known) => items(known).includes('PRIVATE'));
  if (isPrivate === 'yes') return [];
  const guards: string[] = [];
  if (isOn(DisableExecuteApiEndpoint) === 'yes') guards.push('only by its own domain name');
  if (Policy !== undefined) guards.push('resource policy');
  const routes = landscape.referrers(api, 'AWS::ApiGateway::Method', 'RestApiId').flatMap((method): Route[] => {
    const { AuthorizationType, ApiKeyRequired, Integration, HttpMethod } = method.properties;
    // What a browser asks before it calls is answered by the gateway itself.
    if (!isObject(Integration) || (Integration.Type === 'MOCK' && HttpMethod === 'OPTIONS')) return [];
    const signIn = AuthorizationType === undefined || AuthorizationType === 'NONE' ? '' : said(AuthorizationType);
    const key = isOn(ApiKeyRequired) === 'yes' ? 'API key' : '';
    const signIns = [signIn, key].filter((one) => one !== '').join(' and ');
    return [{ signIn: signIns, ways: waysOfIntegration(Integration, method, landscape) }];
  });
  const fromBody = landscape
    .behind([Body, DefinitionBody], api.stack)
    .filter(({ type }) => !WIRING.test(type))
    .map((end) => ({ signIn: '', ways: [{ path: [end], guards: ['see its OpenAPI document for sign-in'] }] }));
  const from = isPrivate === 'unknown' ? maybe(ANYONE, 'its endpoint is not private') : ANYONE;
  return doorsOf(api, 'REST API', from, [...routes, ...fromBody], guards);
}

function waysOfIntegration({ Uri, ConnectionId }: Record<string, unknown>, owner: Thing, landscape: Landscape): Way[] {
  const links = landscape
    .behind(ConnectionId, owner.stack)
    .filter(({ type }) => type === 'AWS::ApiGateway::VpcLink')
    .flatMap((link) => landscape.behind(link.properties.TargetArns, link.stack));
  return waysTo([...landscape.behind(Uri, owner.stack), ...links], Uri, landscape);
}

function waysTo(ends: Thing[], uri: unknown, landscape: Landscape): Way[] {
  const known = [...new Set(ends)].filter(({ type }) => !WIRING.test(type));
  if (known.length === 0) return typeof uri === 'string' ? [{ path: [], guards: [], beyond: uri }] : [];
  return known.flatMap((end) => {
    if (end.type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') return waysFromLoadBalancer(end, landscape);
    if (end.type === 'AWS::ElasticLoadBalancingV2::Listener') return waysFromListener(end, landscape);
    return [{ path: [end], guards: [] }];
  });
}

function httpDoors(api: Thing, landscape: Landscape): Door[] {
  const { ProtocolType, Target, Body, DefinitionBody, DisableExecuteApiEndpoint } = api.properties;
  const kind = ProtocolType === 'WEBSOCKET' ? 'WebSocket API' : 'HTTP API';
  const guards = isOn(DisableExecuteApiEndpoint) === 'yes' ? ['only by its own domain name'] : [];
  const integrations = landscape.referrers(api, 'AWS::ApiGatewayV2::Integration', 'ApiId');
  const routes = landscape.referrers(api, 'AWS::ApiGatewayV2::Route', 'ApiId').map((route): Route => {
    const { AuthorizationType, Target: routeTarget, ApiKeyRequired } = route.properties;
    const used = landscape.behind(routeTarget, route.stack).filter((thing) => integrations.includes(thing));
    const signIn = AuthorizationType === undefined || AuthorizationType === 'NONE' ? '' : said(AuthorizationType);
    const ways = used.flatMap(({ properties, stack }) =>
      waysTo(landscape.behind(properties.IntegrationUri, stack), properties.IntegrationUri, landscape),
    );
    return { signIn: signIn || (isOn(ApiKeyRequired) === 'yes' ? 'API key' : ''), ways };
  });
  const direct = landscape
    .behind([Target, Body, DefinitionBody], api.stack)
    .filter(({ type }) => !WIRING.test(type))
    .map((end): Route => ({ signIn: '', ways: [{ path: [end], guards: [] }] }));
  return doorsOf(api, kind, ANYONE, [...routes, ...direct], guards);
}

function urlDoor(url: Thing, landscape: Landscape): Door {
  const { AuthType, TargetFunctionArn } = url.properties;
  const ends = landscape.behind(TargetFunctionArn, url.stack).filter(({ type }) => type.startsWith('AWS::Lambda::'));
  return { kind: 'function URL', ...byAuth(AuthType), ports: HTTPS, path: [url, ...ends.slice(0, 1)] };
}

function byAuth(authType: unknown): { from: string; guards: string[] } {
  const signs = answer(authType, (type) => type === 'AWS_IAM');
  if (signs === 'unknown') return { from: maybe(ANYONE, 'a deploy leaves it without sign-in'), guards: [] };
  return { from: ANYONE, guards: signs === 'yes' ? ['sign-in by AWS_IAM'] : [] };
}

/** Functions of the Serverless Application Model, which make their API or URL by themselves. */
function serverlessDoors(handler: Thing): Door[] {
  const { FunctionUrlConfig, Events } = handler.properties;
  const doors: Door[] = [];
  if (isObject(FunctionUrlConfig)) {
    doors.push({ kind: 'function URL', ...byAuth(FunctionUrlConfig.AuthType), ports: HTTPS, path: [handler] });
  }
  const events = Object.values(isObject(Events) ? Events : {}).filter(isObject);
  for (const type of new Set(events.map((event) => String(event.Type)))) {
    if (type === 'Api' || type === 'HttpApi') {
      doors.push({ kind: type === 'Api' ? 'REST API' : 'HTTP API', from: ANYONE, ports: HTTPS, path: [handler], guards: [] });
    }
  }
  return doors;
}

function graphDoors(api: Thing, landscape: Landscape): Door[] {
  const { Visibility, AuthenticationType, AdditionalAuthenticationProviders, EventConfig } = api.properties;
  if (answer(Visibility, (visibility) => visibility === 'PRIVATE') === 'yes') return [];
  const eventProviders = isObject(EventConfig) ? items(EventConfig.AuthProviders).filter(isObject) : [];
  const providers = [
    AuthenticationType,
    ...items(AdditionalAuthenticationProviders).map((provider) => isObject(provider) && provider.AuthenticationType),
    ...eventProviders.map(({ AuthType }) => AuthType),
  ].filter((type): type is string => typeof type === 'string');
  const guards = providers.length > 0 ? [`sign-in by ${[...new Set(providers)].join(' or ')}`] : [];
  const kind = api.type === 'AWS::AppSync::Api' ? 'events API' : 'GraphQL API';
  const ends = landscape
    .referrers(api, 'AWS::AppSync::DataSource', 'ApiId')
    .flatMap(({ properties: { ApiId, ServiceRoleArn, ...settings }, stack }) => landscape.behind(settings, stack))
    .filter(({ type }) => !WIRING.test(type));
  const paths = ends.length > 0 ? [...new Set(ends)].map((end) => [api, end]) : [[api]];
  return paths.map((path) => ({ kind, from: ANYONE, ports: HTTPS, path, guards }));
}
