import { checkContract } from '@meshmart/service/check-contract';
import { startApp } from './helper.ts';

checkContract(new URL('..', import.meta.url), startApp);
