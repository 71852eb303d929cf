import { once } from 'node:events';
import { connect } from 'node:net';

const LETTER_EVERY_MS = 1000;

/** Clients that send or read slowly. */
interface SlowCrowd {
  countOpen(): number;
  /** The response of each client so far, head and body. */
  answers(): string[];
  /** Makes slow readers read. */
  read(): void;
  leave(): void;
}

/**
 * Opens `size` connections to `port` of this machine. Each sends `start`, and a slow sender then one letter a second.
 * Resolves when all are connected.
 *
 * @param slowIn a slow reader reads nothing until `read()`
 */
export async function openSlowCrowd(
  port: number,
  size: number,
  { start, slowIn }: { start: string; slowIn: 'sending' | 'reading' },
): Promise<SlowCrowd> {
  const clients = Array.from({ length: size }, () => ({ socket: connect(port, '127.0.0.1'), answer: '' }));
  for (const client of clients) {
    const { socket } = client;
    socket.on('error', () => {}); // cut off while a letter was being sent
    socket.setEncoding('utf8').on('data', (text) => {
      client.answer += text;
    });
    if (slowIn === 'reading') socket.pause();
  }
  await Promise.all(clients.map(({ socket }) => once(socket, 'connect')));
  for (const { socket } of clients) socket.write(start);
  const sendLetters = () => {
    for (const { socket } of clients) if (socket.writable) socket.write('a');
  };
  const timer = slowIn === 'sending' ? setInterval(sendLetters, LETTER_EVERY_MS) : undefined;
  return {
    countOpen: () => clients.filter(({ socket }) => !socket.closed).length,
    answers: () => clients.map(({ answer }) => answer),
    read() {
      for (const { socket } of clients) socket.resume();
    },
    leave() {
      clearInterval(timer);
      for (const { socket } of clients) socket.destroy();
    },
  };
}
