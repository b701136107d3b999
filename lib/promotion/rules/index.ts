import { CACHE_RESHARDING } from './cache-resharding';
import { CAUTIONS } from './cautions';
import { DOCUMENTED_REPLACEMENT } from './documented-replacement';
import { FALSE_ALARMS } from './false-alarms';
import { IDENTITY_RULES, POLICY_WEAKENED } from './identity';
import { MSK_CONNECTIVITY } from './msk-connectivity';
import { ONE_TABLE_CHANGE } from './one-table-change';
import { RECORD_SETS } from './record-sets';
import type { DeployRule, PropertyRule, Rule } from './rule';
import { UPDATE_REFUSED } from './update-refused';
import { USER_POOL_SCHEMA } from './user-pool-schema';
import { WEAK_REFERENCES } from './weak-references';
import { ZERO_ETL_REBOOT } from './zero-etl-reboot';

/** Rules about single properties; the first that matches decides, so the reviewed false alarms come last. */
export const PROPERTY_RULES: PropertyRule[] = [...UPDATE_REFUSED, ...DOCUMENTED_REPLACEMENT, ...CAUTIONS, ...FALSE_ALARMS];

/** Rules about what one deploy may do together. */
export const DEPLOY_RULES: DeployRule[] = [
  ...ONE_TABLE_CHANGE,
  ...MSK_CONNECTIVITY,
  ...CACHE_RESHARDING,
  ...ZERO_ETL_REBOOT,
  ...WEAK_REFERENCES,
  ...RECORD_SETS,
  ...USER_POOL_SCHEMA,
];

/** Everything the guard knows. */
export const ALL_RULES: Rule[] = [...IDENTITY_RULES, ...PROPERTY_RULES, ...DEPLOY_RULES];

/** Rules whose findings lose nothing and should be read all the same. */
export const CAUTION_IDS: string[] = [POLICY_WEAKENED, ...CAUTIONS].map(({ id }) => id);
