import { Lazy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { ServerRelease, type ServerReleaseProps } from '../../../lib/blocks/compute/server-release';
import { testStack } from '../../stacks';
import { templateOf } from '../before-after';

const WHY = 'it unpacks itself and changes owners at its start';

const BASE: ServerReleaseProps = {
  image: ProductImage.fromRegistry('example/shop:1.0.0'),
  port: 3000,
  healthCheckPath: '/health',
  setByServer: ['CACHE_HOST'],
};

function release(props: Partial<ServerReleaseProps> = {}): ServerRelease {
  return new ServerRelease(testStack(), 'Release', { ...BASE, ...props });
}

describe('a release for a server', () => {
  test('says what to run, in a standard parameter without a name of its own', () => {
    const template = templateOf((stack) => {
      new ServerRelease(stack, 'Release', { ...BASE, environment: { GREETING: 'say "hello"', PORT: '3000' } });
    });
    const [{ Properties }] = Object.values(template.findResources('AWS::SSM::Parameter'));
    expect(Properties).not.toHaveProperty('Name');
    expect(Properties).not.toHaveProperty('Tier');
    expect(JSON.parse(Properties.Value)).toEqual({
      image: 'example/shop:1.0.0',
      port: 3000,
      healthCheckPath: '/health',
      environment: { GREETING: 'say "hello"', PORT: '3000' },
      secrets: [],
      options: '--user=1000:1000 --read-only --tmpfs=/tmp:size=256m',
    });
  });

  test.each([
    ['another user', (image: ProductImage) => image.asUser('101:101'), '--user=101:101 --read-only --tmpfs=/tmp:size=256m'],
    ['its own user', (image: ProductImage) => image.withOwnUser(WHY), '--read-only --tmpfs=/tmp:size=256m'],
    ['files it can write', (image: ProductImage) => image.withWritableFiles(WHY), '--user=1000:1000'],
    ['both', (image: ProductImage) => image.withWritableFiles(WHY).withOwnUser(WHY), ''],
  ])('runs the image as the cluster would: with %s', (_, say, options) => {
    const template = templateOf((stack) => {
      new ServerRelease(stack, 'Release', { ...BASE, image: say(BASE.image) });
    });
    const [{ Properties }] = Object.values(template.findResources('AWS::SSM::Parameter'));
    expect(JSON.parse(Properties.Value).options).toBe(options);
  });

  test('names secrets and holds none', () => {
    const stack = testStack();
    const secret = secretsmanager.Secret.fromSecretCompleteArn(
      stack,
      'Secret',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:api-AbCdEf',
    );
    new ServerRelease(stack, 'Release', { ...BASE, secrets: [{ name: 'API_KEY', secret, field: 'key' }] });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::SSM::Parameter'));
    expect(JSON.parse(Properties.Value).secrets).toEqual([{ name: 'API_KEY', arn: secret.secretArn, field: 'key' }]);
  });

  test.each([0, 65_536, 1.5, -1])('refuses port %d', (port) => {
    expect(() => release({ port })).toThrow(new Error(`port must be a whole number from 1 to 65535, got: ${port}`));
  });

  test.each(['', 'health', '/a b', "/it's"])("refuses the health check path '%s'", (healthCheckPath) => {
    expect(() => release({ healthCheckPath })).toThrow(
      new Error(`healthCheckPath must start with a slash and hold no space or quote, such as /health, got: '${healthCheckPath}'`),
    );
  });

  test.each([
    [{ 'MY-VAR': 'x' }, "environment must have names of letters, digits and underscores, got: 'MY-VAR'"],
    [{ CACHE_HOST: 'x' }, 'environment must not set CACHE_HOST, because the server does: leave it out'],
    [{ KEY: 'a\nb' }, "environment.KEY must be one line, because a container's environment file holds one a line: encode it"],
    [{ KEY: '{{x}}' }, "environment.KEY must not hold '{{', which Systems Manager takes for a reference: encode it"],
    [{ PORT: '80' }, "environment.PORT must be the port 3000, got: '80'"],
  ])('refuses the environment %j', (environment: { [name: string]: string }, message) => {
    expect(() => release({ environment })).toThrow(new Error(message));
  });

  test('refuses more than a standard parameter holds', () => {
    expect(() => release({ environment: { KEY: 'x'.repeat(4096) } })).toThrow(
      /^environment must fit into 4096 bytes with the rest of the release, got: 4\d{3}$/,
    );
  });

  test('refuses a variable that is named twice', () => {
    const stack = testStack();
    const secret = new secretsmanager.Secret(stack, 'Secret');
    const twice = () =>
      new ServerRelease(stack, 'Release', { ...BASE, environment: { KEY: 'x' }, secrets: [{ name: 'KEY', secret, field: 'a' }] });
    expect(twice).toThrow(new Error('secrets must not name KEY again: an environment variable has one value'));
  });

  test('refuses a secret under a name that the server sets', () => {
    const stack = testStack();
    const secret = new secretsmanager.Secret(stack, 'Secret');
    expect(() => new ServerRelease(stack, 'Release', { ...BASE, secrets: [{ name: 'CACHE_HOST', secret, field: 'a' }] })).toThrow(
      new Error('environment must not set CACHE_HOST, because the server does: leave it out'),
    );
  });

  test('leaves what is not known yet alone', () => {
    const port = Lazy.number({ produce: () => 3000 });
    const later = Lazy.string({ produce: () => 'x' });
    expect(() => release({ port, healthCheckPath: later, environment: { KEY: later, PORT: later } })).not.toThrow();
  });
});
