import Type, { type Static } from 'typebox';
import { closed } from './schema.ts';

export const Labels = Type.Record(Type.String(), Type.String());

/** `selector` of the security kinds. */
export const WorkloadSelector = closed({ matchLabels: Labels });

/** Whether `labels` has every label of `wanted`. */
export function hasLabels(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** A missing selector selects every workload of the namespace, the gateway's too. */
export function selects(
  selector: Static<typeof WorkloadSelector> | undefined,
  labels: Record<string, string>,
): boolean {
  return hasLabels(labels, selector?.matchLabels ?? {});
}
