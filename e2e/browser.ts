import { findProgram } from '@meshmart/processes/find-program';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

type Environment = Record<string, string | undefined>;

/** Returns the path of Chromium or Chrome: CHROME_PATH, or the first on the PATH. @throws with how to install one */
export async function findBrowser({ CHROME_PATH, PATH = '' }: Environment): Promise<string> {
  if (CHROME_PATH) return CHROME_PATH;
  for (const name of NAMES) {
    const found = await findProgram(name, PATH);
    if (found) return found;
  }
  throw new Error(
    'The shop is tested with a browser, and there is none: install Chromium (Debian: apt-get install chromium; ' +
      'macOS: brew install --cask chromium) or name one in CHROME_PATH',
  );
}

export async function startBrowser(environment: Environment = process.env): Promise<Browser> {
  return chromium.launch({ executablePath: await findBrowser(environment), args: FLAGS });
}
