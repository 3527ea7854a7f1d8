/**
 * Boards that talk without pause, each on a PTY of its own. Says where they are, begins when told 'go <seconds> <bytes a second>',
 * says when it is done and, asked, what went out. Every 60th line holds the instant of its making: CLOCK_MONOTONIC in nanoseconds.
 */
import { openPty, type Pty } from '../../pipeline/boards/pty.ts';

export interface ChattyReport {
  bytes: number[];
  lines: number[];
  /** What the PTYs' readers did not take. */
  droppedBytes: number;
  /** What was never said, because what was said before had not been taken: lines that wait in a queue would be old when they leave. */
  unsaidBytes: number;
}

const TICK_MS = 10;
const boards = Number(process.argv[2] ?? 8);

const phrases = [
  (n: number) =>
    `\x1b[0;32mI (${n}) ESP_GMF_TASK: One times job is complete, del[wk:0x3c3fc7ac, ctx:0x3c3fc198, label:aud_dec_open]\x1b[0m\r\n`,
  (n: number) => `INF|${n}|twetalk_app.c|_twetalk_recv_event_cb(308): bot: 它游啊游，遇到了许多有趣的朋友。\\n\r\n`,
  (n: number) => `\x1b[0;33mW (${n}) wifi: Haven't to connect to a suitable AP now!\x1b[0m\r\n`,
  (n: number) =>
    `DBG|${n}|mqtt_client_publish.c|qcloud_iot_mqtt_publish(264): publish qos=0|packet_id=0|topic_name=$thing/up/property/P/D|payload={"method":"report","params":{"volume":80},"clientToken":"c-${n}"}\r\n`,
  (n: number) => `heap: free=${200_000 - (n % 5000)} min=${150_000 + (n % 77)}\r\n`,
  (n: number) => `E (${n}) transport_base: tcp_read error, errno=Connection reset by peer\r\n`,
  () => 'a line of an application that no grammar knows\r\n',
];

class Board {
  readonly pty: Pty;
  bytes = 0;
  lines = 0;
  unsaidBytes = 0;

  constructor(pty: Pty) {
    this.pty = pty;
  }

  /** Like the driver of a UART, the kernel holds some 64 KB for a reader that is late; what is more is lost. */
  talkUpTo(bytes: number): void {
    const due = bytes - this.unsaidBytes;
    if (this.pty.queuedBytes > 0) {
      this.unsaidBytes += Math.max(0, due - this.bytes);
      return;
    }
    let text = '';
    let size = this.bytes;
    while (size < due) {
      const n = this.lines++;
      const line =
        n % 60 === 0 ? `I (${n}) lat: t=${process.hrtime.bigint()}\r\n` : (phrases[n % phrases.length] as (n: number) => string)(n);
      text += line;
      size += Buffer.byteLength(line);
    }
    this.bytes = size;
    if (text !== '') this.pty.write(Buffer.from(text));
  }
}

const talkers = await Promise.all(Array.from({ length: boards }, async () => new Board(await openPty())));
process.send?.({ paths: talkers.map(({ pty }) => pty.path) });
process.on('message', (order: [number, number] | 'report') => {
  if (order === 'report') report();
  else void talk(...order);
});
process.on('disconnect', () => process.exit());

async function talk(seconds: number, bytesPerSecond: number): Promise<void> {
  while (!talkers.every(({ pty }) => pty.isOpen)) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  const startedMs = performance.now();
  const timer = setInterval(() => {
    const elapsedMs = Math.min(performance.now() - startedMs, seconds * 1000);
    for (const talker of talkers) talker.talkUpTo((elapsedMs * bytesPerSecond) / 1000);
    if (elapsedMs < seconds * 1000) return;
    clearInterval(timer);
    process.send?.({ done: true });
  }, TICK_MS);
}

function report(): void {
  const body: ChattyReport = {
    bytes: talkers.map((talker) => talker.bytes),
    lines: talkers.map((talker) => talker.lines),
    droppedBytes: talkers.reduce((sum, { pty }) => sum + pty.droppedBytes, 0),
    unsaidBytes: talkers.reduce((sum, { unsaidBytes }) => sum + unsaidBytes, 0),
  };
  process.send?.({ report: body });
}
