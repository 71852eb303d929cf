import { Listr, PRESET_TIMER } from 'listr2';
import { config } from './config.ts';

export interface Step {
  title: string;
  /** Does the work. `show` displays a detail below the title, on a terminal only. */
  run(show: (detail: string) => void): Promise<unknown>;
}

/**
 * Runs steps, with a spinner and the elapsed time on a terminal, as plain lines elsewhere. Does not handle
 * signals.
 *
 * @throws the error of the first step that fails
 */
export async function runSteps(steps: Step[], { concurrent = false } = {}): Promise<void> {
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: async (_context: unknown, task: { output: string }) => {
      await run((detail) => {
        if (config.isTerminal) task.output = detail;
      });
    },
  }));
  await new Listr(tasks, {
    concurrent,
    renderer: 'default',
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false, collapseErrors: false },
    fallbackRenderer: 'simple',
    fallbackRendererOptions: { timer: PRESET_TIMER },
    fallbackRendererCondition: () => !config.isTerminal,
    registerSignalListeners: false,
  }).run();
}
