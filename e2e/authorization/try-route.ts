import { isDeepStrictEqual } from 'node:util';
import type { Attempt } from './attempts/attempt.ts';
import { findAttempt } from './attempts.ts';
import type { Answer } from './calls.ts';
import type { Route, RunningApp } from './running-routes.ts';
import { makeBadTokens } from './tokens.ts';
import type { Customer, World } from './world.ts';

interface Trial {
  world: World;
  app: RunningApp;
  route: Route;
  /** Differences from what the route declares. */
  wrong: string[];
}

type Headers = Record<string, string>;

/** Sends a valid request for a route as every kind of caller. @returns a line per difference from its declaration */
export async function tryRoute(world: World, app: RunningApp, route: Route): Promise<string[]> {
  const trial: Trial = { world, app, route, wrong: [] };
  const attempt = await findAttempt(app.service, route)(world);
  const needsOwner = route.access === 'customer' || route.access === 'admin';
  if (attempt.owner) await tryOwned(trial, attempt, attempt.owner);
  else if (needsOwner) throw new Error(`the attempt at ${route.method} ${route.url} needs an owner`);
  else await tryOpen(trial);
  return trial.wrong;
}

/** Expects the same response for everyone. The route ignores tokens, so one invalid token is enough. */
async function tryOpen(trial: Trial): Promise<void> {
  const { world, app, route } = trial;
  const { admin, other } = world;
  const callers: [string, Headers][] = [
    ...impostorsOf(trial, admin).slice(0, 3),
    ['a customer', proveOwner(app, other.token)],
    ['an admin', proveOwner(app, admin.token)],
  ];
  for (const [caller, headers] of callers) {
    const attempt = await findAttempt(app.service, route)(world);
    await expectAnswer(trial, attempt, { caller, headers, expected: String(attempt.status) });
  }
}

/**
 * Tries callers who must be refused first and the owner last. The owner's success shows that the object was there, and
 * that nobody else has changed it.
 */
async function tryOwned(trial: Trial, attempt: Attempt, owner: Customer): Promise<void> {
  const { world, app, route, wrong } = trial;
  const { look, status, mark } = attempt;
  const changes = !/GET|HEAD/.test(route.method);
  if (changes && !look) throw new Error(`the attempt at ${route.method} ${route.url} needs a look`);
  const send = (caller: string, headers: Headers, expected: string) =>
    expectAnswer(trial, attempt, { caller, headers, expected });

  const before = await look?.();
  const refusal = isPage(app) ? 'log in' : '401 unauthenticated';
  const impostors = impostorsOf(trial, owner);
  await Promise.all(impostors.map(([caller, headers]) => send(caller, headers, refusal)));
  const others = attempt.others ?? expectOfOthers(trial, attempt);
  await send('another customer', proveOwner(app, world.other.token), others.customer);
  if (route.access !== 'admin') await send('an admin', proveOwner(app, world.admin.token), others.admin);
  if (!isDeepStrictEqual(await look?.(), before)) wrong.push(`${route.url}: changed by others`);

  const seen = mark && route.method !== 'HEAD' ? ' and sees it' : '';
  await send('the owner', proveOwner(app, owner.token), `${status}${seen}`);
  if (changes && isDeepStrictEqual(await look?.(), before))
    wrong.push(`${route.url}: nothing changed by the owner`);
}

/** Returns callers without a valid token, though each names a real subject. */
function impostorsOf({ world, app }: Trial, subject: Customer): [caller: string, Headers][] {
  const misplaced = isPage(app) ? inHeader(subject.token) : inCookie(subject.token);
  const bad = Object.entries(makeBadTokens(world.keys, subject));
  return [
    ['nobody', {}],
    ['a token in the wrong place', misplaced],
    ...bad.map(([flaw, token]): [string, Headers] => [`a token ${flaw}`, proveOwner(app, token)]),
  ];
}

function expectOfOthers({ app, route: { access, url } }: Trial, { status }: Attempt) {
  if (access === 'admin') return { customer: '403 forbidden', admin: '' };
  const hidden = isPage(app) ? '404' : '404 not-found';
  const outcome = url.includes(':') ? hidden : String(status);
  return { customer: outcome, admin: outcome };
}

async function expectAnswer(
  { world, app, route, wrong }: Trial,
  { path, headers, body, mark, owner }: Attempt,
  as: { caller: string; headers: Headers; expected: string },
): Promise<void> {
  const { method, url } = route;
  const call = { method, path, headers: { ...headers, ...as.headers }, body };
  const answer = await world.send(app.instance, call);
  const seen = mark && withoutPath(answer, path).includes(mark) ? ' and sees it' : '';
  const actual = describe(answer, isPage(app) && owner !== undefined) + seen;
  const expected = method === 'HEAD' ? as.expected.replace(/^(\d+) .*/, '$1') : as.expected;
  if (actual !== expected) wrong.push(`${method} ${url}, ${as.caller}: ${actual} instead of ${expected}`);
}

/** Removes the requested path, which refusals and login pages repeat. */
function withoutPath({ text }: Answer, path: string): string {
  return text.replaceAll(path, '').replaceAll(encodeURIComponent(path), '');
}

/** Returns the status and the problem, or `log in` for a page that sends the visitor to log in. */
function describe({ status, headers, text }: Answer, isCustomersPage: boolean): string {
  const isLogin = status === 401 || /^\/shop\/login/.test(String(headers.location));
  if (isCustomersPage && isLogin) return 'log in';
  const [, problem = ''] = /"type":"urn:meshmart:problem:([\w-]+)"/.exec(text) ?? [];
  return `${status} ${problem}`.trim();
}

const isPage = ({ service }: RunningApp) => service === 'storefront';
const inHeader = (token: string): Headers => ({ authorization: `Bearer ${token}` });
const inCookie = (token: string): Headers => ({ cookie: `meshmart_session=${token}` });

/** Returns the headers that carry a token to this service. */
export function proveOwner(app: RunningApp, token: string): Headers {
  return isPage(app) ? inCookie(token) : inHeader(token);
}
