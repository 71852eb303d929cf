import Type, { type Static } from 'typebox';
import { SERVICE_PORT } from './hosts.ts';
import { Labels } from './labels.ts';
import { closed } from './schema.ts';

const Server = closed({
  port: closed({
    number: Type.Literal(SERVICE_PORT),
    name: Type.String({ minLength: 1 }),
    protocol: Type.Literal('HTTP'),
  }),
  hosts: Type.Array(
    Type.String({
      pattern: '^[^/]+$',
      errorMessage: 'must be a host without a namespace; remove what is before the /',
    }),
    { minItems: 1 },
  ),
});

export const GatewaySpec = closed({
  selector: Type.Optional(Labels),
  servers: Type.Array(Server, { minItems: 1 }),
});
export type GatewaySpec = Static<typeof GatewaySpec>;

/**
 * Resolves a VirtualService's reference to a Gateway: `name`, `namespace/name`, or the legacy `name.namespace` with any
 * suffix. Returns the bare name for a Gateway of this namespace.
 * https://github.com/istio/istio/blob/eed52ebb66ad/pilot/pkg/model/config.go#L245
 */
export function gatewayName(reference: string, namespace: string): string {
  const [name = '', owner = namespace] = reference.includes('/')
    ? reference.split('/').reverse()
    : reference.split('.');
  return owner === namespace ? name : `${owner}/${name}`;
}
