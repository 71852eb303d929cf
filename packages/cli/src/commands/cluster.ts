import { environments, LOWEST_PORT, providerNames, type UpOptions } from '@meshmart/cluster/provider';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { parsePort } from '../options.ts';

const PROVIDERS = `
Providers. The default is the one that created the cluster, else the first whose programs are installed:
  kind, minikube  needs Docker, kubectl and Helm on the PATH; nodes are containers
  from-source     needs Linux, root, Go and apt, but no image registry. Installs missing Debian packages,
                  builds Kubernetes and Istio from their Go modules into ~/.cache/meshmart (once), and
                  runs the node in its own namespaces
  existing        needs a context of your kubeconfig and a registry for the images, as in
                  --context staging --registry registry.example/shop`;

/** Defines `cluster`, which creates, shows and deletes Kubernetes clusters with Istio and the store. */
export default function clusterCommand(): Command {
  return new Command()
    .addArgument(new Argument('<action>', 'what to do').choices(['up', 'status', 'down']))
    .addOption(
      withOldNames(new Option('--provider <provider>', 'how the cluster is created').choices(providerNames), {
        native: 'from-source',
        current: 'existing',
      }),
    )
    .option('--name <name>', 'name of the cluster', parseName, 'meshmart')
    .option(
      '--port <port>',
      `port of the gateway on 127.0.0.1 (default: ${LOWEST_PORT}; a further from-source cluster adds its number)`,
      parsePort,
    )
    .option('--no-observability', 'do not install Prometheus and Jaeger')
    .option('--gitops', 'deploy the store from Git with Argo CD (default)')
    .option('--no-gitops', 'deploy the store from the working tree with Helm (default for "existing")')
    .option('--repo <url>', 'with --gitops: another repository than this checkout; "." is this one again')
    .option('--revision <revision>', 'with --repo: branch, tag or commit (default: HEAD)')
    .addOption(
      withOldNames(
        new Option(
          '--environment <environment>',
          'with --gitops: values of argocd/applications/values-*.yaml',
        ).choices(environments),
        { bench: 'lean' },
      ),
    )
    .option('--context <name>', 'existing: context of your kubeconfig')
    .option('--registry <registry>', 'not from-source: registry for the images, as in registry.example/shop')
    .option('--platform <platform>', 'not from-source: platform of the images, as in linux/arm64')
    .option(
      '--gateway <namespace/name>',
      "existing: your mesh's gateway; the name is the label istio of its pods",
    )
    .option('--mesh-revision <revision>', 'existing: revision of your Istio, if there are several')
    .option('--public', 'existing: open the load balancer to the internet (default: only its own network)')
    .option('--dry-run', 'existing: print what would change in the cluster, and change nothing')
    .option('--values <file>', "with --no-gitops: values for the store's chart; repeatable", collect)
    .option('--set <name=value>', "with --no-gitops: one value for the store's chart; repeatable", collect)
    .option('--tag <tag>', 'not from-source: tag of images that exist already; none is built')
    .addHelpText('after', PROVIDERS)
    .action(async (action: 'up' | 'status' | 'down', options: UpOptions) => {
      const { stop } = listenForInterruption();
      // Each depends on much code, so only the chosen one is loaded.
      if (action === 'up') await (await import('@meshmart/cluster-lifecycle/up')).up(options, stop);
      else if (action === 'status')
        await (await import('@meshmart/cluster-lifecycle/status')).status(options.name);
      else await (await import('@meshmart/cluster-lifecycle/down')).down(options.name, stop);
    });
}

/** Collects the values of an option that may be repeated. */
function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Makes an option accept former values, and print the current one to standard error. */
function withOldNames(option: Option, names: Record<string, string>): Option {
  const { parseArg } = option;
  return option.argParser((value, previous) => {
    const name = names[value];
    if (name) console.error(`${option.long} ${value} is now ${option.long} ${name}`);
    return parseArg?.(name ?? value, previous);
  });
}

/** Parses the name of a cluster, which becomes part of names of folders, cgroups and Kubernetes objects. */
function parseName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,29}$/.test(text)) return text;
  throw new InvalidArgumentError(
    'Use up to 30 lower-case letters, digits and hyphens, starting with a letter.',
  );
}
