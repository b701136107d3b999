import { isObject, items } from '../../../assembly/values';
import { answer, isOn, said } from '../answers';
import type { Landscape, Thing } from '../landscape';
import {
  CUSTOMER_KEY,
  DOES_NOT_TRAVEL,
  keyKind,
  MANAGED_KEY,
  NONE,
  OFFERED,
  REQUIRED,
  refusesPlainText,
  SERVICE_DEFAULT,
  type Sealer,
  type Sealing,
  switched,
  UNKNOWN,
  unset,
} from './sealing';

const bucket: Sealer = (thing, surroundings) => {
  const { BucketEncryption } = thing.properties;
  const [rule] = isObject(BucketEncryption) ? items(BucketEncryption.ServerSideEncryptionConfiguration) : [];
  const settings =
    isObject(rule) && isObject(rule.ServerSideEncryptionByDefault) ? rule.ServerSideEncryptionByDefault : undefined;
  const isStrict = refusesPlainText(thing, 'AWS::S3::BucketPolicy', 'Bucket', surroundings);
  const inTransit = isStrict ? REQUIRED : OFFERED;
  const attention = isStrict ? {} : { attention: 'no policy refuses plain HTTP' };
  if (!settings) {
    // S3 User Guide, Setting default server-side encryption behavior: all new objects since 5 January 2023.
    const because = unset('BucketEncryption', 'S3 encrypts every new object by itself since January 2023 (SSE-S3)');
    return { atRest: SERVICE_DEFAULT, inTransit, because, ...attention };
  }
  const { SSEAlgorithm, KMSMasterKeyID } = settings;
  const byService = answer(SSEAlgorithm, (algorithm) => algorithm === 'AES256');
  const atRest =
    byService === 'yes'
      ? SERVICE_DEFAULT
      : byService === 'unknown'
        ? UNKNOWN
        : keyKind(KMSMasterKeyID, thing, surroundings.landscape, MANAGED_KEY);
  const because = `BucketEncryption: ${byService === 'yes' ? 'AES256 (SSE-S3)' : said(SSEAlgorithm)}`;
  return { atRest, inTransit, because, ...attention };
};

/** A disk that is not encrypted may still be: the account can encrypt all of them by default. */
const PLAIN_DISK = 'in plain text, unless the account encrypts disks by default';

function disk(settings: Record<string, unknown>, property: string, thing: Thing, landscape: Landscape): Sealing {
  const encrypted = isOn(settings.Encrypted);
  const atRest = switched(encrypted, keyKind(settings.KmsKeyId, thing, landscape, MANAGED_KEY));
  const because = settings.Encrypted === undefined ? unset(property, PLAIN_DISK) : `${property}: ${said(settings.Encrypted)}`;
  return { atRest, inTransit: DOES_NOT_TRAVEL, because, ...(encrypted === 'no' ? { attention: 'not encrypted at rest' } : {}) };
}

const volume: Sealer = (thing, { landscape }) => disk(thing.properties, 'Encrypted', thing, landscape);

/** The disks that servers start with. */
const server: Sealer = (thing, { landscape }) => {
  const { LaunchTemplateData, LaunchTemplate, BlockDeviceMappings } = thing.properties;
  const prefix = isObject(LaunchTemplateData) ? 'LaunchTemplateData.' : '';
  const mappings = items(isObject(LaunchTemplateData) ? LaunchTemplateData.BlockDeviceMappings : BlockDeviceMappings).filter(
    isObject,
  );
  // An instance from a launch template has the disks which that one names.
  if (mappings.length === 0 && LaunchTemplate !== undefined) return [];
  if (mappings.length === 0) {
    const because = unset(
      `${prefix}BlockDeviceMappings`,
      'disks are as those of the image, or as the account encrypts by default',
    );
    return { atRest: UNKNOWN, inTransit: DOES_NOT_TRAVEL, because, attention: 'nothing says that its disks are encrypted' };
  }
  return mappings.flatMap(({ Ebs }, index) =>
    isObject(Ebs) ? [disk(Ebs, `${prefix}BlockDeviceMappings.${index}.Ebs.Encrypted`, thing, landscape)] : [],
  );
};

