import { KEYS_KEPT_FOR_H } from '@meshmart/service/idempotency';
import { Type } from 'typebox';

/** A form must be sent while the order service still knows the key of its first submission, with some time to spare. */
export const FORM_GOOD_FOR_H = KEYS_KEPT_FOR_H - 4;

/** A UUIDv7: its first 48 bits say when it was made (RFC 9562, section 5.7). */
export const IdOfBasket = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$',
});

/** Returns how many hours ago a UUIDv7 was made. */
export function hoursSince(id: string): number {
  const madeAtMs = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
  return (Date.now() - madeAtMs) / 3_600_000;
}
