// Where the load goes: the gateway as a shopper reaches it, and the sidecars' inbound ports on loopback.

export const gatewayUrl = __ENV.GATEWAY_URL as string;

const inboundUrls: Record<string, string> = JSON.parse(__ENV.INBOUND_URLS as string);

/** The address of one instance's sidecar, past the gateway: `inboundUrl('product-v1-1')`. */
export function inboundUrl(instance: string): string {
  const url = inboundUrls[instance];
  if (!url) throw new Error(`no instance ${instance}; there are ${Object.keys(inboundUrls).join(', ')}`);
  return url;
}
