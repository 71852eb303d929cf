import { Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';
import { Line } from '../users/schemas.ts';

export const MOST_ADDRESSES = 20;

const fields = {
  recipient: Line(100),
  lines: Type.Array(Line(100), { minItems: 1, maxItems: 3, description: 'Street and number, floor, …' }),
  postalCode: Type.Optional(Line(20)),
  city: Line(100),
  country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' }),
};

export const AddressRequest = Type.Object(fields, {
  additionalProperties: false,
  examples: [
    { recipient: 'Ada', lines: ['Hauptstr. 1'], postalCode: '10115', city: 'Berlin', country: 'DE' },
  ],
});
export const AddressSchema = Type.Object({ id: Uuid, ...fields });
export const AddressList = Type.Object({ items: Type.Array(AddressSchema) });
export const AddressParams = Type.Object({ addressId: Uuid });
