import { UserError } from '@meshmart/terminal/user-error';
import type { Command } from 'commander';

const wrongUsage = 2;

/** Loaded only when they are wanted: one that lists experiments need not wait for the whole platform. */
const commands: Record<string, { line: string; load(): Promise<Command> }> = {
  start: {
    line: 'npm start --',
    load: async () => (await import('./commands/start.ts')).startCommand(),
  },
  test: {
    line: 'npm test',
    load: async () => (await import('./commands/test.ts')).testCommand(),
  },
  'test:soak': {
    line: 'npm run test:soak --',
    load: async () => (await import('./commands/test-soak.ts')).testSoakCommand(),
  },
  'test:cluster': {
    line: 'npm run test:cluster',
    load: async () => (await import('./commands/test-cluster.ts')).testClusterCommand(),
  },
  experiment: {
    line: 'npm run experiment --',
    load: async () => (await import('./commands/experiment.ts')).experimentCommand(),
  },
  cluster: {
    line: 'npm run cluster --',
    load: async () => (await import('./commands/cluster.ts')).clusterCommand(),
  },
  gitops: {
    line: 'npm run gitops --',
    load: async () => (await import('./commands/gitops.ts')).gitopsCommand(),
  },
  conformance: {
    line: 'npm run conformance --',
    load: async () => (await import('./commands/conformance.ts')).conformanceCommand(),
  },
  fault: {
    line: 'npm run fault --',
    load: async () => (await import('./commands/fault.ts')).faultCommand(),
  },
  'test:mutants': {
    line: 'npm run test:mutants --',
    load: async () => (await import('./commands/test-mutants.ts')).testMutantsCommand(),
  },
  keys: {
    line: 'npm run keys --',
    load: async () => (await import('./commands/keys.ts')).keysCommand(),
  },
  openapi: {
    line: 'npm run openapi',
    load: async () => (await import('./commands/openapi.ts')).openapiCommand(),
  },
  structure: {
    line: 'npm run structure',
    load: async () => (await import('./commands/structure.ts')).structureCommand(),
  },
  'supply-chain': {
    line: 'npm run supply-chain --',
    load: async () => (await import('./commands/supply-chain.ts')).supplyChainCommand(),
  },
};

/** Runs one of the commands of `meshmart.mjs`, which has made sure of Node and of the dependencies. Sets the exit code. */
export async function main(name: string, args: string[]): Promise<void> {
  const chosen = commands[name];
  if (!chosen) throw new Error(`main.ts does not know the command "${name}" of meshmart.mjs`);
  const command = (await chosen.load())
    .name(chosen.line)
    .allowExcessArguments(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : wrongUsage));
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    const isForUser = error instanceof UserError;
    process.stderr.write(`${isForUser ? error.message : String((error as Error)?.stack ?? error)}\n`);
    process.exit(1); // what was begun and is of no use any more must not keep it waiting
  }
}
