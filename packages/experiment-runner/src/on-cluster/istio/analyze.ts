import { basename } from 'node:path';
import { type ClusterAccess, runIstioctl } from '@meshmart/cluster/access';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { ToolFailedError } from '@meshmart/processes/run-tool';
import { readObjects } from '../manifests.ts';
import type { StoreMesh } from '../store-mesh.ts';

interface Message {
  code: string;
  message: string;
  /** Kind, namespace and name. */
  origin: string;
  /** File and line; missing when the message is about something in the cluster. */
  reference?: string;
}

/** Returns what `istioctl analyze` says about these files, or a warning that there is no istioctl. */
export async function analyze(access: ClusterAccess, mesh: StoreMesh, files: string[]): Promise<string[]> {
  if ((await readObjects(files)).length === 0) return [];
  const where = ['--namespace', STORE_NAMESPACE, '--istioNamespace', mesh.istiod.namespace];
  const args = ['analyze', ...where, '--output', 'json', ...files];
  try {
    return describe(await runIstioctl(access, args));
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    // It exits with an error code when it finds an error, and prints the messages all the same.
    if (error.output.startsWith('[')) return describe(error.output);
    return [`istioctl analyze did not check the manifests: ${error.message}`];
  }
}

/** @param output messages in JSON, which may be followed by a line of text */
function describe(output: string): string[] {
  const messages: Message[] = JSON.parse(output.slice(0, output.lastIndexOf(']') + 1));
  return messages
    .filter(({ reference }) => reference)
    .map(
      ({ reference = '', origin, message, code }) =>
        `${basename(reference)}: ${origin}: ${message} (${code})`,
    );
}
