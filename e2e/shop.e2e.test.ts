import { ensureSecrets } from '@meshmart/local-platform/secrets';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { findBrowser, startBrowser } from './browser.ts';
import type { RunningStore } from './running-store.ts';
import { test } from './shared-store.ts';

const TIMEOUT_MS = 60_000;

let store: RunningStore;
let gatewayUrl: string;
let browser: Browser;
let visitors = 0;

test.beforeAll(async ({ store: running }) => {
  store = running;
  gatewayUrl = `http://127.0.0.1:${store.port}`;
  browser = await startBrowser();
});
test.afterAll(() => browser?.close());

/** Opens the shop's first page as a new visitor. An error on the browser's console fails the test. */
async function openShop(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: gatewayUrl, ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  await page.goto('/');
  return page;
}

async function register(page: Page): Promise<void> {
  visitors += 1;
  await page.getByRole('link', { name: 'Register' }).first().click();
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Email').fill(`ada-${visitors}@example.com`);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
}

async function putIntoBasket(page: Page, name: string): Promise<void> {
  await page.goto(`/shop/?${new URLSearchParams({ q: name })}`);
  await page.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Add to basket' }).click();
  await page.getByText('Added to your basket').waitFor();
}

/** Changes the description of the skillet, as an administrator. @returns the product's id */
async function describeSkillet(description: string): Promise<string> {
  const call = async (path: string, options: RequestInit = {}) => {
    const headers = { 'content-type': 'application/json', ...options.headers };
    const answer = await fetch(`${gatewayUrl}${path}`, { ...options, headers });
    expect(answer.status).toBeLessThan(300);
    return (await answer.json()) as never;
  };
  const login = JSON.stringify(ensureSecrets(store.layout.secrets).admin);
  const { accessToken }: { accessToken: string } = await call('/sessions', { method: 'POST', body: login });
  const found: { items: { id: string; version: number }[] } = await call('/products?q=skillet');
  const { id, version } = found.items[0] ?? { id: '', version: 0 };
  const headers = { authorization: `Bearer ${accessToken}`, 'if-match': `"${version}"` };
  await call(`/products/${id}`, { method: 'PATCH', headers, body: JSON.stringify({ description }) });
  return id;
}

