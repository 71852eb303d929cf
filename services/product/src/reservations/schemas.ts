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
  { additionalProperties: false },
);

export const ReservationSchema = Type.Object({
  orderId: Uuid,
  status: Type.Enum(['reserved', 'confirmed', 'released']),
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
