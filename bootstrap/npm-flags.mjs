import { npmLine } from './usage.mjs';

/** The options of each command, and whether one takes a value. npm takes them for its own when "--" is missing. */
const OPTIONS = {
  start: { port: true, state: true, reset: false },
  test: {},
  'test:soak': { seed: true },
  'test:cluster': {},
  experiment: {
    json: true,
    report: true,
    state: true,
    on: true,
    cluster: true,
    mesh: true,
    observe: true,
    rounds: true,
    seed: true,
  },
  // Not --registry and --tag, which npm has settings of its own for.
  cluster: {
    provider: true,
    mesh: true,
    name: true,
    port: true,
    context: true,
    index: true,
    gitops: false,
    repo: true,
    revision: true,
    environment: true,
  },
  gitops: { cluster: true },
  conformance: { 'skip-experiments': false, cluster: true, state: true, record: false, json: true },
  fault: {
    'error-rate': true,
    delay: true,
    'delay-rate': true,
    'drop-after-commit': true,
    clear: false,
    state: true,
  },
  'test:mutants': { observe: true, seed: true },
  keys: { overlap: true, state: true },
  openapi: {},
  'supply-chain': { sbom: true },
};
/** How many words besides options a command takes. */
const WORDS = {
  start: 0,
  test: 0,
  'test:soak': 1,
  'test:cluster': 0,
  experiment: 1,
  cluster: 1,
  gitops: 2,
  conformance: 0,
  fault: 1,
  'test:mutants': 1,
  keys: 1,
  openapi: 0,
  'supply-chain': 0,
};

/**
 * npm parses `npm run experiment canary --json x` itself: it keeps `--json` (as npm_config_json in the environment) and
 * passes on `canary x`.
 *
 * @param {string} command
 * @param {string[]} args what npm passed on
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} the line that does what was meant, or undefined when npm kept nothing
 */
export function findSwallowedFlags(command, args, env) {
  if (env.npm_lifecycle_event !== command) return undefined;
  const kept = Object.entries(OPTIONS[command]).filter(([option]) => isGiven(env[nameOf(option)]));
  if (kept.length === 0) return undefined;
  const words = [...args];
  const options = kept.map(([option, takesValue]) => {
    const value = env[nameOf(option)];
    if (!takesValue) return `--${option}`;
    if (value !== 'true') return `--${option} ${value}`;
    return `--${option} ${words.splice(WORDS[command], 1)[0] ?? '<value>'}`;
  });
  return [npmLine(command), '--', ...words, ...options].join(' ');
}

/** @param {string} option */
function nameOf(option) {
  return `npm_config_${option.replaceAll('-', '_')}`;
}

/** npm writes an unset boolean as an empty string. */
function isGiven(value) {
  return value !== undefined && value !== '' && value !== 'false' && value !== 'null';
}
