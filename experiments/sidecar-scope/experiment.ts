import { everyRequestSent, noFailedRequests } from '@meshmart/experiment-runner/common-expectations';
import type { Expectation, Experiment, Phase } from '@meshmart/experiment-runner/experiment';

const clusters = (phase: Phase) => phase.gauge('storefront-v1-1', /^cluster_manager\.active_clusters$/);

const requests: Expectation = {
  name: 'requests',
  metric: 'http_reqs',
  thresholds: { baseline: 'count>=100', observe: 'count>=100', restore: 'count>=60' },
  reason: 'all or nothing: a missing route fails every page',
};

export default {
  summary: "limits a sidecar's configuration to the services that it calls",
  needs: { services: { storefront: ['v1'], product: ['v1'] }, targets: ['cluster'] },
  phases: { baselineS: 5, observeS: 5, restoreS: 3 },
  expectations: [
    {
      name: "clusters in the storefront's proxy",
      expected: 'at most half',
      value: clusters,
      holds: (observed, baseline) => observed <= baseline / 2,
      reason: 'every proxy otherwise gets every service of the whole cluster, those of other namespaces too',
    },
    noFailedRequests('the proxy still knows the services that it calls'),
    requests,
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'a service that the list omits cannot be called any more',
      expectations: [
        {
          name: 'failed requests',
          unit: '%',
          metric: 'http_req_failed',
          thresholds: { baseline: 'rate==0', observe: 'rate==1', restore: 'rate==0' },
          reason: 'under REGISTRY_ONLY the proxy refuses a service that it does not know',
        },
        requests,
      ],
    },
  },
} satisfies Experiment;
