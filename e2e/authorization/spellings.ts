/**
 * Returns spellings of a path, which a lenient proxy or router may take for the path itself or for a path of the
 * catalogue. The last ones only look similar, and must match nothing.
 */
export const spellingsOf = (path: string) => [
  path,
  `/${path}`,
  `/.${path}`,
  `/products/..${path}`,
  `/products/%2e%2e${path}`,
  `/products/..%2f${path.slice(1)}`,
  `/products/..\\${path.slice(1)}`,
  `/products/..;${path}`,
  `/products/%252e%252e${path}`,
  `http://shop.example.com${path}`,
  path.replace(/[a-z]/, escapeCharacter),
  path.replace(/(?<=.)\//, '//'),
  path.replace(/(?<=.)\//, '%2F'),
  path.replace(/(?<=.)\//, '\\'),
  path.toUpperCase(),
  `${path}/`,
  `${path}/.`,
  `${path}%2F`,
  `${path}?`,
  `${path}%3Flimit=1`,
  `${path};a=1`,
  `${path}%20`,
  `${path}%23`,
];

const escapeCharacter = (character: string) => `%${character.charCodeAt(0).toString(16)}`;

/** Returns policies that allow everything, except these callers on these paths. */
export function denyPaths(callers: string[], pathsByService: Map<string, string[]>): string {
  const principals = callers.map((caller) => `cluster.local/ns/meshmart/sa/${caller}`);
  const policies = [...pathsByService].flatMap(([service, paths]) => [
    policy(service, 'ALLOW', {}),
    policy(service, 'DENY', { from: [{ source: { principals } }], to: [{ operation: { paths } }] }),
  ]);
  return policies.join('---');
}

const policy = (service: string, action: string, rule: object) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ${action.toLowerCase()}-spellings-of-${service} }
spec:
  selector: { matchLabels: { app: ${service} } }
  action: ${action}
  rules: [${JSON.stringify(rule)}]
`;
