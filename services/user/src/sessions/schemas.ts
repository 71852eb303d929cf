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
  expiresInS: Type.Integer({ description: 'Lifetime of the access token.' }),
  refreshToken: Type.String({
    description:
      'Can be exchanged once at /sessions/refresh, for a new pair of tokens. A second exchange ends the session, except within 30 s, in case the response was lost.',
  }),
  refreshExpiresInS: Type.Integer({ description: 'Time until the session ends unless it is refreshed.' }),
});

export const OwnSessionList = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Uuid,
      startedAt: Timestamp,
      refreshedAt: Timestamp,
      expiresAt: Timestamp,
      isCurrent: Type.Boolean({ description: 'True for the session of this request.' }),
    }),
  ),
});

export const SessionParams = Type.Object({ sessionId: Uuid });
