import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { problem } from '../problems.ts';
import { boundWork } from './bound-work.ts';

/** OWASP's minimum for argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. argon2id is the library's default. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * A password costs tens of milliseconds of a core on purpose, so a flood of logins must not get all of them: half the cores, and
 * not more than half the threads that Node has for this, DNS and files (4). Nobody waits longer than a caller does, also on a busy
 * machine. The answer is 429 (RFC 6585 allows to count over the whole server), since after some 5xx a proxy would take
 * the instance out altogether, with the keys that everybody needs.
 */
const bounded = boundWork({
  atOnce: Math.max(1, Math.min(2, Math.floor(availableParallelism() / 2))),
  waiting: 32,
  waitMs: 2000,
  refuse: () => problem('too-busy', { retryAfterS: 2 }),
});

/** @throws `too-busy` (429) when too many passwords wait to be hashed or verified; so does `verifyPassword` */
export function hashPassword(password: string): Promise<string> {
  return bounded(() => hash(password, PARAMETERS));
}

const anyHash = hashPassword('compared with when there is no user');

/** Whether a hash was made with less than today's parameters, such as before they were raised. */
export function needsRehash(passwordHash: string): boolean {
  const { memoryCost, timeCost, parallelism } = PARAMETERS;
  return !passwordHash.startsWith(`$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`);
}

/** @param passwordHash none for an unknown user: then the answer is no, after the same work. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  const comparedWith = passwordHash ?? (await anyHash);
  const isRight = await bounded(() => verify(comparedWith, password));
  return isRight && passwordHash !== undefined;
}
