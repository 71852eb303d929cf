import { html } from 'ghtml';
import { renderField } from '../html/field.ts';
import { formatTime } from '../html/format.ts';
import { type Notice, renderNotice } from '../html/notice.ts';
import type { OwnSession, Profile } from '../peers/account.ts';
import { NEW_PASSWORD } from './account-pages.ts';
import type { FieldErrors } from './describe-errors.ts';

export interface OwnAccount {
  profile: Profile;
  sessions: OwnSession[];
  notice?: Notice | undefined;
  errors?: FieldErrors | undefined;
}

/** Renders the account page: the form for a new password, and the list of sessions with a button to end each. */
export function renderOwnAccount({ profile, sessions, notice, errors = {} }: OwnAccount): string {
  return html`<div class="stack narrow">
    <h1>Account</h1>
    !${renderNotice(notice)}
    <p>${profile.name}, ${profile.email}</p>
    <form class="panel stack" method="post" action="/shop/account/password">
      <h2>Change the password</h2>
      <input type="hidden" name="username" autocomplete="username" value="${profile.email}">
      !${renderField({ name: 'currentPassword', label: 'Current password', type: 'password', autocomplete: 'current-password', maxlength: 200, error: errors.currentPassword })}
      !${renderField({ ...NEW_PASSWORD, name: 'newPassword', label: 'New password', error: errors.newPassword })}
      <p class="actions"><button class="button">Change the password</button></p>
      <p class="hint">You stay logged in here; everywhere else you have to log in again.</p>
    </form>
    <section class="panel stack" aria-labelledby="sessions">
      <h2 id="sessions">Where you are logged in</h2>
      <ul class="order-list">!${sessions.map(renderSession)}</ul>
      <form method="post" action="/shop/account/sessions/end"><button class="button button-quiet">Log out everywhere</button></form>
    </section>
  </div>`;
}

function renderSession({ id, startedAt, refreshedAt, isCurrent }: OwnSession): string {
  const since = formatTime(startedAt);
  return html`<li>
    <span>Since <time datetime="${startedAt}">${since}</time></span>
    !${
      isCurrent
        ? '<span class="status status-good">This browser</span>'
        : html`<form method="post" action="/shop/account/sessions/${id}/end"><button class="button-link">Log out<span class="hidden-visually"> the session since ${since}</span></button></form>`
    }
    <span class="hint">Last used <time datetime="${refreshedAt}">${formatTime(refreshedAt)}</time></span>
  </li>`;
}
