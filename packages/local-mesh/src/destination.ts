import Type from 'typebox';
import { SERVICE_PORT } from './hosts.ts';
import { closed } from './schema.ts';

/** A service or a subset of it, as rules name it. */
export const Destination = closed({
  host: Type.String({ minLength: 1 }),
  subset: Type.Optional(Type.String()),
  port: Type.Optional(closed({ number: Type.Literal(SERVICE_PORT) })),
});
