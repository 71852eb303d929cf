import type { LocalPlatform } from '@meshmart/local-platform/start-platform';
import { TEST_CARDS } from '@meshmart/service/test-cards';

/** Formats the message that `start` prints when the store is ready. @param tookMs how long the start took */
export function formatReadyMessage({ gatewayUrl, admin, logs }: LocalPlatform, tookMs: number): string {
  return `
Ready after ${(tookMs / 1000).toFixed(1)} s.

  Shop         ${gatewayUrl}/shop
  API          curl -i '${gatewayUrl}/products?limit=3'
  Admin login  ${admin.email} / ${admin.password}
  Test cards   ${Object.keys(TEST_CARDS).join(', ')}
  Mesh         save a file in mesh/istio and it is live within a second
  Experiment   ./meshmart experiment canary   (in another terminal)
  Logs         ${logs}

Ctrl-C stops everything.
`;
}
