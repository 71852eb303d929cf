import type { Origin } from './origins.ts';
import type { RouteMatch, StringMatch } from './route-match.ts';
import type { HttpRoute, HttpRule, VirtualService } from './virtual-service.ts';
import type { Mesh } from './workloads.ts';

/** A VirtualService with hosts, whose rules include those of its delegates. */
export interface RoutedVirtualService {
  resource: VirtualService & { spec: { hosts: string[] } };
  rules: HttpRule[];
}

/** A rule that no proxy receives, and istiod's reason. */
interface DroppedRule extends Origin {
  message: string;
}

/**
 * Returns the VirtualServices that proxies receive. A VirtualService without hosts is a delegate: it takes effect only
 * through the rules that delegate to it.
 */
export function routedVirtualServices(mesh: Mesh): RoutedVirtualService[] {
  return mesh.resources.virtualServices
    .filter(hasHosts)
    .filter((resource) => isExported(resource, mesh.namespace))
    .map((resource) => ({ resource, rules: mergeDelegates(resource, mesh).rules }));
}

/** Returns the rules that are lost because a delegate is missing, is not exported, or contradicts its root. */
export function findDroppedRules(mesh: Mesh): DroppedRule[] {
  return mesh.resources.virtualServices
    .filter(hasHosts)
    .flatMap((resource) => mergeDelegates(resource, mesh).dropped);
}

function hasHosts(resource: VirtualService): resource is RoutedVirtualService['resource'] {
  return Boolean(resource.spec.hosts?.length);
}

function isExported({ spec }: VirtualService, namespace: string): boolean {
  return !spec.exportTo?.length || spec.exportTo.some((target) => ['*', '.', namespace].includes(target));
}

interface Merged {
  rules: HttpRule[];
  dropped: DroppedRule[];
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/virtualservice_controller.go#L251 */
function mergeDelegates(root: VirtualService, mesh: Mesh): Merged {
  const merged = root.spec.http.map((http, index): Merged => {
    const origin = { resource: root, field: `spec.http[${index}]` };
    if (!http.delegate) return { rules: [{ http, origin }], dropped: [] };
    const { name = '', namespace = mesh.namespace } = http.delegate;
    const drop = (reason: string): Merged => {
      const message = `delegate virtual service ${namespace}/${name} of ${mesh.namespace}/${root.name} ${reason}`;
      return { rules: [], dropped: [{ resource: root, field: `${origin.field}.delegate`, message }] };
    };
    const delegate = namespace === mesh.namespace ? findDelegate(mesh, name) : undefined;
    if (!delegate) return drop('not found');
    if (!isExported(delegate, mesh.namespace)) return drop(`is not exported to ${mesh.namespace}`);
    return mergeRules(http, delegate, origin);
  });
  return { rules: merged.flatMap(({ rules }) => rules), dropped: merged.flatMap(({ dropped }) => dropped) };
}

function findDelegate(mesh: Mesh, name: string): VirtualService | undefined {
  return mesh.resources.virtualServices.find((resource) => resource.name === name && !hasHosts(resource));
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/virtualservice.go#L201 */
function mergeRules(root: HttpRoute, delegate: VirtualService, rootOrigin: Origin): Merged {
  const merged: Merged = { rules: [], dropped: [] };
  for (const [index, http] of delegate.spec.http.entries()) {
    const origin = { resource: delegate, field: `spec.http[${index}]` };
    const match = mergeMatches(root.match ?? [], http.match ?? []);
    if (match) merged.rules.push({ http: { ...mergeRule(root, http), match }, origin, root: rootOrigin });
    else {
      const message = `HTTPMatchRequests conflict: root route ${root.name ?? ''}, delegate route ${http.name ?? ''}`;
      merged.dropped.push({ ...origin, message });
    }
  }
  return merged;
}

/**
 * Fills in from the root the fields that the delegate omits.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/virtualservice.go#L215
 */
function mergeRule(root: HttpRoute, delegate: HttpRoute): HttpRoute {
  const { delegate: _, ...inherited } = root;
  return { ...inherited, ...delegate, ...joinNames(root.name, delegate.name) };
}

function joinNames(root: string | undefined, delegate: string | undefined): { name?: string } {
  const name = [root, delegate].filter(Boolean).join('-');
  return name ? { name } : {};
}

/**
 * Returns one match for each pair in which the delegate's narrows the root's, or undefined when one of the delegate's
 * narrows none of the root's. https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/virtualservice.go#L268
 */
function mergeMatches(root: RouteMatch[], delegate: RouteMatch[]): RouteMatch[] | undefined {
  if (root.length === 0) return delegate;
  if (delegate.length === 0) return root;
  const merged = delegate.map((inner) =>
    root.filter((outer) => !isConflict(outer, inner)).map((outer) => mergeMatch(outer, inner)),
  );
  return merged.some((matches) => matches.length === 0) ? undefined : merged.flat();
}

function mergeMatch(root: RouteMatch, delegate: RouteMatch): RouteMatch {
  const headers = { ...root.headers, ...delegate.headers };
  return { ...root, ...delegate, headers, ...joinNames(root.name, delegate.name) };
}

/** https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/virtualservice.go#L350 */
function isConflict(root: RouteMatch, delegate: RouteMatch): boolean {
  const headers = Object.entries(delegate.headers ?? {});
  return (
    isStringConflict(root.uri, delegate.uri) ||
    isStringConflict(root.method, delegate.method) ||
    headers.some(([name, value]) => isStringConflict(root.headers?.[name], value))
  );
}

/**
 * Tells whether the delegate's condition may hold where the root's does not. A regular expression, and `{}` for mere
 * presence, conflict with every other condition on the same field.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/virtualservice.go#L414
 */
function isStringConflict(root: StringMatch | undefined, delegate: StringMatch | undefined): boolean {
  if (!root || !delegate) return false;
  if (root.exact) return delegate.exact !== root.exact;
  if (root.prefix) return !(delegate.prefix || delegate.exact)?.startsWith(root.prefix);
  return true;
}
