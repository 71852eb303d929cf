import { Currency, Timestamp, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

const RefundedAmount = Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Minor units.' });

export const RefundRequest = Type.Object(
  { amountMinor: RefundedAmount },
  { additionalProperties: false, examples: [{ amountMinor: 1000 }] },
);

export const RefundSchema = Type.Object({
  id: Uuid,
  paymentId: Uuid,
  amountMinor: RefundedAmount,
  currency: Currency,
  createdAt: Timestamp,
});
