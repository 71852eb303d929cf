import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { connectionsRefused } from '@meshmart/experiment-runner/proxy-counters';

const gatewayId = 'spiffe://cluster.local/ns/meshmart/sa/gateway';
const requestsByPeer = 'meshmart_requests_by_peer_total';
const enough = { baseline: 'count>=250', observe: 'count>=250', restore: 'count>=90' };

export default {
  summary: 'cuts plaintext to product, whose callers then all have an identity',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 6, observeS: 6, restoreS: 2 },
  loadFrom: 'pod',
  expectations: [
    {
      name: "plain HTTP to product's sidecar, accepted",
      unit: '%',
      metric: 'accepted{way:plain}',
      thresholds: { baseline: 'rate==1', observe: 'rate==0', restore: 'rate==0' },
      reason:
        'PERMISSIVE accepts plaintext and STRICT closes the connection before HTTP begins; the standing mesh is STRICT',
    },
    {
      name: 'through the gateway, accepted',
      unit: '%',
      metric: 'accepted{way:gateway}',
      thresholds: 'rate==1',
      reason: "the gateway has a certificate, so STRICT costs the mesh's own traffic nothing",
    },
    {
      name: "requests in which product saw the gateway's SPIFFE id",
      value: (phase) => phase.service('product', requestsByPeer, { peer: gatewayId }),
      agreesWith: (phase) => phase.k6('http_reqs{way:gateway}', 'count'),
      reason: 'the service counts its callers by the id in their certificate, as its sidecar passes it on',
    },
    {
      name: 'requests in which product saw no identity',
      value: (phase) => phase.service('product', requestsByPeer, { peer: 'none' }),
      agreesWith: (phase) => phase.k6('accepted{way:plain}', 'passes'),
      reason: 'the service answered the plaintext callers of the baseline and cannot tell who they were',
    },
    {
      name: "connections cut by product's sidecar",
      value: (phase) => phase.proxy('product-v1-1', connectionsRefused),
      agreesWith: (phase) => phase.k6('accepted{way:plain}', 'fails'),
      reason: 'every refusal that k6 saw was a handshake that the sidecar refused',
    },
  ],
  guards: [
    everyRequestSent,
    {
      metric: 'http_reqs{way:gateway}',
      thresholds: enough,
      reason: 'all or nothing: one exception is a leak, and some hundred requests would show it',
    },
    {
      metric: 'http_reqs{way:plain}',
      thresholds: enough,
      reason: 'all or nothing: one exception is a leak, and some hundred requests would show it',
    },
  ],
} satisfies Experiment;
