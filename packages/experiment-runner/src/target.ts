import type { Faults } from '@meshmart/local-platform/faults';
import type { Secrets } from '@meshmart/local-platform/secrets';
import type { K6Summary, LoadOrigin, PhaseName, TargetName, Trace } from './experiment.ts';
import type { Kube } from './on-cluster/kube.ts';

export interface Instance {
  /** `<service>-<version>-<number from 1>` on every target. */
  name: string;
  service: string;
  version: string;
  state: 'ready' | 'starting' | 'failed';
}

export interface TargetStatus {
  gatewayUrl: string;
  instances: Instance[];
  /** Services that are Rollouts. Argo Rollouts sets the weights of their routes. */
  rollouts: string[];
  /** Whether Argo CD deploys the store from Git. */
  isFromGit: boolean;
}

/** All counters of a target at one moment; `undefined` for a proxy or service that did not respond. */
export interface Snapshot {
  /** Envoy's counters by `gateway`, by the name of each Gateway of the Gateway API, and by instance. */
  proxies: Map<string, Record<string, number> | undefined>;
  /** Metrics page in Prometheus' text format, by instance. */
  services: Map<string, { service: string; text: string | undefined }>;
}

/** The load of one phase. The target adds the addresses. */
export interface Load {
  /** Path of `load.ts`. */
  script: string;
  phase: PhaseName;
  /** Name of the experiment's variant; empty for the experiment itself. */
  variant: string;
  durationS: number;
  from: LoadOrigin;
  /** k6's threshold expressions, by metric. */
  thresholds?: Record<string, string[]>;
  /** Aborted when the load may end early, with a summary. */
  enough?: AbortSignal;
  /** The administrator's login, for loads that need it. */
  admin?: Secrets['admin'];
  /** First half of the ids of the traces that the load begins. */
  traceRun?: string;
  /** File for k6's HTML report. */
  report?: string;
  /** File for the lines that the script logs with `console.log`. */
  clientLog?: string;
}

/** A place where experiments run. */
export interface Target extends AsyncDisposable {
  name: TargetName;
  /** Aborted, with the reason, when the target stops by itself. */
  failed: AbortSignal;
  status(): Promise<TargetStatus>;
  /** Returns the administrator's login. */
  readAdmin(): Promise<Secrets['admin']>;
  /** @throws when the mesh would reject one of these files, each taken by itself */
  validate(files: string[]): Promise<void>;
  /**
   * Lays these files over the standing mesh, in place of the files of the last call, and resolves when every proxy has
   * them. Locks the mesh against other runs until `restoreStandingMesh`.
   *
   * @returns the mesh's warnings
   * @throws when the mesh rejects the files, or another run holds the lock
   */
  applyOverlay(experiment: string, files: string[]): Promise<string[]>;
  /** Locks the mesh against other runs and leaves it as it is. @throws when another run holds the lock */
  lock(experiment: string): Promise<void>;
  /** Removes the overlay and the lock, and resolves when every proxy has the standing mesh. */
  restoreStandingMesh(): Promise<void>;
  takeSnapshot(): Promise<Snapshot>;
  /** Runs k6 once. `signal` ends it early. @throws when k6 does not complete */
  sendLoad(load: Load, signal: AbortSignal): Promise<K6Summary>;
  /** Sets the faults of one instance until the next call or its restart; `{}` clears them. @throws while it is down */
  setFaults(instance: string, faults: Partial<Faults>): Promise<void>;
  /** Returns the traces recorded so far that have a span. The local target has none. */
  readTraces?(ids: string[]): Promise<Trace[]>;
  /** kubectl for actions. The local target has none. */
  kube?: Kube;
  /** Access to processes and databases, which a cluster does not give. */
  local?: {
    /** Kills an instance, or freezes it with SIGSTOP until SIGCONT. @returns whether it was alive */
    signal(instance: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): boolean;
    /** Gives all proxies certificates with this lifetime, which are renewed after half of it, until the restore. */
    setCertificateLifetime(lifetimeS: number): Promise<void>;
    /** Returns the URL of each service's database, with its password, by service. */
    databases(): Promise<Record<string, string>>;
  };
}
