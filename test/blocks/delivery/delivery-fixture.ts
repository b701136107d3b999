import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { Entrance } from '../../../lib/blocks/compute/entrance';
import { ProductImage } from '../../../lib/blocks/compute/product-image';
import type { ProductService } from '../../../lib/blocks/compute/product-service';
import { ReleaseTag } from '../../../lib/blocks/compute/release-tag';
import { GitHubDeployRole } from '../../../lib/blocks/delivery/github-deploy-role';
import { GitHubProvider } from '../../../lib/blocks/delivery/github-provider';
import { GitHubSource } from '../../../lib/blocks/delivery/github-source';
import { ImageRepository } from '../../../lib/blocks/delivery/image-repository';
import { ReleaseRunbook } from '../../../lib/blocks/delivery/release-runbook';
import { Stage1Single } from '../../../lib/stages/stage1-single';
import { Stage2Replicated } from '../../../lib/stages/stage2-replicated';
import { Stage3Specialized } from '../../../lib/stages/stage3-specialized';
import { ACCOUNT } from '../../stacks';

/** The two stacks of docs/delivery.md: what the pipeline needs first, and the product with its runbook. */
export interface Pipeline {
  readonly app: App;
  readonly registry: Stack;
  readonly shop: Stack;
  readonly product: Stage2Replicated;
  readonly runbook: ReleaseRunbook;
  readonly deployRole: GitHubDeployRole;
}

export function pipeline(): Pipeline {
  const app = new App({ context: { '@aws-cdk/core:defaultCrossStackReferences': 'weak' } });
  const env = { account: ACCOUNT, region: 'us-east-1' };
  const registry = new Stack(app, 'ShopDelivery', { stackName: 'ShopDelivery', env });
  const images = new ImageRepository(registry, 'Images');
  const deployRole = new GitHubDeployRole(registry, 'GitHub', {
    source: GitHubSource.environment('octocat/shop', 'production'),
    repository: images.repository,
    provider: new GitHubProvider(registry, 'Provider'),
  });
  new CfnOutput(registry, 'Repository', { value: images.repository.repositoryUri });
  const shop = new Stack(app, 'Shop', { stackName: 'Shop', env });
  const release = ReleaseTag.of('1.4.2');
  const repository = images.importInto(shop, 'Images');
  const product = new Stage2Replicated(shop, 'Product', { image: ProductImage.fromRelease(repository, release) });
  const runbook = new ReleaseRunbook(shop, 'Release', {
    release,
    repository,
    migration: product.application.migration,
  });
  runbook.grantStart(deployRole.role);
  return { app, registry, shop, product, runbook, deployRole };
}

/** A single server with its runbook. */
export function serverPipeline(): { readonly app: App; readonly stack: Stack; readonly product: Stage1Single } {
  const app = new App();
  const stack = new Stack(app, 'Shop', { stackName: 'Shop', env: { account: ACCOUNT, region: 'us-east-1' } });
  const repository = ecr.Repository.fromRepositoryName(stack, 'Images', 'shop');
  const release = ReleaseTag.of('1.4.2');
  const product = new Stage1Single(stack, 'Product', { image: ProductImage.fromRelease(repository, release) });
  new ReleaseRunbook(stack, 'Release', { release, repository, server: product.server });
  return { app, stack, product };
}

/** A product at stage 3 that a runbook releases, with services that run its image and one that does not. */
export function servicesPipeline({ runbookFirst = false, more = [] }: { runbookFirst?: boolean; more?: ProductService[] } = {}): {
  readonly app: App;
  readonly shop: Stack;
} {
  const app = new App();
  const shop = new Stack(app, 'Shop', { stackName: 'Shop', env: { account: ACCOUNT, region: 'us-east-1' } });
  const repository = ecr.Repository.fromRepositoryName(shop, 'Images', 'shop');
  const release = ReleaseTag.of('1.0.0');
  if (runbookFirst) new ReleaseRunbook(shop, 'Release', { release, repository });
  const { application } = new Stage3Specialized(shop, 'Product', {
    image: ProductImage.fromRelease(repository, release),
    services: [
      { name: 'billing', entrance: Entrance.mesh() },
      ...more,
      { name: 'mailer', entrance: Entrance.none(), image: ProductImage.fromRelease(repository, ReleaseTag.of('7')) },
    ],
  });
  if (!runbookFirst) new ReleaseRunbook(shop, 'Release', { release, repository, migration: application.migration });
  return { app, shop };
}
