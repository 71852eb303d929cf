/** The form of `./meshmart test:soak`. */
export const isLong = process.env.TEST_SCALE === 'long';
