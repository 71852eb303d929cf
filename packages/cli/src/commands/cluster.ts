import { environments } from '@meshmart/cluster/gitops/delivery';
import { LOWEST_PORT, providerNames, type UpOptions } from '@meshmart/cluster/provider';
import { HIGHEST_INDEX } from '@meshmart/cluster-from-source/layout';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { parseWholeNumber } from '@meshmart/terminal/whole-number';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';

const examples = `
Examples:
  npm run cluster -- up                                  Kubernetes with Istio; repeat it to go on after an interruption
  npm run cluster -- status                              nodes, pods, versions, URL, memory
  npm run cluster -- up --name second --port 9090        another one beside it
  npm run cluster -- down --name second                  ends it; of all that "up" has made only images and tools stay
  npm run cluster -- up --provider existing --context staging --registry registry.example/shop

Providers; without --provider it is the one that has the cluster, or else the first that this machine has the programs for:
  kind, minikube   Docker, kubectl and Helm beside them on the PATH; nodes are containers
  from-source      Linux, root, Go and apt, and no image registry: it installs the Debian packages that it lacks, builds Kubernetes
                   and Istio from their Go modules into ~/.cache/meshmart (once), and runs the node in namespaces of its own
  existing         any cluster, by the context of your kubeconfig that --context names; images are pushed to --registry`;

/** `npm run cluster`: a Kubernetes cluster with Istio. */
export function clusterCommand(): Command {
  return new Command()
    .description('Bring up a Kubernetes cluster with Istio and the store, tell how it is, or remove it.')
    .addArgument(new Argument('<action>').choices(['up', 'status', 'down']))
    .addOption(
      withOldNames(
        new Option('--provider <provider>', 'where the cluster comes from').choices(providerNames),
        {
          native: 'from-source',
          current: 'existing',
        },
      ),
    )
    .addOption(new Option('--mesh <mesh>', 'what it is made with').choices(['istio']).default('istio'))
    .option('--name <name>', 'of the cluster', parseName, 'meshmart')
    .option('--port <port>', `of the gateway on 127.0.0.1 (default: from ${LOWEST_PORT} on)`, parsePort)
    .option('--no-observability', 'without Prometheus and Jaeger')
    .option('--gitops', 'Argo CD brings the store from Git, and keeps it as it is there (default)')
    .option('--no-gitops', 'Helm brings the store from the working tree (of "existing" the default)')
    .option('--repo <url>', 'with --gitops: of another repository than this checkout; "." for this one again')
    .option('--revision <revision>', 'with --repo: a branch, a tag or a commit (default: HEAD)')
    .addOption(
      withOldNames(
        new Option(
          '--environment <environment>',
          'with --gitops: what argocd/applications/values-*.yaml says',
        ).choices(environments),
        { bench: 'lean' },
      ),
    )
    .option('--context <name>', 'existing: which cluster of your kubeconfig')
    .option(
      '--registry <registry>',
      'all but from-source: push the images there, as in registry.example/shop',
    )
    .option('--tag <tag>', 'all but from-source: of images that are there already; none is built')
    .option(
      '--index <number>',
      `from-source: 0 to ${HIGHEST_INDEX}, tells the networks of several clusters apart (default: the first free one)`,
      parseIndex,
    )
    .addHelpText('after', examples)
    .action(async (action: 'up' | 'status' | 'down', options: UpOptions) => {
      const { stop } = listenForInterruption();
      if (action === 'up') await (await import('@meshmart/cluster-lifecycle/up')).up(options, stop);
      else if (action === 'status')
        await (await import('@meshmart/cluster-lifecycle/status')).status(options.name);
      else await (await import('@meshmart/cluster-lifecycle/down')).down(options.name, stop);
    });
}

/** Accepts old names as aliases, and prints the new one to standard error. */
function withOldNames(option: Option, names: Record<string, string>): Option {
  const { parseArg } = option;
  return option.argParser((value, previous) => {
    const name = names[value];
    if (name) console.error(`${option.long} ${value} is now ${option.long} ${name}`);
    return parseArg?.(name ?? value, previous);
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
