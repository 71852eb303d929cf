import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stateFolder } from '@meshmart/cluster/cluster-state';
import { findFreePorts } from '@meshmart/processes/ports';
import { eventually } from '@meshmart/test-support/eventually';
import { writeExecutable } from '@meshmart/test-support/executable';
import { type Ended, entry, runToEnd } from '@meshmart/test-support/run-entry';
import { temporaryFolder } from '@meshmart/test-support/temporary-folder';
import { config } from '@meshmart/toolchain/config';
import { onTestFinished } from 'vitest';

/** The program's side of each call, as shell. */
const answers: Record<string, string> = {
  docker: `case "$*" in
    version*) echo 28.2.2;;
    "image inspect"*) [ -f built ] || exit 1;;
    build*) case "$*" in *SERVICE=storefront*) : >built;; esac;;
  esac`,
  kind: `case "$*" in
    version) echo "kind v0.33.0 go1.26.0 linux/amd64";;
    "get clusters") [ -f clusters ] && /bin/cat clusters || echo "No kind clusters found." >&2;;
    "create cluster"*) : >"$8";;
    "delete cluster"*) /bin/rm -f clusters;;
  esac`,
  minikube: `case "$*" in
    version*) echo v1.39.0;;
    "profile list"*) echo '{"valid": ['"$([ -f clusters ] && echo '{"Name": "'"$(/bin/cat clusters)"'"}')"'], "invalid": []}';;
    start*) : >"$KUBECONFIG";;
    delete*) /bin/rm -f clusters;;
  esac`,
  helm: `case "$*" in
    version*) echo v3.22.0+g1;;
    *" list "*) /bin/cat releases;;
    *" template "*) echo "# rendered";;
  esac`,
  kubectl: `case "$*" in
    "version --client") echo "Client Version: v1.34.4";;
    *" version --output json") echo '{"serverVersion": {"gitVersion": "v1.34.3"}}';;
    "config get-contexts"*) echo staging; echo production;;
    "config view"*"--context staging "*) echo '{"clusters": [{"cluster": {"server": "https://staging.example"}}]}';;
    "config view"*) echo 'error: cannot locate context' >&2; exit 1;;
    *" get namespaces,customresourcedefinitions "*) /bin/cat found;;
    *" get secret admin "*) echo '{"data": {"email": "YQ==", "password": "cA=="}}';;
    *" get service gateway "*) /bin/cat service.json;;
    *" get nodes "*) /bin/cat nodes.json;;
    *" get pods "*) /bin/cat pods.json;;
    *" get secret argocd-secret "*) echo '{}';;
    *" get applications.argoproj.io "*) /bin/sed "s/COMMIT/$(git --git-dir store.git rev-parse main)/g" applications.json;;
    *" git receive-pack /srv/store.git") git init --quiet --bare --initial-branch main store.git; exec git receive-pack store.git;;
    *" port-forward "*) exec /bin/sleep 1000;;
  esac`,
};

/** Effects of calls that a test interrupts. */
const beginnings = `case "$call" in
  "kind create cluster --name "*) echo "$4" >clusters;;
  "minikube start --profile "*) echo "$3" >clusters;;
esac`;

const node = {
  metadata: { name: 'node-1' },
  status: { nodeInfo: { kubeletVersion: 'v1.34.3' } },
};

/** An application that is as Git has it; COMMIT stands for the commit that was pushed. */
const application = (name: string) => {
  const source = { path: `charts/${name}` };
  const sync = { status: 'Synced', revision: 'COMMIT', comparedTo: { source } };
  return { metadata: { name }, spec: { source }, status: { sync, health: { status: 'Healthy' } } };
};

let count = 0;

/** Creates a PATH with stand-ins for the programs that make clusters. Each records its calls, and succeeds. */
export async function setUp() {
  const name = `t${process.pid}-${count++}`;
  const [port = 0] = await findFreePorts(1);
  const folder = temporaryFolder();
  const file = (of: string) => join(folder, of);
  const write = (of: string, text: string) => writeFileSync(file(of), text);
  for (const [program, answer] of Object.entries(answers)) {
    const meet = (how: string, action: string) =>
      `if [ -f ${how} ]; then case "$call" in $(/bin/cat ${how})) ${action};; esac; fi`;
    const script = [
      `cd ${folder}`,
      `call="${program} $*"`,
      'echo "$call" >>calls',
      beginnings,
      meet('hang', ': >hanging; exec /bin/sleep 1000'),
      meet('fail', 'echo "no space left on device" >&2; exit 1'),
      answer,
    ];
    writeExecutable(file(`bin/${program}`), script.join('\n'));
  }
  symlinkSync(process.execPath, file('bin/node'));
  symlinkSync('/usr/bin/git', file('bin/git'));
  write('calls', '');
  write('found', 'namespace/default\nnamespace/kube-system\n');
  write('service.json', '{"status": {"loadBalancer": {}}}');
  write('releases', '');
  write('applications.json', JSON.stringify({ items: ['meshmart', 'product'].map(application) }));
  write('nodes.json', JSON.stringify({ items: [node] }));
  onTestFinished(() => rmSync(stateFolder(name), { recursive: true, force: true }));

  const run = (action: string, ...args: string[]): Promise<Ended> =>
    runToEnd(process.execPath, [entry, 'cluster', action, '--name', name, ...args], env);
  const env = { PATH: file('bin'), HOME: folder, NODE_COMPILE_CACHE: config.compileCache };
  /** Sends SIGTERM when a call matches a pattern of the shell. @returns the text on standard error */
  const interruptAt = async (call: string, action: string, ...args: string[]): Promise<string> => {
    write('hang', call);
    const line = [entry, 'cluster', action, '--name', name, ...args];
    const child = spawn(process.execPath, line, {
      cwd: config.root,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const errors = text(child.stderr);
    const ended = once(child, 'close');
    await eventually(() => child.exitCode !== null || existsSync(file('hanging')), 120_000);
    child.kill('SIGTERM');
    await ended;
    for (const of of ['hang', 'hanging']) rmSync(file(of), { force: true });
    return errors;
  };
  /** @returns the calls since the last time */
  const takeCalls = (): string[] => {
    const calls = readFileSync(file('calls'), 'utf8');
    write('calls', '');
    return calls.split('\n').filter(Boolean);
  };
  /** Starts a store on the gateway's port when a call contains this text. */
  const serveAfter = async (call: string) => {
    await eventually(() => readFileSync(file('calls'), 'utf8').includes(call), 120_000);
    await serveStore(port);
  };
  return { name, port, file, write, run, takeCalls, serveAfter, interruptAt };
}

/** Serves as much of a store as a purchase needs. */
async function serveStore(port: number): Promise<Server> {
  const server = createServer(({ method, url = '' }, response) => {
    const answer = { '/sessions': { accessToken: 't' }, '/orders': { status: 'confirmed' } }[url] ?? {
      items: [{ id: '1' }],
    };
    response.writeHead(method === 'POST' ? 201 : 200).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return server;
}
