import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { debianImage } from './image-recipes.ts';
import type { ImageRecipe } from './images.ts';
import { toolFolder } from './tools.ts';

const folder = join(config.root, 'cluster/from-source/images');

/** Image of Argo Rollouts, under the name in its manifests. */
export const argoRolloutsImage: ImageRecipe = {
  image: `quay.io/argoproj/argo-rollouts:v${versions.argoRollouts}`,
  dockerfile: join(folder, 'argo-rollouts.Dockerfile'),
  context: toolFolder('argo-rollouts'),
  madeOf: [versions.argoRollouts],
};

/** Images of Argo CD, under the names in its manifests. */
export const argoCdImages: ImageRecipe[] = [
  {
    image: `quay.io/argoproj/argocd:v${versions.argoCd}`,
    dockerfile: join(folder, 'argo-cd.Dockerfile'),
    from: debianImage,
    context: toolFolder('argo-cd'),
    moreContexts: async () => ({ helm: toolFolder('helm') }),
    madeOf: [versions.argoCd, versions.helm],
  },
  {
    image: `public.ecr.aws/docker/library/redis:${versions.argoCdRedis}`,
    dockerfile: join(folder, 'redis.Dockerfile'),
    from: debianImage,
    context: folder,
    madeOf: [],
  },
];
