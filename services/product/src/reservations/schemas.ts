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

/** The response of confirm and release. */
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
    description: 'Minor units. Can exceed the maximum of an amount; the order is then not payable.',
  }),
  currency: Currency,
  expiresAt: Type.Optional({
    ...Timestamp,
    description: 'Deadline for the confirmation, present while it is reserved. RFC 3339, UTC.',
  }),
});
