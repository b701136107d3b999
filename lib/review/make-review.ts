import type { Assembly } from '../assembly/cloud-assembly';
import { libraryVersion } from '../assembly/library-version';
import type { Check } from './checks/check';
import { changesBetween } from './facts/changes';
import { encryptionOf } from './facts/encryption';
import { entrancesOf } from './facts/entrances';
import { picturesOf } from './facts/pictures';
import { stackFactsOf } from './facts/stack-facts';
import { stateOf } from './facts/state';
import { statementsOf } from './facts/statements';
import { type FinishedCheck, type Judged, judge } from './judge';
import { type Places, placesOf } from './places/places';
import { acknowledgementsOf } from './register/acknowledgements';
import { newSince } from './register/new-since';
import type { Review, ReviewChanges, Severity } from './review';
import { answered } from './template/statement-answers';
import { verdictOf } from './verdict';

/** How a review is made. */
export interface ReviewOptions {
  /** What runs over the templates, in order. */
  readonly checks: Check[];
  /** The least severity that makes the review fail. @default warning */
  readonly failOn?: Severity;
  /** An earlier assembly to compare with. @default - none */
  readonly against?: EarlierAssembly;
  /** Told after each check. @default - nobody */
  readonly onCheck?: (progress: CheckProgress) => void;
}

/** What is compared with. */
export interface EarlierAssembly {
  readonly assembly: Assembly;
  /** What the promotion guard says about deploying the reviewed one over it. */
  readonly promotion: ReviewChanges['promotion'];
}

/** A check that is through. */
export interface CheckProgress {
  readonly title: string;
  /** The earlier assembly is checked too, to tell which findings are new. */
  readonly earlier: boolean;
  readonly finished: FinishedCheck;
}

/** Runs the checks over an assembly, matches what they find with what was acknowledged, and gathers the facts. */
export async function makeReview(assembly: Assembly, options: ReviewOptions): Promise<Review> {
  const places = placesOf(assembly);
  const { failOn = 'warning', against } = options;
  const judged = await judgedOf(assembly, places, options, false);
  const changes = against && (await changesSince(against, assembly, places, judged, options));
  return {
    version: 1,
    made: new Date().toISOString(),
    library: libraryVersion(),
    assembly: assembly.directory,
    verdict: verdictOf(judged, failOn, changes),
    ...judged,
    stacks: stackFactsOf(assembly, places),
    entrances: entrancesOf(assembly, places),
    state: stateOf(assembly, places),
    encryption: encryptionOf(assembly, places),
    statements: statementsOf(assembly, places).map((statement) => answered(statement, judged)),
    pictures: picturesOf(assembly, places),
    ...(changes ? { changes } : {}),
  };
}

async function judgedOf(
  assembly: Assembly,
  places: Places,
  { checks, onCheck }: ReviewOptions,
  earlier: boolean,
): Promise<Judged> {
  // git looks for the dates while the checks run.
  const acknowledgements = acknowledgementsOf(assembly, places);
  // All at once: the two that run CDK's engine have threads of their own.
  const finished = await Promise.all(
    checks.map(async (check) => {
      const one = await finish(check, assembly);
      onCheck?.({ title: check.title, earlier, finished: one });
      return one;
    }),
  );
  return judge(finished, await acknowledgements, places);
}

/** A check that fails must not pass for one that found nothing. */
async function finish(check: Check, assembly: Assembly): Promise<FinishedCheck> {
  const { pack, title } = check;
  const start = performance.now();
  const run = await check.run(assembly).catch((error: Error) => {
    const why = error.message.split('\n')[0];
    const finding = {
      id: `${pack}::check-failed`,
      severity: 'error' as const,
      message: `${title} failed and has not looked at everything: ${why}`,
    };
    return { notRun: `it failed: ${why}`, findings: [finding] };
  });
  return { pack, title, run, milliseconds: Math.round(performance.now() - start) };
}

async function changesSince(
  { assembly: before, promotion }: EarlierAssembly,
  after: Assembly,
  places: Places,
  judged: Judged,
  options: ReviewOptions,
): Promise<ReviewChanges> {
  const checks = options.checks.filter(({ imported }) => !imported);
  const old = await judgedOf(before, placesOf(before), { ...options, checks }, true);
  return {
    ...changesBetween(before, after, places),
    ...newSince(before, old, after, judged),
    promotion,
  };
}
