import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { problem } from '../problems.ts';
import { boundWork } from './bound-work.ts';

/** OWASP's minimum for argon2id, the library's default (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Bounds password hashing, which costs tens of milliseconds of a core, to half the cores and half of Node's 4 worker
 * threads, so that a flood of logins leaves the rest to other work. Nobody waits longer than a caller does. The refusal
 * is 429 (RFC 6585 allows a limit for the whole server), since a proxy would eject an instance after several 5xx.
 */
const bounded = boundWork({
  atOnce: Math.max(1, Math.min(2, Math.floor(availableParallelism() / 2))),
  waiting: 32,
  waitMs: 2000,
  refuse: () => problem('too-busy', { retryAfterS: 2 }),
});

/** Hashes a password. @throws `too-busy` (429), like `verifyPassword`, if too many passwords wait */
export function hashPassword(password: string): Promise<string> {
  return bounded(() => hash(password, PARAMETERS));
}

const anyHash = hashPassword('compared with when there is no user');

/** Returns whether a hash was made with weaker parameters than today's. */
export function needsRehash(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  return !passwordHash.startsWith(`$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
}

/** Verifies a password. @param passwordHash undefined for an unknown user: returns false after the same work */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const comparedWith = passwordHash ?? (await anyHash);
  const isRight = await bounded(() => verify(comparedWith, password));
  return isRight && passwordHash !== undefined;
}
