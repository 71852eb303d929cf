import { ToolFailedError } from '@meshmart/processes/run-tool';
import type { Kube } from '../../src/on-cluster/kube.ts';
import { type KubeObject, keyOf } from '../../src/on-cluster/manifests.ts';
import { installedMesh } from '../../src/on-cluster/store-mesh.ts';

const istio = /\.istio\.io\/|^gateway\.networking\.k8s\.io\//;

/** Commands that list pods. */
export const instances = 'get pods --selector app.kubernetes.io/part-of=meshmart,version';
export const gateways = 'get pods --selector istio=gateway';
/** Command that checks for Argo CD. */
const argoCd = 'get customresourcedefinitions applications.argoproj.io';
/** Command that checks for Argo Rollouts. */
const argoRollouts = 'get customresourcedefinitions rollouts.argoproj.io';
const generated = 'get pods --selector gateway.networking.k8s.io/gateway-name';

const gateway = {
  metadata: { name: 'gateway-1', namespace: 'meshmart', labels: {}, creationTimestamp: '' },
  status: { phase: 'Running' },
};

/** A cluster of objects in memory, with an istiod that has one proxy. */
export interface FakeKube extends Kube {
  objects: Map<string, KubeObject>;
  /** All changes: `apply VirtualService/store`, `delete configmap experiment`, `push`. */
  calls: string[];
  /** Responses to other commands, by the first words of their arguments. */
  responses: Record<string, (args: string[]) => string>;
  istiod: {
    /** Number of requests until istiod has, pushes, or has an acknowledgement of a change. */
    delay: { configz: number; pushcontext: number; syncz: number };
    /** The proxy's rejection while an object of this name exists. */
    rejects?: { name: string; reason: string };
  };
}

export function createFakeKube(): FakeKube {
  const objects = new Map<string, KubeObject>();
  const calls: string[] = [];
  const responses: FakeKube['responses'] = {
    [instances]: () => '{"items": []}',
    [gateways]: () => JSON.stringify({ items: [gateway] }),
    [generated]: () => '{"items": []}',
    [argoCd]: () => '',
    [argoRollouts]: () => '',
  };
  const istiod: FakeKube['istiod'] = { delay: { configz: 0, pushcontext: 0, syncz: 0 } };
  let version = 0;
  let pushes = 0;

  const refuse = (reason: string, { kind, metadata }: KubeObject): never => {
    throw new ToolFailedError(
      'kubectl',
      'exit code 1',
      `Error from server (${reason}): ${kind} ${metadata.name}`,
    );
  };

  const write = (object: KubeObject): KubeObject => {
    const before = objects.get(keyOf(object));
    const { resourceVersion, ...metadata } = object.metadata;
    const isSame =
      before && JSON.stringify({ ...before, metadata }) === JSON.stringify({ ...object, metadata });
    if (!isSame) version++;
    const stored = isSame
      ? before
      : { ...object, metadata: { ...metadata, resourceVersion: String(version) } };
    objects.set(keyOf(object), stored);
    return stored;
  };

  const change = {
    apply: write,
    create: (object: KubeObject) =>
      objects.has(keyOf(object)) ? refuse('AlreadyExists', object) : write(object),
    replace(object: KubeObject) {
      const before = objects.get(keyOf(object));
      const { resourceVersion } = object.metadata;
      if (!before) return refuse('NotFound', object);
      if (resourceVersion && resourceVersion !== before.metadata.resourceVersion)
        return refuse('Conflict', object);
      return write(object);
    },
    delete(object: KubeObject) {
      objects.delete(keyOf(object));
      return object;
    },
  };

  const isLate = (question: keyof typeof istiod.delay) => istiod.delay[question]-- > 0;
  const ofIstio = () => [...objects.values()].filter(({ apiVersion }) => istio.test(apiVersion));

  const askIstiod = (path: string): string => {
    if (path === '/debug/configz') return JSON.stringify(isLate('configz') ? [] : ofIstio());
    if (path === '/debug/pushcontext') return JSON.stringify(isLate('pushcontext') ? {} : ofIstio());
    if (path === '/debug/adsz?push=true') {
      pushes++;
      calls.push('push');
      return 'Pushed to 1 servers';
    }
    const sent = `version/${pushes}`;
    const { name, reason: lastError } = istiod.rejects ?? {};
    const isRejected = ofIstio().some(({ metadata }) => metadata.name === name);
    const acked = isRejected || isLate('syncz') ? 'version/older' : sent;
    const status = { sent, acked, ...(isRejected && { lastError }) };
    return JSON.stringify([{ proxy: 'gateway-1.meshmart', resources: { routes: status } }]);
  };

  const run = async (...args: string[]): Promise<string> => {
    const line = args.join(' ');
    if (line.includes('pilot-discovery')) return askIstiod(args.at(-1) as string);
    if (line.includes('app=istiod')) return 'pod/istiod-1\n';
    if (line.startsWith('get configmap experiment')) {
      const record = objects.get('/ConfigMap/experiment');
      return record ? JSON.stringify(record) : '';
    }
    if (line.startsWith('delete ')) {
      calls.push(line);
      if (line.startsWith('delete configmap experiment')) objects.delete('/ConfigMap/experiment');
      return '';
    }
    const response = Object.entries(responses).find(([words]) => line.startsWith(words));
    if (!response) throw new Error(`nobody expected kubectl ${line}`);
    return response[1](args);
  };

  return {
    objects,
    calls,
    responses,
    istiod,
    mesh: installedMesh,
    run,
    exec: ({ pod }, container, ...command) => run('exec', pod, container, ...command),
    async send(verb, items) {
      calls.push(`${verb} ${items.map(({ kind, metadata }) => `${kind}/${metadata.name}`).join(' ')}`);
      return JSON.stringify({ items: items.map(change[verb]) });
    },
  };
}
