import { mergeConfig } from 'vitest/config';
import shared from '../vitest.shared.ts';

/** Many of these tests wait for a process. By default Vitest leaves one core free: of two cores it would use one. */
export default mergeConfig(shared, { test: { include: ['test/*.test.ts'], maxWorkers: '100%' } });
