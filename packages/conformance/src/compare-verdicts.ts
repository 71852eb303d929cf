import type { ExpectationResult } from '@meshmart/experiment-runner/expectations';
import type { Expectation, TargetName } from '@meshmart/experiment-runner/experiment';
import type { Result } from '@meshmart/experiment-runner/report';

/** The percentage points by which a share may differ between targets. */
const TOLERANCE = 2;

/**
 * Shares, as `experiment: expectation`, that depend on a target's speed. They are not compared, but must hold on both.
 */
export const sharesOfSpeed: Record<string, string> = {
  'circuit-breaker: refused of three at a time':
    'refused clients retry at once: the faster the refusal, the more of them',
};

/** An expectation on both targets. A side without it is undefined. */
export interface ExpectationAgreement {
  experiment: string;
  expectation: string;
  local: ExpectationResult | undefined;
  cluster: ExpectationResult | undefined;
  /** The reason why they do not agree. */
  problem?: string;
  /** The reason why its share is not compared. */
  remark?: string;
}

type Run = Pick<Result, 'expectations' | 'k6'>;
type Runs = Record<TargetName, Run>;

/**
 * Compares an experiment's results on both targets: an expectation must hold on both, and shares must differ by at most
 * 2 points.
 *
 * @returns one entry for each expectation, or one for the experiment when a run broke off
 */
export function compareVerdicts(
  experiment: { name: string; expectations: Pick<Expectation, 'name' | 'unit'>[] },
  runs: Runs,
): ExpectationAgreement[] {
  const broken = (['local', 'cluster'] as const).filter((target) => !runs[target].k6.baseline);
  if (broken.length > 0) return [describeBreakOffs(experiment.name, broken, runs)];
  const { local, cluster } = runs;
  const shares = new Set(experiment.expectations.filter(({ unit }) => unit === '%').map(({ name }) => name));
  const names = new Set([...local.expectations, ...cluster.expectations].map(({ name }) => name));
  return [...names].map((expectation) => {
    const find = ({ expectations }: Run) => expectations.find(({ name }) => name === expectation);
    const sides = { local: find(local), cluster: find(cluster) };
    const remark = sharesOfSpeed[`${experiment.name}: ${expectation}`];
    const isCompared = !remark && shares.has(expectation.replace(/^after restore: /, ''));
    const problem = findProblem(sides, isCompared);
    return {
      experiment: experiment.name,
      expectation,
      ...sides,
      ...(problem && { problem }),
      ...(remark && { remark }),
    };
  });
}

/** Returns the entry for runs that broke off, with their reasons. */
function describeBreakOffs(experiment: string, broken: TargetName[], runs: Runs): ExpectationAgreement {
  const reasons = broken.map((target) => `broke off on ${target}: ${runs[target].expectations[0]?.observed}`);
  const [local, cluster] = [runs.local.expectations[0], runs.cluster.expectations[0]];
  return { experiment, expectation: 'the run comes to its end', local, cluster, problem: reasons.join('; ') };
}

function findProblem(
  { local, cluster }: Pick<ExpectationAgreement, 'local' | 'cluster'>,
  isCompared: boolean,
): string | undefined {
  if (!local || !cluster) return `only on ${local ? 'local' : 'cluster'}`;
  if (local.ok !== cluster.ok) return `holds only on ${local.ok ? 'local' : 'cluster'}`;
  if (!local.ok) return 'does not hold';
  if (!isCompared) return undefined;
  const differs = (['baseline', 'observed'] as const).find((phase) => !isClose(local[phase], cluster[phase]));
  return differs && `${differs} differs by more than ${TOLERANCE} points`;
}

/** Tells whether two shares agree. A share that was not measured agrees with none. */
function isClose(local: ExpectationResult['observed'], cluster: ExpectationResult['observed']): boolean {
  if (typeof local !== 'number' || typeof cluster !== 'number') return false;
  return Math.abs(local - cluster) <= TOLERANCE;
}
