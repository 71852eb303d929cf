import Type, { type Static } from 'typebox';
import { readDocuments } from './document.ts';
import { MeshConfigError, type Problem } from './problems.ts';
import { closed } from './schema.ts';
import { validate } from './validate.ts';

const MeshConfig = closed({
  trustDomain: Type.Literal('cluster.local'),
  outboundTrafficPolicy: closed({ mode: Type.Literal('REGISTRY_ONLY') }),
  defaultConfig: Type.Optional(closed({ connectionSettings: closed({ profile: Type.Literal('EDGE') }) })),
});

/** The supported part of Istio's MeshConfig. */
export type MeshConfig = Static<typeof MeshConfig>;

/**
 * Reads and validates a MeshConfig file (`mesh/mesh-config.yaml`).
 * @throws MeshConfigError with file, line and field
 */
export async function readMeshConfig(file: string): Promise<MeshConfig> {
  const problems: Problem[] = [];
  const [document] = await readDocuments(file, problems);
  const resource = 'MeshConfig';
  if (document) problems.push(...validate(MeshConfig, document, resource));
  else if (problems.length === 0) {
    problems.push({ file, line: 1, resource, field: '', message: 'the file is empty; restore it' });
  }
  if (!document || problems.length > 0) throw new MeshConfigError(problems);
  return document.value as MeshConfig;
}
