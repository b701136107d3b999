import { Stack } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ProductService } from '../blocks/compute/product-service';
import { siblingStackName } from '../blocks/network/sibling-stack-name';
import { serviceLog } from '../blocks/operations/service-log';
import type { ServiceGround } from './service-ground';

/** What is left of a service that was taken out: its log, under the id it always had, until nobody has to read it any more. */
export class RetiredServiceStack extends Stack {
  constructor(scope: Construct, ground: ServiceGround, { name }: ProductService) {
    const region = Stack.of(scope);
    super(scope, name, {
      env: { account: region.account, region: region.region },
      stackName: siblingStackName(scope, name),
      description: `Log of service ${name} of the product, which is retired`,
    });
    const encryptionKey = kms.Key.fromKeyArn(this, 'Key', ground.offers.take(this, 'Key'));
    serviceLog(new Construct(this, 'Service'), 'LogGroup', { encryptionKey });
  }
}
