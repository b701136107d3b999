import { Duration } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import type * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { retain } from '../operations/retain';

/** Properties of an ImageRepository. */
export interface ImageRepositoryProps {
  /**
   * Key for the images at rest. It can never be given, changed or taken away later.
   * @default - the AWS managed key of Amazon ECR, which costs nothing a month
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * How many images stay, 10 to 1,000; the oldest go first, also one that runs, if as many were pushed after it.
   * @default 50
   */
  readonly keptImages?: number;
}

/**
 * Where the product's images are: tags that never move, so that a roll-back brings back what ran; scanned when they are pushed; kept
 * when it leaves the template.
 *
 * It has to be there, with an image in it, before the first deploy of the product, so it belongs into a small stack of its own.
 *
 * @throws if `keptImages` is out of range
 */
export class ImageRepository extends Construct {
  public readonly repository: ecr.Repository;

  constructor(scope: Construct, id: string, props: ImageRepositoryProps = {}) {
    super(scope, id);
    const { encryptionKey, keptImages = 50 } = props;
    if (!Number.isInteger(keptImages) || keptImages < 10 || keptImages > 1000) {
      throw new Error(
        `keptImages must be a whole number from 10 to 1000, got: ${keptImages}, keep as many as you may go back to`,
      );
    }
    this.repository = new ecr.Repository(this, 'Repository', {
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      // Create-only (AWS::ECR::Repository, EncryptionConfiguration).
      encryption: ecr.RepositoryEncryption.KMS,
      encryptionKey,
      lifecycleRules: [
        {
          rulePriority: 1,
          description: 'What was pushed without a tag, or lost it, goes after a week',
          tagStatus: ecr.TagStatus.UNTAGGED,
          maxImageAge: Duration.days(7),
        },
        {
          rulePriority: 2,
          description: `The last ${keptImages} images stay`,
          tagStatus: ecr.TagStatus.ANY,
          maxImageCount: keptImages,
        },
      ],
    });
    retain(this.repository);
  }

  /**
   * The repository as another stack of the same account and Region names it, by its name alone: CDK's own references would take its
   * ARN apart there, and `Fn::Split` takes none of another stack's (cfn-lint E1022).
   */
  public importInto(scope: Construct, id: string): ecr.IRepository {
    return ecr.Repository.fromRepositoryName(scope, id, this.repository.repositoryName);
  }
}
