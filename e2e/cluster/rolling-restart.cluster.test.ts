import { createKube, type Kube } from '@meshmart/experiment-runner/on-cluster/kube';
import { pauseSelfHeal, resumeSelfHeal } from '@meshmart/experiment-runner/on-cluster/self-heal';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { type ExperimentRuns, expectFailure, expectPass, prepareRuns, type Run } from '../experiment-runs.ts';
import { scale } from '../faults/scale.ts';
import { findStandingCluster } from './standing-cluster.ts';
import { expectStandingState } from './standing-mesh.ts';

/** Each round restarts each of the five services once. */
const rounds = scale(1, 10);
const leastRequests = scale(3000, 100_000);
const kube = createKube(findStandingCluster().access);
const on = ['--on', 'cluster', '--cluster', inject('cluster')];

/** @param choose returns the name of the experiment, or the folder of a changed copy */
async function run(times: number, choose: (runs: ExperimentRuns) => Promise<string>): Promise<Run> {
  const runs = await prepareRuns([...on, '--rounds', String(times)]);
  return runs.run(await choose(runs)).finally(() => runs.remove());
}

/** Restarting the changed Deployments is enough. Each restart loses some requests, sometimes few. */
const restartProduct = (runs: ExperimentRuns) =>
  runs.changeFiles('rolling-restart', {
    'restart.ts': (text) => text.replace(/deployments = .*/, "deployments = ['product-v1'];"),
  });

test(`${rounds * 5} rolling restarts lose none of at least ${leastRequests} requests`, async () => {
  const done = await run(rounds, async () => 'rolling-restart');
  console.log(done.output);
  expectPass('rolling-restart', 'cluster', done);
  const observed = (name: string) => done.result.expectations.find((one) => one.name === name)?.observed;
  expect(observed('rolling restarts')).toBe(rounds * 5);
  expect(observed('requests')).toBeGreaterThanOrEqual(leastRequests);
  await expectStandingState();
});

describe('the experiment fails', () => {
  const [deployment, application] = ['deployment/product-v1', 'product'];
  let template: Template;

  beforeAll(async () => {
    await pauseSelfHeal(kube, application);
    template = JSON.parse(await kube.run('get', deployment, '--output', 'json')).spec.template;
  });
  afterAll(() => resumeSelfHeal(kube, application));

  test.each<{ without: string; change(pod: Template['spec']): void }>([
    {
      without: 'preStop and without the readiness drain',
      change: ({ containers: [service] }) => {
        delete service?.lifecycle;
        for (const one of service?.env ?? []) if (one.name === 'DRAIN_MS') one.value = '0';
      },
    },
    {
      without: 'the time for what is slow to be finished',
      change: (pod) => {
        pod.terminationGracePeriodSeconds = 2;
        const [service] = pod.containers;
        if (service?.lifecycle) service.lifecycle.preStop.sleep.seconds = 1;
      },
    },
  ])('without $without', async ({ change }) => {
    onTestFinished(() => bring(kube, deployment, template), 300_000);
    const changed = structuredClone(template);
    change(changed.spec);
    expect(changed).not.toEqual(template);
    await bring(kube, deployment, changed);
    const done = await run(3, restartProduct);
    console.log(done.output);
    expectFailure({ expectation: 'failed requests', observed: [1, 3000] }, done);
  });
});

/** The parts of a Deployment that are changed here. */
interface Template {
  spec: {
    terminationGracePeriodSeconds: number;
    containers: {
      lifecycle?: { preStop: { sleep: { seconds: number } } };
      env: { name: string; value?: string }[];
    }[];
  };
}

async function bring(kube: Kube, deployment: string, template: Template): Promise<void> {
  const patch = JSON.stringify([{ op: 'replace', path: '/spec/template', value: template }]);
  await kube.run('patch', deployment, '--type', 'json', '--patch', patch);
  await kube.run('rollout', 'status', deployment, '--timeout=180s');
}
