import Type, { type Static } from 'typebox';
import { Destination } from './destination.ts';
import type { MirrorPolicy } from './envoy.ts';
import { perMillion } from './fault.ts';
import { outboundCluster, resolveHost } from './hosts.ts';
import { closed } from './schema.ts';

const Percentage = Type.Optional(closed({ value: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })) }));

/** The fields of a rule that copy requests. A rule may have `mirror` or `mirrors`. */
export const mirrorFields = {
  mirror: Type.Optional(Destination),
  mirrorPercentage: Percentage,
  mirrors: Type.Optional(Type.Array(closed({ destination: Destination, percentage: Percentage }))),
};

const Mirrors = Type.Object(mirrorFields);

/** Returns the destinations of a rule's copies, with the path of each in the rule. */
export function mirrorsOf({ mirror, mirrorPercentage, mirrors = [] }: Static<typeof Mirrors>) {
  return [
    ...(mirror ? [{ destination: mirror, percentage: mirrorPercentage, field: 'mirror' }] : []),
    ...mirrors.map((policy, index) => ({ ...policy, field: `mirrors[${index}].destination` })),
  ];
}

/**
 * Translates copies of requests: all of them without a percentage, and none with 0 %.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/networking/core/route/route.go#L1441
 */
export function translateMirrors(
  rule: Static<typeof Mirrors>,
  namespace: string,
): MirrorPolicy[] | undefined {
  const policies = mirrorsOf(rule)
    .filter(({ percentage }) => !percentage || percentage.value)
    .map(({ destination: { host, subset }, percentage }) => ({
      cluster: outboundCluster(resolveHost(host, namespace), subset),
      runtime_fraction: {
        default_value: percentage?.value
          ? perMillion(percentage.value)
          : { numerator: 100, denominator: 'HUNDRED' },
      },
      trace_sampled: false,
      disable_shadow_host_suffix_append: true,
    }));
  return policies.length > 0 ? policies : undefined;
}
