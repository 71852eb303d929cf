import { Timestamp, Uuid } from '@meshmart/service/schemas';
import { Type } from 'typebox';
import { Email } from '../users/schemas.ts';

export const SessionRequest = Type.Object(
  { email: Email, password: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false, examples: [{ email: 'ada@meshmart.example', password: 'correct horse' }] },
);

export const RefreshRequest = Type.Object(
  { refreshToken: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false, examples: [{ refreshToken: 'the refreshToken of the last response' }] },
);

export const SessionSchema = Type.Object({
  accessToken: Type.String({ description: 'A JWT for the Authorization header.' }),
  tokenType: Type.Literal('Bearer'),
  expiresInS: Type.Integer({ description: 'Of the access token.' }),
  refreshToken: Type.String({
    description:
      'Good for one exchange at /sessions/refresh, which answers the next one. A second exchange ends the session; only when the answer was lost may it be asked for again, within 30 s.',
  }),
  refreshExpiresInS: Type.Integer({ description: 'When the session ends unless it is refreshed before.' }),
});

export const OwnSessionList = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Uuid,
      startedAt: Timestamp,
      refreshedAt: Timestamp,
      expiresAt: Timestamp,
      isCurrent: Type.Boolean({ description: 'Whether the access token of this request belongs to it.' }),
    }),
  ),
});

export const SessionParams = Type.Object({ sessionId: Uuid });
