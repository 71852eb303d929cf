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

const examples = `
Examples:
  npm run gitops -- status            what Argo CD deploys, from which commit, and what is not as Git has it
  npm run gitops -- sync              lets it look at Git now, and waits until everything is as it is there
  npm run gitops -- diff mesh         what differs between Git and the cluster, as diff(1) shows it; exit code 1 when anything does
  npm run gitops -- history product   which commits were deployed, and when

Without a name it is all applications. The cluster is one of: npm run cluster -- up`;

type Action = 'status' | 'sync' | 'diff' | 'history';

/** `npm run gitops`: what Argo CD does on a cluster, without its web interface. */
export function gitopsCommand(): Command {
  return new Command()
    .description('Show what Argo CD deploys on a cluster from Git, and let it do so now.')
    .addArgument(new Argument('<action>').choices(['status', 'sync', 'diff', 'history']))
    .argument('[application]', 'as "status" names it')
    .option('--cluster <name>', 'which cluster', 'meshmart')
    .addHelpText('after', examples)
    .action(async (action: Action, name: string | undefined, options: { cluster: string }) => {
      const { stop } = listenForInterruption();
      const cluster = await openCluster(options.cluster);
      const delivery = cluster && readDelivery(cluster);
      if (!cluster?.isRunning() || !delivery?.gitops) {
        throw new UserError(
          `Argo CD does not run on a cluster "${options.cluster}": ${commandLine('up', options.cluster)}`,
        );
      }
      if (action === 'sync') await sync(cluster, delivery, name, stop);
      const chosen = choose(await listApplications(cluster.access), name);
      if (action === 'diff') {
        if (!(await diff(cluster.access, chosen))) process.exitCode = 1;
      } else console.log(action === 'history' ? formatHistory(chosen) : formatStatus(chosen));
    });
}

/** @throws UserError when none has this name */
function choose(applications: Application[], name: string | undefined): Application[] {
  const chosen = applications.filter(({ metadata }) => name === undefined || metadata.name === name);
  if (chosen.length > 0) return chosen;
  const names = applications.map(({ metadata }) => metadata.name).filter((one) => one !== ROOT);
  throw new UserError(
    name ? `There is no application "${name}"; there are ${names.join(', ')}` : 'Argo CD has no application',
  );
}
