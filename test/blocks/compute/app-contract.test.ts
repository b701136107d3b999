import { type Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AppContract, type AppContractProps } from '../../../lib/blocks/compute/app-contract';
import { testStack } from '../../stacks';
import { QUEUE_URL, secret, service } from './service-fixture';

const BARE: AppContractProps = { port: 3000, jobQueueUrl: QUEUE_URL };

/** What every stage tells the container, whatever it has. */
const COMMON = [
  'ASSETS_BASE_URL',
  'ASSETS_BUCKET',
  'EMAIL_CONFIGURATION_SET',
  'EMAIL_FROM',
  'EMAIL_REGION',
  'EVENT_BUS_NAME',
  'EVENT_STREAM_CLUSTER_ARN',
  'EVENT_TOPIC_ARN',
  'IDEMPOTENCY_TABLE',
  'JOB_QUEUE_URL',
  'JOB_TIMEOUT',
  'PERMISSION_STORE_ID',
  'PORT',
  'SEARCH_ENDPOINT',
  'SEARCH_PASSWORD',
  'SEARCH_USER',
  'SERVICE_NAMESPACE',
  'SHARED_TABLE',
  'SIGN_IN_URL',
  'USER_POOL_CLIENT_ID',
  'USER_POOL_ID',
  'USER_POOL_ISSUER',
];

function whole(stack: Stack): AppContractProps {
  return {
    ...BARE,
    database: {
      writerHost: 'writer.example.com',
      readerHost: 'reader.example.com',
      port: '5432',
      name: 'shop',
      secret: secret(stack, 'DatabaseSecret'),
    },
    cache: { host: 'cache.example.com', port: '6379', secret: secret(stack, 'CacheSecret') },
    assetsBucketName: 'assets',
    assetsBaseUrl: 'https://cdn.example.com/assets',
    eventTopicArn: 'arn:aws:sns:us-east-1:123456789012:events',
    eventBusName: 'events',
    eventStreamClusterArn: 'arn:aws:kafka:us-east-1:123456789012:cluster/events/1',
    search: { endpoint: 'search.example.com', secret: secret(stack, 'SearchSecret') },
    userPoolId: 'us-east-1_abc',
    userPoolClientId: 'client',
    userPoolIssuer: 'https://issuer.example.com/us-east-1_abc',
    signInUrl: 'https://auth.example.com',
    permissionStoreId: 'PS1',
    sharedTableName: 'shared',
    idempotencyTableName: 'handled',
    email: { from: 'no-reply@example.com', configurationSet: 'mail', region: 'us-east-1' },
  };
}

