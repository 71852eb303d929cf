/** The form of `npm run test:long`. */
export const isLong = process.env.TEST_SCALE === 'long';
