// Runs prepare.ts with Node 24 and the installed dependencies, on whatever Node is installed: prepare.mjs FOLDER
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from '../../bootstrap/dependencies.mjs';
import { ensureNode } from '../../bootstrap/node-version.mjs';

if (!(await ensureNode(process.env))) {
  await ensureDependencies(fileURLToPath(new URL('../..', import.meta.url)), process.env);
  await import('./prepare.ts');
}
