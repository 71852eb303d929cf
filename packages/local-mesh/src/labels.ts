import Type, { type Static } from 'typebox';
import { closed } from './schema.ts';

export const Labels = Type.Record(Type.String(), Type.String());

/**
 * The labels of a selector.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pkg/config/validation/validation.go#L1385
 */
export const SelectorLabels = Type.Record(
  Type.String({ pattern: '^[^*]+$' }),
  Type.String({ pattern: '^[^*]*$', errorMessage: 'must be a label without *; correct it' }),
  { additionalProperties: false },
);

/** The `selector` of PeerAuthentication and AuthorizationPolicy. */
export const WorkloadSelector = closed({ matchLabels: Type.Optional(SelectorLabels) });
export type WorkloadSelector = Static<typeof WorkloadSelector>;

/** Tells whether `labels` includes every label of `wanted`. */
export function hasLabels(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/**
 * Tells whether a selector is missing or empty and so selects every workload of the namespace, the gateway included.
 */
export function isNamespaceWide(selector: WorkloadSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0;
}

/** Tells whether a selector selects a workload with these labels. */
export function selects(selector: WorkloadSelector | undefined, labels: Record<string, string>): boolean {
  return hasLabels(labels, selector?.matchLabels ?? {});
}
