import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

/** Where nobody listens. */
export const NOBODY = 'http://127.0.0.1:1';

/** A storefront that calls these peers; the ones not given cannot be reached. Everything is closed after the test. */
export async function startShop(
  fakes: Partial<Record<'product' | 'order' | 'user', { peer: FastifyInstance; url: string }>>,
) {
  const app = await buildApp(
    loadConfig({
      LOG_LEVEL: 'silent',
      ...patientConfig,
      PRODUCT_URL: fakes.product?.url ?? NOBODY,
      ORDER_URL: fakes.order?.url ?? NOBODY,
      USER_URL: fakes.user?.url ?? NOBODY,
    }),
  );
  onTestFinished(async () => {
    await Promise.all([app.close(), ...Object.values(fakes).map(({ peer }) => peer.close())]);
  });
  return app;
}

export function postForm(url: string, form: Record<string, string>, cookies: Record<string, string> = {}) {
  return {
    method: 'POST' as const,
    url,
    cookies,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  };
}

/** The value of a form's field on a page, as a browser would send it. */
export function readField({ body }: LightMyRequestResponse, name: string): string {
  const [, value] = new RegExp(`name="${name}" value="([^"]*)"`).exec(body) ?? [];
  if (value === undefined) throw new Error(`the page has no field ${name}`);
  return value.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

export const session = { meshmart_session: 'a.valid.token' };

const basketId = newId();

/** A basket as the shop keeps it with the visitor. */
export function basketCookie(lines: { productId: string; quantity: number }[]) {
  return { meshmart_basket: JSON.stringify({ id: basketId, lines, open: [] }) };
}