describe('the app contract', () => {
  test('of a stage without parts names them all, empty', () => {
    const { environment, secrets } = new AppContract(BARE);
    expect(environment).toEqual({
      PORT: '3000',
      JOB_TIMEOUT: '300',
      JOB_QUEUE_URL: QUEUE_URL,
      ASSETS_BUCKET: '',
      ASSETS_BASE_URL: '/assets',
      EVENT_TOPIC_ARN: '',
      EVENT_BUS_NAME: '',
      EVENT_STREAM_CLUSTER_ARN: '',
      SEARCH_ENDPOINT: '',
      SEARCH_USER: '',
      SEARCH_PASSWORD: '',
      USER_POOL_ID: '',
      USER_POOL_CLIENT_ID: '',
      USER_POOL_ISSUER: '',
      SIGN_IN_URL: '',
      PERMISSION_STORE_ID: '',
      SHARED_TABLE: '',
      IDEMPOTENCY_TABLE: '',
      SERVICE_NAMESPACE: '',
      EMAIL_FROM: '',
      EMAIL_CONFIGURATION_SET: '',
      EMAIL_REGION: '',
    });
    expect(secrets).toEqual([]);
  });

  test('of a stage with every part fills them in', () => {
    const { environment } = new AppContract(whole(testStack()));
    expect(environment).toEqual({
      PORT: '3000',
      JOB_TIMEOUT: '300',
      JOB_QUEUE_URL: QUEUE_URL,
      ASSETS_BUCKET: 'assets',
      ASSETS_BASE_URL: 'https://cdn.example.com/assets',
      EVENT_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:events',
      EVENT_BUS_NAME: 'events',
      EVENT_STREAM_CLUSTER_ARN: 'arn:aws:kafka:us-east-1:123456789012:cluster/events/1',
      SEARCH_ENDPOINT: 'search.example.com',
      USER_POOL_ID: 'us-east-1_abc',
      USER_POOL_CLIENT_ID: 'client',
      USER_POOL_ISSUER: 'https://issuer.example.com/us-east-1_abc',
      SIGN_IN_URL: 'https://auth.example.com',
      PERMISSION_STORE_ID: 'PS1',
      SHARED_TABLE: 'shared',
      IDEMPOTENCY_TABLE: 'handled',
      SERVICE_NAMESPACE: '',
      EMAIL_FROM: 'no-reply@example.com',
      EMAIL_CONFIGURATION_SET: 'mail',
      EMAIL_REGION: 'us-east-1',
      DATABASE_WRITER_HOST: 'writer.example.com',
      DATABASE_READER_HOST: 'reader.example.com',
      DATABASE_REPORTING_HOST: 'reader.example.com',
      DATABASE_PORT: '5432',
      DATABASE_NAME: 'shop',
      DATABASE_SSL_MODE: 'require',
      CACHE_HOST: 'cache.example.com',
      SHARED_CACHE_HOST: 'cache.example.com',
      CACHE_PORT: '6379',
      CACHE_TLS: 'true',
      CACHE_CLUSTER_MODE: 'true',
    });
  });

  test('keeps every name from the barest stage to the fullest', () => {
    const { environment, secrets } = new AppContract(whole(testStack()));
    expect(Object.keys(new AppContract(BARE).environment).sort()).toEqual(COMMON);
    expect([...Object.keys(environment), ...secrets.map(({ name }) => name)]).toEqual(expect.arrayContaining(COMMON));
  });

  test('points at the copy of the primary cache where there is one', () => {
    const stack = testStack();
    const cache = { host: 'near.example.com', port: '6379', secret: secret(stack, 'Cache'), sharedHost: 'copy.example.com' };
    expect(new AppContract({ ...BARE, cache }).environment).toMatchObject({
      CACHE_HOST: 'near.example.com',
      SHARED_CACHE_HOST: 'copy.example.com',
    });
  });

  test('has users and passwords as secrets only', () => {
    const { environment, secrets } = new AppContract(whole(testStack()));
    expect(secrets.map(({ name, field }) => `${name} ${field}`)).toEqual([
      'DATABASE_USER username',
      'DATABASE_PASSWORD password',
      'CACHE_USER username',
      'CACHE_PASSWORD password',
      'SEARCH_USER username',
      'SEARCH_PASSWORD password',
    ]);
    expect(Object.keys(environment).filter((name) => /USER$|PASSWORD/.test(name))).toEqual([]);
  });

  test('has only the secrets of the parts that there are', () => {
    const { database, cache, search } = whole(testStack());
    const names = (props: Partial<AppContractProps>) => new AppContract({ ...BARE, ...props }).secrets.map(({ name }) => name);
    expect(names({ database })).toEqual(['DATABASE_USER', 'DATABASE_PASSWORD']);
    expect(names({ cache })).toEqual(['CACHE_USER', 'CACHE_PASSWORD']);
    expect(names({ search })).toEqual(['SEARCH_USER', 'SEARCH_PASSWORD']);
  });

  test('gives a task definition each field of each secret', () => {
    const stack = testStack();
    service(stack, { contract: new AppContract(whole(stack)) });
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Secrets: Match.arrayWith([
            {
              Name: 'DATABASE_PASSWORD',
              ValueFrom: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:DatabaseSecret-AbCdEf:password::',
            },
            {
              Name: 'SEARCH_USER',
              ValueFrom: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:SearchSecret-AbCdEf:username::',
            },
          ]),
        }),
      ],
    });
  });

  test('for a service with a queue of its own differs in the queue and its time-out only', () => {
    const contract = new AppContract(whole(testStack()));
    const other = contract.withJobQueue('https://example.com/other', 60);
    const its = { JOB_QUEUE_URL: 'https://example.com/other', JOB_TIMEOUT: '60' };
    expect(other.environment).toEqual({ ...contract.environment, ...its });
    expect(other.secrets).toEqual(contract.secrets);
    expect(contract.environment.JOB_QUEUE_URL).toBe(QUEUE_URL);
  });

  test('takes a port that is known only at the deploy', () => {
    const { environment } = new AppContract({ ...BARE, port: Token.asNumber({ Ref: 'Port' }) });
    expect(testStack().resolve(environment.PORT)).toEqual({ Ref: 'Port' });
  });
});
