import { type App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { AppContract } from '../../../lib/blocks/compute/app-contract';
import { MigrationTask } from '../../../lib/blocks/compute/migration-task';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import { ReleaseTag } from '../../../lib/blocks/compute/release-tag';
import { ACCOUNT, testStack } from '../../stacks';
import { losses } from '../before-after';
import { QUEUE_URL, service } from './service-fixture';

const uri = (parameter: string) => ({
  'Fn::Join': ['', ['123456789012.dkr.ecr.us-east-1.', { Ref: 'AWS::URLSuffix' }, '/shop:', { Ref: parameter }]],
});

function released(stack: Stack, release = ReleaseTag.of('1.4.2')): ProductImage {
  return ProductImage.fromRelease(ecr.Repository.fromRepositoryName(stack, 'Repository', 'shop'), release);
}

describe('a release tag', () => {
  test('is a parameter of every stack that runs the image, with the first tag as its default', () => {
    const stack = testStack();
    const image = released(stack);
    service(stack, { image });
    const other = new Stack(stack.node.root as App, 'Other', { env: { account: ACCOUNT, region: 'eu-central-1' } });
    image.runIn(other);
    const template = Template.fromStack(stack);
    template.hasParameter('ReleaseTag', { Type: 'String', Default: '1.4.2', AllowedPattern: Match.stringLikeRegexp('latest') });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [Match.objectLike({ Image: uri('ReleaseTag') })],
    });
    Template.fromStack(other).hasParameter('ReleaseTag', { Default: '1.4.2' });
  });

  test('has a second parameter for the migration, which comes before the release', () => {
    const stack = testStack();
    const image = released(stack);
    const { cluster } = service(stack, { image }).service;
    const contract = new AppContract({ port: 3000, jobQueueUrl: QUEUE_URL });
    new MigrationTask(stack, 'Migration', { cluster, image, contract });
    const template = Template.fromStack(stack);
    expect(Object.keys(template.findParameters('*')).filter((name) => name.startsWith('Release'))).toEqual([
      'ReleaseTag',
      'ReleaseMigrationTag',
    ]);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      Family: Match.stringLikeRegexp('Migration'),
      ContainerDefinitions: [Match.objectLike({ Image: uri('ReleaseMigrationTag') })],
    });
  });

  test('may have another name, for a second product in the stack', () => {
    const stack = testStack();
    service(stack, { image: released(stack, ReleaseTag.of('1', 'Blog')) });
    expect(Object.keys(Template.fromStack(stack).toJSON().Parameters).filter((name) => name.startsWith('Blog'))).toEqual([
      'BlogTag',
    ]);
  });

  test('takes the place of a fixed tag, and gives it back, in place', () => {
    const fixed = (stack: Stack) => {
      service(stack, {
        image: ProductImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Repository', 'shop'), '1.4.2'),
      });
    };
    const byParameter = (stack: Stack) => service(stack, { image: released(stack) });
    // A revision of a task definition is always a new one.
    expect(losses(fixed, byParameter)).toEqual(['AWS::ECS::TaskDefinition WILL_REPLACE']);
    expect(losses(byParameter, fixed)).toEqual(['AWS::ECS::TaskDefinition WILL_REPLACE']);
  });

  test('keeps what the image says about its user and files', () => {
    const stack = testStack();
    const image = released(stack).asUser('101:101').withWritableFiles('it unpacks itself below /srv at its start');
    expect(image.runIn(stack)).toMatchObject({ user: '101:101', writableReason: image.writableReason, release: image.release });
    expect(image.migrateIn(stack).user).toBe('101:101');
  });

  test('is nothing to an image with a fixed tag', () => {
    const image = ProductImage.fromRegistry('example/shop:1.0.0');
    expect(image.runIn(testStack())).toBe(image);
    expect(image.migrateIn(testStack())).toBe(image);
  });

  test.each(['', 'latest', 'a b', '-x', 'sha256:abc'])("refuses the tag '%s'", (tag) => {
    expect(() => ReleaseTag.of(tag)).toThrow(
      `firstTag must be a tag other than latest, such as 1.4.2, got '${tag}': give the tag that was pushed first`,
    );
  });

  test.each(['', '1st', 'my-shop'])("refuses the name '%s'", (name) => {
    expect(() => ReleaseTag.of('1', name)).toThrow(
      `name must be up to 100 letters and digits, as names of parameters are, got '${name}': shorten it`,
    );
  });
});
