import { checkAnyResponse, checkResponse } from './check-response.ts';
import { createDraw, type Draw, render } from './draft.ts';
import { MALFORMATIONS } from './malformations.ts';
import { exchange, type RawAnswer } from './raw-http.ts';
import type { Samples } from './samples.ts';
import { makePlausible, type Target } from './targets.ts';

const AT_ONCE = 16;

export interface Finding {
  what: string;
  target: Target;
  malformed: string[];
  request: Buffer;
  answers: RawAnswer[];
}

export interface Malformed {
  sent: number;
  /** Number of responses by status. Status 0 stands for a connection that was closed without a response. */
  statuses: Record<number, number>;
  findings: Finding[];
}

interface Attack {
  targets: Target[];
  samples: Samples;
  random: () => number;
  /** Port of the gateway. Without it, the requests go to the instances themselves. */
  port?: number;
}

/** Sends `count` malformed requests, to all targets in turn. */
export async function sendMalformed(attack: Attack, count: number): Promise<Malformed> {
  const { targets } = attack;
  const draw = createDraw(attack.random);
  const malformed: Malformed = { sent: 0, statuses: {}, findings: [] };
  const work = async () => {
    while (malformed.sent < count) {
      const target = targets[malformed.sent++ % targets.length] as Target;
      await sendOne(target, attack, draw, malformed);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return malformed;
}

async function sendOne(
  target: Target,
  { samples, port }: Attack,
  draw: Draw,
  { statuses, findings }: Malformed,
): Promise<void> {
  const draft = makePlausible(target, samples, draw);
  const possible = Object.keys(MALFORMATIONS).filter(
    (name) => draft.type !== 'none' || !/field|cut/.test(name),
  );
  const names = Array.from({ length: 1 + draw.below(2) }, () => draw.one(possible));
  for (const name of names) MALFORMATIONS[name]?.(draft, draw);
  const bytes = render(draft);
  const isHead = draft.method === 'HEAD' && draft.requestLine === undefined;
  const note = (what: string, answers: RawAnswer[]) =>
    findings.push({ what, target, malformed: names, request: bytes, answers });
  try {
    const answers = await exchange({ to: port ?? target.socket, bytes, isHead, ends: draft.ends === true });
    for (const [i, answer] of answers.entries()) {
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      const what = i > 0 || draft.strays ? checkAnyResponse(answer) : checkResponse(target, answer);
      if (what) note(what, answers);
    }
    if (answers.length > 0) return;
    statuses[0] = (statuses[0] ?? 0) + 1;
    if (!draft.ends) note('no answer', answers);
  } catch (error) {
    note((error as Error).message, []);
  }
}
