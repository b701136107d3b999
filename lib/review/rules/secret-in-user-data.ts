import { USER_DATA_TYPES, userData } from '../template/user-data';
import type { TemplateRule } from './rule';

/** `DB_PASSWORD=...` with something that is no variable, no command and no placeholder. */
const ASSIGNMENT =
  /\b[A-Z0-9_]*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_KEY|ACCESS_KEY|PRIVATE_KEY)=["']?(?![$`<{%"'\s]|true\b|false\b|arn:|\d+\b)[^\s"']{4,}/;

export const secretInUserData: TemplateRule = {
  id: 'secret-in-user-data',
  severity: 'error',
  sentence: 'a server fetches its secrets when it starts: every process on it, and whoever may describe it, reads its user data',
  source: 'Amazon EC2 User Guide, Run commands when you launch an EC2 instance with user data input',
  types: USER_DATA_TYPES,
  find: (assembly) =>
    userData(assembly).flatMap(({ stack, logicalId, property, script }) =>
      script.split('\n').flatMap((line, index) => {
        const name = /^\W*([A-Z0-9_]+)/.exec(ASSIGNMENT.exec(line)?.[0] ?? '')?.[1];
        return name === undefined
          ? []
          : [{ stack, logicalId, property, details: `line ${index + 1} gives ${name} a value in clear text` }];
      }),
    ),
};
