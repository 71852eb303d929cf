export interface Expected {
  proxy: string;
  type: 'clusters' | 'listeners' | 'routes' | 'endpoints';
  name?: string;
  version: string;
}
export class RejectedUpdateError extends Error {}
export async function waitUntilLive(_e: Expected[], _a: Map<string, string>): Promise<void> {}
