import { type TSchema, Type } from 'typebox';

/** As RFC 9562 writes them out, in lower case: what PostgreSQL would take for equal is equal here, too. */
export const Uuid = Type.String({
  format: 'uuid',
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
});
export const Timestamp = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';
/**
 * Patterns for text without control characters, of which PostgreSQL cannot hold U+0000: of any kind, of more than blanks, and of
 * several lines. They spell out what `\p{Cc}` is, which is not in the subset that JSON Schema expects of every tool.
 */
export const TEXT = `^[^${CONTROLS}]*$`;
export const LINE = `^[^${CONTROLS}]*[^\\s${CONTROLS}][^${CONTROLS}]*$`;
export const LINES = `^([^${CONTROLS}]|\\n)*$`;
/** Minor units: cents for EUR. Databases hold it as int4. */
export const AmountMinor = Type.Integer({ minimum: 0, maximum: 2_147_483_647 });
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' });
/** One currency per store. */
export const STORE_CURRENCY = 'EUR';

export const DEFAULT_LIMIT = 20;

export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: DEFAULT_LIMIT })),
  cursor: Type.Optional(Type.String({ maxLength: 500, description: 'nextCursor of the page before' })),
};

export const Page = <T extends TSchema>(item: T) =>
  Type.Object({
    items: Type.Array(item),
    nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'null on the last page' }),
  });
