// Customers browse and order while a new revision gets a part of the requests. Their cards are declined, so the stock stays the same.

import { sleep } from 'k6';
import http from 'k6/http';

const gateway = __ENV.GATEWAY_URL;
const json = { headers: { 'content-type': 'application/json' } };
const newKey = () => `"${Date.now()}-${__VU}-${__ITER}-${Math.random()}"`;

export const options = {
  scenarios: {
    customers: {
      executor: 'constant-arrival-rate',
      rate: 2,
      duration: '30s',
      preAllocatedVUs: 12,
      maxVUs: 40,
    },
  },
  thresholds: {
    // At most 4 of 240 requests. Latency has no threshold: it depends on the machine, and the metrics compare the revisions.
    http_req_failed: ['rate<0.02'],
  },
};

export function setup() {
  const products = http.get(`${gateway}/products?limit=50`).json('items');
  return { tokens: Array.from({ length: 4 }, logIn), ids: products.map(({ id }) => id) };
}

function logIn() {
  sleep(1); // an address may try five passwords a second
  const email = `customer-${Date.now()}-${Math.floor(Math.random() * 1e9)}@meshmart.example`;
  const login = { email, password: `${Math.random()}-${Math.random()}` };
  http.post(`${gateway}/users`, JSON.stringify({ ...login, name: 'Customer' }), json);
  return http.post(`${gateway}/sessions`, JSON.stringify(login), json).json('accessToken');
}

export default function customer({ tokens, ids }) {
  const token = tokens[Math.floor(Math.random() * tokens.length)];
  const productId = ids[Math.floor(Math.random() * ids.length)];
  http.get(`${gateway}/shop`);
  http.get(`${gateway}/products?limit=3`);
  http.get(`${gateway}/products/${productId}`);
  const order = { items: [{ productId, quantity: 1 }], paymentToken: 'tok_declined' };
  const headers = { ...json.headers, authorization: `Bearer ${token}`, 'idempotency-key': newKey() };
  http.post(`${gateway}/orders`, JSON.stringify(order), { headers });
}