/** Moves the focus to an element with the Tab key alone. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    if ((await target.and(page.locator(':focus')).count()) === 1) return;
  }
  throw new Error(`the Tab key does not lead to ${target}`);
}

test(
  'a visitor registers, searches and buys with the keyboard alone, and finds the confirmed order',
  async () => {
    const page = await openShop();
    await register(page);

    await tabTo(page, page.getByRole('searchbox'));
    await page.keyboard.type('harrow');
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('link', { name: 'Harrow Cast-Iron Skillet' }));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Harrow Cast-Iron Skillet' }).waitFor();
    expect(await page.getByRole('contentinfo').textContent()).toContain('Catalogue by product/v1');

    await tabTo(page, page.getByLabel('Quantity'));
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await page.getByText('Added to your basket').waitFor();
    await tabTo(page, page.getByRole('link', { name: 'Go to the basket' }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('link', { name: 'Go to checkout' }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('radio', { name: 'tok_approved' }));
    await tabTo(page, page.getByRole('button', { name: 'Pay €85.80' }));
    await page.keyboard.press('Enter');

    await page.getByRole('status').getByText('The order is confirmed').waitFor();
    await page.getByRole('link', { name: 'All orders' }).click();
    const orders = page.getByRole('main').getByRole('listitem');
    expect(await orders.count()).toBe(1);
    expect(await orders.textContent()).toMatch(/Confirmed.*2 items: Harrow Cast-Iron Skillet.*€85\.80/s);
  },
  TIMEOUT_MS,
);

test(
  'pressing the button twice places one order',
  async () => {
    const page = await openShop();
    await register(page);
    await putIntoBasket(page, 'Mortar and Pestle');
    await page.goto('/shop/checkout');
    await page.getByRole('button', { name: /^Pay/ }).dblclick();
    await page.waitForURL(/\/shop\/orders\/./);
    await page.getByText('The order is confirmed').waitFor();
    await page.getByRole('link', { name: 'All orders' }).click();
    await page.getByRole('heading', { name: 'Orders' }).waitFor();
    expect(await page.getByRole('main').getByRole('listitem').count()).toBe(1);
  },
  TIMEOUT_MS,
);

test(
  'the shop shows why an order was cancelled, and keeps the basket',
  async () => {
    const page = await openShop();
    await register(page);
    await putIntoBasket(page, 'Sea Salt Flakes');
    await page.goto('/shop/checkout');
    await page.getByRole('radio', { name: 'tok_declined' }).check();
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.getByRole('alert').getByText('The payment was declined').waitFor();
    await page.getByRole('button', { name: 'Put these back into the basket' }).click();
    await page.getByText('Total, 1 item').waitFor();
  },
  TIMEOUT_MS,
);

test(
  'a script in a search or a product does not run, and scripts cannot read the tokens',
  async () => {
    const page = await openShop();
    await register(page);
    expect((await page.context().cookies()).map(({ name }) => name)).toContain('meshmart_session');
    expect(await page.evaluate('document.cookie')).toBe('');

    const hostile = '"><script>window.isIn = true</script><img src=x onerror="window.isIn = true">';
    await page.goto(`/shop/?${new URLSearchParams({ q: hostile })}`);
    await page.getByRole('heading', { level: 1, name: 'window.isIn' }).waitFor();
    const id = await describeSkillet(hostile);
    await page.goto(`/shop/products/${id}`);
    await page.getByRole('article').getByText('window.isIn').waitFor();
    expect(await page.evaluate('window.isIn')).toBeUndefined();
  },
  TIMEOUT_MS,
);

test(
  'the content security policy of every page blocks an injected script',
  async () => {
    const context = await browser.newContext({ baseURL: gatewayUrl });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    for (const path of ['/shop/', '/shop/basket', '/shop/login', '/shop/nowhere']) {
      await page.goto(path);
      await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src="/x" onerror="window.isIn = true">');
        document.body.append(Object.assign(document.createElement('script'), { text: 'window.isIn = true' }))`);
      await expect
        .poll(() => complaints.filter((text) => text.includes('Content Security Policy')).length)
        .toBe(2);
      expect(await page.evaluate('window.isIn')).toBeUndefined();
      complaints.length = 0;
    }
  },
  TIMEOUT_MS,
);

test.each([
  { colorScheme: 'light', javaScriptEnabled: true },
  { colorScheme: 'dark', javaScriptEnabled: false },
] as const)(
  'no page scrolls sideways on the smallest phone: %o',
  async (options) => {
    const page = await openShop({ viewport: { width: 320, height: 640 }, isMobile: true, ...options });
    const measured: Record<string, number> = {};
    const measure = async (name: string) => {
      measured[name] = await page.locator('html').evaluate((html) => html.scrollWidth);
    };
    await measure('shop');
    await putIntoBasket(page, 'Washed Linen Duvet Cover');
    await measure('product');
    await page.goto('/shop/basket');
    await measure('basket');
    await page.goto('/shop/login');
    await measure('login');
    await register(page);
    await page.goto('/shop/checkout');
    await measure('checkout');
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.getByText('The order is confirmed').waitFor();
    await measure('order');
    await page.goto('/shop/orders');
    await measure('orders');
    expect(Object.entries(measured).filter(([, width]) => width > 320)).toEqual([]);
  },
  TIMEOUT_MS,
);

test('a missing browser is reported with the way to install one', async () => {
  await expect(findBrowser({ PATH: '/nowhere' })).rejects.toThrow('install Chromium');
  expect(await findBrowser({ CHROME_PATH: '/opt/chrome', PATH: '/nowhere' })).toBe('/opt/chrome');
});
