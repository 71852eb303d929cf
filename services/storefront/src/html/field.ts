import { html } from 'ghtml';

interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  value?: string | undefined;
  autocomplete: string;
  minlength?: number;
  maxlength: number;
  hint?: string;
  /** The error in the entry, for the visitor. */
  error?: string | undefined;
}

/** Renders a labelled field. A screen reader reads its hint and error with it. */
export function renderField({ name, label, type = 'text', value, autocomplete, ...more }: Field): string {
  const { minlength, maxlength, hint, error } = more;
  const describedBy = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${autocomplete}" maxlength="${maxlength}" required
      !${minlength ? html`minlength="${minlength}"` : ''} !${describedBy ? html`aria-describedby="${describedBy}"` : ''} !${error ? 'aria-invalid="true"' : ''}>
    !${hint ? html`<p class="hint" id="${name}-hint">${hint}</p>` : ''}
    !${error ? html`<p class="field-error" id="${name}-error">${error}</p>` : ''}
  </div>`;
}
