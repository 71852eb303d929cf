import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readMeshConfig } from '../src/mesh-config.ts';
import { MeshConfigError } from '../src/problems.ts';
import { overlay, readResources } from '../src/resources.ts';
import { STANDING } from './store.ts';

const directory = mkdtempSync(join(tmpdir(), 'resources-'));
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;
function write(yaml: string): string {
  const file = join(directory, `${count++}.yaml`);
  writeFileSync(file, yaml);
  return file;
}

/** Returns the lines of a refusal, with `f:` for the file's path. */
async function refusal(
  yaml: string,
  read: (file: string) => Promise<unknown> = (file) => readResources([file]),
) {
  const file = write(yaml);
  const error = await read(file).then(
    () => new Error('it was taken'),
    (reason: Error) => reason,
  );
  expect(error).toBeInstanceOf(MeshConfigError);
  return error.message.replaceAll(file, 'f').split('\n');
}

const virtualService = (spec: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: product }
spec: ${spec}
`;
const http = (route: string) => virtualService(`{ hosts: [product], http: [${route}] }`);
const toProduct = 'route: [{ destination: { host: product } }]';
const security = (kind: string, spec: string) => `apiVersion: security.istio.io/v1
kind: ${kind}
metadata: { name: p }
spec: ${spec}
`;
const destinationRule = (trafficPolicy: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: d }
spec:
  host: product
  trafficPolicy: ${trafficPolicy}
`;
const manager = 'envoy.filters.network.http_connection_manager';
const envoyFilter = (applyTo: string, patch: string, match = '') => `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: e }
spec:
  configPatches:
    - applyTo: ${applyTo}
      match: { listener: { filterChain: { filter: { name: ${manager} } } } ${match} }
      patch: ${patch}
`;
const lua = `typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua }`;
const gateway = (selector: string, ...ports: string[]) => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: g }
spec:
  ${selector}
  servers:
