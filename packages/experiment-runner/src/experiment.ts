import type { Finding } from '@meshmart/consistency-checker/check';
import type { InvariantGroup } from '@meshmart/consistency-checker/invariant';
import type { Faults } from '@meshmart/local-platform/faults';
import type { Kube } from './on-cluster/kube.ts';

export type TargetName = 'local' | 'cluster';

/** A mesh for which experiments have manifests. Another one also needs a folder beside `on-cluster/istio`. */
export type MeshName = 'istio';

export type PhaseName = 'baseline' | 'observe' | 'restore';

/** A metric of k6's end-of-test summary; `values` by aggregate: `rate`, `count`, `med`, `p(95)`, `passes` … */
interface K6Metric {
  values: Record<string, number>;
  thresholds?: Record<string, { ok: boolean }>;
}

/** By metric name. A tag selects a part of a metric: `http_reqs{route:/products}`. */
export type K6Summary = Record<string, K6Metric>;

/** A recorded step of a request. */
export interface Span {
  id: string;
  /** Id of the parent span, which may be missing from the trace. */
  parent: string | undefined;
  /** `order` is the service, `order.meshmart` its proxy. */
  service: string;
}

export interface Trace {
  id: string;
  spans: Span[];
}

/** The measurements of one phase. */
export interface Phase {
  /** Returns one of k6's numbers; 0 when k6 never saw the metric. */
  k6(metric: string, aggregate: string): number;
  /** Returns the growth of all matching counters of one proxy: `gateway` or an instance. See `proxy-counters.ts`. */
  proxy(name: string, counter: RegExp): number;
  /** Returns the sum of all matching gauges of one proxy after the load. */
  gauge(name: string, gauge: RegExp): number;
  /** Returns the growth of a Prometheus counter over all instances of a service and all series with these labels. */
  service(name: string, counter: string, labels: Record<string, string>): number;
  /** Returns the traces that the load began and that have a span. @throws when the experiment has no `traces` */
  traces(): Trace[];
  /** Returns the state in which the load left the store. @throws when the experiment has no `check` */
  audit(): Audit;
  /** Returns a number that `action` reported. @throws when it reported none of that name */
  reported(name: string): number;
}

/** The state in which the load left the store. */
export interface Audit {
  /** Number of kills during the load. */
  kills: number;
  /** Number of freezes during the load. */
  freezes: number;
  /** Time until nothing was in flight any more; null when that did not happen. */
  quiescentAfterMs: number | null;
  /** The invariants that are broken, with the ids that break them. */
  findings: Finding[];
  /** Returns how many orders, products, payments … break the invariants of this group. */
  broken(group: InvariantGroup): number;
  ledgerReads: { count: number; unbalanced: number };
}

/** Faults that the runner injects while the observed load runs. */
export interface Disturbance {
  /** By instance, or by service for all its instances. A restarted instance gets its faults again. */
  faults: Record<string, Partial<Faults>>;
  /** Injects the faults this many seconds after the load has begun, instead of before it. */
  faultsAfterS?: number;
  /** Disturbs the baseline too, so that the manifest is the only difference. */
  inBaseline?: boolean;
  /** Kills one of these instances every `everyS` seconds, when all are ready; a seed chooses which. */
  kills?: { instances: string[]; everyS: number };
  /** Gives every workload certificates that expire after this time, in seconds, and are renewed after half of it. */
  certificateLifetimeS?: number;
  /** Freezes one of these instances with SIGSTOP every `everyS` seconds, for `forS` seconds; a seed chooses which. */
  freezes?: { instances: string[]; everyS: number; forS: number };
}

export interface ActionContext {
  phase: 'baseline' | 'observe';
  /** Number of times to repeat the action in this phase. */
  rounds: number;
  /** kubectl, in the store's namespace. */
  kube: Kube;
  /** Prints a line of progress. */
  log(line: string): void;
  /** Aborted, with the reason, when the run ends early. */
  signal: AbortSignal;
}

/** Changes a cluster while the load of either phase runs. The load ends with the action. */
export interface Action {
  /** @returns numbers for expectations, by their names in `phase.reported` */
  run(context: ActionContext): Promise<Record<string, number>>;
  /**
   * Reverts `run`. Must be idempotent: it is called before the load, because a killed run may have left changes behind,
   * and after it, even on failure. The signal of its context is never aborted.
   */
  undo(context: ActionContext): Promise<void>;
}

interface Claim {
  /** The line's name in the table. */
  name: string;
  /** Unit of the numbers shown; `%` also turns shares of 1 into shares of 100. */
  unit?: '%' | 'ms' | 's';
  /** Why these numbers show the effect, and why the tolerance is as it is. Printed when the expectation fails. */
  reason: string;
}

