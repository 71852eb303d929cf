import type { Translation } from './translate.ts';

export interface Publisher {
  /**
   * Writes the translation and resolves when every running proxy has it live.
   * @param adminSockets by proxy name; a proxy that does not answer there is not waited for.
   * @throws RejectedUpdateError when a proxy refuses it.
   */
  publish(translation: Translation, adminSockets: Map<string, string>): Promise<{ tookMs: number }>;
}

/** A proxy refused what was written; the message carries its name and Envoy's own reason. */
export class RejectedUpdateError extends Error {
  override readonly name = 'RejectedUpdateError';
  readonly proxy: string;

  constructor(proxy: string, reason: string) {
    super(`${proxy}: Envoy refused the configuration: ${reason}`);
    this.proxy = proxy;
  }
}

/** Publishes to the folder of xDS files (the same as `Mesh.directory`); calls are run one after the other. */
export function createPublisher(options: { directory: string }): Publisher {
  throw new Error(`not published yet: ${options.directory}`);
}
