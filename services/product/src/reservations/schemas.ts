import { AmountMinor, Currency, Timestamp, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

export const ReservationParams = Type.Object({ orderId: Uuid });

export const ReservationRequest = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        { productId: Uuid, quantity: Type.Integer({ minimum: 1, maximum: 100 }) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 50 },
    ),
  },
  {
    additionalProperties: false,
    examples: [{ items: [{ productId: '0197f3c2-7d1e-7000-8000-000000000001', quantity: 2 }] }],
  },
);

/** All that there is to say of a step that was taken; the rest is to be had by reading the reservation. */
export const ReservationOutcome = Type.Object({
  orderId: Uuid,
  status: Type.Enum(['reserved', 'confirmed', 'released']),
});

export const ReservationSchema = Type.Object({
  ...ReservationOutcome.properties,
  items: Type.Array(
    Type.Object({ productId: Uuid, name: Type.String(), quantity: Type.Integer(), priceMinor: AmountMinor }),
  ),
  totalMinor: Type.Integer({
    minimum: 0,
    description: 'Minor units. It may be more than an amount can be, and is then not payable.',
  }),
  currency: Currency,
  expiresAt: Type.Optional({
    ...Timestamp,
    description: 'Only while it is reserved: until then it must be confirmed. RFC 3339, UTC.',
  }),
});
