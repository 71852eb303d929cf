import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { IN_OWN_GROUP, runTool, ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

export interface ImageRecipe {
  /** In full, as in `docker.io/library/debian:bookworm-slim`. */
  image: string;
  dockerfile: string;
  /** The image that it is FROM, when that is one of ours. */
  from?: ImageRecipe;
  /** The folder that COPY takes files from, or what fills a new one. */
  context: string | ((folder: string, options: ToolOptions) => Promise<unknown>);
  /** Other folders for `COPY --from=<name>`. */
  moreContexts?: (options: ToolOptions) => Promise<Record<string, string>>;
  /** What the image depends on besides its Dockerfile, such as versions. */
  madeOf: string[];
}

/** Where built images lie as archives, and what buildah keeps of them for the next ones. */
export const imagesDirectory = join(config.cacheDirectory, 'images');

/** The archive of an image as its recipe stands now; another version is another file. */
export function archiveOf(recipe: ImageRecipe): string {
  const name = basename(recipe.image).replace(':', '-');
  return join(imagesDirectory, `${name}-${fingerprint(recipe)}.tar`);
}

function fingerprint({ image, dockerfile, from, madeOf }: ImageRecipe): string {
  const parts = [image, readFileSync(dockerfile, 'utf8'), ...madeOf, from ? fingerprint(from) : ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/**
 * Builds an image with buildah, without a registry, unless its archive is there.
 *
 * @throws UserError with what the build said last
 */
export async function ensureImage(recipe: ImageRecipe, options: ToolOptions): Promise<void> {
  const archive = archiveOf(recipe);
  if (existsSync(archive)) return;
  mkdirSync(imagesDirectory, { recursive: true });
  const fresh = mkdtempSync(join(imagesDirectory, 'context-'));
  const unfinished = `${fresh}.tar`;
  try {
    const { image, dockerfile } = recipe;
    const destination = `docker-archive:${unfinished}:${image}`;
    await buildImage(
      { image, dockerfile, destination, ...(await contextsOf(recipe, fresh, options)) },
      options,
    );
    renameSync(unfinished, archive);
  } finally {
    rmSync(fresh, { recursive: true, force: true, maxRetries: 10 }); // as installOnce does
    rmSync(unfinished, { force: true });
  }
  removeOlder(archive);
}

async function contextsOf({ context, moreContexts }: ImageRecipe, fresh: string, options: ToolOptions) {
  if (typeof context !== 'string') await context(fresh, options);
  const others = Object.entries((await moreContexts?.(options)) ?? {});
  const settings = others.flatMap(([name, path]) => ['--build-context', `${name}=${path}`]);
  return { context: typeof context === 'string' ? context : fresh, settings };
}

interface Build {
  image: string;
  dockerfile: string;
  context: string;
  /** As `buildah push` takes it: `docker-archive:FILE:IMAGE`, `oci:FOLDER:IMAGE`. */
  destination: string;
  /** Further options of `buildah build`. */
  settings: string[];
}

/** @throws UserError with what the build said last */
export async function buildImage(build: Build, options: ToolOptions): Promise<void> {
  const { image, dockerfile, context, destination, settings } = build;
  const script = join(config.root, 'cluster/from-source/images/build.sh');
  const args = [join(imagesDirectory, 'storage'), image, dockerfile, context, destination, ...settings];
  await runTool(script, args, { ...options, ...IN_OWN_GROUP }).catch((error) => {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new UserError(`The image ${image} could not be built: ${error.message}`);
  });
}

/** Archives of the same image as it was before. */
export function removeOlder(archive: string): void {
  const stem = basename(archive).replace(/[0-9a-f]{12}\.tar$/, '');
  for (const name of readdirSync(imagesDirectory)) {
    const isSame = name.startsWith(stem) && /^[0-9a-f]{12}\.tar$/.test(name.slice(stem.length));
    if (isSame && name !== basename(archive)) rmSync(join(imagesDirectory, name));
  }
}
