import type { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Assembly } from '../../assembly/cloud-assembly';
import type { Finding } from '../finding';
import { type Places, placesOf } from '../places/places';
import { ruleOf } from '../rule-id';
import type { Check, CheckRun } from './check';
import { type Installed, installed, notInstalled } from './installed';
import { inShort, notChecked, withGaps } from './not-checked';
import { type Cdk, type RehydratedStack, rehydrated } from './rehydrated';

const NAG = 'cdk-nag';

/** The packs of cdk-nag, by the class that holds them. */
const PACKS: Record<string, string> = {
  AwsSolutionsChecks: 'AwsSolutions',
  HIPAASecurityChecks: 'HIPAA.Security',
  NIST80053R4Checks: 'NIST.800.53.R4',
  NIST80053R5Checks: 'NIST.800.53.R5',
  PCIDSS321Checks: 'PCI.DSS.321',
  ServerlessChecks: 'Serverless',
};

/** What this library uses of a pack. */
interface NagPack {
  readonly readPackName: string;
  /** cdk-nag 2 has none. */
  validateScope?(scope: IConstruct): { readonly violations: NagViolation[] };
  applyRule(application: RuleApplication): void;
}

interface NagViolation {
  readonly ruleName: string;
  readonly description: string;
  readonly severity: string;
  readonly violatingResources: { readonly constructPath: string }[];
}

/** One rule, put to one resource. */
interface RuleApplication {
  readonly node: CfnResource;
  readonly ruleSuffixOverride?: string;
  readonly explanation: string;
  rule(node: CfnResource): unknown;
}

/** What rules told while a pack ran. */
interface Told {
  /** Whether a rule, known by its id, had anything to look at. */
  readonly applies: Map<string, boolean>;
  /** Why a rule demands what it demands. */
  readonly explanations: Map<string, string>;
  /** What a rule threw, by its id and the construct. */
  readonly thrown: Map<string, string>;
}

/** The six packs of cdk-nag, over the resources of the templates. */
export const nagPacks: Check[] = Object.entries(PACKS).map(([className, pack]) => ({
  pack,
  title: `cdk-nag ${pack}`,
  run: async (assembly) => run(pack, className, assembly),
}));

function run(pack: string, className: string, assembly: Assembly): CheckRun {
  const nag = installed(NAG);
  if (!nag) return { findings: [], notRun: notInstalled(NAG) };
  const { version } = nag;
  let judge: NagPack | undefined;
  let cdk: Cdk;
  try {
    const Pack = nag.load<Record<string, (new () => NagPack) | undefined>>(NAG)[className];
    judge = Pack && new Pack();
    cdk = cdkOf(nag);
  } catch (error) {
    return { findings: [], version, notRun: `cdk-nag ${version} does not load: ${inShort((error as Error).message, 300)}` };
  }
  if (judge?.validateScope === undefined) {
    return {
      findings: [],
      version,
      notRun: `cdk-nag ${version} judges only while an app synthesizes: npm install --save-dev cdk-nag@3`,
    };
  }
  const told = listen(judge);
  // A rule tells its id when it is asked, and an assembly may have nothing to ask about.
  judge.validateScope(new cdk.core.CfnResource(new cdk.core.Stack(), 'Anything', { type: 'Any::Thing::AtAll' }));
  const places = placesOf(assembly);
  const findings = treesOf(assembly, cdk).flatMap((tree) => {
    const violations = judge.validateScope?.(tree.scope).violations ?? [];
    return [
      ...violations.flatMap((violation) => findingsOf(violation, tree, { pack, version, told, places })),
      ...gapsIn(tree, pack, places),
    ];
  });
  return {
    version,
    findings,
    ruleIds: withGaps(
      [...told.applies.keys()].map((id) => `${pack}::${id}`),
      findings,
    ),
    notApplicable: [...told.applies].filter(([, applies]) => !applies).map(([id]) => `${pack}::${id}`),
  };
}

/** The CDK that the rules know: theirs, which need not be this library's. */
function cdkOf({ load }: Installed): Cdk {
  return {
    core: load('aws-cdk-lib'),
    include: load('aws-cdk-lib/cloudformation-include'),
    constructs: load('constructs'),
  };
}

const trees = new WeakMap<Assembly, RehydratedStack[]>();

/** The six packs share the trees: they only read them. */
function treesOf(assembly: Assembly, cdk: Cdk): RehydratedStack[] {
  let made = trees.get(assembly);
  if (!made) {
    made = rehydrated(assembly, cdk);
    trees.set(assembly, made);
  }
  return made;
}

/** Has a pack judge as if nobody had acknowledged anything, and tell about every rule that it asks. */
function listen(judge: NagPack): Told {
  const told: Told = { applies: new Map(), explanations: new Map(), thrown: new Map() };
  const applyRule = judge.applyRule.bind(judge);
  const heard = (application: RuleApplication) => {
    const { rule, ruleSuffixOverride, explanation } = application;
    const id = `${judge.readPackName}-${ruleSuffixOverride ?? rule.name}`;
    told.explanations.set(id, explanation);
    const asked = (node: CfnResource) => {
      let applies = true;
      try {
        const result = rule(node);
        applies = result !== NOT_APPLICABLE;
        return result;
      } catch (error) {
        told.thrown.set(`${id} ${node.node.path}`, (error as Error).message);
        throw error;
      } finally {
        told.applies.set(id, applies || (told.applies.get(id) ?? false));
      }
    };
    // A pack takes the rule's name for its id.
    applyRule({ ...application, rule: Object.defineProperty(asked, 'name', { value: rule.name }) });
  };
  Object.defineProperty(judge, 'applyRule', { value: heard });
  Object.defineProperty(judge, 'isAcknowledged', { value: () => false });
  return told;
}

const NOT_APPLICABLE = 'N/A';

interface Context {
  readonly pack: string;
  readonly version: string;
  readonly told: Told;
  readonly places: Places;
}

function findingsOf(violation: NagViolation, tree: RehydratedStack, { pack, version, told, places }: Context): Finding[] {
  const { ruleName, description, severity, violatingResources } = violation;
  const rule = ruleOf(ruleName);
  const remedy = told.explanations.get(rule);
  return violatingResources.map(({ constructPath }) => {
    const thrown = told.thrown.get(`${rule} ${constructPath}`);
    return {
      id: `${pack}::${ruleName}`,
      severity: severity === 'error' ? 'error' : 'warning',
      message: thrown === undefined ? description : `the rule cannot judge this resource: ${inShort(thrown, 300)}`,
      ...(remedy === undefined ? {} : { remedy }),
      source: `cdk-nag ${version}, rule ${rule}`,
      place: places.place(tree.stack, tree.logicalIds.get(constructPath) ?? ''),
    };
  });
}

function gapsIn({ stack, refused }: RehydratedStack, pack: string, places: Places): Finding[] {
  return refused.map(({ logicalId, why }) =>
    notChecked(pack, places.place(stack, logicalId), `${inShort(why, 300)}, in ${stack.stackName}`),
  );
}
