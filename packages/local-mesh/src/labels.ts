import Type, { type Static } from 'typebox';
import { closed } from './schema.ts';

export const Labels = Type.Record(Type.String(), Type.String());

/** Labels that a selector wants. Source: istio/istio pkg/config/validation, validateWorkloadSelector. */
export const SelectorLabels = Type.Record(
  Type.String({ pattern: '^[^*]+$' }),
  Type.String({ pattern: '^[^*]*$', errorMessage: 'must be a label without *; correct it' }),
  { additionalProperties: false },
);

/** `selector` of the security kinds. */
export const WorkloadSelector = closed({ matchLabels: Type.Optional(SelectorLabels) });
export type WorkloadSelector = Static<typeof WorkloadSelector>;

/** Whether `labels` has every label of `wanted`. */
export function hasLabels(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** Whether a selector takes every workload of the namespace, the gateway's too: it is missing, or has no labels. */
export function isNamespaceWide(selector: WorkloadSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0;
}

/** Whether a workload is among those that a selector takes. */
export function selects(selector: WorkloadSelector | undefined, labels: Record<string, string>): boolean {
  return hasLabels(labels, selector?.matchLabels ?? {});
}
