import { mkdirSync } from 'node:fs';
import { synthStage } from '../../synth-stages';
import type { World } from './guest';
import { DeployedTemplate, PHYSICAL } from './template';

export const DOMAIN = 'shop.example.com';
/** A secret that only Secrets Manager knows: the product of stage 1 has none of its own, so the rehearsal's release names one. */
export const SECRET = {
  name: 'PAYMENT_KEY',
  value: 'sk-9f2c61d07be84a35',
  arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:payment',
};

/** Versions of the product and what each is like. */
export const IMAGES = {
  'shop:1': 'healthy',
  'shop:2': 'healthy',
  'shop:sick': 'unhealthy',
  'shop:crash': 'crash',
};

/** Stage 1 of the tests' shop, as CloudFormation would have deployed it. */
export class Shop {
  public readonly template: DeployedTemplate;
  public readonly userData: string;
  public readonly releaseParameter: string;

  constructor() {
    this.template = new DeployedTemplate(synthStage(1, { healthCheckPath: '/health' }));
    const [[, launchTemplate]] = this.template.ofType('AWS::EC2::LaunchTemplate');
    // The one thing that differs from the template: which authority signs.
    this.userData = String(this.template.resolve(launchTemplate.LaunchTemplateData.UserData)).replace(
      /^readonly ACME_DIRECTORY=.*$/m,
      "readonly ACME_DIRECTORY='https://localhost:14000/dir'",
    );
    this.releaseParameter = setting(this.userData, 'RELEASE_PARAMETER');
  }

  /** Fills the doubles with what the stack holds. */
  public deployInto(world: World): void {
    const { template } = this;
    world.put(
      'parameters',
      Object.fromEntries(
        template.ofType('AWS::SSM::Parameter').map(([id, { Value }]) => [template.ref(id), template.resolve(Value)]),
      ),
    );
    world.put(
      'documents',
      Object.fromEntries(
        template
          .ofType('AWS::SSM::Document')
          .filter(([, { DocumentType }]) => DocumentType === 'Command')
          .map(([id, { Content }]) => [
            template.ref(id),
            { Content: JSON.stringify(template.resolve(Content)), DocumentFormat: 'JSON' },
          ]),
      ),
    );
    for (const [id] of template.ofType('AWS::S3::Bucket'))
      mkdirSync(world.path(`buckets/${template.ref(id)}`), { recursive: true });
    world.put('secrets', { [SECRET.arn]: { key: SECRET.value } });
    world.put('images', IMAGES);
    this.release(world, 'shop:1');
  }

  /** Says which image is to run, as a deploy does. */
  public release(world: World, image: string): void {
    const parameters = world.get('parameters');
    const release = JSON.parse(parameters[this.releaseParameter]);
    const secrets = [{ name: SECRET.name, arn: SECRET.arn, field: 'key' }];
    world.put('parameters', { ...parameters, [this.releaseParameter]: JSON.stringify({ ...release, image, secrets }) });
  }

  /** Threshold of the alarm on a metric of the server. */
  public threshold(metric: string): number {
    const found = this.template.ofType('AWS::CloudWatch::Alarm').filter(([, { MetricName }]) => MetricName === metric);
    if (found.length === 0) throw new Error(`no alarm watches ${metric}`);
    return found[0][1].Threshold;
  }
}

/** A setting as the user data gives it to the scripts. */
export function setting(userData: string, name: string): string {
  const found = new RegExp(`^readonly ${name}='(.*)'$`, 'm').exec(userData);
  if (!found) throw new Error(`the user data has no setting ${name}`);
  return found[1];
}

export { PHYSICAL };
