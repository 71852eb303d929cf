import type { Origin } from './origins.ts';
import type { Resource } from './resources.ts';
import type { RouteMatch } from './route-match.ts';
import type { HttpRoute, RoutingRule, VirtualService } from './virtual-service.ts';
import type { Mesh } from './workloads.ts';

/** A VirtualService with `hosts`, and its rules with those of its delegates merged in. */
export interface RoutedVirtualService {
  resource: VirtualService & { spec: { hosts: string[] } };
  rules: RoutingRule[];
}

/** A rule that proxies never get, with istiod's words for it. */
export interface DroppedRule extends Origin {
  message: string;
}

/**
 * Returns the VirtualServices that proxies are told. A VirtualService without `hosts` is none of them: it only lends its rules
 * to those that delegate to it.
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

/** Source: pilot/pkg/model/virtualservice_controller.go, mergeVirtualServices. */
function mergeDelegates(root: VirtualService, mesh: Mesh): { rules: RoutingRule[]; dropped: DroppedRule[] } {
  const rules: RoutingRule[] = [];
  const dropped: DroppedRule[] = [];
  for (const [index, http] of root.spec.http.entries()) {
    const origin = { resource: root, field: `spec.http[${index}]` };
    if (!http.delegate) {
      rules.push({ http, origin });
      continue;
    }
    const { name = '', namespace = mesh.namespace } = http.delegate;
    const delegate = namespace === mesh.namespace ? findDelegate(mesh, name) : undefined;
    const field = `${origin.field}.delegate`;
    const what = `delegate virtual service ${namespace}/${name} of ${mesh.namespace}/${root.name}`;
    if (!delegate) dropped.push({ resource: root, field, message: `${what} not found` });
    else if (!isExported(delegate, mesh.namespace))
      dropped.push({ resource: root, field, message: `${what} is not exported to ${mesh.namespace}` });
    else {
      const merged = mergeRules(http, delegate);
      rules.push(...merged.rules);
      dropped.push(...merged.dropped);
    }
  }
  return { rules, dropped };
}

function findDelegate(mesh: Mesh, name: string): VirtualService | undefined {
  return mesh.resources.virtualServices.find((resource) => resource.name === name && !hasHosts(resource));
}

/** Source: pilot/pkg/model/virtualservice.go, MergeHTTPRoutes. */
function mergeRules(
  root: HttpRoute,
  delegate: VirtualService,
): { rules: RoutingRule[]; dropped: DroppedRule[] } {
  const rules: RoutingRule[] = [];
  const dropped: DroppedRule[] = [];
  for (const [index, http] of delegate.spec.http.entries()) {
    const origin = { resource: delegate as Resource<unknown>, field: `spec.http[${index}]` };
    const match = mergeMatches(root.match ?? [], http.match ?? []);
    if (match) rules.push({ http: { ...mergeRule(root, http), match }, origin });
    else {
      const message = `HTTPMatchRequests conflict: root route ${root.name ?? ''}, delegate route ${http.name ?? ''}`;
      dropped.push({ ...origin, message });
    }
  }
  return { rules, dropped };
}

/** What the delegate leaves open is as in the root. Source: pilot/pkg/model/virtualservice.go, mergeHTTPRoute. */
function mergeRule(root: HttpRoute, delegate: HttpRoute): HttpRoute {
  const { delegate: _, ...inherited } = root;
  return { ...inherited, ...delegate, ...joinNames(root.name, delegate.name) };
}

function joinNames(root: string | undefined, delegate: string | undefined): { name?: string } {
  const name = [root, delegate].filter(Boolean).join('-');
  return name ? { name } : {};
}

/**
 * Returns a match for each pair in which the delegate's is part of the root's, or undefined when one of the delegate's is part
 * of none. Source: pilot/pkg/model/virtualservice.go, mergeHTTPMatchRequests.
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

/** Source: pilot/pkg/model/virtualservice.go, hasConflict. */
function isConflict(root: RouteMatch, delegate: RouteMatch): boolean {
  return (
    isStringConflict(root.uri, delegate.uri) ||
    isStringConflict(root.method, delegate.method) ||
    Object.entries(delegate.headers ?? {}).some(([name, value]) =>
      isStringConflict(root.headers?.[name], value),
    )
  );
}

/**
 * Whether the delegate's condition may hold where the root's does not. Two conditions on one field of which one is a regular
 * expression, or asks for mere presence, always conflict. Source: pilot/pkg/model/virtualservice.go, stringMatchConflict.
 */
function isStringConflict(root: RouteMatch['uri'], delegate: RouteMatch['uri']): boolean {
  if (!root || !delegate) return false;
  if (root.exact) return delegate.exact !== root.exact;
  if (root.prefix) return !(delegate.prefix || delegate.exact)?.startsWith(root.prefix);
  return true;
}
