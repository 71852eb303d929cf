import { Timestamp, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

export const Email = Type.String({ format: 'email', maxLength: 254 });

export const UserRequest = Type.Object(
  {
    email: Email,
    password: Type.String({ minLength: 8, maxLength: 200 }),
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '^\\P{Cc}*[^\\s\\p{Cc}]\\P{Cc}*$' }),
  },
  { additionalProperties: false },
);

export const UserSchema = Type.Object({
  id: Uuid,
  email: Type.String(),
  name: Type.String(),
  role: Type.Enum(['customer', 'admin']),
  createdAt: Timestamp,
});
