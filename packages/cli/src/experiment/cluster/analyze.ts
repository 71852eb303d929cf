import { basename } from 'node:path';
import { type ClusterAccess, runIstioctl } from '../../cluster/access.ts';
import { STORE_NAMESPACE } from '../../cluster/store.ts';
import { ToolFailedError } from '../../setup/run-tool.ts';
import { readObjects } from './manifests.ts';

interface Message {
  code: string;
  message: string;
  /** Kind, namespace and name. */
  origin: string;
  /** File and line, when it is about one of the files. */
  reference?: string;
}

/** What `istioctl analyze` says of these files on top of what the cluster has. It takes them all the same. */
export async function analyze(access: ClusterAccess, files: string[]): Promise<string[]> {
  if ((await readObjects(files)).length === 0) return [];
  const args = ['analyze', '--namespace', STORE_NAMESPACE, '--output', 'json', ...files];
  const output = await runIstioctl(access, args).catch((error) => {
    // It fails when a message is an error in its eyes; those are in its answer as well.
    if (error instanceof ToolFailedError && error.output.startsWith('[')) return error.output;
    throw error;
  });
  const messages: Message[] = JSON.parse(output.slice(0, output.lastIndexOf(']') + 1));
  return messages
    .filter(({ reference }) => reference)
    .map(
      ({ reference = '', origin, message, code }) =>
        `${basename(reference)}: ${origin}: ${message} (${code})`,
    );
}
