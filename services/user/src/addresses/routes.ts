import type { App } from '@meshmart/service/app';
import { type Static, Type } from 'typebox';
import type { Address } from '../../generated/prisma/client.ts';
import { problem } from '../problems.ts';
import { deleteAddress, findAddress, listAddresses, type NewAddress, putAddress } from './repository.ts';
import { AddressList, AddressParams, AddressRequest, AddressSchema } from './schemas.ts';

const config = { access: 'customer' as const };
const path = '/users/me/addresses/:addressId';

/**
 * Registers the routes for a customer's own addresses. The client chooses the ids, so that a retried PUT adds no
 * second one.
 */
export async function addressRoutes(app: App) {
  app.get(
    '/users/me/addresses',
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'listAddresses',
        summary: 'List your addresses',
        response: { 200: AddressList },
      },
    },
    async ({ user }) => {
      const addresses = await listAddresses(app.database, user.id);
      if (!addresses) throw problem('not-found');
      return { items: addresses.map(toAddressResponse) };
    },
  );

  app.get(
    path,
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'getAddress',
        summary: 'Read one of your addresses',
        params: AddressParams,
        response: { 200: AddressSchema },
      },
    },
    async ({ user, params: { addressId } }) => {
      const address = await findAddress(app.database, user.id, addressId);
      if (!address) throw problem('not-found');
      return toAddressResponse(address);
    },
  );

  app.put(
    path,
    {
      config: { ...config, problems: ['not-found', 'too-many-addresses'], responseHeaders: ['location'] },
      schema: {
        operationId: 'putAddress',
        summary: 'Create or replace one of your addresses',
        params: AddressParams,
        body: AddressRequest,
        response: { 200: AddressSchema, 201: AddressSchema },
      },
    },
    async ({ user, params: { addressId }, body: { postalCode = null, ...fields } }, reply) => {
      const address = { userId: user.id, id: addressId, postalCode, ...fields };
      const outcome = await putAddress(app.database, address);
      if (outcome === 'no-user') throw problem('not-found');
      if (outcome === 'too-many') throw problem('too-many-addresses');
      if (outcome === 'created') reply.code(201).header('location', `/users/me/addresses/${addressId}`);
      return toAddressResponse(address);
    },
  );

  app.delete(
    path,
    {
      config: { ...config, problems: ['not-found'] },
      schema: {
        operationId: 'deleteAddress',
        summary: 'Delete one of your addresses',
        params: AddressParams,
        response: { 204: Type.Null() },
      },
    },
    async ({ user, params: { addressId } }, reply) => {
      if (!(await deleteAddress(app.database, user.id, addressId))) throw problem('not-found');
      return reply.code(204).send(null);
    },
  );
}

function toAddressResponse({
  id,
  recipient,
  lines,
  postalCode,
  city,
  country,
}: Address | NewAddress): Static<typeof AddressSchema> {
  return { id, recipient, lines, ...(postalCode !== null && { postalCode }), city, country };
}
