import { html } from 'ghtml';
import { type Notice, renderNotice } from '../html/notice.ts';

/** What a form was sent with and is shown again with; never a password. */
export interface AccountForm {
  /** Where to go afterwards: a path of the shop. */
  next: string;
  email?: string;
  name?: string;
  notice?: Notice;
}

export function renderLogin({ next, email, notice }: AccountForm): string {
  return html`<div class="stack narrow">
    <h1>Log in</h1>
    !${renderNotice(notice)}
    <form class="panel stack" method="post" action="/shop/login">
      !${renderEmailField(email)}
      <div class="field">
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" maxlength="200" required>
      </div>
      <p class="actions"><button class="button">Log in</button></p>
      <input type="hidden" name="next" value="${next}">
    </form>
    <p>New here? <a href="/shop/register?${new URLSearchParams({ next })}">Register</a></p>
  </div>`;
}

export function renderRegister({ next, email, name, notice }: AccountForm): string {
  return html`<div class="stack narrow">
    <h1>Register</h1>
    !${renderNotice(notice)}
    <form class="panel stack" method="post" action="/shop/register">
      <div class="field">
        <label for="name">Name</label>
        <input id="name" name="name" value="${name}" autocomplete="name" maxlength="100" required>
      </div>
      !${renderEmailField(email)}
      <div class="field">
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="new-password" minlength="8" maxlength="200" required aria-describedby="password-hint">
        <p class="hint" id="password-hint">At least 8 characters.</p>
      </div>
      <p class="actions"><button class="button">Register</button></p>
      <input type="hidden" name="next" value="${next}">
    </form>
    <p>Registered before? <a href="/shop/login?${new URLSearchParams({ next })}">Log in</a></p>
  </div>`;
}

function renderEmailField(email: string | undefined): string {
  return html`<div class="field">
    <label for="email">Email</label>
    <input id="email" name="email" type="email" value="${email}" autocomplete="email" maxlength="254" required>
  </div>`;
}
