import { Token } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';

/** The container image of the product; the same one at every stage, on a server and in a cluster. */
export class ProductImage {
  /**
   * An image of a public registry, with its tag or digest.
   * @throws if the tag is missing or `latest`, which would make a roll-back bring back the fault
   */
  public static fromRegistry(uri: string): ProductImage {
    const pinned = /^[^@\s]+(@sha256:[0-9a-f]{64}|:\w[\w.-]{0,127})$/.test(uri) && !uri.endsWith(':latest');
    if (!Token.isUnresolved(uri) && !pinned) {
      throw new Error(`image must name a tag other than latest, or a digest, such as example/shop:1.4.2, got: '${uri}'`);
    }
    return new ProductImage(uri, ecs.ContainerImage.fromRegistry(uri));
  }

  /**
   * An image of the account's own registry.
   * @param tag an immutable tag, or a digest starting with `sha256:`
   */
  public static fromEcrRepository(repository: ecr.IRepository, tag: string): ProductImage {
    if (tag === '' || tag === 'latest') {
      throw new Error(`tag must be a tag other than latest, or a digest, such as 1.4.2, got: '${tag}'`);
    }
    return new ProductImage(
      repository.repositoryUriForTagOrDigest(tag),
      ecs.ContainerImage.fromEcrRepository(repository, tag),
      repository,
    );
  }

  private constructor(
    /** What `docker pull` takes. */
    public readonly uri: string,
    /** The image for a task definition. */
    public readonly containerImage: ecs.ContainerImage,
    /** The account's repository it comes from, if it does. */
    public readonly repository?: ecr.IRepository,
  ) {}

  /** Lets a principal pull the image; an image of a public registry needs no permission. */
  public grantPull(grantee: iam.IGrantable): void {
    this.repository?.grantPull(grantee);
  }
}
