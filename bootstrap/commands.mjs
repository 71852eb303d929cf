/**
 * @typedef {object} Command
 * @property {string} summary what the command does, in one line
 * @property {[args: string, effect: string][]} [examples] the arguments after the command's name, and what
 * they do
 * @property {string} [formerName] the name it had before, which still works
 */

/**
 * Every command by its name. The list of commands, each `--help`, `docs/reference/commands.md` and the choice
 * of the file in `packages/cli/src/commands` come from this table. Options are defined in that file.
 *
 * @type {Record<string, Command>}
 */
export const COMMANDS = {
  start: {
    summary: 'Start the store behind its sidecars, until Ctrl-C.',
    examples: [
      ['', 'the store on http://127.0.0.1:8080'],
      ['--port 9000 --state /tmp/second', 'a second store beside it'],
    ],
  },
  test: {
    summary: 'Run lint, type checks, unit tests and the tests on a running store.',
    examples: [['--cluster 40', 'the same, and on Kubernetes if a cluster is up 40 minutes after the start']],
  },
  experiment: {
    summary: 'List the experiments, or run one and prove its pattern by numbers.',
    examples: [
      ['', 'list the experiments'],
      ['canary', 'run one on the running store, or on one of its own'],
      ['canary --on cluster', 'run it on Kubernetes'],
      ['canary --json result.json', 'also write the result to a file'],
    ],
  },
  fault: {
    summary: "List the faults of the running store's instances, or change them.",
    examples: [
      ['', 'list the faults'],
      ['payment --error-rate 0.3', '30 % of the requests to payment fail'],
      ['product-v1-2 --delay 200', 'one instance responds 200 ms later'],
      ['payment --clear', 'clear the faults of payment'],
    ],
    formerName: 'sick',
  },
  cluster: {
    summary: 'Create a Kubernetes cluster with Istio and the store, show its status, or delete it.',
    examples: [
      ['up', 'create the cluster, or continue after an interruption'],
      ['status', 'show nodes, pods, versions, URL and memory'],
      ['up --name second --port 9090', 'create another cluster beside it'],
      ['down --name second', 'delete that cluster; images and tools stay'],
    ],
  },
  gitops: {
    summary: 'Show what Argo CD deploys from Git to a cluster, or synchronise it now.',
    examples: [
      ['status', 'show each application, its commit, and what differs from Git'],
      ['sync', 'let Argo CD read Git now, and wait until the cluster matches it'],
      ['diff mesh', 'show the differences as diff(1) does; exit code 1 if there are any'],
      ['history product', 'show which commits were deployed, and when'],
    ],
  },
  conformance: {
    summary: 'Compare the local mesh with Istio on a running cluster.',
    examples: [
      ['', 'compare configurations and experiments'],
      ['--skip-experiments', 'compare configurations alone, in about a minute'],
      ['--record', 'also record the outcome in docs/reference/conformance.md'],
    ],
  },
  keys: {
    summary: 'List the signing keys of access tokens, or rotate them.',
    examples: [
      ['', 'list the keys'],
      ['rotate --overlap 25m', 'publish a new key, which signs after 25 minutes'],
    ],
  },
  'test:soak': {
    summary: 'Run the tests under faults at full length.',
    examples: [
      ['oversell', 'run the tests whose name contains this'],
      ['oversell --seed 7', 'repeat the run that printed this seed'],
    ],
    formerName: 'test:long',
  },
  'test:mutants': {
    summary: 'Plant known bugs in copies of the checkout, and check that chaos-checkout catches each.',
    examples: [['07', 'plant the bugs whose name contains this']],
    formerName: 'check:planted',
  },
  'test:cluster': {
    summary: 'Run the tests on Kubernetes, on clusters of their own. Needs Linux and root.',
    examples: [['charts', 'run the tests whose name contains this']],
  },
  generate: {
    summary: 'Write the files made from code: OpenAPI documents, reference pages, and lists of services.',
    formerName: 'openapi',
  },
  structure: { summary: 'List the packages with their imports, and check that these are allowed.' },
  'supply-chain': { summary: 'Check the installed packages, and write a software bill of materials.' },
};

/** Returns the command with a given current or former name. @param {string} given */
export function findCommand(given) {
  if (Object.hasOwn(COMMANDS, given)) return given;
  return Object.keys(COMMANDS).find((name) => COMMANDS[name]?.formerName === given);
}

/** Returns the line that the entry prints for an unknown command. @param {string} given */
export function formatUnknown(given) {
  return `There is no command "${given}". List all: ./meshmart --help`;
}

/** Returns the list of commands that the entry prints without one. */
export function formatUsage() {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)}  ${summary}`);
  return [
    'Usage: ./meshmart <command> [options]',
    '',
    ...lines,
    '',
    'Options: ./meshmart <command> --help',
  ].join('\n');
}
