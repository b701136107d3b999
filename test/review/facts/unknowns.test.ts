import type { TemplateResource } from '../../../lib/assembly/cloud-assembly';
import { isObject } from '../../../lib/assembly/values';
import { picturesOf } from '../../../lib/review/facts/pictures';
import { placesOf } from '../../../lib/review/places/places';
import { att, ref, resource, retained, shop } from '../../promotion/templates';
import { ANYWHERE, balanced } from './balanced';
import { encryptionIn, entrances, type Resources, shopOf, stateIn, statementsIn } from './in-words';

const site: Resources = {
  ...balanced([ANYWHERE]),
  Site: resource('AWS::CloudFront::Distribution', {
    DistributionConfig: {
      Enabled: true,
      DefaultCacheBehavior: { TargetOriginId: 'app', ViewerProtocolPolicy: 'https-only' },
      Origins: [
        { Id: 'app', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' }, DomainName: att('Balancer', 'DNSName') },
      ],
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' },
    },
  }),
  Open: retained('AWS::S3::Bucket', { AccessControl: 'PublicRead', PublicAccessBlockConfiguration: { IgnorePublicAcls: false } }),
  Api: resource('AWS::ApiGateway::RestApi', { EndpointConfiguration: { Types: ['REGIONAL'] } }),
  Url: resource('AWS::Lambda::Url', { AuthType: 'NONE', TargetFunctionArn: 'arn:aws:lambda:us-east-1:111111111111:function:x' }),
  Broker: resource('AWS::AmazonMQ::Broker', { PubliclyAccessible: true }),
  Box: resource('AWS::EC2::Instance', {
    SecurityGroupIds: [att('Guard', 'GroupId')],
    NetworkInterfaces: [{ AssociatePublicIpAddress: true }],
  }),
  Role: resource('AWS::IAM::Role', {
    AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 'sts:AssumeRole' }] },
    Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] } }],
  }),
};

/** Copies of a resource, in each of which one value is left to a deploy. */
function withUnknowns(made: TemplateResource): { path: string; made: TemplateResource }[] {
  return leaves(made.Properties, []).map((path) => ({
    path: path.join('.'),
    made: { ...made, Properties: replaced(made.Properties, path) },
  }));
}

function leaves(value: unknown, path: string[]): string[][] {
  if (isObject(value) && !('Ref' in value) && !('Fn::GetAtt' in value))
    return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
  if (Array.isArray(value)) return value.flatMap((child, index) => leaves(child, [...path, String(index)]));
  return path.length > 0 ? [path] : [];
}

function replaced(value: unknown, [key, ...rest]: string[]): Record<string, unknown> {
  const child = Array.isArray(value) ? value[Number(key)] : (value as Record<string, unknown>)[key];
  const next = rest.length === 0 ? ref('OfADeploy') : replaced(child, rest);
  if (Array.isArray(value)) return value.map((item, index) => (index === Number(key) ? next : item)) as never;
  return { ...(value as Record<string, unknown>), [key]: next };
}

function everything(resources: Resources): string {
  const whole = shopOf(resources);
  return JSON.stringify([
    entrances(whole),
    stateIn(whole),
    encryptionIn(whole),
    statementsIn(whole),
    picturesOf(whole, placesOf(whole)),
  ]);
}

describe('what only a deploy knows', () => {
  test.each(Object.entries({ ...shop(), ...site }))('is never told as if it were a value: %s', (id, made) => {
    for (const { path, made: unknown } of withUnknowns(made)) {
      const told = everything({ ...shop(), ...site, [id]: unknown });
      expect({ path, odd: /.{0,40}(\[object Object\]|\bNaN\b|\bundefined\b).{0,20}/i.exec(told)?.[0] }).toEqual({
        path,
        odd: undefined,
      });
    }
  });

  test.each(['Balancer', 'Site', 'Open', 'Api', 'Url', 'Broker', 'Box'])('takes no entrance away: %s', (id) => {
    for (const { path, made } of withUnknowns(site[id])) {
      const found = entrances({ ...site, [id]: made }).filter((line) => line.includes(`: ${id}`));
      expect({ path, isTold: found.length > 0 }).toEqual({ path, isTold: true });
    }
  });

  test('takes no entrance away where it stands in a security group', () => {
    for (const { path, made } of withUnknowns(site.Guard)) {
      const found = entrances({ ...site, Guard: made }).filter((line) => line.includes(': Box'));
      expect({ path, isTold: found.length > 0 }).toEqual({ path, isTold: true });
    }
  });
});
