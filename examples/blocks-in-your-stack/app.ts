import { App } from 'aws-cdk-lib';
import { ShopStack } from './shop-stack';

new ShopStack(new App(), 'Shop', { env: { account: '123456789012', region: 'eu-central-1' } });
