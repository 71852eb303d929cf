import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { connectionsRefused } from '@meshmart/experiment-runner/proxy-counters';

const inside: Expectation = {
  name: 'inside the mesh, accepted',
  unit: '%',
  metric: 'accepted{way:gateway}',
  thresholds: 'rate==1',
  reason:
    'sidecars have used mutual TLS all the time, so the change costs them nothing, not even while it happens',
};

/** A claim about the client without a sidecar. */
function outside(when: 'before' | 'after', observe: Bounds, reason: string): Expectation {
  return {
    name: `outside the mesh, accepted ${when === 'before' ? 'in the first second' : 'at the end'}`,
    unit: '%',
    metric: `accepted{way:plain,when:${when}}`,
    thresholds: { baseline: 'rate==1', observe, restore: 'rate==0' },
    reason,
  };
}

const cut: Expectation = {
  name: "plaintext connections cut by product's sidecar",
  expected: '0 → ≥ 1',
  value: (phase) => phase.proxy('product-v1-1', connectionsRefused),
  holds: (observed, baseline) => baseline === 0 && observed >= 1,
  reason: 'the sidecar itself cut them, and not the service',
};

export default {
  summary: 'closes product to plaintext under load, after its callers have joined the mesh',
  needs: { services: { product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 4, observeS: 15, restoreS: 3, applyAfterS: 7 },
  loadFrom: 'pod',
  expectations: [
    inside,
    outside('before', 'rate==1', 'the change comes later, and PERMISSIVE accepts both until then'),
    outside('after', 'rate==0', 'an open connection gets one more response, and no new one is accepted'),
    cut,
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'STRICT before the last caller has joined cuts it at once',
      phases: { baselineS: 4, observeS: 4, restoreS: 3 },
      expectations: [
        inside,
        outside(
          'before',
          'rate==0',
          'the client has no sidecar yet, and there is no more time to give it one',
        ),
        cut,
      ],
    },
  },
} satisfies Experiment;
