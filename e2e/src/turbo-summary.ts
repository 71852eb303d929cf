import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface TurboTask {
  /** e.g. `@meshmart/order#test` */
  taskId: string;
  task: string;
  /** Of the package, relative to the checkout. */
  directory: string;
  exitCode: number;
}

interface Summary {
  tasks: {
    taskId: string;
    task: string;
    directory: string;
    command: string;
    execution?: { exitCode: number | null };
  }[];
}

/**
 * The tasks that were asked for in the run that was started at `startedAt` (ms), in every package that has a script for them,
 * out of what `turbo run --summarize` has written. Those it never came to, because something before them failed, have no exit
 * code there and 1 here.
 *
 * @throws when turbo has written no summary
 */
export function readTurboSummary(root: string, asked: string[], startedAt: number): TurboTask[] {
  const folder = join(root, '.turbo/runs');
  const files = readdirSync(folder).map((name) => join(folder, name));
  const newest = files
    .map((file) => ({ file, writtenAt: statSync(file).mtimeMs }))
    .filter(({ writtenAt }) => writtenAt >= startedAt)
    .sort((a, b) => b.writtenAt - a.writtenAt)[0];
  if (!newest) throw new Error('turbo left no summary of its run');
  const { tasks }: Summary = JSON.parse(readFileSync(newest.file, 'utf8'));
  return tasks
    .filter(({ command, task }) => command !== '<NONEXISTENT>' && asked.includes(task))
    .map(({ taskId, task, directory, execution }) => ({
      taskId,
      task,
      directory,
      exitCode: execution?.exitCode ?? 1,
    }));
}
