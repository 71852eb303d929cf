import Type, { type Static } from 'typebox';
import { Labels } from './labels.ts';
import { closed } from './schema.ts';
import { TrafficPolicy } from './traffic-policy.ts';

const Subset = closed({
  name: Type.String({
    pattern: '^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
    errorMessage: 'must be letters, digits and dashes; rename it',
  }),
  labels: Type.Optional(Labels),
  trafficPolicy: Type.Optional(TrafficPolicy),
});

export const DestinationRuleSpec = closed({
  host: Type.String({ minLength: 1 }),
  trafficPolicy: Type.Optional(TrafficPolicy),
  subsets: Type.Optional(Type.Array(Subset)),
});
export type DestinationRuleSpec = Static<typeof DestinationRuleSpec>;
