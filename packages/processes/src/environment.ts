/** Returns the environment for build tools: everything except the variables that npm adds for its scripts. */
export function toolEnvironment(): Record<string, string> {
  return pick((name) => !name.toLowerCase().startsWith('npm_'));
}

/**
 * Returns the environment for the store's processes: common variables, the `OTEL_*` settings and the log
 * level.
 */
export function processEnvironment(): Record<string, string> {
  return pick((name) =>
    /^(PATH|HOME|LANG|LC_.*|TZ|TMPDIR|NODE_EXTRA_CA_CERTS|LOG_LEVEL|OTEL_.*)$/.test(name),
  );
}

function pick(isWanted: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isWanted(entry[0]),
  );
  return Object.fromEntries(entries);
}
