import { type TSchema, Type } from 'typebox';

/** A UUID in lower case (RFC 9562), so that equal ids are equal strings. */
export const Uuid = Type.String({
  format: 'uuid',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});
export const Timestamp = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';
/**
 * Patterns for text without control characters (PostgreSQL cannot store U+0000): any text, not blank, and several
 * lines. They spell out `\p{Cc}`, which is not in the portable subset of JSON Schema.
 */
export const TEXT = `^[^${CONTROLS}]*$`;
export const LINE = `^[^${CONTROLS}]*[^\\s${CONTROLS}][^${CONTROLS}]*$`;
export const LINES = `^([^${CONTROLS}]|\\n)*$`;
/** An amount in minor units (cents for EUR), stored as int4. */
export const AmountMinor = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' });
/** The only currency of the store. */
export const STORE_CURRENCY = 'EUR';

export const DEFAULT_LIMIT = 20;

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
  cursor: Type.Optional(Type.String({ maxLength: 500, description: '`nextCursor` of the previous page' })),
};

export const Page = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'null on the last page' }),
  });
