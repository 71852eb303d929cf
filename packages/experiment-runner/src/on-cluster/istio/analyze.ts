import { basename } from 'node:path';
import { type ClusterAccess, runIstioctl } from '@meshmart/cluster/access';
import { STORE_NAMESPACE } from '@meshmart/cluster/store';
import { ToolFailedError } from '@meshmart/processes/run-tool';
import { readObjects } from '../manifests.ts';

interface Message {
  code: string;
  message: string;
  /** Kind, namespace and name. */
  origin: string;
  /** File and line, when it is about one of the files. */
  reference?: string;
}

/**
 * What `istioctl analyze` says of these files on top of what the cluster has, which takes them all the same. Nothing is decided by
 * it, so that it is a warning too when there is no istioctl.
 */
export async function analyze(access: ClusterAccess, files: string[]): Promise<string[]> {
  if ((await readObjects(files)).length === 0) return [];
  const args = ['analyze', '--namespace', STORE_NAMESPACE, '--output', 'json', ...files];
  try {
    return describe(await runIstioctl(access, args));
  } catch (error) {
    if (!(error instanceof ToolFailedError)) throw error;
    // It fails when a message is an error in its eyes; those are in its answer as well.
    if (error.output.startsWith('[')) return describe(error.output);
    return [
      `without istioctl nobody looks for what Istio takes, but would not have written so: ${error.message}`,
    ];
  }
}

/** @param output messages in JSON, which a line about them may follow */
function describe(output: string): string[] {
  const messages: Message[] = JSON.parse(output.slice(0, output.lastIndexOf(']') + 1));
  return messages
    .filter(({ reference }) => reference)
    .map(
      ({ reference = '', origin, message, code }) =>
        `${basename(reference)}: ${origin}: ${message} (${code})`,
    );
}
