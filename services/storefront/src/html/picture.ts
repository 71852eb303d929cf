import { html } from 'ghtml';
import { chooseVariant } from '../pictures/draw-picture.ts';

/** Renders a product's picture. It is decorative: the name is always beside it. */
export function renderPicture({ category, slug }: { category: string; slug: string }): string {
  const src = `/shop/assets/pictures/${encodeURIComponent(category)}/${chooseVariant(slug)}.svg`;
  return html`<img src="${src}" alt="" width="400" height="300" loading="lazy">`;
}
