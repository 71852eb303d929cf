import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overlay, readResources } from '../src/resources.ts';
import { translate } from '../src/translate.ts';
import { createMesh } from './store.ts';

const mesh = await createMesh('/run/meshmart', []);
const directory = mkdtempSync(join(tmpdir(), 'request-authentication-'));
const file = join(directory, 'overlay.yaml');
afterAll(() => rmSync(directory, { recursive: true }));

const resource = (kind: string, spec: string, name = 'tokens') =>
  `apiVersion: security.istio.io/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec: ${spec}\n---\n`;
const atGateway = 'selector: { matchLabels: { istio: gateway } }';
const uri = 'http://user.meshmart.svc.cluster.local/.well-known/jwks.json';
const claim = (path: string, value: object) => ({
  metadata: {
    filter: 'envoy.filters.http.jwt_authn',
    path: [{ key: 'payload' }, ...path.split(' ').map((key) => ({ key }))],
    value,
  },
});

/** Returns the HTTP filters of a proxy's last listener, which is the inbound one of a sidecar. */
async function filtersWith(yaml: string, proxy: string) {
  writeFileSync(file, yaml);
  const resources = overlay({ ...mesh.resources, envoyFilters: [] }, await readResources([file]));
  const chain = translate({ ...mesh, resources })
    .proxies.get(proxy)
    ?.listeners.at(-1)?.filter_chains[0];
  return chain?.filters[0]?.typed_config.http_filters as { name: string; typed_config: object }[];
}

test('the gateway checks tokens before its policies', async () => {
  const yaml = resource(
    'RequestAuthentication',
    `{ ${atGateway}, jwtRules: [{ issuer: a, audiences: [b], jwksUri: "${uri}", forwardOriginalToken: true }] }`,
  );
  const filters = await filtersWith(yaml, 'gateway');
  expect(filters.map(({ name }) => name).slice(0, 2)).toEqual([
    'envoy.filters.http.jwt_authn',
    'envoy.filters.http.rbac',
  ]);
  const optional = { requirements: [{ provider_name: 'origins-0' }, { allow_missing: {} }] };
  expect(filters[0]?.typed_config).toEqual({
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
    providers: {
      'origins-0': {
        issuer: 'a',
        audiences: ['b'],
        forward: true,
        payload_in_metadata: 'payload',
        normalize_payload_in_metadata: { space_delimited_claims: ['permission', 'scope'] },
        clear_route_cache: true,
        remote_jwks: {
          http_uri: { uri, cluster: 'outbound|80||user.meshmart.svc.cluster.local', timeout: '5s' },
          cache_duration: '300s',
        },
      },
    },
    rules: [{ match: { prefix: '/' }, requires: { requires_any: optional } }],
    bypass_cors_preflight: true,
  });
  const others = await filtersWith(yaml, 'product-v1-1');
  expect(others[0]?.name).toBe('envoy.filters.http.rbac');
});

test('one of several issuers is enough', async () => {
  const rules = '{ jwtRules: [{ issuer: b, jwks: "{}" }, { issuer: a, jwks: "{}" }] }';
  const [filter] = await filtersWith(resource('RequestAuthentication', rules), 'product-v1-1');
  const orMissing = (provider_name: string) => ({
    requires_any: { requirements: [{ provider_name }, { allow_missing: {} }] },
  });
  expect(filter?.typed_config).toMatchObject({
    providers: {
      'origins-0': { issuer: 'a', local_jwks: { inline_string: '{}' } },
      'origins-1': { issuer: 'b' },
    },
    rules: [
      {
        requires: {
          requires_any: {
            requirements: [
              { provider_name: 'origins-0' },
              { provider_name: 'origins-1' },
              { requires_all: { requirements: [orMissing('origins-0'), orMissing('origins-1')] } },
            ],
          },
        },
      },
    ],
  });
});

/** Returns the policy that the gateway's DENY filter has for a rule. */
async function denialWith(rule: string) {
  const yaml = resource('AuthorizationPolicy', `{ ${atGateway}, action: DENY, rules: [${rule}] }`, 'p');
  const [filter] = await filtersWith(yaml, 'gateway');
  const config = filter?.typed_config as { rules: { policies: Record<string, object> } } | undefined;
  return config?.rules.policies['ns[meshmart]-policy[p]-rule[0]'];
}

const regex = { string_match: { safe_regex: { regex: '.+' } } };

test.each([
  ['"*"', regex, regex],
  ['a/b/c', { string_match: { exact: 'a/b' } }, { string_match: { exact: 'c' } }],
  ['a/*', { string_match: { exact: 'a' } }, regex],
  ['a/b*', { string_match: { exact: 'a' } }, { string_match: { prefix: 'b' } }],
  ['a*', { string_match: { prefix: 'a' } }, regex],
  ['"*/b"', regex, { string_match: { exact: 'b' } }],
  ['"*b"', regex, { string_match: { suffix: 'b' } }],
])('the request principal %s is an issuer and a subject', async (principal, issuer, subject) => {
  const id = { and_ids: { ids: [claim('iss', issuer), claim('sub', subject)] } };
  expect(await denialWith(`{ from: [{ source: { requestPrincipals: [${principal}] } }] }`)).toEqual({
    permissions: [{ and_rules: { rules: [{ any: true }] } }],
    principals: [{ and_ids: { ids: [id] } }],
  });
});

test('what must not match is negated, and conditions belong to each source', async () => {
  const rule = `{
    from: [{ source: { notPrincipals: [a], notRequestPrincipals: [b, c] } }],
    to: [{ operation: { notMethods: [GET], paths: [/a], notPaths: [/b, /c] } }],
    when: [{ key: "request.auth.claims[a][b]", values: [x], notValues: [u, "z*"] }],
  }`;
  const exact = (value: string) => ({ string_match: { exact: value } });
  const listed = (value: object) => ({
    or_match: { value_matchers: [{ list_match: { one_of: value } }, value] },
  });
  const issuedBy = (issuer: string) => ({
    and_ids: { ids: [claim('iss', exact(issuer)), claim('sub', exact(''))] },
  });
  const path = (value: string) => ({ url_path: { path: { exact: value } } });
  const either = { or_match: { value_matchers: [exact('u'), { string_match: { prefix: 'z' } }] } };
  expect(await denialWith(rule)).toEqual({
    permissions: [
      {
        and_rules: {
          rules: [
            {
              not_rule: {
                or_rules: { rules: [{ header: { name: ':method', string_match: { exact: 'GET' } } }] },
              },
            },
            { or_rules: { rules: [path('/a')] } },
            { not_rule: { or_rules: { rules: [path('/b'), path('/c')] } } },
          ],
        },
      },
    ],
    principals: [
      {
        and_ids: {
          ids: [
            { not_id: { or_ids: { ids: [{ authenticated: { principal_name: { exact: 'spiffe://a' } } }] } } },
            { not_id: { or_ids: { ids: [issuedBy('b'), issuedBy('c')] } } },
            claim('a b', listed(exact('x'))),
            { not_id: claim('a b', listed(either)) },
          ],
        },
      },
    ],
  });
});

test('a condition needs no source', async () => {
  const denial = await denialWith('{ when: [{ key: "request.auth.claims[role]", values: [x] }] }');
  expect(denial).toMatchObject({ principals: [{ and_ids: { ids: [{ metadata: {} }] } }] });
});
