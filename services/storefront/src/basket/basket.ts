import { newId } from '@meshmart/service/ids';
import { Uuid } from '@meshmart/service/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { forgetCookie, keepCookie, readCookie } from '../session/cookies.ts';

const BASKET_COOKIE = 'meshmart_basket';
const KEEP_S = 30 * 24 * 3600;

/** With these limits a basket's cookie is under 3 kB; browsers accept 4 kB. */
export const MAX_LINES = 20;
export const MAX_QUANTITY = 20;
const MAX_OPEN = 4;

const LinesSchema = Type.Array(
  Type.Object(
    { productId: Uuid, quantity: Type.Integer({ minimum: 1, maximum: MAX_QUANTITY }) },
    { additionalProperties: false },
  ),
  { maxItems: MAX_LINES },
);

const BasketSchema = Type.Object(
  { id: Uuid, lines: LinesSchema, open: Type.Array(Uuid, { maxItems: MAX_OPEN }) },
  { additionalProperties: false },
);

/** The products in a basket, each at most once. Their names and prices come from the product service. */
export type Lines = Static<typeof LinesSchema>;

/**
 * A visitor's basket. `id` belongs to exactly these lines and is their Idempotency-Key, so that every checkout of them
 * finds the same order. `open` lists the ids of earlier checkouts whose order, if there is one, the visitor has not
 * seen.
 */
export type Basket = Static<typeof BasketSchema>;

/** Encodes lines for a hidden form field; `decodeLines` reads them. */
export function encodeLines(lines: Lines): string {
  return JSON.stringify(lines);
}

/** Returns the lines of an order, cut to a basket's limits. */
export function toLines(items: Lines): Lines {
  const cut = items.map(({ productId, quantity }) => ({
    productId,
    quantity: Math.min(quantity, MAX_QUANTITY),
  }));
  return cut.slice(0, MAX_LINES);
}

/** Decodes lines from a form. @returns no lines if they are invalid, since a visitor may send anything */
export function decodeLines(text: string): Lines {
  return checkLines(parse(text)) ?? [];
}

/** Reads the basket from its cookie; an invalid cookie is an empty basket. */
export function readBasket(request: FastifyRequest): Basket {
  const kept = parse(readCookie(request, BASKET_COOKIE));
  if (Value.Check(BasketSchema, kept) && checkLines(kept.lines)) return kept;
  // Cookies of older releases contain only the lines.
  return { id: newId(), lines: checkLines(kept) ?? [], open: [] };
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function checkLines(lines: unknown): Lines | undefined {
  if (!Value.Check(LinesSchema, lines)) return undefined;
  return new Set(lines.map(({ productId }) => productId)).size === lines.length ? lines : undefined;
}

/** Writes the basket to its cookie for 30 days, or deletes the cookie of an empty basket. */
export function writeBasket(request: FastifyRequest, reply: FastifyReply, basket: Basket): void {
  const isOver = basket.lines.length === 0 && basket.open.length === 0;
  if (isOver) forgetCookie(request, reply, BASKET_COOKIE);
  else keepCookie(request, reply, { name: BASKET_COOKIE, value: JSON.stringify(basket), maxAgeS: KEEP_S });
}

/** Returns the basket with other lines and a new id. */
export function changeLines(basket: Basket, lines: Lines): Basket {
  return { ...basket, id: newId(), lines };
}

/** Records that a checkout with this id was shown: from now on it may have an order. */
export function markShown(basket: Basket, id: string): Basket {
  return { ...basket, open: [...basket.open.filter((other) => other !== id), id].slice(-MAX_OPEN) };
}

interface ShownOrder {
  status: string;
  items: { productId: string; quantity: number }[];
}

/**
 * Removes the items of an order from the basket when the visitor first sees the order. A cancelled order leaves its
 * lines in the basket, under a new id.
 *
 * @param id the id of the order's basket; has no effect if it is another browser's or was seen before
 */
export function settle(basket: Basket, id: string, { status, items }: ShownOrder): Basket {
  if (id !== basket.id && !basket.open.includes(id)) return basket;
  const ordered = status === 'cancelled' ? [] : items;
  const lines = basket.lines.flatMap((line) => {
    const taken = ordered.find(({ productId }) => productId === line.productId)?.quantity ?? 0;
    return line.quantity > taken ? [{ ...line, quantity: line.quantity - taken }] : [];
  });
  return { id: newId(), lines, open: basket.open.filter((other) => other !== id) };
}

/** Returns the lines with this quantity of the product, at most `MAX_QUANTITY`; 0 removes it. */
export function setQuantity(lines: Lines, productId: string, quantity: number): Lines {
  const line = { productId, quantity: Math.min(quantity, MAX_QUANTITY) };
  if (!lines.some((other) => other.productId === productId)) return quantity > 0 ? [...lines, line] : lines;
  return lines.flatMap((other) => {
    if (other.productId !== productId) return [other];
    return quantity > 0 ? [line] : [];
  });
}

/** Returns a product's quantity in the basket, 0 if it is not there. */
export function findQuantity({ lines }: Pick<Basket, 'lines'>, productId: string): number {
  return lines.find((line) => line.productId === productId)?.quantity ?? 0;
}

/** Returns the number of units in all lines together. */
export function countUnits({ lines }: Pick<Basket, 'lines'>): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
