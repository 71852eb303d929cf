import { readKeysFile, rotateKeys, signsAt, writeKeysFile } from '@meshmart/user/keys-file';

/** Longer than any verifier goes without fetching the keys anew: istiod takes 20 minutes, our services one. */
export const DEFAULT_OVERLAP_MS = 25 * 60_000;
const ROTATE_AFTER_MS = 30 * 86_400_000;
const LOOK_EVERY_MS = 3_600_000;

/** @returns when the new key begins to sign, in milliseconds */
export function rotateKeysFile(file: string, overlapMs: number): number {
  const keys = rotateKeys(readKeysFile(file), Date.now(), overlapMs);
  writeKeysFile(file, keys);
  return Math.max(...keys.map(signsAt));
}

/** Rotates the keys now and later whenever the newest one is older than 30 days. @returns a function that ends it */
export function keepKeysFresh(file: string, report: (line: string) => void): () => void {
  const look = () => {
    try {
      const newest = Math.max(...readKeysFile(file).map(signsAt));
      if (Date.now() - newest < ROTATE_AFTER_MS) return;
      const signsFrom = rotateKeysFile(file, DEFAULT_OVERLAP_MS);
      report(`The signing keys are rotated: a new one signs from ${new Date(signsFrom).toISOString()}`);
    } catch (error) {
      report(`The signing keys could not be rotated: ${(error as Error).message}`);
    }
  };
  look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
