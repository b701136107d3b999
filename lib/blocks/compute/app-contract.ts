import { Tokenization } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** The database as the product's container sees it. */
export interface DatabaseContract {
  /** Host that takes writes. */
  readonly writerHost: string;
  /** Host to read from; the writer's where there is no reader. */
  readonly readerHost: string;
  /**
   * Host for reports, which may take long.
   * @default - the same as `readerHost`
   */
  readonly reportingHost?: string;
  readonly port: string;
  readonly name: string;
  /** Secret with the fields `username` and `password`. */
  readonly secret: secretsmanager.ISecret;
}

/** The cache as the product's container sees it. */
export interface CacheContract {
  readonly host: string;
  readonly port: string;
  /** Secret with the fields `username` and `password`. */
  readonly secret: secretsmanager.ISecret;
  /**
   * Host of a read-only copy of the primary Region's cache.
   * @default - the same host
   */
  readonly sharedHost?: string;
}

/** The search as the product's container sees it. */
export interface SearchContract {
  /** Host that answers HTTPS. */
  readonly endpoint: string;
  /** Secret with the fields `username` and `password`. */
  readonly secret: secretsmanager.ISecret;
}

/** The sender of e-mail as the product's container sees it. */
export interface EmailContract {
  /** Address that mail comes from. */
  readonly from: string;
  /** Name of the Amazon SES configuration set. */
  readonly configurationSet: string;
  /** Region whose Amazon SES sends. */
  readonly region: string;
}

/** What a stage has, for the container's environment. */
export interface AppContractProps {
  /** Port the container listens on. */
  readonly port: number;
  /** @default - the server provides one of its own */
  readonly database?: DatabaseContract;
  /** @default - the server provides one of its own */
  readonly cache?: CacheContract;
  /** URL of the queue for background jobs. */
  readonly jobQueueUrl: string;
  /**
   * How long a worker may take for one of its jobs; it gives the job up then.
   * @default 300
   */
  readonly jobTimeoutSeconds?: number;
  /** @default - no asset bucket: the container serves its own files */
  readonly assetsBucketName?: string;
  /** @default - `/assets` of the same site */
  readonly assetsBaseUrl?: string;
  /** @default - no topic for domain events */
  readonly eventTopicArn?: string;
  /** @default - no event bus */
  readonly eventBusName?: string;
  /** @default - no event stream */
  readonly eventStreamClusterArn?: string;
  /** @default - no search */
  readonly search?: SearchContract;
  /** @default - no user pool */
  readonly userPoolId?: string;
  /** @default - no user pool */
  readonly userPoolClientId?: string;
  /** Issuer of the tokens of the user pool. @default - no user pool */
  readonly userPoolIssuer?: string;
  /** Where people sign in, without a slash at the end. @default - no sign-in pages */
  readonly signInUrl?: string;
  /** Id of the store that says who may do what. @default - no permission store */
  readonly permissionStoreId?: string;
  /** @default - no shared table */
  readonly sharedTableName?: string;
  /** @default - no table of what was handled already */
  readonly idempotencyTableName?: string;
  /** @default - no sender of e-mail */
  readonly email?: EmailContract;
}

/** A secret that a container gets as an environment variable. */
export interface ContractSecret {
  /** Name of the environment variable. */
  readonly name: string;
  readonly secret: secretsmanager.ISecret;
  /** Field of the secret's JSON. */
  readonly field: string;
}

/**
 * The environment that the product's container gets: the same names at every stage, so that one image runs unchanged on all of
 * them. A part that a stage does not have is an empty string.
 */
export class AppContract {
  /** Every plain variable but `PROCESS_TYPE`; those of a database or cache that the server provides are left out. */
  public readonly environment: { [name: string]: string };
  /** Every variable with a secret value. */
  public readonly secrets: ContractSecret[];

  constructor(
    /** What it says, part by part. */
    public readonly props: AppContractProps,
  ) {
    this.environment = {
      PORT: Tokenization.stringifyNumber(props.port),
      JOB_QUEUE_URL: props.jobQueueUrl,
      JOB_TIMEOUT: Tokenization.stringifyNumber(props.jobTimeoutSeconds ?? 300),
      ASSETS_BUCKET: props.assetsBucketName ?? '',
      ASSETS_BASE_URL: props.assetsBaseUrl ?? '/assets',
      EVENT_TOPIC_ARN: props.eventTopicArn ?? '',
      EVENT_BUS_NAME: props.eventBusName ?? '',
      EVENT_STREAM_CLUSTER_ARN: props.eventStreamClusterArn ?? '',
      SEARCH_ENDPOINT: props.search?.endpoint ?? '',
      ...(!props.search && { SEARCH_USER: '', SEARCH_PASSWORD: '' }),
      USER_POOL_ID: props.userPoolId ?? '',
      USER_POOL_CLIENT_ID: props.userPoolClientId ?? '',
      USER_POOL_ISSUER: props.userPoolIssuer ?? '',
      SIGN_IN_URL: props.signInUrl ?? '',
      PERMISSION_STORE_ID: props.permissionStoreId ?? '',
      SHARED_TABLE: props.sharedTableName ?? '',
      IDEMPOTENCY_TABLE: props.idempotencyTableName ?? '',
      // Set where services of a mesh call each other by name, by the mesh itself.
      SERVICE_NAMESPACE: '',
      EMAIL_FROM: props.email?.from ?? '',
      EMAIL_CONFIGURATION_SET: props.email?.configurationSet ?? '',
      EMAIL_REGION: props.email?.region ?? '',
      ...(props.database && {
        DATABASE_WRITER_HOST: props.database.writerHost,
        DATABASE_READER_HOST: props.database.readerHost,
        DATABASE_REPORTING_HOST: props.database.reportingHost ?? props.database.readerHost,
        DATABASE_PORT: props.database.port,
        DATABASE_NAME: props.database.name,
        DATABASE_SSL_MODE: 'require',
      }),
      ...(props.cache && {
        CACHE_HOST: props.cache.host,
        SHARED_CACHE_HOST: props.cache.sharedHost ?? props.cache.host,
        CACHE_PORT: props.cache.port,
        CACHE_TLS: 'true',
        CACHE_CLUSTER_MODE: 'true',
      }),
    };
    this.secrets = [
      ...(props.database ? credentials('DATABASE', props.database.secret) : []),
      ...(props.cache ? credentials('CACHE', props.cache.secret) : []),
      ...(props.search ? credentials('SEARCH', props.search.secret) : []),
    ];
  }

  /** The same contract for a service that works off a queue of its own. */
  public withJobQueue(queueUrl: string, jobTimeoutSeconds?: number): AppContract {
    return new AppContract({ ...this.props, jobQueueUrl: queueUrl, jobTimeoutSeconds });
  }

  /** The secrets as a task definition takes them. */
  public containerSecrets(): { [name: string]: ecs.Secret } {
    return Object.fromEntries(
      this.secrets.map(({ name, secret, field }) => [name, ecs.Secret.fromSecretsManager(secret, field)]),
    );
  }
}

function credentials(prefix: string, secret: secretsmanager.ISecret): ContractSecret[] {
  return [
    { name: `${prefix}_USER`, secret, field: 'username' },
    { name: `${prefix}_PASSWORD`, secret, field: 'password' },
  ];
}
