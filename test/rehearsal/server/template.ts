import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACCOUNT } from '../../stacks';

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: any template
  readonly Properties: any;
}

/** What CloudFormation would have filled in. */
export const PHYSICAL = {
  region: 'us-east-1',
  stack: 'Shop',
  volume: 'vol-0123456789abcdef0',
  address: '203.0.113.10',
};

const PSEUDO: { [name: string]: string } = {
  'AWS::Region': PHYSICAL.region,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': PHYSICAL.stack,
  'AWS::StackId': `arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/Shop/0`,
};

/** What `Ref` gives, for the types that a server's settings name. */
const REF: { [type: string]: (logicalId: string) => string } = {
  'AWS::EC2::Volume': () => PHYSICAL.volume,
  'AWS::EC2::EIP': () => PHYSICAL.address,
  'AWS::SSM::Parameter': (id) => `CFN-${id}-0123456789`,
  'AWS::SSM::Document': (id) => `${PHYSICAL.stack}-${id}-0123456789`,
  'AWS::Logs::LogGroup': (id) => `${PHYSICAL.stack}-${id}-0123456789`,
  'AWS::S3::Bucket': (id) => `${PHYSICAL.stack}-${id}-0123456789`.toLowerCase(),
  'AWS::SQS::Queue': (id) => `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/${id}`,
  'AWS::SecretsManager::Secret': (id) => `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:${id}-abcdef`,
  'AWS::AutoScaling::AutoScalingGroup': (id) => `${PHYSICAL.stack}-${id}-0123456789`,
  'AWS::SNS::Topic': (id) => `arn:aws:sns:us-east-1:${ACCOUNT}:${id}`,
  'AWS::KMS::Key': () => '01234567-89ab-cdef-0123-456789abcdef',
};

/** What `Fn::GetAtt` gives, for the attributes that a server's settings name. */
const ATTRIBUTE: { [attribute: string]: (logicalId: string) => string } = {
  'AWS::EC2::Volume.VolumeId': () => PHYSICAL.volume,
  'AWS::EC2::EIP.AllocationId': () => 'eipalloc-0123456789abcdef0',
  'AWS::EC2::EIP.PublicIp': () => PHYSICAL.address,
  'AWS::S3::Bucket.Arn': (id) => `arn:aws:s3:::${REF['AWS::S3::Bucket'](id)}`,
  'AWS::SQS::Queue.QueueName': (id) => id,
  'AWS::KMS::Key.Arn': () => `arn:aws:kms:us-east-1:${ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef`,
};

/** A synthesized template whose values can be read as CloudFormation would resolve them. What it does not know is an error. */
export class DeployedTemplate {
  public readonly resources: { readonly [logicalId: string]: TemplateResource };

  constructor(assembly: string) {
    const file = readdirSync(assembly).find((name) => name.endsWith('.template.json'));
    if (!file) throw new Error(`no template in ${assembly}`);
    this.resources = JSON.parse(readFileSync(join(assembly, file), 'utf8')).Resources;
  }

  /** Every resource of a type: logical id and properties. */
  public ofType(type: string): [string, TemplateResource['Properties']][] {
    return Object.entries(this.resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties }]) => [id, Properties]);
  }

  /** What `Ref` of a resource gives. */
  public ref(logicalId: string): string {
    if (logicalId in PSEUDO) return PSEUDO[logicalId];
    const type = this.resources[logicalId]?.Type;
    if (!type || !REF[type]) throw new Error(`the rehearsal has no Ref of ${logicalId} (${type}): add it to template.ts`);
    return REF[type](logicalId);
  }

  /** A value with every intrinsic function resolved. */
  public resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument], ...more] = Object.entries(value);
    if (more.length > 0 || !(name === 'Ref' || name.startsWith('Fn::'))) {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.resolve(item)]));
    }
    switch (name) {
      case 'Ref':
        return this.ref(argument);
      case 'Fn::GetAtt':
        return this.attribute(argument[0], argument[1]);
      case 'Fn::Join':
        return argument[1].map((item: unknown) => this.resolve(item)).join(argument[0]);
      case 'Fn::Base64':
        return this.resolve(argument);
      case 'Fn::Sub':
        return this.substitute(argument);
      default:
        throw new Error(`the rehearsal does not resolve ${name}: add it to template.ts`);
    }
  }

  private attribute(logicalId: string, attribute: string): string {
    const name = `${this.resources[logicalId]?.Type}.${attribute}`;
    if (!ATTRIBUTE[name]) throw new Error(`the rehearsal has no attribute ${name} of ${logicalId}: add it to template.ts`);
    return ATTRIBUTE[name](logicalId);
  }

  private substitute(argument: string | [string, { [name: string]: unknown }]): string {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : argument;
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal, name) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(this.resolve((variables as { [name: string]: unknown })[name]));
      const [id, ...attribute] = name.split('.');
      return attribute.length > 0 ? this.attribute(id, attribute.join('.')) : this.ref(id);
    });
  }
}
