import type { ExpectationResult } from '@meshmart/experiment-runner/expectations';
import { formatTable } from '@meshmart/terminal/table';
import type { Difference } from './compare.ts';
import type { ExpectationAgreement } from './compare-verdicts.ts';
import type { ConfigurationComparison } from './compare-with-known-differences.ts';
import { knownDifferences } from './differences.ts';
import type { Json } from './dump.ts';
import type { Versions } from './versions.ts';

/** The outcome of a run, as `--json` writes it. */
export interface Conformance {
  /** RFC 3339, UTC. */
  startedAt: string;
  versions: Versions;
  configuration: ConfigurationComparison;
  /** Missing if the experiments were skipped. */
  experiments?: ExpectationAgreement[];
}

/** Tells whether configuration and experiments agree. */
export function isAgreement({ configuration, experiments = [] }: Conformance): boolean {
  return configuration.agrees && experiments.every(({ problem }) => !problem);
}

/** Formats an outcome for the terminal. */
export function formatConformance(outcome: Conformance): string {
  const { versions, configuration, experiments } = outcome;
  const { kubernetes, istio, envoy } = versions;
  return [
    `Local mesh (Envoy ${envoy}) and Istio ${istio} on Kubernetes ${kubernetes}, ${outcome.startedAt}`,
    formatConfiguration(configuration),
    ...(experiments ? [formatExperiments(experiments)] : []),
    isAgreement(outcome) ? 'PASS: both targets agree' : `FAIL: ${describeFailure(outcome)}`,
  ].join('\n\n');
}

function formatConfiguration({ states, stale }: ConfigurationComparison): string {
  const rows = states.map(({ state, unlisted, proxies, resources }) => {
    return [
      state,
      String(proxies),
      String(resources),
      unlisted.length === 0 ? 'none' : String(unlisted.length),
    ];
  });
  const details = states.flatMap(({ state, unlisted }) =>
    unlisted.map((difference) => `${state}: ${formatDifference(difference)}`),
  );
  const places = knownDifferences.flatMap((difference) => difference.places).length;
  return [
    formatTable(['state', 'proxies', 'resources', 'differences not listed'], rows),
    `Listed: ${knownDifferences.length} reasons to differ, at ${places} places`,
    ...details,
    ...stale.map(({ path }) => `listed, but no longer found: ${path}`),
  ].join('\n');
}

const MAX_LENGTH = 200;

function formatDifference({ path, local, cluster }: Difference): string {
  const show = (value: Json | undefined) =>
    value === undefined ? 'nothing' : shorten(JSON.stringify(value));
  return `${path}\n    local    ${show(local)}\n    cluster  ${show(cluster)}`;
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

const head = ['experiment', 'expectation', 'local', 'cluster', ''];

function formatExperiments(experiments: ExpectationAgreement[]): string {
  return formatTable(head, experiments.map(toRow));
}

function toRow({ experiment, expectation, local, cluster, problem, remark }: ExpectationAgreement): string[] {
  const agreement = remark ? `ok (${remark})` : 'ok';
  return [experiment, expectation, ...[local, cluster].map(showSide), problem ?? agreement];
}

function showSide(side: ExpectationResult | undefined): string {
  if (!side || typeof side.observed === 'string') return '-';
  return `${side.baseline ?? '-'} → ${side.observed ?? '-'}${side.ok ? '' : ' FAILED'}`;
}

function describeFailure({ configuration: { states, stale }, experiments = [] }: Conformance): string {
  const unlisted = states.reduce((sum, state) => sum + state.unlisted.length, 0);
  const problems = experiments.filter(({ problem }) => problem);
  const names = [...new Set(problems.map(({ experiment }) => experiment))];
  return [
    ...(unlisted > 0 ? [`unlisted differences of configuration: ${unlisted}`] : []),
    ...(stale.length > 0 ? [`listed differences no longer found: ${stale.length}`] : []),
    ...(names.length > 0 ? [`experiments that do not agree: ${names.join(', ')}`] : []),
  ].join('; ');
}
