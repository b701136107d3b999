// Installs the AWS SDK for Python and doubles of AWS's services, for the rehearsal of the mail.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPython } from '../../verify/python.mjs';

const here = dirname(fileURLToPath(import.meta.url));
try {
  installPython(join(here, 'requirements.txt'), join(here, '..', '..', 'node_modules', '.cache', 'rehearsal-python'));
} catch ({ message }) {
  process.stderr.write(`npm run rehearse: ${message}\n`);
  process.exit(2);
}
