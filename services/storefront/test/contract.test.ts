import { checkOpenApi } from '@meshmart/service/check-contract';
import { startShop } from './helper.ts';

checkOpenApi(new URL('..', import.meta.url), async () => ({ app: await startShop({}) }));
