import type { ExpectationResult } from '@meshmart/experiment-runner/expectations';
import type { Expectation, TargetName } from '@meshmart/experiment-runner/experiment';
import type { Result } from '@meshmart/experiment-runner/report';

/** By how many points a share on one platform may differ from that on the other. */
const tolerance = 2;

/** Shares, as `experiment: expectation`, that tell how fast a platform is and not what its mesh does. Both have to hold all the same. */
export const sharesOfSpeed: Record<string, string> = {
  'circuit-breaker: refused of three at a time':
    'who is refused asks again at once: the sooner it is told, the more often',
};

/** One expectation on both platforms; a side that has no such expectation is undefined. */
export interface ExpectationAgreement {
  experiment: string;
  expectation: string;
  local: ExpectationResult | undefined;
  cluster: ExpectationResult | undefined;
  /** Why they do not agree. */
  problem?: string;
  /** Why its share is not compared. */
  remark?: string;
}

type Run = Pick<Result, 'expectations' | 'k6'>;
type Runs = Record<TargetName, Run>;

/** Holds what an experiment gave on one platform against what it gave on the other. */
export function compareVerdicts(
  experiment: { name: string; expectations: Pick<Expectation, 'name' | 'unit'>[] },
  runs: Runs,
): ExpectationAgreement[] {
  const broken = (['local', 'cluster'] as const).filter((platform) => !runs[platform].k6.baseline);
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

/** Of a run that did not come to its end the one line says why. */
function describeBreakOffs(experiment: string, broken: TargetName[], runs: Runs): ExpectationAgreement {
  const reasons = broken.map(
    (platform) => `broke off on ${platform}: ${runs[platform].expectations[0]?.observed}`,
  );
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
  return differs && `${differs} differs by more than ${tolerance} points`;
}

/** A share that was never seen is close to none. */
function isClose(local: ExpectationResult['observed'], cluster: ExpectationResult['observed']): boolean {
  if (typeof local !== 'number' || typeof cluster !== 'number') return false;
  return Math.abs(local - cluster) <= tolerance;
}
