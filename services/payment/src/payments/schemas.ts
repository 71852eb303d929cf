import { AmountMinor, Currency, Timestamp, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

export const PaymentRequest = Type.Object(
  {
    orderId: Uuid,
    userId: Uuid,
    amountMinor: Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Minor units.' }),
    currency: Currency,
    paymentToken: Type.String({ pattern: '^tok_[a-z_]{1,60}$' }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        orderId: '0197f3c2-7d1e-7000-8000-000000000001',
        userId: '0197f3c2-7d1e-7000-8000-000000000002',
        amountMinor: 2500,
        currency: 'EUR',
        paymentToken: 'tok_approved',
      },
    ],
  },
);

export const PaymentSchema = Type.Object({
  id: Uuid,
  orderId: Uuid,
  userId: Uuid,
  amountMinor: AmountMinor,
  currency: Currency,
  status: Type.Enum(['pending', 'authorised', 'captured', 'declined', 'voided']),
  declineCode: Type.Optional(Type.String()),
  // Optional, because stored responses of older releases lack it.
  refundedMinor: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 2_147_483_647, description: 'Refunded, or being refunded.' }),
  ),
  createdAt: Timestamp,
});

export const PaymentList = Type.Object({ items: Type.Array(PaymentSchema) });

export const OrderToUndo = Type.Object(
  {
    orderId: Uuid,
    userId: Uuid,
    authorisationKey: Type.String({
      pattern: '^[\\x20-\\x7e]{1,255}$',
      description:
        'The Idempotency-Key of the payment request, without quotes. A request that arrives with it later is refused as `idempotency-key-reused`.',
    }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        orderId: '0197f3c2-7d1e-7000-8000-000000000001',
        userId: '0197f3c2-7d1e-7000-8000-000000000002',
        authorisationKey: '0197f3c2-7d1e-7000-8000-000000000001:authorise',
      },
    ],
  },
);

export const PaymentParams = Type.Object({ paymentId: Uuid });
