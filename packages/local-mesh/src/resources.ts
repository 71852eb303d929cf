import { stat } from 'node:fs/promises';
import Type, { type TSchema } from 'typebox';
import { AuthorizationPolicySpec } from './authorization-policy.ts';
import { findConflicts } from './conflicts.ts';
import { DestinationRuleSpec } from './destination-rule-spec.ts';
import { type FieldPath, readDocuments, type SourceDocument } from './document.ts';
import { EnvoyFilterSpec } from './envoy-filter.ts';
import { GatewaySpec } from './gateway-spec.ts';
import { listManifests } from './manifest-files.ts';
import { PeerAuthenticationSpec } from './peer-authentication.ts';
import { MeshConfigError, type Problem } from './problems.ts';
import { RequestAuthenticationSpec } from './request-authentication.ts';
import type { Resource } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';
import { closed, recordOf } from './schema.ts';
import { validate } from './validate.ts';
import { VirtualServiceSpec } from './virtual-service.ts';

export type { ResourceSet } from './resource-set.ts';

interface Kind {
  group: string;
  versions: string[];
  spec: TSchema;
  list: keyof ResourceSet;
}

const networking = { group: 'networking.istio.io', versions: ['v1', 'v1beta1', 'v1alpha3'] };
const security = { group: 'security.istio.io', versions: ['v1', 'v1beta1'] };

/** The kinds that the local platform supports. */
const KINDS: Record<string, Kind> = {
  Gateway: { ...networking, spec: GatewaySpec, list: 'gateways' },
  VirtualService: { ...networking, spec: VirtualServiceSpec, list: 'virtualServices' },
  DestinationRule: { ...networking, spec: DestinationRuleSpec, list: 'destinationRules' },
  PeerAuthentication: { ...security, spec: PeerAuthenticationSpec, list: 'peerAuthentications' },
  RequestAuthentication: { ...security, spec: RequestAuthenticationSpec, list: 'requestAuthentications' },
  AuthorizationPolicy: { ...security, spec: AuthorizationPolicySpec, list: 'authorizationPolicies' },
  EnvoyFilter: { ...networking, versions: ['v1alpha3'], spec: EnvoyFilterSpec, list: 'envoyFilters' },
};

/**
 * Reads Istio resources from files and from the manifests of folders. A file may have any number of documents.
 * @throws MeshConfigError with the problems of all files
 */
export async function readResources(paths: string[], namespace = 'meshmart'): Promise<ResourceSet> {
  const problems: Problem[] = [];
  const set = emptySet();
  for (const file of (await Promise.all(paths.map(listFiles))).flat()) {
    for (const document of (await readDocuments(file, problems)).flatMap(itemsOf)) {
      const found = check(document, namespace);
      problems.push(...found);
      if (found.length === 0) add(set, document);
    }
  }
  problems.push(...findConflicts(set, namespace));
  if (problems.length > 0) throw new MeshConfigError(problems);
  for (const list of Object.values(set)) list.sort(byName);
  return set;
}

/**
 * Returns the resources of `base`, in which those of `over` replace resources of the same kind and name, as with
 * `kubectl apply`. A replaced resource keeps its age.
 * @throws MeshConfigError when the result has conflicts, such as two VirtualServices with one host on one gateway
 */
export function overlay(base: ResourceSet, over: ResourceSet, namespace = 'meshmart'): ResourceSet {
  const merged = emptySet();
  for (const list of Object.keys(merged) as (keyof ResourceSet)[]) {
    const byName = new Map([...base[list], ...over[list]].map((resource) => [resource.name, resource]));
    Object.assign(merged, { [list]: [...byName.values()] });
  }
  const problems = findConflicts(merged, namespace);
  if (problems.length > 0) throw new MeshConfigError(problems);
  return merged;
}

function byName(a: Resource<unknown>, b: Resource<unknown>): number {
  return a.name < b.name ? -1 : 1;
}

function emptySet(): ResourceSet {
  return {
    gateways: [],
    virtualServices: [],
    destinationRules: [],
    peerAuthentications: [],
    requestAuthentications: [],
    authorizationPolicies: [],
    envoyFilters: [],
  };
}

async function listFiles(path: string): Promise<string[]> {
  return (await stat(path)).isDirectory() ? listManifests(path) : [path];
}

/** Returns a document's resources: itself, or the items of a `List` as `kubectl get` prints it. */
function itemsOf(document: SourceDocument): SourceDocument[] {
  const value = withoutNulls(document.value);
  const { kind, apiVersion, items } = (value ?? {}) as {
    kind?: string;
    apiVersion?: string;
    items?: unknown;
  };
  if (kind !== 'List' || apiVersion !== 'v1' || !Array.isArray(items)) return [{ ...document, value }];
  return items.map((item, index) => ({
    ...document,
    value: item,
    lineOf: (path) => document.lineOf(['items', index, ...path]),
  }));
}

/** Removes null fields, as Kubernetes does. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]));
}

interface Envelope {
  kind: string;
  metadata: { name: string };
  spec?: unknown;
}

function check(document: SourceDocument, namespace: string): Problem[] {
  const { kind = '', metadata } = (document.value ?? {}) as Partial<Envelope>;
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const resource = [kind || 'resource', metadata?.name].filter(Boolean).join(' ');
  if (known) return validate(envelope(kind, known, namespace), document, resource);
  const message = `the local platform supports ${Object.keys(KINDS).join(', ')}; remove it, or run it with --on cluster`;
  return [{ file: document.file, line: document.lineOf(['kind']), resource, field: 'kind', message }];
}

/** Istio's own labels and annotations change a resource's meaning, such as a dry run, and are therefore refused. */
const plainKeys = recordOf('^(?!.*istio\\.io/)', Type.String());

/** Metadata written by the API server, which `kubectl apply` ignores too. */
const SET_BY_SERVER = {
  creationTimestamp: Type.Optional(Type.Unknown()),
  generation: Type.Optional(Type.Unknown()),
  managedFields: Type.Optional(Type.Unknown()),
  resourceVersion: Type.Optional(Type.Unknown()),
  selfLink: Type.Optional(Type.Unknown()),
  uid: Type.Optional(Type.Unknown()),
};

function envelope(kind: string, { group, versions, spec }: Kind, namespace: string): TSchema {
  const metadata = closed({
    name: Type.String({ minLength: 1 }),
    namespace: Type.Optional(Type.Literal(namespace)),
    labels: Type.Optional(plainKeys),
    annotations: Type.Optional(plainKeys),
    ...SET_BY_SERVER,
  });
  return closed({
    apiVersion: Type.Enum(versions.map((version) => `${group}/${version}`)),
    kind: Type.Literal(kind),
    metadata,
    spec: isOptional(spec) ? Type.Optional(spec) : spec,
    status: Type.Optional(Type.Unknown()),
  });
}

/** Tells whether a kind has no required fields, so that `spec` may be omitted. */
function isOptional(spec: TSchema): boolean {
  return !('required' in spec) || !Array.isArray(spec.required) || spec.required.length === 0;
}

function add(set: ResourceSet, document: SourceDocument): void {
  const { kind, metadata, spec = {} } = document.value as Envelope;
  const list = KINDS[kind]?.list;
  if (!list) return;
  const resource: Resource<unknown> = {
    kind,
    name: metadata.name,
    spec,
    file: document.file,
    line: document.lineOf(['metadata', 'name']),
    lineOf: (field) => document.lineOf(parsePath(field)),
  };
  (set[list] as Resource<unknown>[]).push(resource);
}

function parsePath(field: string): FieldPath {
  return field
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
