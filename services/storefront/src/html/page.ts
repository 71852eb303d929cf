import { html } from 'ghtml';

type Section = 'shop' | 'basket' | 'orders' | 'account' | 'login' | 'register';

export interface Page {
  /** The title in the browser's tab. */
  title: string;
  /** The section that is marked in the navigation. */
  section?: Section;
  /** The `x-served-by` of product's response; null if product was not called. */
  catalogueBy?: string | null;
  /** The HTML of the main part. */
  main: string;
}

interface Visitor {
  isLoggedIn: boolean;
  /** The number of units in the basket. */
  basketCount: number;
}

/** Renders a page: head, navigation, main part and footer. */
export function renderPage({ title, section, catalogueBy, main }: Page, visitor: Visitor): string {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${title} – Meshmart</title>
  <meta name="color-scheme" content="light dark">
  <link rel="icon" href="/shop/assets/mark.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/shop/assets/shop.css">
</head>
<body>
  <a class="skip-link" href="#main">Skip to content</a>
  <header class="site-head">
    <div class="wrap">
      <a class="brand" href="/shop/"><img src="/shop/assets/mark.svg" alt="" width="28" height="28">Meshmart</a>
      <nav class="site-nav" aria-label="Shop">!${renderNavigation(visitor, section)}</nav>
    </div>
  </header>
  <main id="main" tabindex="-1"><div class="wrap">!${main}</div></main>
  <footer class="site-foot">
    <div class="wrap">
      <p>A small store to learn, show and measure service-mesh patterns on. Nothing is charged, nothing is sent.</p>
      !${catalogueBy ? html`<p>Catalogue by <code>${catalogueBy}</code></p>` : ''}
    </div>
  </footer>
</body>
</html>
`;
}

function renderNavigation({ isLoggedIn, basketCount }: Visitor, section: Section | undefined): string {
  const current = (of: Section) => (of === section ? 'aria-current="page"' : '');
  const badge = html`<span class="badge">${basketCount}<span class="hidden-visually"> in it</span></span>`;
  const account = isLoggedIn
    ? html`<li><a href="/shop/orders" !${current('orders')}>Orders</a></li>
      <li><a href="/shop/account" !${current('account')}>Account</a></li>
      <li><form method="post" action="/shop/logout"><button>Log out</button></form></li>`
    : html`<li><a href="/shop/login" !${current('login')}>Log in</a></li>
      <li><a href="/shop/register" !${current('register')}>Register</a></li>`;
  return html`<ul>
    <li><a href="/shop/basket" !${current('basket')}>Basket !${basketCount > 0 ? badge : ''}</a></li>
    !${account}
  </ul>`;
}
