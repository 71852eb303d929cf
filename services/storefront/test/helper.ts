import { newId } from '@meshmart/service/ids';
import { patientConfig } from '@meshmart/service/patient-config';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { onTestFinished } from 'vitest';
import { buildApp } from '../src/app.ts';
import { loadConfig } from '../src/config.ts';

/** An address without a listener. */
const NOBODY = 'http://127.0.0.1:1';

/** Starts a storefront with these peers; the others are unreachable. Everything closes after the test. */
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

/** Reads the value of a form's field on a page. */
export function readField({ body }: LightMyRequestResponse, name: string): string {
  const [, value] = new RegExp(`name="${name}" value="([^"]*)"`).exec(body) ?? [];
  if (value === undefined) throw new Error(`the page has no field ${name}`);
  return value.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

export const session = { meshmart_session: 'a.valid.token' };

const basketId = newId();

/** Returns the cookie of a basket. */
export function basketCookie(lines: { productId: string; quantity: number }[]) {
  return { meshmart_basket: JSON.stringify({ id: basketId, lines, open: [] }) };
}
