import { Lazy, Token } from 'aws-cdk-lib';
import type * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { isTooShort } from '../operations/reason';
import type { ReleaseTag } from './release-tag';

/** Who runs a container where nothing else is said: the first ordinary user, `node` in the images of Node.js. */
const ORDINARY_USER = '1000:1000';

/**
 * The container image of the product; the same one at every stage, on a server and in a cluster.
 *
 * Its containers run as user and group 1000 on a file system that they cannot write to, apart from `/tmp` in memory, so that who
 * breaks into one leaves nothing behind. An image that needs more says so, with the reason.
 */
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
    return new ProductImage({ uri, containerImage: ecs.ContainerImage.fromRegistry(uri), user: ORDINARY_USER });
  }

  /**
   * An image of the account's own registry.
   * @param tag an immutable tag, or a digest starting with `sha256:`
   */
  public static fromEcrRepository(repository: ecr.IRepository, tag: string): ProductImage {
    if (tag === '' || tag === 'latest') {
      throw new Error(`tag must be a tag other than latest, or a digest, such as 1.4.2, got: '${tag}'`);
    }
    return new ProductImage({ ...tagged(repository, tag), user: ORDINARY_USER });
  }

  /**
   * An image of the account's own registry whose tag is a parameter of the stack, so that a release runbook can change it alone.
   */
  public static fromRelease(repository: ecr.IRepository, release: ReleaseTag): ProductImage {
    // Which parameter it is depends on the stack that runs the image: `runIn` and `migrateIn` know it.
    const tag = Lazy.uncachedString({ produce: ({ scope }) => release.servingIn(scope) });
    return new ProductImage({ ...tagged(repository, tag), user: ORDINARY_USER, release });
  }

  /** What `docker pull` takes. */
  public readonly uri: string;
  /** The image for a task definition. */
  public readonly containerImage: ecs.ContainerImage;
  /** The account's repository it comes from, if it does. */
  public readonly repository?: ecr.IRepository;
  /** User, and group, that its containers run as; absent where the image decides. */
  public readonly user?: string;
  /** Why the image decides who runs it. */
  public readonly ownUserReason?: string;
  /** Why its containers may write to their file system; absent where they may not. */
  public readonly writableReason?: string;
  /** What decides its tag at every deploy, where it is no fixed one. */
  public readonly release?: ReleaseTag;

  private constructor(private readonly said: Said) {
    this.uri = said.uri;
    this.containerImage = said.containerImage;
    this.repository = said.repository;
    this.user = said.user;
    this.ownUserReason = said.ownUserReason;
    this.writableReason = said.writableReason;
    this.release = said.release;
  }

  /**
   * The image, run by another user than 1000.
   * @param user ids of the user and, after a colon, of the group, such as `101:101`
   * @throws if that is no pair of numbers, or root
   */
  public asUser(user: string): ProductImage {
    if (!/^[1-9]\d{0,8}(:\d{1,9})?$/.test(user)) {
      throw new Error(
        `user must be the id of a user other than root and, after a colon, of a group, such as 101:101, got: '${user}'; withOwnUser(...) leaves it to the image`,
      );
    }
    return new ProductImage({ ...this.said, user, ownUserReason: undefined });
  }

  /**
   * The image, run by the user that it names itself, which is root where it names none.
   * @param reason why it cannot run as another, and what makes up for it; it is kept beside the rule that wants another
   * @throws if the reason has fewer than six words
   */
  public withOwnUser(reason: string): ProductImage {
    checkReason(reason);
    return new ProductImage({ ...this.said, user: undefined, ownUserReason: reason });
  }

  /**
   * The image, with a file system that its containers may write to, until they end.
   * @param reason why it cannot do with `/tmp`, and what makes up for it; it is kept beside the rule that wants it read-only
   * @throws if the reason has fewer than six words
   */
  public withWritableFiles(reason: string): ProductImage {
    checkReason(reason);
    return new ProductImage({ ...this.said, writableReason: reason });
  }

  /** The image as the stack of a construct runs it: itself, unless its tag is a parameter, which the stack then has. */
  public runIn(scope: IConstruct): ProductImage {
    return this.withTag(this.release?.servingIn(scope));
  }

  /** The image as the stack of a construct migrates to it, before `runIn` is that image too. */
  public migrateIn(scope: IConstruct): ProductImage {
    return this.withTag(this.release?.migratingIn(scope));
  }

  /** Lets a principal pull the image; an image of a public registry needs no permission. */
  public grantPull(grantee: iam.IGrantable): void {
    this.repository?.grantPull(grantee);
  }

  private withTag(tag: string | undefined): ProductImage {
    if (tag === undefined || !this.repository) return this;
    return new ProductImage({ ...this.said, ...tagged(this.repository, tag) });
  }
}

/** What is known of an image. */
interface Said {
  readonly uri: string;
  readonly containerImage: ecs.ContainerImage;
  readonly repository?: ecr.IRepository;
  readonly user?: string;
  readonly ownUserReason?: string;
  readonly writableReason?: string;
  readonly release?: ReleaseTag;
}

function tagged(repository: ecr.IRepository, tag: string): Pick<Said, 'uri' | 'containerImage' | 'repository'> {
  return {
    uri: repository.repositoryUriForTagOrDigest(tag),
    containerImage: ecs.ContainerImage.fromEcrRepository(repository, tag),
    repository,
  };
}

function checkReason(reason: string): void {
  if (isTooShort(reason)) {
    throw new Error(`reason must say in six words or more why the image needs that and what makes up for it, got: '${reason}'`);
  }
}
