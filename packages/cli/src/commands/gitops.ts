import { type Application, listApplications, ROOT } from '@meshmart/cluster/gitops/applications';
import { readDelivery } from '@meshmart/cluster/gitops/delivery';
import { diff } from '@meshmart/cluster/gitops/diff';
import { formatHistory, formatStatus } from '@meshmart/cluster/gitops/report';
import { sync } from '@meshmart/cluster/gitops/sync';
import { commandLine } from '@meshmart/cluster/provider';
import { openCluster } from '@meshmart/cluster-lifecycle/choose-provider';
import { listenForInterruption } from '@meshmart/terminal/interruption';
import { UserError } from '@meshmart/terminal/user-error';
import { Argument, Command } from 'commander';

type Action = 'status' | 'sync' | 'diff' | 'history';

/** Defines `gitops`, which shows what Argo CD does on a cluster without its web interface. */
export default function gitopsCommand(): Command {
  return new Command()
    .addArgument(new Argument('<action>', 'what to do').choices(['status', 'sync', 'diff', 'history']))
    .argument('[application]', 'one application by its name (default: all)')
    .option('--cluster <name>', 'name of the cluster', 'meshmart')
    .action(async (action: Action, name: string | undefined, options: { cluster: string }) => {
      const { stop } = listenForInterruption();
      const cluster = await openCluster(options.cluster);
      const delivery = cluster && readDelivery(cluster);
      if (!cluster?.isRunning() || !delivery?.gitops) {
        throw new UserError(
          `Cluster "${options.cluster}" does not run Argo CD: ${commandLine('up', options.cluster)}`,
        );
      }
      if (action === 'sync') await sync(cluster, delivery, name, stop);
      const chosen = findApplications(await listApplications(cluster.access), name);
      if (action === 'diff') {
        if (!(await diff(cluster.access, chosen))) process.exitCode = 1;
      } else console.log(action === 'history' ? formatHistory(chosen) : formatStatus(chosen));
    });
}

/** Returns the application with this name, or all. @throws UserError if there is none */
function findApplications(applications: Application[], name: string | undefined): Application[] {
  const chosen = applications.filter(({ metadata }) => name === undefined || metadata.name === name);
  if (chosen.length > 0) return chosen;
  const names = applications.map(({ metadata }) => metadata.name).filter((one) => one !== ROOT);
  throw new UserError(
    name ? `There is no application "${name}", only ${names.join(', ')}` : 'Argo CD has no application',
  );
}
