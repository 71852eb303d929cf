import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, test } from 'vitest';
import { readTopology } from '../src/topology.ts';

const product = '{ versions: { v1: 1 }, database: true, calls: [] }';

test.each([
  ['malformed YAML', 'namespace: [', /^topology\.yaml: .*line 1/s],
  ['an empty file', '', /^topology\.yaml: the file must be object/],
  [
    'an unknown field',
    `namespace: a\ngateway: { calls: [] }\nservices: { product: ${product} }\nextra: 1`,
    /extra|additional/,
  ],
  [
    'no replicas',
    'namespace: a\ngateway: { calls: [] }\nservices: { product: { versions: { v1: 0 }, database: true, calls: [] } }',
    /services\.product\.versions\.v1 must be >= 1/,
  ],
  [
    'an unknown secret',
    'namespace: a\ngateway: { calls: [] }\nservices: { product: { versions: { v1: 1 }, database: true, calls: [], secrets: [x] } }',
    /services\.product\.secrets/,
  ],
  [
    'a call to nobody',
    `namespace: a\ngateway: { calls: [order] }\nservices: { product: ${product} }`,
    /gateway calls order, which is not among the services/,
  ],
])('refuses %s', async (_case, text, message) => {
  const file = join(temporaryFolder(), 'topology.yaml');
  writeFileSync(file, text);
  await expect(readTopology(file)).rejects.toThrow(message);
});
