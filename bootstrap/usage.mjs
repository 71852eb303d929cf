const COMMANDS = {
  start: ['npm start', 'start the store behind its sidecars, until Ctrl-C'],
  test: ['npm test', 'lint, types, unit tests, and the tests on a running store'],
  'test:soak': ['npm run test:soak', 'the tests under faults at full length; "-- oversell" runs one'],
  'test:cluster': ['npm run test:cluster', 'the tests on Kubernetes, as root'],
  experiment: ['npm run experiment', 'list the experiments; "-- canary" runs one'],
  cluster: ['npm run cluster', 'create a cluster with Istio and the store: "-- up"; "-- status", "-- down"'],
  gitops: ['npm run gitops', 'show what Argo CD deploys: "-- status", "-- sync", "-- diff", "-- history"'],
  conformance: ['npm run conformance', 'compare the local mesh with Istio on a running cluster'],
  fault: ['npm run fault', 'list the faults of the instances; "-- payment --error-rate 0.3" adds one'],
  'test:mutants': ['npm run test:mutants', 'plant known bugs in copies and see chaos-checkout catch each'],
  keys: ['npm run keys', 'list the signing keys of access tokens; "-- rotate" adds one'],
  openapi: ['npm run openapi', 'regenerate every openapi.json and docs/problems.md'],
  structure: ['npm run structure', 'list the packages and what they import, and check that they may'],
  'supply-chain': ['npm run supply-chain', 'check what is installed, and write a bill of materials'],
};

/** @param {string} command */
export function isCommand(command) {
  return Object.hasOwn(COMMANDS, command);
}

/** How the command is called through npm, e.g. `npm run experiment`. @param {string} command */
export function npmLine(command) {
  return COMMANDS[command][0];
}

export function describeCommands() {
  const lines = Object.values(COMMANDS).map(([line, does]) => `  ${line.padEnd(21)} ${does}`);
  return [
    'Commands:',
    ...lines,
    'Options follow "--", as in: npm run experiment -- canary --json result.json',
    'Without npm they follow at once: ./meshmart experiment canary --json result.json',
  ].join('\n');
}