/** Threshold expressions of k6 for one metric: `rate==0`, or `['rate>=0.08', 'rate<=0.12']`. */
export type Bounds = string | string[];

/** Bounds of one of k6's metrics. The runner hands them to k6 as thresholds, and k6 decides. */
export interface ThresholdExpectation extends Claim {
  /** A metric of `load.ts` or of k6 itself: `http_req_failed`, `v2_share`, `http_reqs{route:/products}`. */
  metric: string;
  /** Bounds for all phases, or by phase, or by the length of the phase in seconds. */
  thresholds: Bounds | Record<PhaseName, Bounds> | ((durationS: number) => Bounds);
}

/** A second witness: two independent counts of the same thing agree within 1 % in both phases. */
export interface AgreementExpectation extends Claim {
  value(phase: Phase): number;
  agreesWith(phase: Phase): number;
}

/** A relation between the two phases. `expected` describes `holds` in words. */
export interface ComparisonExpectation extends Claim {
  expected: string;
  value(phase: Phase): number;
  holds(observed: number, baseline: number): boolean;
}

export type Expectation = ThresholdExpectation | AgreementExpectation | ComparisonExpectation;

/** A condition without which the numbers would mean little. The table shows it only when it fails. */
export type Guard = Omit<ThresholdExpectation, 'name'>;

/** `pod` is a pod beside the instances, without a sidecar. */
export type LoadOrigin = 'outside' | 'pod';

/** The default export of `experiment.ts`. The pattern is the manifest beside it (`istio.yaml`) or the `action`. */
export interface Experiment {
  /** The experiment's line in the list of experiments. */
  summary: string;
  needs: {
    /** Versions that must be ready, by service. */
    services: Record<string, string[]>;
    targets: TargetName[];
    /** Services that must be Rollouts, as `./meshmart cluster up --environment rollouts` deploys them. */
    rollouts?: string[];
    /** Requires that Argo CD deploys the store from Git, as `./meshmart cluster up` sets it up. */
    isFromGit?: true;
    /** Units of every product in stock. The runner tops the stock up before the baseline. */
    stock?: number;
    /** Gives the load the administrator's login (`loadtest/admin.ts`). The load must come from outside. */
    admin?: true;
  };
  /**
   * Duration of the load in each phase. k6's report stays empty below three seconds. With `applyAfterS` the manifest is
   * applied that long after the observed load has begun, instead of before it: the experiment then observes the change
   * itself. With `applyEveryS` as well, its documents are applied one by one, in the order of the file; each follows
   * that long after every proxy has the one before.
   */
  phases: {
    baselineS: number;
    observeS: number;
    restoreS: number;
    applyAfterS?: number;
    applyEveryS?: number;
  };
  /** k6's place on a cluster; `outside` by default. Calls past the gateway need `pod`. */
  loadFrom?: LoadOrigin;
  disturbance?: Disturbance;
  /** Number of times that `action` repeats in each phase, unless `--rounds` is given; 1 by default. */
  rounds?: number;
  /** On a cluster only. `phases` then limits the load of one round. */
  action?: Action;
  /**
   * The k6 counter of the traces that the load begins (`loadtest/trace.ts`). The runner reads these traces after each
   * phase. Before each load it waits for connections that still use older listeners, because those record as they did
   * before the change.
   */
  traces?: string;
  /**
   * Audits the store after each phase. The load logs every request and response of its clients (`loadtest/orders.ts`);
   * the runner waits until the store is quiescent and compares orders, stock and money with that log and with each
   * other.
   */
  check?: boolean;
  expectations: Expectation[];
  guards?: Guard[];
  /** Other runs of the same folder by name, such as `trap`: `./meshmart experiment timeout --variant trap`. */
  variants?: Record<string, Variant>;
}

/**
 * A variant of an experiment. Its fields take the place of the experiment's own, and so does its manifest
 * `<variant>.yaml`, if the folder has one.
 */
export interface Variant extends Partial<Omit<Experiment, 'variants'>> {
  summary: string;
  expectations: Expectation[];
}

/** A wrong manifest. The default export of `mutants.ts` lists some, and tests check that each makes the run fail. */
export interface ManifestMutant {
  /** The mistake, as it continues `canary with`. */
  mutant: string;
  change(manifest: string): string;
  /** Name of the expectation that must fail. */
  expectation: string;
  /** The range in which the observed number must be. */
  observed: [number, number];
  /** True if the numbers are so close that they need as many requests as the experiment. */
  inFull?: boolean;
}
