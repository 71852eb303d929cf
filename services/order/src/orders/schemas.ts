import { AmountMinor, Currency, Page, PageQuery, Timestamp, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

export const CancelReason = Type.Enum([
  'out-of-stock',
  'unknown-product',
  'payment-declined',
  'not-payable',
  'customer',
  'expired',
]);

const quantity = Type.Integer({ minimum: 1, maximum: 100 });

export const OrderRequest = Type.Object(
  {
    items: Type.Array(Type.Object({ productId: Uuid, quantity }, { additionalProperties: false }), {
      minItems: 1,
      maxItems: 50,
    }),
    paymentToken: Type.String({
      pattern: '^tok_[a-z_]{1,60}$',
      description: 'Stands for a card at the provider.',
    }),
  },
  { additionalProperties: false },
);

export const OrderSchema = Type.Object({
  id: Uuid,
  status: Type.Enum(['pending', 'confirmed', 'cancelled']),
  cancelReason: Type.Optional(CancelReason),
  items: Type.Array(
    Type.Object({
      productId: Uuid,
      quantity,
      name: Type.Optional(Type.String({ description: 'Once the stock is reserved.' })),
      priceMinor: Type.Optional(AmountMinor),
    }),
  ),
  totalMinor: Type.Optional(AmountMinor),
  currency: Currency,
  createdAt: Timestamp,
});

export const OrderPage = Page(OrderSchema);
export const OrderQuery = Type.Object(PageQuery, { additionalProperties: false });
export const OrderParams = Type.Object({ orderId: Uuid });
