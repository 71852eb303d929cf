import { expect, test } from 'vitest';
import { readClientAddress } from '../src/client-address.ts';
import { startApp } from './helper.ts';

const byMesh = { 'x-forwarded-client-cert': 'By=spiffe://a/user;Hash=0;URI=spiffe://a/gateway' };

test.each([
  ['as the gateway has seen it', { ...byMesh, 'x-forwarded-for': '203.0.113.7' }, '203.0.113.7'],
  [
    'whatever the client wrote first',
    { ...byMesh, 'x-forwarded-for': '1.1.1.1, 203.0.113.7' },
    '203.0.113.7',
  ],
  ['of the connection, past the mesh', { 'x-forwarded-for': '203.0.113.7' }, '192.0.2.1'],
  ['of the connection, without the header', byMesh, '192.0.2.1'],
])('the address of a client is %s', async (_how, headers, expected) => {
  const app = await startApp((app) => {
    const route = { config: { access: 'anonymous' as const }, schema: { operationId: 'where' } };
    app.get('/where', route, async (request) => ({ address: readClientAddress(request) }));
  });
  const response = await app.inject({ url: '/where', headers, remoteAddress: '192.0.2.1' });
  expect(response.json()).toEqual({ address: expected });
});
