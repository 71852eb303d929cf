import { expect, test } from 'vitest';
import { parseQuantity } from '../src/pods.ts';

test('parses quantities of Kubernetes', () => {
  expect(['50m', '2', '128Mi', '1.5Gi', '1k', undefined].map((text) => parseQuantity(text))).toEqual([
    0.05,
    2,
    128 * 2 ** 20,
    1.5 * 2 ** 30,
    1000,
    0,
  ]);
  expect(() => parseQuantity('lots')).toThrow('not a quantity: lots');
});
