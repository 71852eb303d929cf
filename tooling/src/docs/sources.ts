import { join } from 'node:path';
import { listExperiments } from '@meshmart/experiment-runner/find-experiments';
import { readVerdicts } from '@meshmart/experiment-runner/verdicts';
import { config } from '@meshmart/toolchain/config';
import { linkTo, verdictCells } from './experiments.ts';

interface Statement {
  /** A few words about one feature, in our own words. */
  about: string;
  /** Experiments that prove it. */
  experiments?: string[];
  /** Another place that shows it, or the reason why it is not covered. */
  note?: string;
}

/** The features that tutorials and reference documents about service meshes name, and what proves each here. */
const statements: Statement[] = [
  { about: 'weights of 90 and 10 between two subsets', experiments: ['canary', 'gateway-api'] },
  { about: 'all traffic to one version, then to the other', experiments: ['blue-green'] },
  { about: 'a header, `end-user: jason`, chooses the version', experiments: ['header-routing'] },
  { about: 'users by cohort (A/B test)', experiments: ['cohort-split'] },
  { about: 'a copy of the traffic for a new version', experiments: ['mirror'] },
  { about: 'rewritten and redirected paths', experiments: ['path-rewrite'] },
  { about: 'a gateway for a named host', experiments: ['gateway-host-trap'] },
  { about: 'timeouts', experiments: ['timeout', 'timeout-chain'] },
  { about: 'retries', experiments: ['retries', 'default-retries', 'retry-in-subset'] },
  { about: 'injected delays and errors', experiments: ['fault-delay', 'fault-abort'] },
  {
    about: 'at most 100 connections and 1,000 requests; ejection after 5 errors, every second, for 30 s',
    experiments: ['circuit-breaker', 'outlier-ejection'],
  },
  { about: 'RANDOM for a host, ROUND_ROBIN for a subset, LEAST_REQUEST', experiments: ['load-balancing'] },
  { about: 'one client, one instance', experiments: ['sticky-sessions'] },
  { about: 'routing by locality', experiments: ['locality-failover'] },
  { about: 'a limit on the rate of requests', experiments: ['rate-limit-local'] },
  {
    about: 'mutual TLS between all services',
    experiments: ['strict-mtls', 'permissive-to-strict', 'tls-override'],
  },
  { about: 'rotation of certificates', experiments: ['certificate-rotation'] },
  {
    about: 'only GET, and only from one principal',
    experiments: ['workload-authz', 'deny-precedence', 'path-bypass'],
  },
  { about: 'tokens verified at the edge', experiments: ['jwt-at-the-edge', 'jwt-claims'] },
  { about: 'TLS at the edge', note: 'not covered' },
  { about: 'a policy that only reports', experiments: ['dry-run-policy'] },
  { about: 'services outside the mesh (ServiceEntry)', note: 'not covered' },
  { about: 'less configuration for each proxy (Sidecar)', experiments: ['sidecar-scope'] },
  { about: 'extensions in Wasm or Lua', experiments: ['wasm-or-lua'] },
  { about: 'traces (Jaeger)', experiments: ['trace-one-checkout', 'trace-sampling'] },
  { about: 'metrics (Prometheus)', experiments: ['metric-truth'] },
  {
    about: 'dashboards (Grafana, Kiali)',
    note: '[Add Grafana and Kiali](../how-to/add-grafana-and-kiali.md); no dashboard of our own yet',
  },
  {
    about: 'three replicas behind one Service, replaced without a lost request',
    experiments: ['rolling-restart'],
  },
  { about: 'GitOps with Argo CD', experiments: ['gitops-drift'] },
  { about: 'a canary that promotes or reverts itself', experiments: ['progressive-canary'] },
  {
    about: 'an Ingress for `api.example.com` with `/products`',
    note: '[Run on a cluster of your own](../how-to/bring-your-own-cluster.md)',
  },
  { about: 'payments that survive retries and crashes', experiments: ['chaos-checkout'] },
  { about: 'changes in an order that loses no request', experiments: ['apply-order'] },
  { about: 'the cost of a sidecar', note: 'not covered: no measurement yet' },
  {
    about: 'Linkerd: TrafficSplit, ServiceProfile, `linkerd viz`',
    note: 'not covered: Istio is the only mesh; weights of the Gateway API, to which Linkerd has moved, are in `gateway-api`',
  },
  { about: 'several clusters', note: 'not covered' },
  { about: 'Consul, and a comparison of meshes', note: 'not covered' },
  { about: 'alerts', note: 'not covered' },
];

const HEAD = `# Sources

\`./meshmart generate\` writes this page from \`tooling/src/docs/sources.ts\` and from
\`experiments/verdicts.json\`, which \`./meshmart experiment --record\` keeps.

Tutorials and reference documents about service meshes name these features. Each is proven by an
experiment, or the table says why not. A verdict has the day of its last recorded run.

| feature | experiment | on local | on a cluster |
|---|---|---|---|
`;

/** Renders `docs/reference/sources.md`. @throws when a statement names an experiment that does not exist */
export async function renderSources(): Promise<string> {
  const folder = join(config.root, 'experiments');
  const experiments = new Map((await listExperiments(folder)).map((one) => [one.name, one]));
  const verdicts = await readVerdicts(folder);
  const rows = statements.flatMap(({ about, experiments: names = [], note }) =>
    names.length === 0
      ? [`| ${about} | ${note} | | |`]
      : names.map((name, index) => {
          const experiment = experiments.get(name);
          if (!experiment) throw new Error(`sources.ts names ${name}, and there is no such experiment`);
          const cells = verdictCells(experiment, verdicts).join(' | ');
          return `| ${index === 0 ? about : ''} | ${linkTo(name)} | ${cells} |`;
        }),
  );
  return `${HEAD}${rows.join('\n')}\n`;
}
