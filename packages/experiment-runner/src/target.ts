import type { Faults } from '@meshmart/local-platform/faults';
import type { Secrets } from '@meshmart/local-platform/secrets';
import type { K6Summary, LoadOrigin, TargetName, Trace } from './experiment.ts';
import type { Kube } from './on-cluster/kube.ts';

export interface Instance {
  /** The same everywhere: `<service>-<version>-<number from 1>`. */
  name: string;
  service: string;
  version: string;
  state: 'ready' | 'starting' | 'failed';
}

export interface TargetStatus {
  gatewayUrl: string;
  instances: Instance[];
  /** Services that are delivered as Rollouts, which set the weights of their routes themselves. */
  rollouts: string[];
  /** Whether Argo CD brings the store from Git. */
  isFromGit: boolean;
}

/** All counters of the target at one moment; `undefined` for whoever did not answer. */
export interface Snapshot {
  /** Of `gateway`, of each Gateway of the Gateway API by its name, and of each instance; by Envoy's own names. */
  proxies: Map<string, Record<string, number> | undefined>;
  /** Of each instance, as it writes them for Prometheus. */
  services: Map<string, { service: string; text: string | undefined }>;
}

/** What k6 does in one phase. Where it finds the store, the target knows. */
export interface Load {
  script: string;
  phase: 'baseline' | 'observe' | 'restore';
  durationS: number;
  from: LoadOrigin;
  /** Aborted when it may end although its time is not up. */
  enough?: AbortSignal;
  /** What the ids of the traces begin with that the load begins. */
  traceRun?: string;
  /** Where k6 writes its HTML report. */
  report?: string;
  /** Where k6 writes what the script logs with `console.log`, line by line. */
  clientLog?: string;
}

/** Where experiments run: all that a run does to a store and its mesh, or learns of them. */
export interface Target extends AsyncDisposable {
  name: TargetName;
  /** Aborted, with the reason, when the target does not stay alive. */
  failed: AbortSignal;
  status(): Promise<TargetStatus>;
  /** The administrator's login. */
  readAdmin(): Promise<Secrets['admin']>;
  /** @throws when the mesh could not take one of these files, whatever else there is */
  validate(files: string[]): Promise<void>;
  /**
   * Puts these files on top of the standing mesh, in place of those from the last call. Resolves when every proxy has them, with
   * what the mesh warns about. From the first call on until `restoreStandingMesh` no other run can do so.
   */
  applyOverlay(experiment: string, files: string[]): Promise<string[]>;
  /** Keeps other runs out, as `applyOverlay` does, and leaves the mesh as it is, also to whoever sets its weights meanwhile. */
  lock(experiment: string): Promise<void>;
  /** Takes the files away; resolves when the standing state is back in every proxy. */
  restoreStandingMesh(): Promise<void>;
  takeSnapshot(): Promise<Snapshot>;
  /** Runs k6 once. `signal` ends it early and rejects. */
  sendLoad(load: Load, signal: AbortSignal): Promise<K6Summary>;
  /** Sets the faults of one instance, until this is called again or the instance ends; `{}` clears them. @throws while it is down */
  setFaults(instance: string, faults: Partial<Faults>): Promise<void>;
  /** What is recorded of these traces by now; those without a span are left out. The local target lacks it. */
  readTraces?(ids: string[]): Promise<Trace[]>;
  /** What an action works with; the local target lacks it. */
  kube?: Kube;
  /** The access that killing and freezing instances and the audit need; a cluster does not give it. */
  local?: {
    /** Sends SIGKILL to an instance, or freezes it with SIGSTOP until SIGCONT. @returns whether it was alive */
    signal(instance: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): boolean;
    /** The URL of each service's database, by service; it holds the password of that service's role. */
    databases(): Promise<Record<string, string>>;
  };
}
