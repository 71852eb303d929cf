import { runTool, ToolFailedError } from '@meshmart/processes/run-tool';
import { config } from '@meshmart/toolchain/config';

/** The result of a check; `unknown` if the registry or the network prevents it. */
export interface Verdict {
  state: 'ok' | 'warning' | 'bad' | 'unknown';
  text: string;
}

interface SignatureReport {
  invalid?: { name: string; version: string }[];
  missing?: { name: string; version: string }[];
}

interface AdvisoryReport {
  auditReportVersion?: number;
  vulnerabilities?: Record<string, { severity: string }>;
}

/** The report of a failed npm command. */
interface Failure {
  message?: string;
  error?: { summary?: string };
}

/** Checks that the registry has signed every installed package (`npm audit signatures`). */
export async function checkSignatures(): Promise<Verdict> {
  return readSignatures(await askNpm(['audit', 'signatures']));
}

/** Checks the production packages for known vulnerabilities (`npm audit`). */
export async function checkAdvisories(): Promise<Verdict> {
  return readAdvisories(await askNpm(['audit', '--omit=dev']));
}

export function readSignatures(answer: string): Verdict {
  const report = parse<SignatureReport>(answer);
  if (!report?.invalid || !report.missing) return unknown(report);
  const bad = [...report.invalid, ...report.missing].map(({ name, version }) => `${name}@${version}`);
  if (bad.length > 0) return { state: 'bad', text: `without a valid signature: ${bad.join(', ')}` };
  return { state: 'ok', text: 'every installed package is signed by the registry' };
}

export function readAdvisories(answer: string): Verdict {
  const report = parse<AdvisoryReport>(answer);
  if (report?.auditReportVersion === undefined) return unknown(report);
  const bad = Object.entries(report.vulnerabilities ?? {}).map(
    ([name, { severity }]) => `${name} (${severity})`,
  );
  if (bad.length > 0) return { state: 'bad', text: `weaknesses are known of ${bad.join(', ')}` };
  return { state: 'ok', text: 'no weakness is known of a production package' };
}

function unknown(report: Failure | undefined): Verdict {
  const why = report?.message || report?.error?.summary || 'npm gave no answer';
  return { state: 'unknown', text: why.split('\n', 1)[0] as string };
}

/** Runs npm. @returns its output, also after an exit code other than 0, which npm uses for findings */
async function askNpm(args: string[]): Promise<string> {
  const quiet = ['--json', '--loglevel=silent', '--fetch-retries=0'];
  return runTool('npm', [...args, ...quiet], { cwd: config.root }).catch((error) => {
    if (error instanceof ToolFailedError) return error.output;
    throw error;
  });
}

function parse<Report extends object>(answer: string): (Report & Failure) | undefined {
  try {
    return JSON.parse(answer);
  } catch {
    return undefined;
  }
}
