import type { Finding } from '@meshmart/consistency-checker/check';
import type { InvariantGroup } from '@meshmart/consistency-checker/invariant';
import type { Faults } from '@meshmart/local-platform/faults';
import type { Kube } from './on-cluster/kube.ts';

export type TargetName = 'local' | 'cluster';

/** One metric of k6's end-of-test summary; `values` by aggregate: `rate`, `count`, `med`, `p(95)`, `passes` … */
export interface K6Metric {
  values: Record<string, number>;
  thresholds?: Record<string, { ok: boolean }>;
}

/** By metric name, a tagged part of a metric as `http_reqs{route:/products}`. */
export type K6Summary = Record<string, K6Metric>;

/** One piece of the work on a request. */
export interface Span {
  id: string;
  /** Under whose span it came, in this trace or outside of it. */
  parent: string | undefined;
  /** Who did it: `order` a service, `order.meshmart` its proxy. */
  service: string;
}

export interface Trace {
  id: string;
  spans: Span[];
}

/** What was measured while the load of one phase ran. */
export interface Phase {
  /** One of k6's numbers; 0 when k6 never saw the metric. */
  k6(metric: string, aggregate: string): number;
  /** By how much the counters of one proxy (`gateway` or an instance) grew; all that match are added up. */
  proxy(name: string, counter: RegExp): number;
  /** By how much a Prometheus counter grew, over all instances of a service and all series with these labels. */
  service(name: string, counter: string, labels: Record<string, string>): number;
  /** What was recorded of the traces that the load began; none of a trace without a span. @throws when the experiment has no `traces` */
  traces(): Trace[];
  /** What came after the load. @throws when the experiment has no `check` */
  audit(): Audit;
  /** One of the numbers that `action` gave. @throws when it gave none of that name */
  reported(name: string): number;
}

/** How the store was left behind. */
export interface Audit {
  /** How many times an instance was killed during the load. */
  kills: number;
  /** How many times an instance was frozen during the load. */
  freezes: number;
  /** After this long nothing was on its way any more; null when that did not come to be. */
  quiescentAfterMs: number | null;
  /** Each invariant that is broken, with what breaks it. */
  findings: Finding[];
  /** How many orders, products, payments … break the invariants of this group. */
  broken(group: InvariantGroup): number;
  ledgerReads: { count: number; unbalanced: number };
}

/** What goes wrong on purpose while the observed load runs. */
export interface Disturbance {
  /** By instance or by service, all of whose instances have it; also those that are started anew. */
  faults: Record<string, Partial<Faults>>;
  /** While the load of the baseline runs as well: then the manifest is the only difference. */
  inBaseline?: boolean;
  /**
   * One of these instances is killed with SIGKILL every so often; a seed decides which. On a machine that is too busy to start one
   * again within that time, the next is spared until then.
   */
  kills?: { instances: string[]; everyS: number };
  /**
   * One of these instances is frozen with SIGSTOP every so often, and goes on with SIGCONT after `forS` seconds; a seed decides which.
   * Its connections stay open meanwhile, and its probes fail when it takes long.
   */
  freezes?: { instances: string[]; everyS: number; forS: number };
}

/** Where an action finds itself. */
export interface ActionContext {
  phase: 'baseline' | 'observe';
  /** How many times over it is done. */
  rounds: number;
  /** kubectl, in the store's namespace. */
  kube: Kube;
  /** Says a line to whoever watches. */
  tell(line: string): void;
  /** Aborted, with the reason, when the run ends early. */
  signal: AbortSignal;
}

/** What is done to a cluster while the load of either phase runs; the load ends with it. */
export interface Action {
  /** @returns numbers for expectations, by names for `phase.reported` */
  run(context: ActionContext): Promise<Record<string, number>>;
  /**
   * Puts back what `run` changes; whoever finds nothing changed does nothing. Called before the load, since a run that was killed
   * has not done it, and after it, however it ended: with a signal of its own, which is never aborted.
   */
  undo(context: ActionContext): Promise<void>;
}

interface Named {
  name: string;
  /** Of the numbers shown; `%` also turns shares of 1 into shares of 100. */
  unit?: '%' | 'ms' | 's';
}

/** k6's own verdict: the thresholds of this metric in `load.ts`, in the baseline and in the observed phase. */
export interface ThresholdExpectation extends Named {
  threshold: string;
}

/** A second witness: two counts of the same thing, taken in different places, agree within 1 % in both phases. */
export interface AgreementExpectation extends Named {
  value(phase: Phase): number;
  agreesWith(phase: Phase): number;
}

/** What only the two phases together can show. `expected` says in words what `holds` decides. */
export interface ComparisonExpectation extends Named {
  expected: string;
  value(phase: Phase): number;
  holds(observed: number, baseline: number): boolean;
}

export type Expectation = ThresholdExpectation | AgreementExpectation | ComparisonExpectation;

/** `pod` is one beside the instances and without a sidecar. */
export type LoadOrigin = 'outside' | 'pod';

/** The default export of an experiment's `experiment.ts`. The pattern is `istio.yaml` beside it, or else its `action`. */
export interface Experiment {
  /** One line for the list of experiments. */
  summary: string;
  needs: {
    /** Versions that have to be ready, by service. */
    services: Record<string, string[]>;
    targets: TargetName[];
    meshes: 'istio'[];
    /** These are Rollouts, as `./meshmart cluster up --environment rollouts` delivers them. */
    rollouts?: string[];
    /** Argo CD has to bring the store from Git, as `./meshmart cluster up` has it do. */
    isFromGit?: true;
    /** How much of every product has to be in stock; what is missing is added before the baseline. */
    stock?: number;
  };
  /**
   * How long k6 sends its load in each phase. Its report stays empty below three seconds. With `applyAfterS` the manifest is applied
   * when the observed load has run for so long, instead of before it: what is proven is the change itself.
   */
  phases: { baselineS: number; observeS: number; restoreS: number; applyAfterS?: number };
  /** Where k6 stands on a cluster: before the gateway, unless it calls instances past it. */
  loadFrom?: LoadOrigin;
  disturbance?: Disturbance;
  /** How many times over `action` acts in each phase, unless `--rounds` says otherwise; once when it is not given. */
  rounds?: number;
  /** On a cluster only. `phases` then says how long the load of one round lasts at most. */
  action?: Action;
  /**
   * The load begins traces (`loadtest/trace.ts`), as many as this metric of k6's counts. They are read after each phase, and each
   * load waits until no connection is left from before the last change: on those, proxies record what they recorded then.
   */
  traces?: string;
  /**
   * The load logs what its clients send and are told (`checker/client-log.ts`). After each phase the runner waits for the store to
   * come to rest, and checks orders, goods and money against that log and each other.
   */
  check?: boolean;
  expectations: Expectation[];
}
