import type { Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { requestsDenied } from '@meshmart/experiment-runner/proxy-counters';

/** A claim about one way to the recalled product. @param observed the share that gets in */
function letIn(way: string, spelling: string, observed: 0 | 1, reason: string): Expectation {
  return {
    name: `let in by ${way}`,
    unit: '%',
    metric: `let_in{spelling:${spelling}}`,
    thresholds: { baseline: 'rate==1', observe: `rate==${observed}`, restore: 'rate==1' },
    reason,
  };
}

const normalised = 'the proxy normalises the path before it evaluates policies';
const redirected = 'the gateway redirects to the path without the escape, and denies that';

const spellings: Expectation[] = [
  letIn('/products/ID', 'plain', 0, 'this is the path that the policy names'),
  letIn('//products//ID', 'double_slash', 0, normalised),
  letIn('/products/./ID', 'dot_segment', 0, normalised),
  letIn('/users/../products/ID', 'dot_dot', 0, normalised),
  letIn('/users/%2e%2e/products/ID', 'encoded_dot_dot', 0, normalised),
  letIn('/products\\ID', 'backslash', 0, normalised),
  letIn('/products%2fID', 'encoded_slash', 0, redirected),
  letIn('/products/%30…', 'encoded_digit', 0, normalised),
  letIn('/products/ID?page=1', 'query', 0, 'a path has no query'),
];

const denials: Expectation = {
  name: "requests denied by the gateway's proxy",
  value: (phase) => phase.proxy('gateway', requestsDenied),
  agreesWith: (phase) => phase.k6('denied', 'count'),
  reason: 'every 403 that k6 saw came from the policy, and none from a service that knew no such path',
};

export default {
  summary: 'denies a path in every spelling',
  needs: { services: { product: ['v1'], storefront: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 4, observeS: 4, restoreS: 1 },
  expectations: [...spellings, denials],
  variants: {
    trap: {
      summary: 'a policy guards a path, not the data behind it',
      expectations: [
        letIn('GET /products/ID', 'plain', 0, 'this is the method and path that the policy names'),
        letIn('HEAD /products/ID', 'head', 1, 'the policy names GET, and HEAD is another method'),
        letIn('GET /products', 'list', 1, 'the list has another path'),
        letIn('GET /shop/products/ID', 'shop', 1, 'the storefront reads the product inside the mesh'),
        denials,
      ],
    },
  },
} satisfies Experiment;
