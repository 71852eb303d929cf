import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Experiment } from '@meshmart/experiment-runner/experiment';
import { outboundRequests } from '@meshmart/experiment-runner/proxy-counters';
import { canaryExpectations } from '../canary/experiment.ts';

export default {
  summary: 'sends 10 % of the product traffic to v2, by the Gateway API',
  needs: { services: { product: ['v1', 'v2'] }, targets: ['cluster'] },
  phases: { baselineS: 7, observeS: 7, restoreS: 1 },
  loadFrom: 'pod',
  // The same claims as in canary. The new Gateway has a proxy of its own, and each version has a Service of its own.
  expectations: canaryExpectations((phase) => phase.proxy('edge', outboundRequests('product-v2'))),
  guards: [everyRequestSent],
} satisfies Experiment;
