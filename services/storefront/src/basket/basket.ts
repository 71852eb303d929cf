import { newId } from '@meshmart/service/ids';
import { Uuid } from '@meshmart/service/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { forgetCookie, keepCookie, readCookie } from '../session/cookies.ts';

const BASKET_COOKIE = 'meshmart_basket';
const KEEP_S = 30 * 24 * 3600;

/** A full basket is under 3 kB as a cookie; browsers take 4 kB. */
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

/** The products that the visitor wants to buy, each at most once. Names and prices are the product service's. */
export type Lines = Static<typeof LinesSchema>;

/**
 * A visitor's basket. `id` belongs to exactly these lines: it is the Idempotency-Key that they are ordered with, so that every
 * way back to the checkout finds the same order. `open` has the ids that a checkout was shown for and whose order, if there is
 * one, the visitor has not seen yet.
 */
export type Basket = Static<typeof BasketSchema>;

export function encodeLines(lines: Lines): string {
  return JSON.stringify(lines);
}

/** The lines of an order, as far as a basket can hold them. */
export function toLines(items: Lines): Lines {
  const cut = items.map(({ productId, quantity }) => ({
    productId,
    quantity: Math.min(quantity, MAX_QUANTITY),
  }));
  return cut.slice(0, MAX_LINES);
}

/** The lines that a visitor sent; none when they are no lines, since everything a visitor sends may be made up. */
export function decodeLines(text: string): Lines {
  return checkLines(parse(text)) ?? [];
}

export function readBasket(request: FastifyRequest): Basket {
  const kept = parse(readCookie(request, BASKET_COOKIE));
  if (Value.Check(BasketSchema, kept) && checkLines(kept.lines)) return kept;
  // A cookie from before baskets had ids holds the lines alone.
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

export function writeBasket(request: FastifyRequest, reply: FastifyReply, basket: Basket): void {
  const isOver = basket.lines.length === 0 && basket.open.length === 0;
  if (isOver) forgetCookie(request, reply, BASKET_COOKIE);
  else keepCookie(request, reply, { name: BASKET_COOKIE, value: JSON.stringify(basket), maxAgeS: KEEP_S });
}

/** The basket with other lines, and therefore with another id. */
export function changeLines(basket: Basket, lines: Lines): Basket {
  return { ...basket, id: newId(), lines };
}

/** Notes that a checkout with this id is shown: from now on there may be an order with it. */
export function markShown(basket: Basket, id: string): Basket {
  return { ...basket, open: [...basket.open.filter((other) => other !== id), id].slice(-MAX_OPEN) };
}

interface ShownOrder {
  status: string;
  items: { productId: string; quantity: number }[];
}

/**
 * Takes an order that the visitor gets to see out of the basket: what was ordered, once. An order that came to nothing leaves its
 * lines in, and the next try gets an id of its own.
 *
 * @param id the one that the order was placed with; of another browser's basket, or seen before, it changes nothing
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

/** The lines with this quantity of the product, at most `MAX_QUANTITY`; 0 takes it out. */
export function setQuantity(lines: Lines, productId: string, quantity: number): Lines {
  const line = { productId, quantity: Math.min(quantity, MAX_QUANTITY) };
  if (!lines.some((other) => other.productId === productId)) return quantity > 0 ? [...lines, line] : lines;
  return lines.flatMap((other) => {
    if (other.productId !== productId) return [other];
    return quantity > 0 ? [line] : [];
  });
}

export function findQuantity({ lines }: Pick<Basket, 'lines'>, productId: string): number {
  return lines.find((line) => line.productId === productId)?.quantity ?? 0;
}

export function countPieces({ lines }: Pick<Basket, 'lines'>): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}
