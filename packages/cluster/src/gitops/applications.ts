import { isDeepStrictEqual } from 'node:util';
import { type ClusterAccess, runKubectl } from '../access.ts';
import { ARGO_CD_NAMESPACE } from './argo-cd.ts';

/** Name of the application that creates all others (argocd/root.yaml). */
export const ROOT = 'meshmart';

/** The fields of an Application that are read here: https://argo-cd.readthedocs.io/en/stable/user-guide/application-specification/ */
export interface Application {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { source: Record<string, unknown>; destination: { namespace: string } };
  status?: {
    sync?: { status: string; revision?: string; comparedTo?: { source: Record<string, unknown> } };
    health?: { status: string; message?: string };
    conditions?: { type: string; message: string }[];
    operationState?: { phase: string; message?: string; startedAt: string; finishedAt?: string };
    history?: { id: number; revision: string; deployedAt: string; initiatedBy?: { automated?: boolean } }[];
    resources?: {
      kind: string;
      name: string;
      namespace?: string;
      status?: string;
      health?: { status: string };
    }[];
    reconciledAt?: string;
  };
}

const inNamespace = ['--namespace', ARGO_CD_NAMESPACE];

/** Lists the applications: the root first, the others by name. */
export async function listApplications(access: ClusterAccess): Promise<Application[]> {
  const { items }: { items: Application[] } = JSON.parse(
    await runKubectl(access, ['get', 'applications.argoproj.io', ...inNamespace, '--output', 'json']),
  );
  const isRoot = ({ metadata }: Application) => metadata.name === ROOT;
  return [...items.filter(isRoot), ...items.filter((application) => !isRoot(application))];
}

/** Makes Argo CD compare with Git now. @param names of applications; all if empty */
export async function refresh(access: ClusterAccess, names: string[] = []): Promise<void> {
  const which = names.length > 0 ? names : ['--all'];
  const annotation = 'argocd.argoproj.io/refresh=normal';
  await runKubectl(access, [
    'annotate',
    'applications.argoproj.io',
    ...which,
    ...inNamespace,
    annotation,
    '--overwrite',
  ]);
}

/** Annotation that an experiment sets while its own resources replace those in Git. */
export const PAUSE = 'argocd.argoproj.io/skip-reconcile';

/** Tells whether an experiment has paused an application. */
export function isPaused({ metadata }: Application): boolean {
  return metadata.annotations?.[PAUSE] === 'true';
}

/**
 * Describes in a few words why an application is not in sync with Git and healthy.
 *
 * @param revisions accepted commits; any if undefined
 * @returns undefined if it is in sync and healthy
 */
export function describeLag(application: Application, revisions?: string[]): string | undefined {
  const { metadata, spec, status = {} } = application;
  const { sync, health, operationState, conditions = [] } = status;
  const says = (text: string) => `${metadata.name}: ${text}`;
  const isAsked = metadata.annotations?.['argocd.argoproj.io/refresh'] !== undefined;
  const isOld = isAsked || !isDeepStrictEqual(sync?.comparedTo?.source, spec.source);
  const error = conditions.find(({ type }) => type.endsWith('Error'));
  if (error) return says(error.message);
  if (isOld || !(revisions ?? [sync?.revision]).includes(sync?.revision))
    return says('not compared with Git yet');
  if (sync?.status !== 'Synced') {
    const isFailing = operationState?.message && operationState.phase !== 'Succeeded';
    return says(isFailing ? String(operationState.message) : `${sync?.status}`);
  }
  if (operationState?.phase === 'Running') return says('being synced');
  if (health?.status !== 'Healthy') return says([health?.status, health?.message].filter(Boolean).join(', '));
  return undefined;
}
