import http from 'k6/http';
import { Counter, Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { gatewayUrl } from '../../loadtest/addresses.ts';
import { adminLogin } from '../../loadtest/admin.ts';
import { logIn, signUp } from '../../loadtest/customers.ts';
import { fixedSample, steadyRate } from '../../loadtest/load-shapes.ts';
import { phase } from '../../loadtest/phase.ts';

const changed = new Rate('changed');
const reachedProduct = new Rate('reached_product');
const denied = new Counter('denied');

const url = `${gatewayUrl}/products/019bb13b-4068-70fa-b446-17e8f014ac6d`;

export const options: Options = {
  scenarios: {
    customer: { ...steadyRate(20), exec: 'asCustomer' },
    nobody: { ...steadyRate(20), exec: 'asNobody' },
    // A single user sends them, because each change needs the version that the one before has made.
    ...(adminLogin && { admin: { ...fixedSample(10), vus: 1, exec: 'asAdmin' } }),
  },
};

interface Authorizations {
  customer: string;
  admin: string | undefined;
}

export function setup(): Authorizations {
  return {
    customer: signUp(`claims-${phase}-${Date.now()}`).session.authorization,
    admin: adminLogin ? logIn(adminLogin).authorization : undefined,
  };
}

export function asCustomer({ customer }: Authorizations) {
  changeProduct('customer', customer);
}

export function asNobody() {
  changeProduct('nobody');
}

export function asAdmin({ admin }: Authorizations) {
  changeProduct('admin', admin, http.get(url).json('version') as number);
}

function changeProduct(who: string, authorization = '', version = 1) {
  const headers = { authorization, 'if-match': `"${version}"`, 'content-type': 'application/json' };
  const { status, headers: response } = http.patch(url, JSON.stringify({ stockDelta: 1 }), { headers });
  const isFromProduct = response['X-Served-By'] === 'product/v1';
  changed.add(status === 200, { who });
  reachedProduct.add(isFromProduct, { who });
  denied.add(status === 403 && !isFromProduct ? 1 : 0);
}
