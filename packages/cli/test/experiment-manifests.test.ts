import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';

interface HttpRoute {
  name: string;
  fault?: object;
  route: object[];
}
interface Resource {
  kind: string;
  metadata: { name: string };
  spec: { http?: HttpRoute[] };
}

async function readAll(path: string): Promise<Resource[]> {
  const text = await readFile(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS());
}

// `kubectl apply` replaces a VirtualService whole, so these carry the gateway's other routes as well. A route that the
// standing file gains and a copy lacks would be 404 for as long as the experiment runs.
test.each(['canary', 'fault-delay', 'fault-abort'])(
  '%s changes the products route of the gateway and no other',
  async (name) => {
    const [standing] = await readAll('mesh/istio/store.yaml');
    const [changed] = await readAll(`experiments/${name}/istio.yaml`);
    const withoutProducts = ({ spec, ...rest }: Resource) => ({
      ...rest,
      spec: {
        ...spec,
        http: spec.http?.map((route) => (route.name === 'products' ? { name: route.name } : route)),
      },
    });
    expect(withoutProducts(changed as Resource)).toEqual(withoutProducts(standing as Resource));
    expect(changed).not.toEqual(standing);
  },
);

test("canary brings the standing mesh's subsets", async () => {
  const standing = await readAll('mesh/istio/product.yaml');
  const canary = await readAll('experiments/canary/istio.yaml');
  const rule = ({ kind }: Resource) => kind === 'DestinationRule';
  expect(canary.find(rule)).toEqual(standing.find(rule));
});
