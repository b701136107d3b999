import { at, type FoundResource, resourcesOf } from '../template/found-resource';
import { CLUSTER, INSTANCE } from '../template/global-databases';
import { knownFlag, knownNumber, knownText } from '../template/known-values';
import type { RuleFinding, TemplateRule } from './rule';

/** How long a database keeps what it measures about itself. */
export const databaseInsightsRetention: TemplateRule = {
  id: 'database-insights-retention',
  severity: 'error',
  sentence:
    'Performance Insights keeps its data for 7 days, for 1 to 23 times 31 days, or for 731; the advanced mode of Database Insights for at least 465: RDS refuses other numbers',
  source: 'AWS::RDS::DBCluster PerformanceInsightsRetentionPeriod, DatabaseInsightsMode',
  types: [CLUSTER, INSTANCE],
  find: (assembly) => resourcesOf(assembly, [CLUSTER, INSTANCE]).flatMap(findings),
};

function findings(database: FoundResource): RuleFinding[] {
  const { properties, type } = database;
  const days = knownNumber(properties.PerformanceInsightsRetentionPeriod, 7);
  const enabling = type === CLUSTER ? 'PerformanceInsightsEnabled' : 'EnablePerformanceInsights';
  const found: RuleFinding[] = [];
  if (days !== undefined && !isAllowed(days)) found.push(at(database, 'PerformanceInsightsRetentionPeriod', `it is ${days}`));
  if (knownText(properties.DatabaseInsightsMode) !== 'advanced') return found;
  // The members of a cluster take the mode from it.
  if (type === INSTANCE && properties.DBClusterIdentifier !== undefined) return found;
  if (knownFlag(properties[enabling]) === false)
    found.push(at(database, enabling, 'the advanced mode needs Performance Insights'));
  else if (days !== undefined && isAllowed(days) && days < 465) {
    found.push(at(database, 'PerformanceInsightsRetentionPeriod', `the advanced mode needs 465 days, it is ${days}`));
  }
  return found;
}

function isAllowed(days: number): boolean {
  return days === 7 || days === 731 || (days % 31 === 0 && days >= 31 && days <= 713);
}
