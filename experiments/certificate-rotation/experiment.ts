import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';
import { handshakes } from '@meshmart/experiment-runner/proxy-counters';

/** Envoy's counter of the certificates that a proxy has received for itself. */
const certificates = /^sds\.default\.update_success$/;

const rotations: Expectation = {
  name: "rotations of the gateway's certificate",
  expected: '0 → ≥ 3',
  value: (phase) => phase.proxy('gateway', certificates),
  holds: (observed, baseline) => baseline === 0 && observed >= 3,
  reason: 'certificates that live for 6 s are renewed every 3 s; in the baseline they live for a day',
};

/** Returns the share of requests to product for which the gateway made a handshake. */
function handshakesPerRequest(phase: Phase): number {
  return phase.proxy('gateway', handshakes('product', 'v1')) / phase.k6('http_reqs', 'count');
}

export default {
  summary: 'renews short-lived certificates under load',
  needs: { services: { product: ['v1'] }, targets: ['local'] },
  phases: { baselineS: 4, observeS: 13, restoreS: 2 },
  disturbance: { faults: {}, certificateLifetimeS: 6 },
  expectations: [
    rotations,
    noFailedRequests('a renewed certificate comes before the old one expires, and both are valid meanwhile'),
    {
      name: 'requests with a handshake of their own',
      unit: '%',
      expected: '< 50 → ≥ 99 %',
      value: handshakesPerRequest,
      holds: (observed, baseline) => observed >= 0.99 && baseline < 0.5,
      reason: 'only a handshake uses a certificate, so each request has to make one',
    },
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'open connections outlive their certificates',
      expectations: [
        rotations,
        noFailedRequests('nobody looks at the certificate of a connection again'),
        {
          name: 'requests with a handshake of their own',
          unit: '%',
          expected: '≤ 5 %',
          value: handshakesPerRequest,
          holds: (observed) => observed <= 0.05,
          reason: 'the connections of the first seconds serve all 520 requests, long after 6 s',
        },
      ],
    },
  },
} satisfies Experiment;
