import pino, { type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/**
 * Keys whose values never reach a log, wherever in a logged object they stand (three levels deep, which is as deep as we
 * log). Wi-Fi passwords and device secrets pass through the core; they stop here.
 */
const secretKeys = ['secret', 'deviceSecret', 'password', 'psk', 'token', 'apiKey', 'authorization', 'generatedSecret'];
const redactPaths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** The core's logger: JSON lines with levels, secrets removed. */
export function createLog(options: { level?: string; destination?: DestinationStream } = {}): Log {
  return pino(
    { level: options.level ?? process.env.TALKBENCH_LOG ?? 'info', redact: { paths: redactPaths, censor: '[secret]' }, base: null },
    options.destination ?? pino.destination(2),
  );
}
