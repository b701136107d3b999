// One stage of the ladder, from the compiled library, in as many Regions as asked.
import { ACCOUNT, asked, newApp, require } from './child.mjs';
import { REGIONS } from './regions.mjs';

const { Stack } = require('aws-cdk-lib');
const route53 = require('aws-cdk-lib/aws-route53');
const { ProductImage, Stage1Single, Stage2Replicated, Stage3Specialized, Stage4Global } = require('../lib');

const app = newApp();
const [primary, ...further] = REGIONS.slice(0, asked.regions);
const stack = new Stack(app, 'Shop', { env: { account: ACCOUNT, region: primary.region } });
const hostedZone = route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
  hostedZoneId: 'Z0123456789EXAMPLE',
  zoneName: 'example.com',
});
const Tier = [Stage1Single, Stage2Replicated, Stage3Specialized, Stage4Global][asked.stage - 1];
new Tier(stack, 'Product', {
  image: ProductImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.29'),
  domain: { name: 'shop.example.com', hostedZone },
  availabilityZones: primary.availabilityZones,
  // At most two further Regions can have a copy of the cache.
  ...(asked.stage === 4 && { regions: further.map((region, index) => ({ ...region, cacheCopy: index < 2 })) }),
});
app.synth();
