import { type Finding, findViolations } from '@meshmart/consistency-checker/check';
import { readClientLog } from '@meshmart/consistency-checker/client-log';
import { waitForQuiescence } from '@meshmart/consistency-checker/quiescence';
import { countGoods } from '@meshmart/consistency-checker/stock-invariants';
import { type DatabaseUrls, readGoods, readStoreState } from '@meshmart/consistency-checker/store-state';
import { watchLedger } from '@meshmart/consistency-checker/watch-ledger';
import type { Audit } from './experiment.ts';
import type { Target } from './target.ts';

const restTimeoutMs = 60_000;
/** More ids than that help nobody. */
const idsShown = 5;

/** The books of the running store, opened before a load and checked after it. */
export interface RunningAudit extends AsyncDisposable {
  /** Waits at most 60 s for the store to come to rest, then checks everything. */
  finish(load: FinishedLoad): Promise<Audit>;
}

export interface FinishedLoad {
  clientLog: string;
  kills: number;
  freezes: number;
  /** When load and disturbance had ended: `Date.now()` of then. */
  endedAt: number;
  signal: AbortSignal;
  /** Gets a line for each invariant that is broken. */
  warn(line: string): void;
}

/** Notes what goods there are, and reads the ledger again and again from now on. */
export async function startAudit({ local }: Target): Promise<RunningAudit> {
  if (!local) throw new Error('experiment.ts: `check: true` needs the target "local"');
  const urls = (await local.databases()) as Record<string, string> & DatabaseUrls;
  const goodsBefore = countGoods(await readGoods(urls.product));
  const ledger = watchLedger(urls.payment);
  return {
    async finish({ clientLog, kills, freezes, endedAt: since, signal, warn }) {
      const rest = await waitForQuiescence(urls, { since, timeoutMs: restTimeoutMs, signal });
      const ledgerReads = await ledger.stop();
      const [state, clientOrders] = await Promise.all([readStoreState(urls), readClientLog(clientLog)]);
      const findings = findViolations({ state, clientOrders, goodsBefore });
      for (const finding of findings) warn(describeFinding(finding));
      return {
        kills,
        freezes,
        quiescentAfterMs: rest.isQuiescent ? rest.afterMs : null,
        ledgerReads,
        findings,
        broken: (group) => countBroken(findings, group),
      };
    },
    [Symbol.asyncDispose]: async () => void (await ledger.stop().catch(() => {})),
  };
}

/** What is broken, how often, and where to look. */
function describeFinding({ name, ids }: Finding): string {
  const shown = ids.slice(0, idsShown).join(', ');
  return `broken: ${name} (${ids.length}: ${shown}${ids.length > idsShown ? ', …' : ''})`;
}

function countBroken(findings: Finding[], group: Finding['group']): number {
  return findings.filter((finding) => finding.group === group).reduce((sum, { ids }) => sum + ids.length, 0);
}
