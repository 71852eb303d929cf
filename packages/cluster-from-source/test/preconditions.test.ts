import { join } from 'node:path';
import { writeExecutable } from '@meshmart/test-support/executable';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { describe, expect, test } from 'vitest';
import { assertCanBeNode } from '../src/preconditions.ts';

describe('names what a machine lacks to be a node:', () => {
  const searchPath = () => {
    const bin = temporaryFolder();
    writeExecutable(join(bin, 'apt-get'), '');
    return bin;
  };
  test.each([
    [{ platform: 'darwin' as const }, /needs Linux; this is darwin/],
    [{ userId: 1000 }, /needs root: sudo \.\/meshmart cluster …/],
    [{ searchPath: '' }, /needs apt-get/],
    [{}, /needs Go .* install it \(https:\/\/go.dev\/dl\)/],
  ])('%j', async (difference, message) => {
    const machine = { platform: 'linux' as const, userId: 0, searchPath: searchPath(), ...difference };
    await expect(assertCanBeNode(machine)).rejects.toThrow(message);
  });
});
