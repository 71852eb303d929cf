import { LINE, Timestamp, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';

export const Email = Type.String({ format: 'email', maxLength: 254 });

/** Returns the schema of a line of text, not blank and without control characters. */
export const Line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: LINE });

const Name = Line(100);
const Password = Type.String({ minLength: 8, maxLength: 200 });
const GivenPassword = Type.String({ minLength: 1, maxLength: 200 });

export const UserRequest = Type.Object(
  {
    email: Email,
    password: Password,
    name: Name,
  },
  {
    additionalProperties: false,
    examples: [{ email: 'ada@meshmart.example', password: 'correct horse', name: 'Ada' }],
  },
);

export const UserSchema = Type.Object({
  id: Uuid,
  email: Type.String(),
  name: Type.String(),
  role: Type.Enum(['customer', 'admin']),
  createdAt: Timestamp,
});

export const UserChange = Type.Object(
  { name: Name },
  { additionalProperties: false, examples: [{ name: 'Ada' }] },
);

export const PasswordChange = Type.Object(
  { currentPassword: GivenPassword, newPassword: Password },
  {
    additionalProperties: false,
    examples: [{ currentPassword: 'correct horse', newPassword: 'battery staple' }],
  },
);

export const DeletionRequest = Type.Object(
  { password: GivenPassword },
  { additionalProperties: false, examples: [{ password: 'correct horse' }] },
);
