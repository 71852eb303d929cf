import { html } from 'ghtml';

export interface Notice {
  tone: 'good' | 'warn' | 'bad';
  title: string;
  text?: string;
}

/** Renders the outcome of an action. A screen reader announces a bad one at once, the others later. */
export function renderNotice(notice: Notice | undefined): string {
  if (!notice) return '';
  const role = notice.tone === 'bad' ? 'role="alert"' : 'role="status" aria-live="polite"';
  const text = notice.text ? html`<span>${notice.text}</span>` : '';
  return html`<div class="notice notice-${notice.tone}" !${role}><strong>${notice.title}</strong>!${text}</div>`;
}
