import type { PlatformName } from '@meshmart/experiment-runner/define';
import type { ExperimentFolder } from '@meshmart/experiment-runner/list';
import type { ProofResult } from '@meshmart/experiment-runner/proofs';
import type { Result } from '@meshmart/experiment-runner/report';

/** By how many points a share on one platform may differ from that on the other. */
const tolerance = 2;

/** Shares, as `experiment: proof`, that tell how fast a platform is and not what its mesh does. Both have to hold all the same. */
export const sharesOfSpeed: Record<string, string> = {
  'circuit-breaker: refused of three at a time':
    'who is refused asks again at once: the sooner it is told, the more often',
};

/** One proof on both platforms; a side that has no such proof is undefined. */
export interface ProofAgreement {
  experiment: string;
  proof: string;
  local: ProofResult | undefined;
  cluster: ProofResult | undefined;
  /** Why they do not agree. */
  problem?: string;
  /** Why its share is not compared. */
  remark?: string;
}

type Run = Pick<Result, 'proofs' | 'k6'>;
type Runs = Record<PlatformName, Run>;

/** Holds what an experiment gave on one platform against what it gave on the other. */
export function holdAgainst(
  experiment: Pick<ExperimentFolder, 'name' | 'proofs'>,
  runs: Runs,
): ProofAgreement[] {
  const broken = (['local', 'cluster'] as const).filter((platform) => !runs[platform].k6.baseline);
  if (broken.length > 0) return [describeBreakOffs(experiment.name, broken, runs)];
  const { local, cluster } = runs;
  const shares = new Set(experiment.proofs.filter(({ unit }) => unit === '%').map(({ name }) => name));
  const names = new Set([...local.proofs, ...cluster.proofs].map(({ name }) => name));
  return [...names].map((proof) => {
    const find = ({ proofs }: Run) => proofs.find(({ name }) => name === proof);
    const sides = { local: find(local), cluster: find(cluster) };
    const remark = sharesOfSpeed[`${experiment.name}: ${proof}`];
    const isCompared = !remark && shares.has(proof.replace(/^after restore: /, ''));
    const problem = findProblem(sides, isCompared);
    return {
      experiment: experiment.name,
      proof,
      ...sides,
      ...(problem && { problem }),
      ...(remark && { remark }),
    };
  });
}

/** Of a run that did not come to its end the one line says why. */
function describeBreakOffs(experiment: string, broken: PlatformName[], runs: Runs): ProofAgreement {
  const reasons = broken.map((platform) => `broke off on ${platform}: ${runs[platform].proofs[0]?.observed}`);
  const [local, cluster] = [runs.local.proofs[0], runs.cluster.proofs[0]];
  return { experiment, proof: 'the run comes to its end', local, cluster, problem: reasons.join('; ') };
}

function findProblem(
  { local, cluster }: Pick<ProofAgreement, 'local' | 'cluster'>,
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
function isClose(local: ProofResult['observed'], cluster: ProofResult['observed']): boolean {
  if (typeof local !== 'number' || typeof cluster !== 'number') return false;
  return Math.abs(local - cluster) <= tolerance;
}