${ports.map((port) => `    - { port: { number: 80, name: ${port}, protocol: HTTP }, hosts: [${port}] }\n`).join('')}`;
const VS = 'VirtualService product';
const DR = 'DestinationRule d';
const atLeast1ms = 'must be a duration of at least 1ms, such as 1.5s or 250ms; correct it';
const noSuchPatch =
  'f:6: EnvoyFilter e: spec.configPatches[0]: the local platform supports NETWORK_FILTER with MERGE and a nameless type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, and HTTP_FILTER with INSERT_FIRST and a name; use one of them, or run it with --on cluster';
const unsupported = (known: string) =>
  `the local platform does not support this field (supported: ${known}); correct or remove it, or run it with --on cluster`;

describe('refuses', () => {
  test.each<[what: string, yaml: string, ...lines: string[]]>([
    [
      'malformed YAML',
      'kind: VirtualService\nspec: [\n',
      'f:3: YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; correct the file',
    ],
    [
      'a kind it does not know',
      'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: { name: lean }\n',
      'f:2: Sidecar lean: kind: the local platform supports Gateway, VirtualService, DestinationRule, PeerAuthentication, RequestAuthentication, AuthorizationPolicy, EnvoyFilter; remove it, or run it with --on cluster',
    ],
    [
      'something that is no resource',
      'hello\n',
      'f:1: resource: kind: the local platform supports Gateway, VirtualService, DestinationRule, PeerAuthentication, RequestAuthentication, AuthorizationPolicy, EnvoyFilter; remove it, or run it with --on cluster',
    ],
    [
      'another API version',
      http(`{ ${toProduct} }`).replace('io/v1', 'io/v2'),
      `f:1: ${VS}: apiVersion: the local platform supports networking.istio.io/v1, networking.istio.io/v1beta1, networking.istio.io/v1alpha3; use that, or run it with --on cluster`,
    ],
    [
      'a missing name',
      http(`{ ${toProduct} }`).replace('{ name: product }', '{}'),
      'f:3: VirtualService: metadata.name: this field is missing; add it',
    ],
    [
      'another namespace',
      http(`{ ${toProduct} }`).replace('name: product', 'name: product, namespace: other'),
      `f:3: ${VS}: metadata.namespace: the local platform supports meshmart; use that, or run it with --on cluster`,
    ],
    [
      "an annotation of Istio's own",
      security('AuthorizationPolicy', '{}').replace(
        'name: p',
        'name: p, annotations: { istio.io/dry-run: "true" }',
      ),
      'f:3: AuthorizationPolicy p: metadata.annotations["istio.io/dry-run"]: the local platform does not support this field; correct or remove it, or run it with --on cluster',
    ],
    [
      'a field of Istio that is not supported',
      http(`{ ${toProduct}, directResponse: { status: 200 } }`),
      `f:4: ${VS}: spec.http[0].directResponse: ${unsupported('name, match, route, redirect, delegate, rewrite, mirror, mirrorPercentage, mirrors, fault, timeout, retries, headers')}`,
    ],
    [
      'a redirect that says nothing, or has an unknown code',
      http('{ redirect: {} }, { redirect: { uri: /, redirectCode: 304 } }'),
      `f:4: ${VS}: spec.http[0].redirect: must have at least one of uri, authority, scheme; correct it`,
      `f:4: ${VS}: spec.http[1].redirect.redirectCode: the local platform supports 301, 302, 303, 307, 308; use that, or run it with --on cluster`,
    ],
    [
      'a redirect beside a route, and both kinds of mirrors',
      http(
        `{ redirect: { uri: / }, ${toProduct} }, { mirror: { host: user }, mirrors: [{ destination: { host: user } }], ${toProduct} }`,
      ),
      `f:4: ${VS}: spec.http[0].route: a rule with a redirect cannot have this; remove one of them`,
      `f:4: ${VS}: spec.http[1].mirrors: a rule has either mirror or mirrors; remove one of them`,
    ],
    [
      'a rewrite without a path, and a percentage over 100',
      http(`{ rewrite: { uri: "" }, mirrorPercentage: { value: 101 }, ${toProduct} }`),
      `f:4: ${VS}: spec.http[0].rewrite.uri: must not have fewer than 1 characters; correct it`,
      `f:4: ${VS}: spec.http[0].mirrorPercentage.value: must be <= 100; correct it`,
    ],
    [
      'a budget over 100 %',
      destinationRule('{ retryBudget: { percent: 101 } }'),
      `f:6: ${DR}: spec.trafficPolicy.retryBudget.percent: must be <= 100; correct it`,
    ],
    [
      'a misspelt field, and every other problem with it',
      http(
        '{ timeout: 3, route: [{ destination: { host: product }, weigth: 90 }, { destination: { subset: v1 }, weight: -1 }] }',
      ),
      `f:4: ${VS}: spec.http[0].route[0].weigth: ${unsupported('destination, weight, headers')}`,
      `f:4: ${VS}: spec.http[0].route[1].destination.host: this field is missing; add it`,
      `f:4: ${VS}: spec.http[0].route[1].weight: must be >= 0; correct it`,
      `f:4: ${VS}: spec.http[0].timeout: ${atLeast1ms}`,
    ],
    [
      'a patch of something else',
      envoyFilter('CLUSTER', `{ operation: MERGE, value: { ${lua} } }`),
      'f:6: EnvoyFilter e: spec.configPatches[0].applyTo: the local platform supports NETWORK_FILTER, HTTP_FILTER; use that, or run it with --on cluster',
    ],
    [
      'another way to patch, and for one version of the proxy',
      envoyFilter('HTTP_FILTER', `{ operation: REMOVE, value: { name: lua, ${lua} } }`, ', proxy: {}'),
      `f:7: EnvoyFilter e: spec.configPatches[0].match.proxy: ${unsupported('context, listener')}`,
      'f:8: EnvoyFilter e: spec.configPatches[0].patch.operation: the local platform supports MERGE, INSERT_FIRST; use that, or run it with --on cluster',
    ],
    [
      'a patch without a type',
      envoyFilter('HTTP_FILTER', '{ operation: INSERT_FIRST, value: { name: lua, typed_config: {} } }'),
      'f:8: EnvoyFilter e: spec.configPatches[0].patch.value.typed_config["@type"]: this field is missing; add it',
    ],
    ...[
      ['HTTP_FILTER', 'INSERT_FIRST', ''],
      ['HTTP_FILTER', 'MERGE', 'name: lua, '],
      ['NETWORK_FILTER', 'MERGE', ''],
    ].map(([applyTo = '', operation, name]): [string, string, string] => [
      `${operation} of { ${name}Lua } for ${applyTo}`,
      envoyFilter(applyTo, `{ operation: ${operation}, value: { ${name}${lua} } }`),
      noSuchPatch,
    ]),
    ...['exact: /a, prefix: /b', ''].map((uri): [string, string, string] => [
      `the match of a URI { ${uri} }`,
      http(`{ match: [{ uri: { ${uri} } }], ${toProduct} }`),
      `f:4: ${VS}: spec.http[0].match[0].uri: must have exactly one of exact, prefix, regex; correct it`,
    ]),
    ...[110, 0.00005].map((value): [string, string, string] => [
      `the percentage ${value}`,
      http(`{ fault: { abort: { percentage: { value: ${value} }, httpStatus: 503 } }, ${toProduct} }`),
      `f:4: ${VS}: spec.http[0].fault.abort.percentage.value: must be 0, or from 0.0001 to 100; correct it`,
    ]),
    [
      'a rule without route',
      http('{ name: empty }'),
      `f:4: ${VS}: spec.http[0].route: this field is missing; add it`,
    ],
    [
      'weights that are all 0',
      http('{ route: [{ destination: { host: a }, weight: 0 }, { destination: { host: b } }] }'),
      `f:4: ${VS}: spec.http[0].route: the weights are all 0; give each destination its weight`,
    ],
    [
      'a wildcard for sidecars',
      virtualService(`{ hosts: ["*"], http: [{ ${toProduct} }] }`),
      `f:4: ${VS}: spec.hosts[0]: a wildcard host cannot be bound to mesh; name the host, or bind a gateway only`,
    ],
    [
      'two VirtualServices for one host',
      `${http(`{ ${toProduct} }`)}---\n${http(`{ ${toProduct} }`).replace('{ name: product }', '{ name: again }').replace('[product]', '[product.meshmart.svc.cluster.local]')}`,
      'f:9: VirtualService again: spec.hosts: product.meshmart.svc.cluster.local on mesh belongs to VirtualService product (f:3) already; keep one of them',
    ],
    [
      'one name twice',
      `${security('PeerAuthentication', '{}')}---\n${security('PeerAuthentication', '{ selector: { matchLabels: { app: a } } }')}`,
      'f:8: PeerAuthentication p: metadata.name: p belongs to PeerAuthentication p (f:3) already; keep one of them',
    ],
    [
      'a mode that is not supported',
      security('PeerAuthentication', '{ mtls: { mode: DISABLE } }'),
      'f:4: PeerAuthentication p: spec.mtls.mode: the local platform supports UNSET, PERMISSIVE, STRICT; use that, or run it with --on cluster',
    ],
    [
      'an action that is not supported',
      security('AuthorizationPolicy', '{ action: CUSTOM }'),
      'f:4: AuthorizationPolicy p: spec.action: the local platform supports ALLOW, DENY; use that, or run it with --on cluster',
    ],
    [
      'a DENY without rules',
      security('AuthorizationPolicy', '{ action: DENY }'),
      'f:4: AuthorizationPolicy p: spec.rules: DENY without rules denies nothing; add an empty rule {} to deny everything',
    ],
    [
      'a condition',
      security('AuthorizationPolicy', '{ rules: [{ when: [{ key: source.ip, values: [a] }] }] }'),
      'f:4: AuthorizationPolicy p: spec.rules[0].when[0].key: must be request.auth.claims[NAME]; use that, or run it with --on cluster',
    ],
    [
      'a condition without values',
      security('AuthorizationPolicy', '{ rules: [{ when: [{ key: "request.auth.claims[a]" }] }] }'),
      'f:4: AuthorizationPolicy p: spec.rules[0].when[0]: needs values or notValues; add them',
    ],
    [
      'a source that says nothing',
      security('AuthorizationPolicy', '{ rules: [{ from: [{ source: {} }] }] }'),
      'f:4: AuthorizationPolicy p: spec.rules[0].from[0].source: must have at least one of principals, notPrincipals, requestPrincipals, notRequestPrincipals; correct it',
    ],
    [
      'tokens without keys',
      security('RequestAuthentication', '{ jwtRules: [{ issuer: a }] }'),
      'f:4: RequestAuthentication p: spec.jwtRules[0]: needs either jwksUri or jwks; add or remove one',
    ],
    [
      'keys outside the mesh',
      security('RequestAuthentication', '{ jwtRules: [{ issuer: a, jwksUri: "https://a.example/keys" }] }'),
      'f:4: RequestAuthentication p: spec.jwtRules[0].jwksUri: must be the full name of a service of the mesh, such as http://user.meshmart.svc.cluster.local/keys; use it, or run it with --on cluster',
    ],
    [
      'a pattern in the middle',
      security('AuthorizationPolicy', '{ rules: [{ to: [{ operation: { paths: ["/a/*/b"] } }] }] }'),
      'f:4: AuthorizationPolicy p: spec.rules[0].to[0].operation.paths[0]: must be a value, prefix*, *suffix or *; use one of them, or run it with --on cluster',
    ],
    [
      'a load balancer that is not supported',
      destinationRule('{ loadBalancer: { simple: PASSTHROUGH } }'),
      `f:6: ${DR}: spec.trafficPolicy.loadBalancer.simple: the local platform supports UNSPECIFIED, LEAST_REQUEST, ROUND_ROBIN, RANDOM; use that, or run it with --on cluster`,
    ],
    [
      'two ways to balance',
      destinationRule('{ loadBalancer: { simple: RANDOM, consistentHash: { httpHeaderName: a } } }'),
      `f:6: ${DR}: spec.trafficPolicy.loadBalancer: has both simple and consistentHash; keep one`,
    ],
    [
      'a failover by the labels of the caller',
      destinationRule('{ loadBalancer: { localityLbSetting: { failoverPriority: [version] } } }'),
      `f:6: ${DR}: spec.trafficPolicy.loadBalancer.localityLbSetting.failoverPriority[0]: the local platform supports LABEL=VALUE; use that, or run it with --on cluster`,
    ],
    [
      'two keys of a hash',
      destinationRule('{ loadBalancer: { consistentHash: { httpHeaderName: a, useSourceIp: true } } }'),
      `f:6: ${DR}: spec.trafficPolicy.loadBalancer.consistentHash: has more than one key or algorithm; keep one of each`,
    ],
    [
      'a table that is no prime number',
      destinationRule('{ loadBalancer: { consistentHash: { maglev: { tableSize: 65535 } } } }'),
      `f:6: ${DR}: spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize: must be a prime number below 5000011, such as 65537; correct it`,
    ],
    [
      'TLS without a mode',
      destinationRule('{ tls: {} }'),
      `f:6: ${DR}: spec.trafficPolicy.tls.mode: this field is missing; add it`,
    ],
    [
      'a mode of TLS that is not supported',
      destinationRule('{ tls: { mode: SIMPLE } }'),
      `f:6: ${DR}: spec.trafficPolicy.tls.mode: the local platform supports DISABLE, ISTIO_MUTUAL; use that, or run it with --on cluster`,
    ],
    [
      'policies and pools that say nothing',
      `${destinationRule('{}')}  subsets: [{ name: v1, trafficPolicy: { connectionPool: {} } }]\n`,
      `f:6: ${DR}: spec.trafficPolicy: must have at least one of loadBalancer, connectionPool, outlierDetection, tls, retryBudget; correct it`,
      `f:7: ${DR}: spec.subsets[0].trafficPolicy.connectionPool: must have at least one of tcp, http; correct it`,
    ],
    [
      'other fields of a traffic policy',
      destinationRule(
        '{ tunnel: {}, connectionPool: { tcp: { tcpKeepalive: {} }, http: { maxConcurrentStreams: 1 } }, outlierDetection: { consecutiveErrors: 5 } }',
      ),
      `f:6: ${DR}: spec.trafficPolicy.tunnel: ${unsupported('loadBalancer, connectionPool, outlierDetection, tls, retryBudget')}`,
      `f:6: ${DR}: spec.trafficPolicy.connectionPool.tcp.tcpKeepalive: ${unsupported('maxConnections, connectTimeout')}`,
      `f:6: ${DR}: spec.trafficPolicy.connectionPool.http.maxConcurrentStreams: ${unsupported('http1MaxPendingRequests, http2MaxRequests, maxRequestsPerConnection, maxRetries, idleTimeout')}`,
      `f:6: ${DR}: spec.trafficPolicy.outlierDetection.consecutiveErrors: ${unsupported('splitExternalLocalOriginErrors, consecutiveLocalOriginFailures, consecutiveGatewayErrors, consecutive5xxErrors, interval, baseEjectionTime, maxEjectionPercent, minHealthPercent')}`,
    ],
    [
      'numbers and times that Istio refuses',
      destinationRule(
        '{ connectionPool: { tcp: { maxConnections: -1, connectTimeout: 0s }, http: { idleTimeout: 0.5ms } }, outlierDetection: { maxEjectionPercent: 101, interval: 10 } }',
      ),
      `f:6: ${DR}: spec.trafficPolicy.connectionPool.tcp.maxConnections: must be >= 0; correct it`,
      `f:6: ${DR}: spec.trafficPolicy.connectionPool.tcp.connectTimeout: ${atLeast1ms}`,
      `f:6: ${DR}: spec.trafficPolicy.connectionPool.http.idleTimeout: ${atLeast1ms}`,
      `f:6: ${DR}: spec.trafficPolicy.outlierDetection.interval: ${atLeast1ms}`,
      `f:6: ${DR}: spec.trafficPolicy.outlierDetection.maxEjectionPercent: must be <= 100; correct it`,
    ],
    [
      'failures that would not be counted',
      `${destinationRule('{ loadBalancer: { simple: RANDOM } }')}  subsets: [{ name: v1, trafficPolicy: { outlierDetection: { consecutiveLocalOriginFailures: 3 } } }]\n`,
      `f:7: ${DR}: spec.subsets[0].trafficPolicy.outlierDetection.consecutiveLocalOriginFailures: counts only with splitExternalLocalOriginErrors: true; add that, or remove it`,
    ],
    [
      'a port that the gateway does not have',
      'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: g }\nspec:\n  selector: { istio: gateway }\n  servers:\n    - port: { number: 443, name: https, protocol: HTTPS }\n      hosts: ["*"]\n',
      'f:7: Gateway g: spec.servers[0].port.number: the local platform supports 80; use that, or run it with --on cluster',
      'f:7: Gateway g: spec.servers[0].port.protocol: the local platform supports HTTP; use that, or run it with --on cluster',
    ],
    ...['0s', '0.5ms', '1.5ms', '-1s', '999us', '1', 's', '1d', '300000000h'].map(
      (text): [string, string, string] => [
        `the duration ${text}`,
        http(`{ retries: { attempts: 1, perTryTimeout: "${text}" }, ${toProduct} }`),
        `f:4: ${VS}: spec.http[0].retries.perTryTimeout: ${atLeast1ms}`,
      ],
    ),
    [
      'a delay of nothing, and a fault that is none',
      http(`{ fault: { delay: { fixedDelay: 0s } }, ${toProduct} }, { fault: {}, ${toProduct} }`),
      `f:4: ${VS}: spec.http[0].fault.delay.fixedDelay: ${atLeast1ms}`,
      `f:4: ${VS}: spec.http[1].fault: must have at least one of delay, abort; correct it`,
    ],
    ...['5xxx', '499', '509', ' reset', ''].map((condition): [string, string, string] => [
      `"${condition}" among the conditions of a retry`,
      http(`{ retries: { attempts: 1, retryOn: "5xx,${condition}" }, ${toProduct} }`),
      `f:4: ${VS}: spec.http[0].retries.retryOn: "${condition}" is no retry condition; use one of 5xx, gateway-error, reset, reset-before-request, connect-failure, retriable-4xx, refused-stream, retriable-status-codes, retriable-headers, envoy-ratelimited, http3-post-connect-failure, cancelled, deadline-exceeded, internal, resource-exhausted, unavailable, or a status code`,
    ]),
    ...['retryOn: 5xx', 'attempts: 0, perTryTimeout: 1s'].map((retries): [string, string, string] => [
      `retries without attempts: ${retries}`,
      http(`{ retries: { ${retries} }, ${toProduct} }`),
      `f:4: ${VS}: spec.http[0].retries: without attempts nothing is retried; add attempts, or remove the other fields`,
    ]),
    ...['10%', '%', '%%%', 'a %START_TIME', '%START_TIME%%', '%REQ(:path', 'a\\x07b'].map(
      (value): [string, string, string] => [
        `the header value ${value}`,
        http(`{ headers: { response: { set: { x-a: "${value}" } } }, ${toProduct} }`),
        `f:4: ${VS}: spec.http[0].headers.response.set.x-a: is no header value: write %% for a percent sign, and remove control characters`,
      ],
    ),
    ...[
      ['user', 'user'],
      ['shop.example.com', '*.example.com'],
      ['*.example.com', 'a.b.example.com'],
      ['*.com', '*.example.com'],
      ['*', 'a.b'],
    ].map(([one, other]): [string, string, string] => [
      `a VirtualService for ${one} and ${other}`,
      virtualService(`{ hosts: ["${one}", "${other}"], gateways: [store], http: [{ ${toProduct} }] }`),
      `f:4: ${VS}: spec.hosts[1]: ${other} and ${one} overlap; keep one of them, or make another VirtualService`,
    ]),
    [
      'a yes that kubectl takes for a boolean',
      http(`{ match: [{ headers: { x-beta: { exact: yes } } }], ${toProduct} }`),
      `f:4: ${VS}: spec.http[0].match[0].headers.x-beta.exact: must be string; correct it`,
    ],
    [
      'two ports of one name',
      gateway('selector: { istio: gateway }', 'http', 'web', 'http'),
      'f:9: Gateway g: spec.servers[2].port.name: http is the name of spec.servers[0].port already; give each port its own name',
    ],
    [
      'two subsets of one name',
      `${destinationRule('{ loadBalancer: { simple: RANDOM } }')}  subsets: [{ name: v1 }, { name: v2 }, { name: v1 }]\n`,
      `f:7: ${DR}: spec.subsets[2].name: v1 is the name of spec.subsets[0] already; give each subset its own name`,
    ],
    [
      'a wildcard in a selector',
      security('PeerAuthentication', '{ selector: { matchLabels: { app: "*" } } }'),
      'f:4: PeerAuthentication p: spec.selector.matchLabels.app: must be a label without *; correct it',
    ],
    [
      'a Gateway by a name that cannot be one',
      virtualService(`{ hosts: [a.b], gateways: [./store], http: [{ ${toProduct} }] }`),
      `f:4: ${VS}: spec.gateways[0]: must be mesh, a name, or a namespace, / and a name; correct it`,
    ],
  ])('%s', async (_, yaml, ...lines) => expect(await refusal(yaml)).toEqual(lines));

  test.each([
    ['', 'f:1: MeshConfig: the file is empty; restore it'],
    [
      'trustDomain: cluster.local\noutboundTrafficPolicy: { mode: ALLOW_ANY }\n',
      'f:2: MeshConfig: outboundTrafficPolicy.mode: the local platform supports REGISTRY_ONLY; use that, or run it with --on cluster',
    ],
    [
      'trustDomain: cluster.local\noutboundTrafficPolicy: { mode: REGISTRY_ONLY }\naccessLogFile: /dev/stdout\n',
      `f:3: MeshConfig: accessLogFile: ${unsupported('trustDomain, outboundTrafficPolicy, defaultConfig')}`,
    ],
  ])('the MeshConfig %j', async (yaml, line) => expect(await refusal(yaml, readMeshConfig)).toEqual([line]));
});

describe('reads', () => {
  test.each(['', '# nothing but a comment\n', '---\n---\n'])('%j as no resource', async (yaml) => {
    const set = await readResources([write(yaml)]);
    expect(Object.values(set).flat()).toEqual([]);
  });

  test('all YAML files of a folder, and all documents of a file', async () => {
    const folder = join(directory, 'folder');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.yaml'), http(`{ ${toProduct} }`));
    writeFileSync(
      join(folder, 'b.yml'),
      `${security('PeerAuthentication', '{}')}---\n${security('AuthorizationPolicy', '{}')}`,
    );
    writeFileSync(join(folder, 'README.md'), 'not YAML: [');
    const set = await readResources([folder]);
    expect(Object.values(set).map((list) => list.length)).toEqual([0, 1, 0, 1, 0, 1, 0]);
  });

  test('no lock or backup of an editor, and no dangling link', async () => {
    const folder = join(directory, 'edited');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.yaml'), http(`{ ${toProduct} }`));
    symlinkSync(join(folder, 'a.yaml'), join(folder, 'linked.yaml'));
    rmSync(join(folder, 'a.yaml'));
    writeFileSync(join(folder, 'b.yaml'), http(`{ ${toProduct} }`));
    symlinkSync('ada@laptop.4711:1764200000', join(folder, '.#b.yaml'));
    symlinkSync('round.yaml', join(folder, 'round.yaml'));
    mkdirSync(join(folder, 'folder.yaml'));
    for (const name of ['.b.yaml', '._b.yaml', '#b.yaml', '~$b.yaml', 'b.yaml~', '.b.yaml.swp', '#b.yaml#']) {
      writeFileSync(join(folder, name), 'half written: [');
    }
    const set = await readResources([folder]);
    expect(
      Object.values(set)
        .flat()
        .map(({ file }) => file),
    ).toEqual([join(folder, 'b.yaml')]);
  });

  test('conditions, durations and values that Istio accepts', async () => {
    const retries = 'retries: { attempts: 2, perTryTimeout: 1000us, retryOn: "5xx,reset,418" }';
    const headers = `headers: { request: { add: { a: '10%%', b: '%REQ(x-a)% %START_TIME(%s)%', c: '' } } }`;
    const rest = 'timeout: 1s500ms, fault: { abort: { percentage: { value: 0.0001 }, httpStatus: 503 } }';
    const set = await readResources([
      write(
        http(`{ ${retries}, ${headers}, ${rest}, ${toProduct} }, { retries: { attempts: 0 }, ${toProduct} }`),
      ),
    ]);
    expect(set.virtualServices[0]?.spec.http[0]?.timeout).toBe('1s500ms');
  });

  test('YAML as kubectl does: numbers of version 1.1, timestamps as text, anchors and merge keys', async () => {
    const yaml = `${http(`{ ${toProduct} }`).replace(/spec:.*/s, '')}spec:
  hosts: [product]
  http:
    - match: [{ headers: { at: { exact: 12:30 }, on-day: { exact: 2026-11-27 } } }]
      route:
        - &first { destination: { host: product }, weight: 010 }
        - { <<: *first, weight: 90 }
