import { join } from 'node:path';
import { writeState } from '@meshmart/local-platform/state-file';
import { startFakePlatform } from '@meshmart/local-platform/test/fake-platform';
import { startFaultyService } from '@meshmart/local-platform/test/faulty-service';
import { identify, type ProcessIdentity } from '@meshmart/processes/process-identity';
import { entry, plainEnvironment, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';

/**
 * A platform of product v1, of two instances, and of order, which is down; and `fault` in its state folder.
 */
async function setUp() {
  const folder = temporaryFolder();
  const platform = await startFakePlatform(folder);
  onTestFinished(() => platform[Symbol.asyncDispose]());
  const [product] = platform.status.instances;
  if (!product) throw new Error('the fake platform has a product');
  platform.status.instances = [
    { ...product, faultsSocket: await startFaultyService() },
    { ...product, name: 'product-v1-2', faultsSocket: await startFaultyService() },
    { ...product, name: 'order-v1-1', service: 'order' },
  ];
  const self = identify(process.pid) as ProcessIdentity;
  const { controlSocket } = platform;
  writeState(join(folder, 'state.json'), { ...self, port: 1, controlSocket, startedAt: '' });
  return (...args: string[]) => fault(folder, args);
}

const fault = (state: string, args: string[]) =>
  runToEnd(process.execPath, [entry, 'fault', '--state', state, ...args], plainEnvironment);

test('sets the faults of one instance, or of all of a service, lists and clears them', async () => {
  const run = await setUp();
  const one = ['product-v1-1', '--error-rate', '0.3', '--delay', '200', '--drop-after-commit', '0.125'];
  expect((await run(...one)).output).toBe(
    'product-v1-1  30 % of requests fail, 12.5 % lose their response, all are delayed by 200 ms\n',
  );
  expect(await run()).toEqual({
    code: 0,
    output: `product-v1-1  30 % of requests fail, 12.5 % lose their response, all are delayed by 200 ms
product-v1-2  no faults
order-v1-1    down
`,
  });
  const delayed = 'product-v1-1  all are delayed by 5 ms\nproduct-v1-2  all are delayed by 5 ms\n';
  expect((await run('product', '--delay', '5')).output).toBe(delayed);
  expect((await run('product')).output).toBe(delayed);
  expect((await run('product-v1-1', '--delay', '5', '--delay-rate', '0.05')).output).toBe(
    'product-v1-1  5 % are delayed by 5 ms\n',
  );
  expect((await run('product', '--clear')).output).toBe('product-v1-1  no faults\nproduct-v1-2  no faults\n');
});

test.each([
  [['gateway', '--clear'], 1, 'choose one of product-v1-1, product-v1-2, order-v1-1, or a service\n'],
  [['order', '--delay', '5'], 1, 'order-v1-1 is down; a restart clears its faults\n'],
  [['--clear'], 2, 'error: name an instance or a service\n'],
  [['product', '--clear', '--delay', '5'], 2, "option '--clear' cannot be used with option '--delay <ms>'"],
  [
    ['product', '--clear', '--delay-rate', '1'],
    2,
    "option '--clear' cannot be used with option '--delay-rate <share>'",
  ],
  [['product', '--delay-rate', '5'], 2, 'It is a share from 0 to 1, such as 0.3.'],
  [['product', '--error-rate', '30'], 2, 'It is a share from 0 to 1, such as 0.3.'],
  [['product', '--drop-after-commit='], 2, 'It is a share from 0 to 1, such as 0.3.'],
  [['product', '--delay', '60001'], 2, 'It is a whole number from 0 to 60000.'],
  [['product', '--delay', '0.5'], 2, 'It is a whole number from 0 to 60000.'],
])('refuses %j', async (args, exitCode, message) => {
  const run = await setUp();
  const { code, output } = await run(...args);
  expect(output).toContain(message);
  expect(code).toBe(exitCode);
});

test('says that no store is running', async () => {
  expect(await fault(temporaryFolder(), [])).toEqual({
    code: 1,
    output: 'No store is running; start one: npm start\n',
  });
});

test('answers to its former name and option', async () => {
  const run = await setUp();
  await run('product-v1-1', '--error-rate', '1');
  const { output } = await run('product-v1-1', '--well');
  expect(output).toBe('--well is now --clear\nproduct-v1-1  no faults\n');
  const listed = await runToEnd(process.execPath, [entry, 'sick', '--help'], plainEnvironment);
  expect(listed.output).toMatch(/^"sick" is now "fault"\.\nUsage:/);
});
