/** The settings of this package from the environment. */
export const config = {
  /** Whether standard output is a terminal, outside of CI. */
  isTerminal: process.stdout.isTTY === true && !process.env.CI,
};
