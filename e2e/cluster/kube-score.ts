import { join } from 'node:path';
import { runTool } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';
import { installOnce } from '@meshmart/toolchain/install-once';
import { versions } from '@meshmart/toolchain/versions';

/** @returns the path of kube-score, built from its Go module unless the cache has it */
export function ensureKubeScore(): Promise<string> {
  const { kubeScore } = versions;
  return installOnce(join(config.cacheDirectory, `kube-score-${kubeScore}`), 'kube-score', async (fresh) => {
    const env = { GOBIN: fresh, CGO_ENABLED: '0', GOFLAGS: '' };
    await runTool('go', ['install', `github.com/zegl/kube-score/cmd/kube-score@v${kubeScore}`], { env });
  });
}
