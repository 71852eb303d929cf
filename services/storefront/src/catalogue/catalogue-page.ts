import { html } from 'ghtml';
import { formatCategory } from '../html/format.ts';
import type { Category, ProductPage } from '../peers/product.ts';
import { renderProductGrid } from './product-card.ts';

/** The visitor's search. */
interface Search {
  q?: string;
  category?: string;
  cursor?: string;
}

/** Renders a page of products. Without `categories`, only the filter is missing. */
export function renderCatalogue(page: ProductPage, categories: Category[], search: Search): string {
  const { q, category, cursor } = search;
  return html`
    <div class="catalogue-head">
      <h1>${describeSearch(search)}</h1>
      <form class="search" role="search" action="/shop/">
        <label class="hidden-visually" for="q">Search the catalogue</label>
        <input id="q" name="q" type="search" value="${q}" maxlength="100" placeholder="Search the catalogue" autocomplete="off">
        !${category ? html`<input type="hidden" name="category" value="${category}">` : ''}
        <button class="button">Search</button>
      </form>
      <nav class="categories" aria-label="Categories"><ul>
        !${renderChip('All', undefined, search)}
        !${categories.map((one) => renderChip(formatCategory(one.category), one, search))}
      </ul></nav>
    </div>
    !${page.items.length > 0 ? renderProductGrid(page.items, 'h2') : renderNothingFound(search)}
    <nav class="paging" aria-label="Pages">
      !${cursor ? html`<a class="button button-quiet" href="${linkTo({ ...search, cursor: undefined })}">First page</a>` : ''}
      !${page.nextCursor ? html`<a class="button" rel="next" href="${linkTo({ ...search, cursor: page.nextCursor })}">Next page</a>` : ''}
    </nav>`;
}

/** Returns the page's heading and title, such as `Coffee and tea: “kettle”`. */
export function describeSearch({ q, category }: Search): string {
  const where = category ? formatCategory(category) : 'All products';
  return q ? `${where}: “${q}”` : where;
}

function renderChip(label: string, category: Category | undefined, { q, category: chosen }: Search): string {
  const current = category?.category === chosen ? 'aria-current="true"' : '';
  const count = category ? html` <small>${category.count}</small>` : '';
  return html`<li><a class="chip" href="${linkTo({ q, category: category?.category })}" !${current}>${label}!${count}</a></li>`;
}

function renderNothingFound({ q, category }: Search): string {
  return html`<div class="panel stack">
    <p>Nothing here matches${q ? ` “${q}”` : ''}.</p>
    <p class="actions">
      !${category && q ? html`<a class="button" href="${linkTo({ q })}">Search in all categories</a>` : ''}
      <a class="button button-quiet" href="/shop/">Show everything</a>
    </p>
  </div>`;
}

function linkTo(search: { [Name in keyof Search]: string | undefined }): string {
  const given = Object.entries(search).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length > 0 ? `/shop/?${new URLSearchParams(given)}` : '/shop/';
}
