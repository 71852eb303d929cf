import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GATEWAY_NODE_PORT } from '@meshmart/cluster/provider';
import { config } from '@meshmart/toolchain/config';
import { versions } from '@meshmart/toolchain/versions';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { postgresImage } from '../src/image-recipes.ts';

const read = (file: string) => readFileSync(join(config.root, file), 'utf8');

test('versions and ports agree where files repeat them', () => {
  const { packageManager } = JSON.parse(read('package.json'));
  expect(packageManager).toBe(`npm@${versions.npm}`);
  const gateway = parse(read('cluster/istio/gateway.yaml'));
  expect(gateway.service.ports[0].nodePort).toBe(GATEWAY_NODE_PORT);
  expect(postgresImage.image).toBe(parse(read('charts/postgres/values.yaml')).image);
});
