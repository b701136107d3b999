// Loads the modules of aws-cdk-lib and constructs that another run loaded, in its order, and does nothing.
import { readFileSync } from 'node:fs';
import { asked, require } from './child.mjs';

for (const module of JSON.parse(readFileSync(asked.list, 'utf8'))) require(module);
