import { join } from 'node:path';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import type { ImageRecipe } from './images.ts';
import { toolFolder } from './tools.ts';

const folder = join(config.root, 'cluster/from-source/images');

/** Images of Prometheus and Jaeger, under the names in charts/observability. */
export const observabilityImages: ImageRecipe[] = [
  {
    image: `docker.io/prom/prometheus:v${versions.prometheus}`,
    dockerfile: join(folder, 'prometheus.Dockerfile'),
    context: toolFolder('prometheus'),
    madeOf: [versions.prometheus],
  },
  {
    image: `docker.io/jaegertracing/jaeger:${versions.jaeger}`,
    dockerfile: join(folder, 'jaeger.Dockerfile'),
    context: toolFolder('jaeger'),
    madeOf: [versions.jaeger],
  },
];
