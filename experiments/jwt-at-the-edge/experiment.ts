import { everyRequestSent } from '@meshmart/experiment-runner/common-expectations';
import type { Bounds, Expectation, Experiment } from '@meshmart/experiment-runner/experiment';
import { requestsDenied } from '@meshmart/experiment-runner/proxy-counters';

/** Envoy's counter of the requests whose token is invalid. */
const tokensRefused = /^http\.outbound_.*\.jwt_authn\.denied$/;

/** A claim about the requests for orders that get past the gateway. */
function reachesOrder(name: string, token: string, observe: Bounds, reason: string): Expectation {
  return {
    name: `${name}, passed to order`,
    unit: '%',
    metric: `reached_order{token:${token}}`,
    thresholds: { baseline: 'rate==1', observe, restore: 'rate==1' },
    reason,
  };
}

function answered(name: string, request: string, observe: Bounds, reason: string): Expectation {
  return {
    name: `${name}, answered 200`,
    unit: '%',
    metric: `answered{request:${request}}`,
    thresholds: { baseline: 'rate==1', observe, restore: 'rate==1' },
    reason,
  };
}

const bad = reachesOrder('a bad token', 'bad', 'rate==0', 'the gateway checks the signature and answers 401');
const refused: Expectation = {
  name: 'answered 401 by the gateway',
  value: (phase) => phase.proxy('gateway', tokensRefused),
  agreesWith: (phase) => phase.k6('unauthorized', 'count'),
  reason: 'the filter for tokens counts what it refuses',
};
const catalogue = answered(
  'the catalogue without a token',
  'catalogue',
  'rate==1',
  'the policy names the orders only',
);

export default {
  summary: 'checks tokens at the gateway',
  needs: { services: { order: ['v1'], user: ['v1'], product: ['v1'] }, targets: ['local', 'cluster'] },
  phases: { baselineS: 5, observeS: 5, restoreS: 2 },
  expectations: [
    answered('a good token', 'good', 'rate==1', 'the token is valid, and passed on to order'),
    bad,
    reachesOrder(
      'no token',
      'none',
      'rate==0',
      'the policy denies requests for orders that have no principal',
    ),
    catalogue,
    refused,
    {
      name: 'answered 403 by the gateway',
      value: (phase) => phase.proxy('gateway', requestsDenied),
      agreesWith: (phase) => phase.k6('forbidden', 'count'),
      reason: 'the filter for policies counts what it denies',
    },
  ],
  guards: [everyRequestSent],
  variants: {
    trap: {
      summary: 'without a policy a missing token passes, and a good one is dropped',
      expectations: [
        reachesOrder(
          'no token',
          'none',
          'rate==1',
          'a RequestAuthentication refuses bad tokens and nothing else',
        ),
        answered(
          'a good token',
          'good',
          'rate==0',
          'forwardOriginalToken is off by default, and order answers 401',
        ),
        bad,
        catalogue,
        refused,
      ],
    },
  },
} satisfies Experiment;
