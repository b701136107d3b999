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
    'public.ecr.aws/nginx/nginx:1.29',
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
