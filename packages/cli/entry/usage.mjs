const COMMANDS = {
  start: ['npm start', 'start the store behind its sidecars, until Ctrl-C'],
  test: ['npm test', 'lint, types, tests, and the proofs on the running platform'],
  'test:long': ['npm run test:long', 'the proofs under faults, as long as they take; "-- oversell" runs one'],
  'test:cluster': ['npm run test:cluster', 'the proofs of "npm run cluster", as root'],
  experiment: ['npm run experiment', 'list the experiments; "-- canary" runs one'],
  cluster: ['npm run cluster', '"-- up" brings up Kubernetes with Istio; "-- status", "-- down"'],
  gitops: [
    'npm run gitops',
    'what Argo CD deploys from Git: "-- status", "-- sync", "-- diff", "-- history"',
  ],
  conformance: ['npm run conformance', 'hold the local mesh against the real one of a running cluster'],
  sick: ['npm run sick', 'list how the instances are; "-- payment --error-rate 0.3" makes one fail'],
  'check:planted': ['npm run check:planted', 'plant known bugs in a copy and see chaos-checkout catch each'],
  keys: ['npm run keys', 'list the keys that sign access tokens; "-- rotate" brings a new one'],
  openapi: ['npm run openapi', 'write every openapi.json and docs/problems.md anew from the code'],
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
  return `Commands:\n${lines.join('\n')}\nOptions follow "--", as in: npm start -- --help`;
}
