/** What the package takes from its surroundings. */
export const config = {
  /** Progress is drawn only where somebody watches it. */
  isTerminal: process.stdout.isTTY === true && !process.env.CI,
};
