import { isObject, items } from '../../../assembly/values';
import { answer, isOn, said } from '../answers';
import {
  keyKind,
  MANAGED_KEY,
  NONE,
  OFFERED,
  REQUIRED,
  refusesPlainText,
  SERVICE_DEFAULT,
  type Sealer,
  switched,
  UNKNOWN,
  unset,
} from './sealing';

const queue: Sealer = (thing, surroundings) => {
  const { KmsMasterKeyId, SqsManagedSseEnabled } = thing.properties;
  // "All requests to queues with SSE enabled must use HTTPS" (SQS Developer Guide, Encryption at rest), where a key of KMS encrypts.
  const inTransit =
    KmsMasterKeyId !== undefined || refusesPlainText(thing, 'AWS::SQS::QueuePolicy', 'Queues', surroundings) ? REQUIRED : OFFERED;
  const loose = inTransit === OFFERED ? { attention: 'no policy refuses plain HTTP' } : {};
  if (KmsMasterKeyId !== undefined) {
    return {
      atRest: keyKind(KmsMasterKeyId, thing, surroundings.landscape, MANAGED_KEY),
      inTransit,
      because: 'KmsMasterKeyId',
      ...loose,
    };
  }
  // "SSE-SQS is enabled by default" where nothing is said (CloudFormation, AWS::SQS::Queue, SqsManagedSseEnabled).
  const managed = isOn(SqsManagedSseEnabled, true);
  const because =
    SqsManagedSseEnabled === undefined
      ? unset('SqsManagedSseEnabled', 'SQS encrypts by itself')
      : `SqsManagedSseEnabled: ${said(SqsManagedSseEnabled)}`;
  return {
    atRest: switched(managed, SERVICE_DEFAULT),
    inTransit,
    because,
    ...(managed === 'no' ? { attention: 'not encrypted at rest' } : loose),
  };
};

const topic: Sealer = (thing, surroundings) => {
  const key = thing.properties.KmsMasterKeyId;
  // "All requests to topics with SSE enabled must use HTTPS" (SNS Developer Guide, Encryption at rest).
  const isStrict = key !== undefined || refusesPlainText(thing, 'AWS::SNS::TopicPolicy', 'Topics', surroundings);
  return {
    atRest: keyKind(key, thing, surroundings.landscape, NONE),
    inTransit: isStrict ? REQUIRED : OFFERED,
    because: key === undefined ? unset('KmsMasterKeyId', 'messages are not encrypted while SNS holds them') : 'KmsMasterKeyId',
    ...(key === undefined ? { attention: 'not encrypted at rest' } : {}),
  };
};

const bus: Sealer = (thing, { landscape }) => {
  const key = thing.properties.KmsKeyIdentifier;
  return {
    atRest: keyKind(key, thing, landscape, SERVICE_DEFAULT),
    inTransit: REQUIRED,
    because: key === undefined ? unset('KmsKeyIdentifier', 'EventBridge encrypts with a key it owns') : 'KmsKeyIdentifier',
  };
};

const shards: Sealer = (thing, { landscape }) => {
  const { StreamEncryption } = thing.properties;
  if (!isObject(StreamEncryption)) {
    const because = unset('StreamEncryption', 'records are stored in plain text');
    return { atRest: NONE, inTransit: REQUIRED, because, attention: 'not encrypted at rest' };
  }
  return {
    atRest: keyKind(StreamEncryption.KeyId, thing, landscape, MANAGED_KEY),
    inTransit: REQUIRED,
    because: 'StreamEncryption',
  };
};

