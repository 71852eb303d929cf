import { request } from 'undici';

interface ShopPage {
  /** 0 if no response came. */
  status: number;
  location: string | undefined;
  body: string;
}

/** Creates a visitor who keeps cookies and sends forms like a browser without scripts. */
export function createVisitor(gatewayUrl: string) {
  const cookies = new Map<string, string>();

  async function visit(path: string, fields?: Record<string, string>): Promise<ShopPage> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, ...(fields && { 'content-type': 'application/x-www-form-urlencoded' }) };
    const body = fields ? new URLSearchParams(fields).toString() : null;
    const method = fields ? 'POST' : 'GET';
    const answer = await request(`${gatewayUrl}${path}`, { method, headers, body }).catch(() => undefined);
    if (!answer) return { status: 0, location: undefined, body: '' };
    for (const text of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      cookies.set(name, value);
    }
    const { statusCode: status, headers: given } = answer;
    return { status, location: given.location as string | undefined, body: await answer.body.text() };
  }

  return {
    visit,
    /** The access token, for the services' own APIs. */
    accessToken: () => cookies.get('meshmart_session') ?? '',
    async register(email: string): Promise<void> {
      await visit('/shop/register', {
        name: 'Ada',
        email,
        password: 'correct horse battery',
        next: '/shop/',
      });
      if (!cookies.get('meshmart_session')) throw new Error('the visitor could not register');
    },
    addToBasket: (productId: string, quantity = 1) =>
      visit('/shop/basket/add', { productId, quantity: String(quantity) }),
    /** @returns the hidden fields of the checkout. @throws when there is no form */
    async openCheckout(): Promise<Record<string, string>> {
      const page = await visit('/shop/checkout');
      const fields = readHiddenFields(page.body);
      if (!fields.idempotencyKey) throw new Error(`no checkout: ${page.status} ${page.location}`);
      return fields;
    },
    pay: (fields: Record<string, string>, paymentToken = 'tok_approved') =>
      visit('/shop/checkout', { ...fields, paymentToken }),
  };
}

/** Returns the hidden fields of the checkout form in a page. */
export function readHiddenFields(body: string): Record<string, string> {
  const [, form = ''] = /<form[^>]*action="\/shop\/checkout"([\s\S]*?)<\/form>/.exec(body) ?? [];
  const fields = [...form.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const decode = (text = '') => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  return Object.fromEntries(fields.map(([, name, value]) => [name, decode(value)]));
}
