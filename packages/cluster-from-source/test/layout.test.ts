import { expect, test } from 'vitest';
import { HIGHEST_INDEX, layoutOfCluster } from '../src/layout.ts';

test('clusters with different indexes share no address', () => {
  const layouts = Array.from({ length: HIGHEST_INDEX + 1 }, (_, index) =>
    layoutOfCluster({ name: 'x', index }),
  );
  const ranges = layouts.flatMap(({ podRange, serviceRange, hostAddress }) => [
    podRange,
    serviceRange,
    `${hostAddress}/30`,
  ]);
  const intervals = ranges.map(toInterval).sort((a, b) => a.from - b.from);
  for (const [at, { from }] of intervals.entries()) {
    expect(from).toBeGreaterThan(intervals[at - 1]?.to ?? 0);
    expect(ranges[at]).toMatch(/^198\.1[89]\./);
  }
  for (const { serviceRange, apiAddress, dnsAddress, hostAddress, nodeAddress } of layouts) {
    const { from, to } = toInterval(serviceRange);
    for (const address of [apiAddress, dnsAddress]) {
      expect(toNumber(address)).toBeGreaterThan(from);
      expect(toNumber(address)).toBeLessThan(to);
    }
    expect(toNumber(nodeAddress)).toBe(toNumber(hostAddress) + 1);
  }
});

function toInterval(range: string): { from: number; to: number } {
  const [address = '', bits] = range.split('/');
  const size = 2 ** (32 - Number(bits));
  const from = Math.floor(toNumber(address) / size) * size;
  return { from, to: from + size - 1 };
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
