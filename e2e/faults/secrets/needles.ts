import { randomBytes, randomInt } from 'node:crypto';

/** A secret or personal text to search for. */
export interface Needle {
  kind: string;
  text: string;
}

/** All texts that customers enter as secrets or personal data, or that the store issues as secrets. */
export class Needles {
  readonly all: Needle[] = [];

  note(kind: string, text: string): string {
    if (!this.all.some((known) => known.text === text)) this.all.push({ kind, text });
    return text;
  }

  /** Adds a token; of a JWT only the signature, because the rest can be guessed. */
  noteToken(token: string): string {
    this.note('access token', token.split('.').at(-1) as string);
    return token;
  }

  /** Makes a password with every character that JSON, URLs, forms or HTML escape. */
  makePassword(kind = 'password'): string {
    return this.note(kind, `n"<dle> %+ü\\&${randomBytes(9).toString('hex')}`);
  }

  makePerson(): { email: string; name: string; street: string } {
    const id = randomBytes(9).toString('hex');
    return {
      email: this.note('email', `ada-${id}@meshmart.example`),
      name: this.note('name', `Ada ${id.toUpperCase()}`),
      street: this.note('address', `Needle street ${id}`),
    };
  }

  /** Makes a valid card number (Luhn), plain and in groups of four. */
  makeCard(): { card: string; groupedCard: string } {
    const digits = `4${Array.from({ length: 14 }, () => randomInt(10)).join('')}`;
    const sum = [...digits].reduce((total, digit, index) => total + luhn(Number(digit), index), 0);
    const card = `${digits}${(10 - (sum % 10)) % 10}`;
    this.note('card number', card);
    return { card, groupedCard: this.note('card number', card.replace(/(\d{4})(?=\d)/g, '$1 ')) };
  }

  makePaymentToken(): string {
    const letters = Array.from({ length: 24 }, () => String.fromCharCode(97 + randomInt(26)));
    return this.note('payment token', `tok_${letters.join('')}`);
  }
}

function luhn(digit: number, index: number): number {
  const doubled = index % 2 === 0 ? 2 * digit : digit;
  return doubled > 9 ? doubled - 9 : doubled;
}

/** Returns the encodings of a text by name, each on one line. */
export function encodings(text: string): Map<string, string> {
  const json = inJson(text);
  const bytes = Buffer.from(text);
  const found = new Map([[text, 'as it is']]);
  const add = (way: string, written: string) => found.has(written) || found.set(written, way);
  add('in JSON', json);
  add('in JSON in JSON', inJson(json));
  add('in a URL', encodeURIComponent(text));
  add('in a path', encodeURI(text));
  add('in a form', new URLSearchParams({ '': text }).toString().slice(1));
  add('in HTML', inHtml(text, '&#39;'));
  add('in hexadecimal', bytes.toString('hex'));
  add('in hexadecimal', bytes.toString('hex').toUpperCase());
  // Base64 depends on the offset of the bytes. Characters that depend on neighbouring bytes are left out.
  for (const before of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3)).toString('base64');
    const inner = whole.slice(before === 0 ? 0 : 4);
    add('in base64', inner);
    add('in base64', inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return found;
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inHtml(text: string, apostrophe: string): string {
  const named = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return named.replaceAll('"', '&#34;').replaceAll("'", apostrophe);
}
