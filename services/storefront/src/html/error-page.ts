import { html } from 'ghtml';

interface Explanation {
  title: string;
  text: string;
}

const EXPLANATIONS: Record<number, Explanation> = {
  400: { title: 'The request is not valid', text: 'Something in the address or the form is wrong.' },
  403: {
    title: 'This form came from another site',
    text: 'The shop accepts forms from its own pages only.',
  },
  404: {
    title: 'There is nothing here',
    text: 'The page does not exist, or its product is no longer sold.',
  },
  413: { title: 'The request is too large', text: 'It is larger than any form of the shop.' },
  415: { title: 'The request is not valid', text: 'The shop accepts forms from its own pages only.' },
  429: {
    title: 'Too many requests',
    text: 'Wait a moment, then try again. Your basket is kept.',
  },
  500: { title: 'Something went wrong', text: 'It is our fault, and it has been logged.' },
  503: {
    title: 'A part of the shop is unavailable',
    text: 'Try again in a moment. Your basket is kept.',
  },
};

/** Explains a status to a visitor. */
export function explainStatus(status: number): Explanation {
  return (EXPLANATIONS[status] ?? EXPLANATIONS[status >= 500 ? 500 : 400]) as Explanation;
}

/** Renders the page for an error status, with a link out of the dead end. */
export function renderError(status: number): string {
  const { title, text } = explainStatus(status);
  return html`<div class="stack medium">
    <h1>${title}</h1>
    <p class="lead">${text}</p>
    <p><a class="button" href="/shop/">To the catalogue</a></p>
    <p class="hint">Status ${status}</p>
  </div>`;
}