`;
    const [http1] = (await readResources([write(yaml)])).virtualServices[0]?.spec.http ?? [];
    expect(http1?.match?.[0]?.headers).toEqual({ at: { exact: '12:30' }, 'on-day': { exact: '2026-11-27' } });
    expect(http1?.route?.map(({ weight, destination }) => [weight, destination.host])).toEqual([
      [8, 'product'],
      [90, 'product'],
    ]);
  });

  test('a List as kubectl prints it, with the line of an invalid item', async () => {
    const item = (timeout: string) => `apiVersion: v1
kind: List
metadata: { resourceVersion: "" }
items:
  - apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata:
      creationTimestamp: "2026-11-27T10:00:00Z"
      generation: 3
      managedFields: []
      name: product
      namespace: meshmart
      resourceVersion: "17"
      uid: 5d3f0b4e-6a55-4c1b-9a44-2f4f1d3a9a10
    spec:
      hosts: [product]
      http:
        - timeout: ${timeout}
          ${toProduct}
    status: {}
`;
    const set = await readResources([write(item('2s'))]);
    expect(set.virtualServices.map(({ name, line }) => [name, line])).toEqual([['product', 11]]);
    expect(await refusal(item('0s'))).toEqual([`f:18: ${VS}: spec.http[0].timeout: ${atLeast1ms}`]);
  });

  test('a Gateway without a selector', async () => {
    const set = await readResources([write(gateway('', 'http'))]);
    expect(set.gateways[0]?.spec.selector).toBeUndefined();
  });

  test('a policy without spec', async () => {
    const set = await readResources([write(security('AuthorizationPolicy', '{}').replace('spec: {}\n', ''))]);
    expect(set.authorizationPolicies[0]?.spec).toEqual({});
  });
});

describe('an overlay', () => {
  test('replaces resources of the same kind and name', async () => {
    const standing = await readResources([STANDING]);
    const over = await readResources([write(http(`{ timeout: 1s, ${toProduct} }`))]);
    const merged = overlay(standing, over);
    expect(merged.virtualServices.length).toBe(standing.virtualServices.length);
    expect(merged.virtualServices.find(({ name }) => name === 'product')?.spec.http[0]?.timeout).toBe('1s');
    expect(merged.destinationRules).toEqual(standing.destinationRules);
  });

  test('is refused when another VirtualService has the host', async () => {
    const standing = await readResources([STANDING]);
    const over = await readResources([
      write(http(`{ ${toProduct} }`).replace('name: product', 'name: canary')),
    ]);
    expect(() => overlay(standing, over)).toThrow(
      /VirtualService canary: spec\.hosts: product\.meshmart\.svc\.cluster\.local on mesh belongs to VirtualService product/,
    );
  });
});
