import { Lazy, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { testStack } from '../../stacks';
import { service } from './service-fixture';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image of a public registry', () => {
  test.each([
    'example/shop:1.4.2',
    'public.ecr.aws/nginx/nginx-unprivileged:1.29',
    'registry.example.com:5000/shop:v1_2-3',
    `example/shop@${DIGEST}`,
    `example/shop:latest@${DIGEST}`,
  ])('may be %s', (uri) => {
    expect(ProductImage.fromRegistry(uri).uri).toBe(uri);
  });

  test('may be known only at the deploy', () => {
    const uri = Lazy.string({ produce: () => 'example/shop:1.0.0' });
    expect(testStack().resolve(ProductImage.fromRegistry(uri).uri)).toBe('example/shop:1.0.0');
  });

  test('needs no permission to be pulled', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    ProductImage.fromRegistry('example/shop:1.0.0').grantPull(role);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 0);
  });

  test.each([
    '',
    'example/shop',
    'example/shop:',
    'example/shop:latest',
    'registry.example.com:5000/shop',
    'example/shop@sha256:12',
  ])("must be pinned, which '%s' is not", (uri) => {
    expect(() => ProductImage.fromRegistry(uri)).toThrow(
      new Error(`image must name a tag other than latest, or a digest, such as example/shop:1.4.2, got: '${uri}'`),
    );
  });
});

describe('an image', () => {
  const shop = ProductImage.fromRegistry('example/shop:1.0.0');

  test('is run by an ordinary user on files it cannot write, unless it says otherwise', () => {
    expect(shop).toMatchObject({ user: '1000:1000', ownUserReason: undefined, writableReason: undefined });
  });

  test.each(['101', '101:101', '10001:0'])('may be run by user %s', (user) => {
    expect(shop.asUser(user)).toMatchObject({ uri: shop.uri, user });
    expect(shop.user).toBe('1000:1000');
  });

  test.each(['', '0', '0:0', 'root', 'node', '101:', '-1', '101:staff'])("is run by no user '%s'", (user) => {
    expect(() => shop.asUser(user)).toThrow(
      new Error(
        `user must be the id of a user other than root and, after a colon, of a group, such as 101:101, got: '${user}'; withOwnUser(...) leaves it to the image`,
      ),
    );
  });

  test('keeps what was said before, and the last word on its user', () => {
    const why = 'it changes the owner of its files first';
    expect(shop.withWritableFiles(why).withOwnUser(why)).toMatchObject({ ownUserReason: why, writableReason: why });
    expect(shop.withOwnUser(why).user).toBeUndefined();
    expect(shop.withOwnUser(why).asUser('101')).toMatchObject({ user: '101', ownUserReason: undefined });
  });

  test('of the own registry keeps that, whatever it says', () => {
    const repository = ecr.Repository.fromRepositoryName(testStack(), 'Repository', 'shop');
    const image = ProductImage.fromEcrRepository(repository, '1.4.2');
    expect(image.asUser('101').withWritableFiles('it unpacks itself at its first start').repository).toBe(repository);
  });

  test.each(['', 'n/a', 'it needs to be root'])("gives a reason to sign, which '%s' is not", (reason) => {
    const refused = new Error(
      `reason must say in six words or more why the image needs that and what makes up for it, got: '${reason}'`,
    );
    expect(() => shop.withOwnUser(reason)).toThrow(refused);
    expect(() => shop.withWritableFiles(reason)).toThrow(refused);
  });
});

describe('an image of the own registry', () => {
  test.each([
    ['1.4.2', ':1.4.2'],
    [DIGEST, `@${DIGEST}`],
  ])('with %s is run and pulled by the same name', (tag, ending) => {
    const stack = testStack();
    const repository = ecr.Repository.fromRepositoryName(stack, 'Repository', 'shop');
    const image = ProductImage.fromEcrRepository(repository, tag);
    service(stack, { image });
    const name = { 'Fn::Join': ['', ['123456789012.dkr.ecr.us-east-1.', { Ref: 'AWS::URLSuffix' }, `/shop${ending}`]] };
    expect(stack.resolve(image.uri)).toEqual(name);
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Image: name })],
    });
  });

  test('lets a server pull it, and nothing else', () => {
    const stack = testStack();
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
    const repository = ecr.Repository.fromRepositoryName(stack, 'Repository', 'shop');
    ProductImage.fromEcrRepository(repository, '1.0.0').grantPull(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
            Resource: stack.resolve(repository.repositoryArn),
          }),
          Match.objectLike({ Action: 'ecr:GetAuthorizationToken', Resource: '*' }),
        ],
      },
    });
  });

  test('may have a tag that is known only at the deploy', () => {
    const repository = ecr.Repository.fromRepositoryName(testStack(), 'Repository', 'shop');
    expect(() => ProductImage.fromEcrRepository(repository, Token.asString({ Ref: 'Tag' }))).not.toThrow();
  });

  test.each(['', 'latest'])("must be pinned, which the tag '%s' is not", (tag) => {
    const repository = ecr.Repository.fromRepositoryName(testStack(), 'Repository', 'shop');
    expect(() => ProductImage.fromEcrRepository(repository, tag)).toThrow(
      new Error(`tag must be a tag other than latest, or a digest, such as 1.4.2, got: '${tag}'`),
    );
  });
});
