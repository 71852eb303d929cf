// Forwards connections to a port of 127.0.0.1 to another address, byte by byte: forward.mjs PORT ADDRESS ADDRESS_PORT
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [port, host, targetPort] = process.argv.slice(2);

createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const target = connect({ host, port: Number(targetPort), allowHalfOpen: true, noDelay: true });
  // A failure on one side ends both; whoever waits for an answer sees its connection closed.
  pipeline(client, target, () => {});
  pipeline(target, client, () => {});
}).listen(Number(port), '127.0.0.1');
