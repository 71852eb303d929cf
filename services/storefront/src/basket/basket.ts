import { Uuid } from '@meshmart/service/schemas';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { forgetCookie, keepCookie, readCookie } from '../session/cookies.ts';

const BASKET_COOKIE = 'meshmart_basket';
const KEEP_S = 30 * 24 * 3600;

/** A full basket is under 2 kB as a cookie; browsers take 4 kB. */
export const MAX_LINES = 20;
export const MAX_QUANTITY = 20;

const BasketSchema = Type.Array(
  Type.Object(
    { productId: Uuid, quantity: Type.Integer({ minimum: 1, maximum: MAX_QUANTITY }) },
    { additionalProperties: false },
  ),
  { maxItems: MAX_LINES },
);

/** What the visitor wants to buy, each product at most once. Names and prices are the product service's. */
export type Basket = Static<typeof BasketSchema>;

export function encodeBasket(basket: Basket): string {
  return JSON.stringify(basket);
}

/** The basket that a visitor sent; empty when it is not one, since everything a visitor sends may be made up. */
export function decodeBasket(text: string | undefined): Basket {
  try {
    const basket: unknown = JSON.parse(text ?? '[]');
    if (!Value.Check(BasketSchema, basket)) return [];
    return new Set(basket.map(({ productId }) => productId)).size === basket.length ? basket : [];
  } catch {
    return [];
  }
}

export function readBasket(request: FastifyRequest): Basket {
  return decodeBasket(readCookie(request, BASKET_COOKIE));
}

export function writeBasket(request: FastifyRequest, reply: FastifyReply, basket: Basket): void {
  if (basket.length === 0) forgetCookie(request, reply, BASKET_COOKIE);
  else keepCookie(request, reply, { name: BASKET_COOKIE, value: encodeBasket(basket), maxAgeS: KEEP_S });
}

/** The basket with this quantity of the product, at most `MAX_QUANTITY`; 0 takes it out. */
export function setQuantity(basket: Basket, productId: string, quantity: number): Basket {
  const line = { productId, quantity: Math.min(quantity, MAX_QUANTITY) };
  if (!basket.some((other) => other.productId === productId))
    return quantity > 0 ? [...basket, line] : basket;
  return basket.flatMap((other) => {
    if (other.productId !== productId) return [other];
    return quantity > 0 ? [line] : [];
  });
}

export function findQuantity(basket: Basket, productId: string): number {
  return basket.find((line) => line.productId === productId)?.quantity ?? 0;
}

export function countPieces(basket: Basket): number {
  return basket.reduce((sum, { quantity }) => sum + quantity, 0);
}
