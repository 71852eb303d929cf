import { html } from 'ghtml';

interface Explanation {
  title: string;
  text: string;
}

const EXPLANATIONS: Record<number, Explanation> = {
  400: {
    title: 'That did not arrive as it should',
    text: 'Something in the address or the form is not right.',
  },
  403: { title: 'This came from another site', text: 'Forms of the shop are only taken from its own pages.' },
  404: {
    title: 'There is nothing here',
    text: 'The page does not exist, or what it showed is no longer sold.',
  },
  413: { title: 'That is too much', text: 'What was sent is larger than any form of the shop.' },
  415: { title: 'That did not arrive as it should', text: 'Forms of the shop are sent by its own pages.' },
  429: {
    title: 'That was too much at once',
    text: 'Wait a moment, then try again. Your basket is kept meanwhile.',
  },
  500: { title: 'Something went wrong', text: 'It is our fault, and it has been written down.' },
  503: {
    title: 'A part of the shop does not answer',
    text: 'Try again in a moment. Your basket is kept meanwhile.',
  },
};

/** What a status means to a visitor. */
export function explainStatus(status: number): Explanation {
  return (EXPLANATIONS[status] ?? EXPLANATIONS[status >= 500 ? 500 : 400]) as Explanation;
}

export function renderError(status: number): string {
  const { title, text } = explainStatus(status);
  return html`<div class="stack medium">
    <h1>${title}</h1>
    <p class="lead">${text}</p>
    <p><a class="button" href="/shop/">To the catalogue</a></p>
    <p class="hint">Status ${status}</p>
  </div>`;
}
