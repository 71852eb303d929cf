import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { listenForInterruption } from '../interruption.ts';
import { parseWholeNumber } from '../whole-number.ts';
import { HIGHEST_INDEX } from './native/layout.ts';

export interface ClusterOptions {
  name: string;
  index?: number;
  port?: number;
}

const examples = `
Examples:
  npm run cluster -- up                                  Kubernetes with Istio; repeat it to go on after an interruption
  npm run cluster -- status                              node, pods, versions, URL, memory
  npm run cluster -- up --name second --port 9090        another one beside it
  npm run cluster -- down --name second                  ends it; of all that "up" has made only the cache stays

The provider "native" needs Linux, root, Go and apt. It installs the Debian packages that it lacks, builds Kubernetes and Istio
from their Go modules into ~/.cache/meshmart (once), and runs the node in namespaces of its own.`;

/** `npm run cluster`: a Kubernetes cluster with Istio. */
export function clusterCommand(): Command {
  return new Command()
    .description('Bring up a Kubernetes cluster with Istio, tell how it is, or remove it.')
    .addArgument(new Argument('<action>').choices(['up', 'status', 'down']))
    .addOption(
      new Option('--provider <provider>', 'where the cluster comes from')
        .choices(['native'])
        .default('native'),
    )
    .option('--name <name>', 'of the cluster', parseName, 'meshmart')
    .option(
      '--index <number>',
      `0 to ${HIGHEST_INDEX}, tells the networks of several clusters apart (default: the first free one)`,
      parseIndex,
    )
    .option('--port <port>', 'of the gateway on 127.0.0.1 (default: 9080 + index)', parsePort)
    .addHelpText('after', examples)
    .action(async (action: 'up' | 'status' | 'down', options: ClusterOptions) => {
      const { stop } = listenForInterruption();
      if (action === 'up') await (await import('./native/up.ts')).up(options, stop);
      else if (action === 'status') await (await import('./native/status.ts')).status(options.name);
      else await (await import('./native/down.ts')).down(options.name);
    });
}

/** The name is part of names of folders, cgroups and Kubernetes' objects. */
function parseName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,29}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'It is up to 30 small letters, digits and hyphens, and begins with a letter.',
  );
}

function parseIndex(text: string): number {
  return parseWholeNumber(text, { from: 0, to: HIGHEST_INDEX });
}

function parsePort(text: string): number {
  return parseWholeNumber(text, { from: 1, to: 65_535 });
}
