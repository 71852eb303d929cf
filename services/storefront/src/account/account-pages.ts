import { html } from 'ghtml';
import { renderField } from '../html/field.ts';
import { type Notice, renderNotice } from '../html/notice.ts';
import type { FieldErrors } from './describe-errors.ts';

/** The content of an account form when it is shown again; never a password. */
export interface AccountForm {
  /** The path in the shop to redirect to afterwards. */
  next: string;
  email?: string;
  name?: string;
  notice?: Notice;
  errors?: FieldErrors;
}

/** Renders the login form. Its link to the registration keeps `next`. */
export function renderLogin({ next, email, notice }: AccountForm): string {
  return html`<div class="stack narrow">
    <h1>Log in</h1>
    !${renderNotice(notice)}
    <form class="panel stack" method="post" action="/shop/login">
      !${renderField({ ...EMAIL, value: email })}
      !${renderField({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', maxlength: 200 })}
      <p class="actions"><button class="button">Log in</button></p>
      <input type="hidden" name="next" value="${next}">
    </form>
    <p>New here? <a href="/shop/register?${new URLSearchParams({ next })}">Register</a></p>
  </div>`;
}

/** Renders the registration form with an error beside each refused field. */
export function renderRegister({ next, email, name, notice, errors = {} }: AccountForm): string {
  return html`<div class="stack narrow">
    <h1>Register</h1>
    !${renderNotice(notice)}
    <form class="panel stack" method="post" action="/shop/register">
      !${renderField({ name: 'name', label: 'Name', autocomplete: 'name', maxlength: 100, value: name, error: errors.name })}
      !${renderField({ ...EMAIL, value: email, error: errors.email })}
      !${renderField({ ...NEW_PASSWORD, name: 'password', label: 'Password', error: errors.password })}
      <p class="actions"><button class="button">Register</button></p>
      <input type="hidden" name="next" value="${next}">
    </form>
    <p>Registered before? <a href="/shop/login?${new URLSearchParams({ next })}">Log in</a></p>
  </div>`;
}

const EMAIL = {
  name: 'email',
  label: 'Email',
  type: 'email',
  autocomplete: 'email',
  maxlength: 254,
} as const;

export const NEW_PASSWORD = {
  type: 'password',
  autocomplete: 'new-password',
  minlength: 8,
  maxlength: 200,
  hint: 'At least 8 characters.',
} as const;
