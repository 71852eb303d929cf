/** True in `./meshmart test:soak`. */
export const isLong = process.env.TEST_SCALE === 'long';