const fileSystem: Sealer = (thing, surroundings) => {
  const { Encrypted, KmsKeyId } = thing.properties;
  const encrypted = isOn(Encrypted);
  const isStrict = refusesPlainText(thing, 'AWS::EFS::FileSystem', 'none', surroundings);
  return {
    atRest: switched(encrypted, keyKind(KmsKeyId, thing, surroundings.landscape, MANAGED_KEY)),
    inTransit: isStrict ? REQUIRED : OFFERED,
    because: Encrypted === undefined ? unset('Encrypted', 'in plain text') : `Encrypted: ${said(Encrypted)}`,
    ...(encrypted === 'no'
      ? { attention: 'not encrypted at rest' }
      : isStrict
        ? {}
        : { attention: 'its policy does not refuse plain NFS' }),
  };
};

const images: Sealer = (thing, { landscape }) => {
  const { EncryptionConfiguration } = thing.properties;
  const { EncryptionType, KmsKey } = isObject(EncryptionConfiguration) ? EncryptionConfiguration : {};
  const byKey = typeof EncryptionType === 'string' && EncryptionType.startsWith('KMS');
  return {
    atRest: byKey ? keyKind(KmsKey, thing, landscape, MANAGED_KEY) : SERVICE_DEFAULT,
    inTransit: REQUIRED,
    because: byKey
      ? `EncryptionConfiguration: ${EncryptionType}`
      : unset('EncryptionConfiguration', 'ECR encrypts as S3 does (AES256)'),
  };
};

/** Services that always encrypt, by a key that a property may name. */
function always(property: string, byDefault: string, meaning: string, inTransit: string): Sealer {
  return (thing, { landscape }) => {
    const key = thing.properties[property];
    const atRest = keyKind(key, thing, landscape, byDefault);
    return { atRest, inTransit, because: key === undefined ? unset(property, meaning) : property };
  };
}

const parameter: Sealer = ({ properties: { Type } }) => ({
  atRest: SERVICE_DEFAULT,
  inTransit: REQUIRED,
  because: `Type: ${said(Type)}, which no key of KMS encrypts (how it is stored is not verified against AWS)`,
});

const accelerator: Sealer = (thing, { landscape }) => {
  const { SSESpecification, ClusterEndpointEncryptionType } = thing.properties;
  const encrypted = isOn(isObject(SSESpecification) ? SSESpecification.SSEEnabled : undefined);
  return {
    atRest: switched(encrypted, keyKind(undefined, thing, landscape, SERVICE_DEFAULT)),
    inTransit: ClusterEndpointEncryptionType === 'TLS' ? REQUIRED : NONE,
    because: 'SSESpecification, ClusterEndpointEncryptionType',
    ...(encrypted === 'no' ? { attention: 'not encrypted at rest' } : {}),
  };
};

export const STORAGE_SEALERS: Record<string, Sealer> = {
  'AWS::S3::Bucket': bucket,
  'AWS::EC2::Volume': volume,
  'AWS::EC2::LaunchTemplate': server,
  'AWS::EC2::Instance': server,
  'AWS::AutoScaling::LaunchConfiguration': server,
  'AWS::EFS::FileSystem': fileSystem,
  'AWS::ECR::Repository': images,
  'AWS::FSx::FileSystem': always('KmsKeyId', MANAGED_KEY, 'FSx encrypts with aws/fsx', OFFERED),
  'AWS::Backup::BackupVault': always('EncryptionKeyArn', MANAGED_KEY, 'AWS Backup encrypts with aws/backup', DOES_NOT_TRAVEL),
  'AWS::SecretsManager::Secret': always('KmsKeyId', MANAGED_KEY, 'Secrets Manager encrypts with aws/secretsmanager', REQUIRED),
  'AWS::Logs::LogGroup': always('KmsKeyId', SERVICE_DEFAULT, 'CloudWatch Logs encrypts by itself', REQUIRED),
  'AWS::SSM::Parameter': parameter,
  'AWS::DAX::Cluster': accelerator,
  'AWS::KMS::Key': () => ({
    atRest: CUSTOMER_KEY,
    inTransit: REQUIRED,
    because: 'it is one; its material stays in the modules of KMS',
  }),
  'AWS::KMS::ReplicaKey': () => ({
    atRest: CUSTOMER_KEY,
    inTransit: REQUIRED,
    because: 'it is one; its material stays in the modules of KMS',
  }),
};
