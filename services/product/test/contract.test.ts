import { checkContract } from '@meshmart/service/check-contract';
import { startApp } from './helper.ts';

checkContract(new URL('..', import.meta.url), startApp, [
  `+ CREATE INDEX products_search_idx ON public.products USING gin (lower((((' '::text || name) || ' '::text) || description)) gin_trgm_ops)`,
]);
