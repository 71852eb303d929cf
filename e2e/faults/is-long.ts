/** The form of `npm run test:soak`. */
export const isLong = process.env.TEST_SCALE === 'long';
