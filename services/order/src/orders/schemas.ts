import { AmountMinor, Currency, Page, PageQuery, Timestamp, Uuid } from '@meshmart/service/schemas';
import { type Static, Type } from 'typebox';

export const CancelReason = Type.Enum([
  'out-of-stock',
  'unknown-product',
  'price-changed',
  'payment-declined',
  'not-payable',
  'customer',
  'expired',
]);
export type CancelReason = Static<typeof CancelReason>;

const quantity = Type.Integer({ minimum: 1, maximum: 100 });

export const OrderRequest = Type.Object(
  {
    expectedTotalMinor: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2_147_483_647,
        description:
          'The total that the customer has agreed to, in minor units. At any other total the order is cancelled as `price-changed`, before a payment is requested.',
      }),
    ),
    items: Type.Array(Type.Object({ productId: Uuid, quantity }, { additionalProperties: false }), {
      minItems: 1,
      maxItems: 50,
    }),
    paymentToken: Type.String({
      pattern: '^tok_[a-z_]{1,60}$',
      description: 'A token for a card at the provider.',
    }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        items: [{ productId: '0197f3c2-7d1e-7000-8000-000000000001', quantity: 2 }],
        paymentToken: 'tok_approved',
        expectedTotalMinor: 2500,
      },
    ],
  },
);

const Status = Type.Enum(['pending', 'confirmed', 'cancelled']);

export const OrderSchema = Type.Object({
  id: Uuid,
  status: Status,
  cancelReason: Type.Optional(CancelReason),
  items: Type.Array(
    Type.Object({
      productId: Uuid,
      quantity,
      name: Type.Optional(Type.String({ description: 'Present once the stock is reserved.' })),
      priceMinor: Type.Optional(AmountMinor),
    }),
  ),
  totalMinor: Type.Optional(AmountMinor),
  currency: Currency,
  createdAt: Timestamp,
});

export const OrderPage = Page(
  Type.Object({
    ...OrderSchema.properties,
    userId: Type.Optional({ ...Uuid, description: 'The customer; only in lists of all orders.' }),
  }),
);
export const OrderQuery = Type.Object(
  {
    ...PageQuery,
    status: Type.Optional(Status),
    scope: Type.Optional(
      Type.Enum(['own', 'all'], {
        default: 'own',
        description: '`all` lists the orders of all customers, for administrators only.',
      }),
    ),
    idempotencyKey: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description:
          'Lists only the order that was placed with this Idempotency-Key, as long as the key is kept.',
      }),
    ),
  },
  { additionalProperties: false },
);
export const OrderParams = Type.Object({ orderId: Uuid });
