import fastifyStatic from '@fastify/static';
import type { App } from '@meshmart/service/app';
import { Type } from 'typebox';
import { drawPicture, VARIANTS } from '../pictures/draw-picture.ts';

const MAX_AGE_S = 300;

const PictureParams = Type.Object({
  category: Type.String({ maxLength: 100 }),
  variant: Type.Integer({ minimum: 0, maximum: VARIANTS - 1 }),
});

const config = { access: 'anonymous' as const };

/** Serves style sheet, logo and pictures, so that the pages' policy can forbid other sources. */
export async function assetRoutes(app: App) {
  await app.register(fastifyStatic, { root: import.meta.dirname, serve: false });

  for (const file of ['shop.css', 'mark.svg']) {
    app.get(`/assets/${file}`, { config, schema: { hide: true } }, async (_request, reply) =>
      reply.sendFile(file, { maxAge: MAX_AGE_S * 1000 }),
    );
  }

  app.get(
    '/assets/pictures/:category/:variant.svg',
    { config, schema: { hide: true, params: PictureParams } },
    async ({ params: { category, variant } }, reply) =>
      reply
        .type('image/svg+xml')
        .header('cache-control', `public, max-age=${MAX_AGE_S}`)
        .send(drawPicture(category, variant)),
  );
}
