// Every product the library is known for, each in a Stage of its own: the reference product at every stage, the examples, and both
// ends of every option of a product file.
//
//   node verify/products.mjs FOLDER
import { createRequire } from 'node:module';
import { addSpecializedProducts } from './specialized-products.mjs';

const require = createRequire(import.meta.url);
process.env.JSII_DEPRECATED ??= 'quiet';
const { App, Stack, Stage } = require('aws-cdk-lib');
const { REFERENCE } = require('../bin/app.js');
const { buildProduct } = require('../bin/product/build-product.js');
const { AccountSecurity } = require('../lib/blocks/security/account-security.js');
const { readProductFile } = require('../bin/product/product-file.js');
const { context } = require('../cdk.json');

const EXAMPLES = ['shop-100k-eu', 'shop-1m-eu', 'shop-10m-global'];
const RECORD = 'row counts compared on 2026-03-02, ticket OPS-17';
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f';

/** As little as a product may say. */
const BARE = { domain: undefined, availabilityZones: undefined, furtherRegions: [{ region: 'eu-central-1', cacheCopy: false }] };

/** Everything a product may say, at the small end. */
const SMALL = {
  domain: { ...REFERENCE.domain, certificateArn: CERTIFICATE, edgeCertificateArn: CERTIFICATE },
  port: 80,
  container: { user: 101 },
  healthCheckPath: '/health',
  vpcCidr: '10.64.0.0/16',
  tags: { team: 'checkout' },
  furtherRegions: [{ region: 'us-west-2', serves: [{ continent: 'EU' }, { country: 'JP' }], vpcCidr: '10.65.0.0/16' }],
  sizes: {
    1: { server: 'USERS_1K' },
    2: { database: 'USERS_1K', cache: 'USERS_100K', service: 'SMALL', worker: 'SMALL' },
    3: { database: 'USERS_100K', search: 'USERS_1M', warehouse: 'USERS_1M' },
    4: { database: 'USERS_10M', cache: 'USERS_1M', stream: 'USERS_1M', search: 'USERS_1M', warehouse: 'USERS_1M' },
  },
};

/** The same at the large end, in Europe. */
const LARGE = {
  // In a Region of its own it could stand beside the others, and may not answer for the same name.
  domain: { ...REFERENCE.domain, name: 'large.example.com' },
  region: 'eu-central-1',
  availabilityZones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  container: {
    ownUser: 'the image changes owners before it starts',
    writableFiles: 'the image writes its cache beside its code',
  },
  image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1.4.2',
  furtherRegions: [{ region: 'us-east-1' }],
  sizes: {
    1: {},
    2: { database: 'USERS_10M', cache: 'USERS_10M', service: 'USERS_10M', worker: 'USERS_10M' },
    3: { database: 'USERS_10M', cache: 'USERS_10M', search: 'USERS_10M', warehouse: 'USERS_10M' },
    4: { database: 'USERS_10M', cache: 'USERS_10M', stream: 'USERS_10M', search: 'USERS_10M', warehouse: 'USERS_10M' },
  },
};

/** What has become of the server, by stage. */
const SERVERS = {
  1: { bare: { database: 'aurora' }, small: { database: 'on-server' }, large: { database: 'aurora' } },
  2: { bare: { never: RECORD }, small: { movedOut: RECORD }, large: { retired: RECORD } },
  3: { bare: { never: RECORD }, small: { movedOut: RECORD }, large: { retired: RECORD } },
  4: { bare: { never: RECORD }, small: { movedOut: RECORD }, large: { retired: RECORD } },
};

const [outdir] = process.argv.slice(2);
if (!outdir) throw new Error('needs a folder to write to');
const app = new App({ outdir, context: { ...context }, analyticsReporting: false, autoSynth: false });
for (const stage of [1, 2, 3, 4]) {
  // examples/shop-10m-global.json has several further Regions.
  buildProduct(new Stage(app, `stage${stage}`), { ...REFERENCE, stage, furtherRegions: REFERENCE.furtherRegions.slice(0, 1) });
  for (const [variant, options] of Object.entries({ bare: BARE, small: SMALL, large: LARGE })) {
    // Stage 4 has all of stage 3, and both have specialized-products.mjs besides.
    if (stage === 3 || (stage === 4 && variant === 'bare')) continue;
    const { sizes, furtherRegions, ...rest } = options;
    buildProduct(new Stage(app, `${variant}${stage}`), {
      ...REFERENCE,
      ...rest,
      furtherRegions: stage === 4 ? furtherRegions : undefined,
      sizes: sizes?.[stage],
      server: SERVERS[stage][variant],
      stage,
    });
  }
}
for (const example of EXAMPLES) {
  const { product, faults } = readProductFile(`examples/${example}.json`, new URL('..', import.meta.url).pathname);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  // Beside the others in one assembly it may not answer for the same name.
  buildProduct(new Stage(app, example), { ...product, domain: { ...product.domain, name: `${example}.example.com` } });
}
addSpecializedProducts(app);
const env = { account: '123456789012', region: 'us-east-1' };
const account = new Stage(app, 'account', { env });
new AccountSecurity(new Stack(account, 'Security'), 'Security');
new AccountSecurity(new Stack(account, 'SecurityElsewhere'), 'Security', {
  trail: false,
  detectsThreats: false,
  recordsConfiguration: false,
  checksPosture: false,
});
app.synth();
