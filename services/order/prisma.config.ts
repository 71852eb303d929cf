import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'prisma/schema.prisma',
  // Generating the client needs no database; `prisma migrate` and `prisma studio` do.
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
