import { type Finding, findViolations } from '@meshmart/consistency-checker/check';
import { readClientLog } from '@meshmart/consistency-checker/client-log';
import { waitForQuiescence } from '@meshmart/consistency-checker/quiescence';
import { countUnits } from '@meshmart/consistency-checker/stock-invariants';
import { type DatabaseUrls, readStock, readStoreState } from '@meshmart/consistency-checker/store-state';
import { watchLedger } from '@meshmart/consistency-checker/watch-ledger';
import type { Audit } from './experiment.ts';
import type { Target } from './target.ts';

const quiescenceTimeoutMs = 60_000;
/** Ids that a warning lists. */
const idsShown = 5;

/** An audit of the running store that started before a load. */
interface RunningAudit extends AsyncDisposable {
  /** Waits at most 60 s until the store is quiescent, then checks every invariant. */
  finish(load: FinishedLoad): Promise<Audit>;
}

interface FinishedLoad {
  clientLog: string;
  kills: number;
  freezes: number;
  /** When load and disturbance ended, in ms since the epoch. */
  endedAt: number;
  signal: AbortSignal;
  /** Called with a line for each broken invariant. */
  warn(line: string): void;
}

/** Records the stock, and reads the ledger repeatedly until the audit is finished or disposed of. */
export async function startAudit({ local }: Target): Promise<RunningAudit> {
  if (!local) throw new Error('experiment.ts: `check: true` needs the target "local"');
  const urls = (await local.databases()) as Record<string, string> & DatabaseUrls;
  const unitsBefore = countUnits(await readStock(urls.product));
  const ledger = watchLedger(urls.payment);
  return {
    async finish({ clientLog, kills, freezes, endedAt: since, signal, warn }) {
      const quiescence = await waitForQuiescence(urls, { since, timeoutMs: quiescenceTimeoutMs, signal });
      const ledgerReads = await ledger.stop();
      const [state, clientOrders] = await Promise.all([readStoreState(urls), readClientLog(clientLog)]);
      const findings = findViolations({ state, clientOrders, unitsBefore });
      for (const finding of findings) warn(describeFinding(finding));
      return {
        kills,
        freezes,
        quiescentAfterMs: quiescence.isQuiescent ? quiescence.afterMs : null,
        ledgerReads,
        findings,
        broken: (group) => countBroken(findings, group),
      };
    },
    [Symbol.asyncDispose]: async () => void (await ledger.stop().catch(() => {})),
  };
}

/** Returns the invariant's name, how many ids break it, and the first of them. */
function describeFinding({ name, ids }: Finding): string {
  const shown = ids.slice(0, idsShown).join(', ');
  return `broken: ${name} (${ids.length}: ${shown}${ids.length > idsShown ? ', …' : ''})`;
}

function countBroken(findings: Finding[], group: Finding['group']): number {
  return findings.filter((finding) => finding.group === group).reduce((sum, { ids }) => sum + ids.length, 0);
}
