import { isObject, items } from '../../../assembly/values';
import type { Landscape, Thing } from '../landscape';
import { readable } from '../readable';
import { days, type Elsewhere } from './keeping';

/** What AWS Backup, or Data Lifecycle Manager, does for a resource. */
export interface PlannedBackup {
  readonly words: string;
  readonly elsewhere?: Elsewhere;
}

/** Backups of a resource by plans of the same app that select it by reference, by ARN, or by tag. */
export function plannedBackups(thing: Thing, landscape: Landscape): PlannedBackup[] {
  const selections = landscape
    .ofType('AWS::Backup::BackupSelection')
    .filter((selection) => sameRegion(selection, thing) && selects(selection, thing, landscape));
  const plans = selections.flatMap(({ properties, stack }) => landscape.behind(properties.BackupPlanId, stack));
  return [
    ...[...new Set(plans)].flatMap((plan) => rulesOf(plan).map((rule) => planned(rule, plan, landscape))),
    ...landscape
      .ofType('AWS::DLM::LifecyclePolicy')
      .filter((policy) => snapshots(policy, thing))
      .map(lifecycle),
  ];
}

/** A plan works in its own Region, and stages of one product are never deployed together. */
function sameRegion(selection: Thing, thing: Thing): boolean {
  return selection.stack.region === thing.stack.region && selection.stack.account === thing.stack.account;
}

function selects(selection: Thing, thing: Thing, landscape: Landscape): boolean {
  const { BackupSelection } = selection.properties;
  if (!isObject(BackupSelection)) return false;
  const { Resources, NotResources, ListOfTags, Conditions } = BackupSelection;
  const leadsTo = (value: unknown) => landscape.behind(value, selection.stack).includes(thing);
  if (items(NotResources).some(leadsTo) || !isBeside(selection, thing, landscape)) return false;
  const byArn = items(Resources).some((arn) => leadsTo(arn) || (typeof arn === 'string' && covers(arn, thing)));
  const tags = tagsOf(thing);
  const listed = items(ListOfTags).filter(isObject);
  const byTag = listed.some(({ ConditionKey, ConditionValue }) => tags.get(String(ConditionKey)) === ConditionValue);
  const equal = isObject(Conditions) ? items(Conditions.StringEquals).filter(isObject) : [];
  // Conditions narrow down what the resources and tags chose; without either there is nothing to narrow down.
  const meets = equal.every(
    ({ ConditionKey, ConditionValue }) => tags.get(String(ConditionKey).replace('aws:ResourceTag/', '')) === ConditionValue,
  );
  return (byArn || byTag) && meets;
}

function isBeside(selection: Thing, thing: Thing, landscape: Landscape): boolean {
  return landscape.beside([selection, thing], thing.stack, ({ stack }) => stack).includes(selection);
}

const SERVICES: Record<string, string> = {
  'AWS::DynamoDB::GlobalTable': 'dynamodb',
  'AWS::EFS::FileSystem': 'elasticfilesystem',
  'AWS::EC2::Volume': 'ec2',
};

/** `*` and `arn:aws:ec2:*:*:volume/*`. */
function covers(arn: string, { type }: Thing): boolean {
  if (arn === '*') return true;
  const [, , service, , , resource] = arn.split(':');
  const [, own, kind] = type.split('::');
  if (!resource?.endsWith('*') || service !== (SERVICES[type] ?? own.toLowerCase())) return false;
  const wanted = resource.replace(/[/:]?\*$/, '').toLowerCase();
  return wanted === '' || kind.toLowerCase().endsWith(wanted.replace(/-/g, ''));
}

function tagsOf({ properties: { Tags } }: Thing): Map<string, unknown> {
  if (isObject(Tags)) return new Map(Object.entries(Tags));
  return new Map(
    items(Tags)
      .filter(isObject)
      .map(({ Key, Value }) => [String(Key), Value]),
  );
}

function rulesOf({ properties: { BackupPlan } }: Thing): Record<string, unknown>[] {
  return isObject(BackupPlan) ? items(BackupPlan.BackupPlanRule).filter(isObject) : [];
}

function planned(rule: Record<string, unknown>, plan: Thing, landscape: Landscape): PlannedBackup {
  const { ScheduleExpression, Lifecycle, EnableContinuousBackup, CopyActions } = rule;
  const schedule =
    ScheduleExpression === undefined ? 'daily' : scheduleWords(readable(ScheduleExpression, plan.stack, landscape));
  const kept = isObject(Lifecycle) && Lifecycle.DeleteAfterDays !== undefined ? Number(Lifecycle.DeleteAfterDays) : undefined;
  const continuous = EnableContinuousBackup === true ? ', continuously' : '';
  const words = `AWS Backup ${schedule}${continuous}, kept ${kept === undefined ? 'for ever' : days(kept)}`;
  for (const copy of items(CopyActions).filter(isObject)) {
    const region = regionOfVault(copy.DestinationBackupVaultArn, plan, landscape);
    if (region === plan.stack.region) continue;
    const where = `copies of its backups in ${region ?? 'another vault, of a Region that only a deploy knows'}`;
    return { words, elsewhere: { where, recoveryPoint: `everything since the last backup (${schedule})` } };
  }
  return { words };
}

/** `cron(0 3 * * ? *)` is 03:00 UTC each day; other schedules are shown as they stand. */
function scheduleWords(schedule: string): string {
  const daily = /^cron\((\d+) (\d+) (\?|\*) \* (\?|\*) \*\)$/.exec(schedule);
  return daily ? `daily at ${daily[2].padStart(2, '0')}:${daily[1].padStart(2, '0')} UTC` : `by ${schedule}`;
}

function regionOfVault(arn: unknown, plan: Thing, landscape: Landscape): string | undefined {
  const vault = landscape.behind(arn, plan.stack).find(({ type }) => /^AWS::Backup::.*Vault$/.test(type));
  if (vault) return vault.stack.region;
  const region = readable(arn, plan.stack, landscape).split(':')[3];
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(region ?? '') ? region : undefined;
}

function snapshots({ properties: { PolicyDetails, State }, stack }: Thing, thing: Thing): boolean {
  if (
    thing.type !== 'AWS::EC2::Volume' ||
    !isObject(PolicyDetails) ||
    State === 'DISABLED' ||
    stack.region !== thing.stack.region
  )
    return false;
  const tags = tagsOf(thing);
  return items(PolicyDetails.TargetTags)
    .filter(isObject)
    .some(({ Key, Value }) => tags.get(String(Key)) === Value);
}

function lifecycle(): PlannedBackup {
  return { words: 'snapshots by Data Lifecycle Manager' };
}
