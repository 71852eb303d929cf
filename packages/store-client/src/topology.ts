import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UserError } from '@meshmart/terminal/user-error';
import Type, { type Static } from 'typebox';
import Value from 'typebox/value';
import { parseDocument } from 'yaml';

const STRICT = { additionalProperties: false };
const NAME = '^[a-z][a-z0-9-]*$';

const Secret = Type.Union([Type.Literal('signing-keys'), Type.Literal('admin-login')]);
/** A secret that the local platform hands to a service: to its server, or to its migration. */
export type SecretName = Static<typeof Secret>;

const Service = Type.Object(
  {
    versions: Type.Record(Type.String({ pattern: '^v[0-9]+$' }), Type.Integer({ minimum: 1, maximum: 9 }), {
      ...STRICT,
      minProperties: 1,
    }),
    database: Type.Boolean(),
    calls: Type.Array(Type.String({ pattern: NAME })),
    secrets: Type.Optional(Type.Array(Secret)),
  },
  STRICT,
);

const Topology = Type.Object(
  {
    namespace: Type.String({ pattern: NAME }),
    gateway: Type.Object({ calls: Type.Array(Type.String({ pattern: NAME })) }, STRICT),
    services: Type.Record(Type.String({ pattern: NAME }), Service, { ...STRICT, minProperties: 1 }),
  },
  STRICT,
);

/** The content of `topology.yaml`: services, their versions, and their calls. */
export type Topology = Static<typeof Topology>;

/** Reads `topology.yaml`. @throws UserError with the file's name and the first problem in it */
export async function readTopology(file: string): Promise<Topology> {
  const document = parseDocument(await readFile(file, 'utf8'));
  const refuse = (message: string) => new UserError(`${basename(file)}: ${message}`);
  if (document.errors[0]) throw refuse(document.errors[0].message);
  const topology: unknown = document.toJS();
  if (!Value.Check(Topology, topology)) {
    const [problem] = Value.Errors(Topology, topology);
    throw refuse(`${problem?.instancePath.slice(1).replaceAll('/', '.') || 'the file'} ${problem?.message}`);
  }
  for (const [caller, { calls }] of [
    ['gateway', topology.gateway] as const,
    ...Object.entries(topology.services),
  ]) {
    const unknown = calls.find((callee) => !Object.hasOwn(topology.services, callee));
    if (unknown) throw refuse(`${caller} calls ${unknown}, which is not among the services`);
  }
  return topology;
}
