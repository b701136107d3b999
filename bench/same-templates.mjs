// The least CDK can do for these very resources: each is read from a template and made again with its typed L1 class and the same
// properties. Nobody decides, grants or connects anything.
import { ACCOUNT, asked, newApp, require } from './child.mjs';

const { Stack } = require('aws-cdk-lib');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');

const app = newApp();
for (const { id, region, file } of asked.templates) {
  const stack = new Stack(app, id, { env: { account: ACCOUNT, region } });
  new CfnInclude(stack, 'Template', { templateFile: file, allowCyclicalReferences: true });
}
app.synth();
