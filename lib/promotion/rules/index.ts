import { CACHE_RESHARDING } from './cache-resharding';
import { CANARY_AFTER_TWO_GROUPS } from './canary-after-two-groups';
import { CAUTIONS } from './cautions';
import { DOCUMENTED_REPLACEMENT } from './documented-replacement';
import { EMPTIED } from './emptied';
import { EXPORTS_IN_USE } from './exports-in-use';
import { FALSE_ALARMS } from './false-alarms';
import { IDENTITY_RULES, POLICY_WEAKENED, UNKNOWN_TO_SCHEMAS } from './identity';
import { LOSSES } from './losses';
import { MSK_CONNECTIVITY } from './msk-connectivity';
import { NO_WAY_BACK } from './no-way-back';
import { ONE_TABLE_CHANGE } from './one-table-change';
import { RECORD_SETS } from './record-sets';
import type { DeployRule, PropertyRule, Rule } from './rule';
import { TEMPLATE_CAUTIONS } from './template-cautions';
import { UPDATE_REFUSED } from './update-refused';
import { USER_POOL_SCHEMA } from './user-pool-schema';
import { WEAK_REFERENCES } from './weak-references';
import { ZERO_ETL_REBOOT } from './zero-etl-reboot';

/** Rules about single properties; the first that matches decides, so the reviewed false alarms come last. */
export const PROPERTY_RULES: PropertyRule[] = [...UPDATE_REFUSED, ...NO_WAY_BACK, ...DOCUMENTED_REPLACEMENT, ...FALSE_ALARMS];

/** Rules about what one deploy may do together. */
export const DEPLOY_RULES: DeployRule[] = [
  ...ONE_TABLE_CHANGE,
  ...MSK_CONNECTIVITY,
  ...CACHE_RESHARDING,
  ...CANARY_AFTER_TWO_GROUPS,
  ...ZERO_ETL_REBOOT,
  ...WEAK_REFERENCES,
  ...RECORD_SETS,
  ...USER_POOL_SCHEMA,
  ...EMPTIED,
  ...EXPORTS_IN_USE,
  ...TEMPLATE_CAUTIONS,
];

/** Everything the guard knows. */
export const ALL_RULES: Rule[] = [...IDENTITY_RULES, ...PROPERTY_RULES, ...CAUTIONS, ...LOSSES, ...DEPLOY_RULES];

/** Rules whose findings lose nothing and should be read all the same. */
export const CAUTION_IDS: string[] = [POLICY_WEAKENED, UNKNOWN_TO_SCHEMAS, ...CAUTIONS, ...LOSSES, ...TEMPLATE_CAUTIONS].map(
  ({ id }) => id,
);
