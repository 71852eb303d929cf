export const gatewayUrl = __ENV.GATEWAY_URL || 'http://localhost:8080';

const inboundUrls: Record<string, string> = JSON.parse(__ENV.INBOUND_URLS || '{}');

/** Whether the addresses of sidecars are known: only the runner can look them up. */
export const hasInboundUrls = Object.keys(inboundUrls).length > 0;

/**
 * Returns the address of one instance's sidecar, past the gateway: `inboundUrl('product-v1-1')`.
 *
 * @throws when there is none
 */
export function inboundUrl(instance: string): string {
  const url = inboundUrls[instance];
  if (!url) throw new Error(`no instance ${instance}; there are ${Object.keys(inboundUrls).join(', ')}`);
  return url;
}
