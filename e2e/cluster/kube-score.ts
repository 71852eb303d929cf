import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { installOnce } from '@meshmart/toolchain/install-once';
import { versions } from '@meshmart/toolchain/versions';
import { parseAllDocuments } from 'yaml';

/** Waived checks, with the objects that they are waived for. Reasons: docs/explanation/security-on-a-cluster.md. */
const waivers: Record<string, RegExp> = {
  'container-image-pull-policy': /^(Deployment|StatefulSet) /,
  'deployment-replicas': /^Deployment /,
  'deployment-has-host-podantiaffinity': /^Deployment /,
  'deployment-has-poddisruptionbudget': /^Deployment (prometheus|jaeger)$/,
  'container-security-context-user-group-id': /^StatefulSet postgres$/,
  'statefulset-has-servicename': /^StatefulSet postgres$/,
  'pod-probes-identical': /^StatefulSet postgres$/,
};

/** Runs kube-score on a file of manifests. @returns its lines, one for each object and fault */
export async function runKubeScore(manifest: string): Promise<string[]> {
  const objects = parseAllDocuments(readFileSync(manifest, 'utf8')).flatMap(
    (document) => document.toJS() ?? [],
  );
  for (const { kind, metadata } of objects) {
    const waived = Object.entries(waivers).filter(([, pattern]) => pattern.test(`${kind} ${metadata.name}`));
    const ignore = waived.map(([check]) => check).join(',');
    if (ignore) metadata.annotations = { ...metadata.annotations, 'kube-score/ignore': ignore };
  }
  const file = `${manifest}.waived`;
  writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  const output = await runTool(await ensureKubeScore(), ['score', '--output-format', 'ci', file]);
  return output.split('\n');
}

/** @returns the path of kube-score, built from its Go module unless the cache has it */
function ensureKubeScore(): Promise<string> {
  const { kubeScore } = versions;
  return installOnce(join(config.cacheDirectory, `kube-score-${kubeScore}`), 'kube-score', async (fresh) => {
    const env = { GOBIN: fresh, CGO_ENABLED: '0', GOFLAGS: '' };
    await runTool('go', ['install', `github.com/zegl/kube-score/cmd/kube-score@v${kubeScore}`], { env });
  });
}