const delivery: Sealer = (thing, { landscape }) => {
  const { DeliveryStreamEncryptionConfigurationInput: settings, KinesisStreamSourceConfiguration } = thing.properties;
  if (isObject(settings)) {
    const byKey = settings.KeyType === 'CUSTOMER_MANAGED_CMK';
    const atRest = byKey ? keyKind(settings.KeyARN, thing, landscape, UNKNOWN) : SERVICE_DEFAULT;
    return { atRest, inTransit: REQUIRED, because: `DeliveryStreamEncryptionConfigurationInput: ${said(settings.KeyType)}` };
  }
  const isFed = KinesisStreamSourceConfiguration !== undefined;
  const because = unset(
    'DeliveryStreamEncryptionConfigurationInput',
    isFed ? 'as the stream that feeds it' : 'in plain text while it waits',
  );
  return {
    atRest: isFed ? UNKNOWN : NONE,
    inTransit: REQUIRED,
    because,
    ...(isFed ? {} : { attention: 'not encrypted at rest' }),
  };
};

const stream: Sealer = (thing, { landscape }) => {
  const { EncryptionInfo } = thing.properties;
  const { EncryptionAtRest, EncryptionInTransit } = isObject(EncryptionInfo) ? EncryptionInfo : {};
  const travel = isObject(EncryptionInTransit) ? EncryptionInTransit : {};
  // "TLS ... is the default"; between brokers it is on by default, too (MSK API, EncryptionInTransit).
  const words: Record<string, string> = { TLS: REQUIRED, TLS_PLAINTEXT: OFFERED, PLAINTEXT: NONE };
  const inTransit = travel.ClientBroker === undefined ? REQUIRED : (words[String(travel.ClientBroker)] ?? UNKNOWN);
  const between = isOn(travel.InCluster, true);
  const key = isObject(EncryptionAtRest) ? EncryptionAtRest.DataVolumeKMSKeyId : undefined;
  const attention =
    between === 'no'
      ? 'not encrypted between its brokers'
      : inTransit === OFFERED || inTransit === NONE
        ? 'clients may come without TLS'
        : undefined;
  return {
    atRest: keyKind(key, thing, landscape, MANAGED_KEY),
    inTransit,
    because: 'EncryptionInfo.EncryptionAtRest, EncryptionInfo.EncryptionInTransit',
    ...(attention === undefined ? {} : { attention }),
  };
};

const broker: Sealer = (thing, { landscape }) => {
  const { EncryptionOptions } = thing.properties;
  const { KmsKeyId, UseAwsOwnedKey } = isObject(EncryptionOptions) ? EncryptionOptions : {};
  const owned = answer(UseAwsOwnedKey, (value) => value === undefined || String(value) === 'true');
  const atRest =
    KmsKeyId === undefined ? (owned === 'no' ? MANAGED_KEY : SERVICE_DEFAULT) : keyKind(KmsKeyId, thing, landscape, MANAGED_KEY);
  return {
    atRest,
    inTransit: REQUIRED,
    because:
      EncryptionOptions === undefined ? unset('EncryptionOptions', 'Amazon MQ encrypts with a key it owns') : 'EncryptionOptions',
  };
};

/** A replicator encrypts as the clusters at its ends do. */
const replicator: Sealer = ({ properties: { KafkaClusters } }) => ({
  atRest: 'nothing at rest',
  inTransit: REQUIRED,
  because: `MSK Replicator connects its ${items(KafkaClusters).length} clusters by TLS only`,
});

export const MESSAGING_SEALERS: Record<string, Sealer> = {
  'AWS::SQS::Queue': queue,
  'AWS::SNS::Topic': topic,
  'AWS::Events::EventBus': bus,
  'AWS::Events::Archive': bus,
  'AWS::Kinesis::Stream': shards,
  'AWS::KinesisFirehose::DeliveryStream': delivery,
  'AWS::MSK::Cluster': stream,
  'AWS::MSK::ServerlessCluster': () => ({
    atRest: SERVICE_DEFAULT,
    inTransit: REQUIRED,
    because: 'MSK Serverless always encrypts',
  }),
  'AWS::MSK::Replicator': replicator,
  'AWS::AmazonMQ::Broker': broker,
};
