import { KEYS_KEPT_FOR_H } from '@meshmart/service/idempotency';
import { Type } from 'typebox';

/** The age at which a form expires, in hours: before the order service forgets its key. */
export const FORM_GOOD_FOR_H = KEYS_KEPT_FOR_H - 4;

/** A UUIDv7 begins with its creation time in 48 bits (RFC 9562, section 5.7). */
export const IdOfBasket = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$',
});

/** Returns the age of a UUIDv7 in hours. */
export function hoursSince(id: string): number {
  const madeAtMs = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  return (Date.now() - madeAtMs) / 3_600_000;
}
