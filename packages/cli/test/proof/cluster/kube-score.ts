import { join } from 'node:path';
import { config } from '../../../src/config.ts';
import { installOnce } from '../../../src/setup/install-once.ts';
import { runTool } from '../../../src/setup/run-tool.ts';
import { versions } from '../../../src/setup/versions.ts';

/** @returns the path of kube-score, built from its Go module unless the cache has it */
export function ensureKubeScore(): Promise<string> {
  const { kubeScore } = versions;
  return installOnce(join(config.cacheDirectory, `kube-score-${kubeScore}`), 'kube-score', async (fresh) => {
    const env = { GOBIN: fresh, CGO_ENABLED: '0', GOFLAGS: '' };
    await runTool('go', ['install', `github.com/zegl/kube-score/cmd/kube-score@v${kubeScore}`], { env });
  });
}
