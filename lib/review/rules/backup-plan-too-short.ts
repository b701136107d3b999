import { isObject, items, valueAt } from '../../assembly/values';
import { deployedResources } from '../template/deployed-resources';
import { knownNumber } from '../template/known-values';
import type { TemplateRule } from './rule';

const PLAN = 'AWS::Backup::BackupPlan';

export const backupPlanTooShort: TemplateRule = {
  id: 'backup-plan-too-short',
  severity: 'warning',
  sentence: 'a backup plan keeps some of what it makes for at least 7 days: a mistake of Friday is often seen on Monday',
  source: 'AWS Backup Developer Guide, Backup plan options and configuration, Lifecycle and storage tiers',
  types: [PLAN],
  find: (assembly) =>
    deployedResources(assembly, PLAN).flatMap(({ stack, logicalId, properties }) => {
      const rules = items(valueAt(properties, ['BackupPlan', 'BackupPlanRule']));
      // Without a word a backup is kept for ever; what only a deploy knows may be long enough.
      const kept = rules.map((rule) =>
        isObject(rule) ? (knownNumber(valueAt(rule, ['Lifecycle', 'DeleteAfterDays']), Infinity) ?? Infinity) : Infinity,
      );
      const longest = Math.max(...kept);
      if (rules.length === 0 || longest >= 7) return [];
      const property = `BackupPlan.BackupPlanRule.${kept.indexOf(longest)}.Lifecycle.DeleteAfterDays`;
      return [{ stack, logicalId, property, details: `this one keeps it ${longest} ${longest === 1 ? 'day' : 'days'}` }];
    }),
};
