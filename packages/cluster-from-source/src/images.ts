import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { IN_OWN_GROUP, runTool, ToolFailedError, type ToolOptions } from '@meshmart/processes/run-tool';
import { UserError } from '@meshmart/terminal/user-error';
import { config } from '@meshmart/toolchain/config';

/** Instructions for building one image. */
export interface ImageRecipe {
  /** Full name, as in `docker.io/library/debian:bookworm-slim`. */
  image: string;
  dockerfile: string;
  /** Base image, if it is built here too. */
  from?: ImageRecipe;
  /** Build context, or a function that fills a new folder. */
  context: string | ((folder: string, options: ToolOptions) => Promise<unknown>);
  /** Further contexts for `COPY --from=<name>`. */
  moreContexts?: (options: ToolOptions) => Promise<Record<string, string>>;
  /** Inputs besides the Dockerfile, such as versions. A change builds a new image. */
  madeOf: string[];
}

/** Folder of the images' archives and of buildah's storage. */
export const imagesDirectory = join(config.cacheDirectory, 'images');

/** Returns the archive of an image. Its name contains a fingerprint of the recipe. */
export function archiveOf(recipe: ImageRecipe): string {
  const name = basename(recipe.image).replace(':', '-');
  return join(imagesDirectory, `${name}-${fingerprint(recipe)}.tar`);
}

function fingerprint({ image, dockerfile, from, madeOf }: ImageRecipe): string {
  const parts = [image, readFileSync(dockerfile, 'utf8'), ...madeOf, from ? fingerprint(from) : ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/**
 * Builds an image with buildah, without a registry, unless its archive exists.
 *
 * @throws UserError with the last line of the build's output
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

/** Arguments of one run of buildah. */
interface Build {
  image: string;
  dockerfile: string;
  context: string;
  /** Destination for `buildah push`: `docker-archive:FILE:IMAGE` or `oci:FOLDER:IMAGE`. */
  destination: string;
  /** Further options of `buildah build`. */
  settings: string[];
}

/** Runs buildah. @throws UserError with the last line of its output */
export async function buildImage(build: Build, options: ToolOptions): Promise<void> {
  const { image, dockerfile, context, destination, settings } = build;
  const script = join(config.root, 'cluster/from-source/images/build.sh');
  const args = [join(imagesDirectory, 'storage'), image, dockerfile, context, destination, ...settings];
  await runTool(script, args, { ...options, ...IN_OWN_GROUP }).catch((error) => {
    if (!(error instanceof ToolFailedError)) throw error;
    throw new UserError(`The image ${image} could not be built: ${error.message}`);
  });
}

/** Deletes archives of older versions of the same image. */
export function removeOlder(archive: string): void {
  const stem = basename(archive).replace(/[0-9a-f]{12}\.tar$/, '');
  for (const name of readdirSync(imagesDirectory)) {
    const isSame = name.startsWith(stem) && /^[0-9a-f]{12}\.tar$/.test(name.slice(stem.length));
    if (isSame && name !== basename(archive)) rmSync(join(imagesDirectory, name));
  }
}
