import { z } from 'zod';
import { portAddress } from './ports.ts';

/** What a bring-up goes through, in order. A board need not show every step. */
export const bringUpStep = z.enum(['boot', 'network', 'mqtt', 'websocket', 'greeting', 'turn']);

export const stepState = z.object({
  step: bringUpStep,
  state: z.enum(['none', 'active', 'done', 'failed']),
  /** When it came to this state, session time, and the row that told. */
  atUs: z.number().optional(),
  seq: z.number().int().optional(),
});

/** A turn as the device's own log tells it: no pipeline needed. Times are host times of the log lines, in session time. */
export const loggedTurn = z.object({
  number: z.number().int(),
  startedUs: z.number(),
  userStartedUs: z.number().optional(),
  userEndedUs: z.number().optional(),
  botStartedUs: z.number().optional(),
  botEndedUs: z.number().optional(),
  userText: z.string(),
  botText: z.string(),
  isInterrupted: z.boolean(),
  /** From the user's end of speech to the reply's start, as logged; on the device's clock where both lines carry it. Null while a bound is missing. */
  latencyUs: z.number().nullable(),
  latencyClock: z.enum(['device', 'host']).optional(),
  seq: z.number().int(),
});

/** Something a reader should know. The page makes the sentence, its cause and the next step from `kind` and `data`. */
export const healthNotice = z.object({
  kind: z.enum([
    'boot-loop', // data {resets, spanMs, reason?}
    'panic', // data {reason}
    'brownout',
    'watchdog', // data {kind}
    'stack-overflow', // data {task}
    'heap-corrupt',
    'heap-low', // data {freeBytes}
    'heap-falling', // data {bytesPerMinute, freeBytes, firstBytes}
    'out-of-memory', // data {bytes?}
    'reconnect-storm', // data {what: 'mqtt'|'wifi'|'websocket', count, spanMs}
    'wifi-refused', // data {reason}
    'mqtt-buffer-small', // data {bufferBytes, neededBytes}
    'licence', // data {detail}
    'invalid-image', // data {detail}
    'waiting-for-download',
    'garbled', // data {share}: the baud rate is probably wrong
    'sdk-error', // data {code, where}
    'sim', // data {state}
  ]),
  severity: z.enum(['info', 'warning', 'error']),
  /** First and last time it was seen, how often, and the row that told first and last. */
  firstUs: z.number(),
  lastUs: z.number(),
  count: z.number().int(),
  firstSeq: z.number().int(),
  lastSeq: z.number().int(),
  data: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** What a board's log says about the board. */
export const deviceState = z.object({
  port: portAddress,
  /** Session time of the last row. */
  updatedUs: z.number(),
  steps: z.array(stepState),
  /** silent: nothing yet · download: the ROM loader waits · crashed: a panic, no boot since. */
  condition: z.enum(['silent', 'running', 'download', 'crashed']),
  /** Facts the log told, newest value: chip, idfVersion, project, appVersion, elfSha256, sdkVersion, productId, deviceName, ip, ssid, resetReason, model, imei, iccid, operator, csq … */
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Resets seen, newest last, at most 50. */
  boots: z.array(z.object({ atUs: z.number(), seq: z.number().int(), reason: z.string() })),
  /** Newest 200. */
  turns: z.array(loggedTurn),
  heap: z.array(z.object({ atUs: z.number(), freeBytes: z.number() })),
  notices: z.array(healthNotice),
});

export const deviceStateCalls = {
  /** The same for a recorded session, by reading its log again. */
  'logs.devices': {
    request: z.object({ sessionId: z.string() }),
    reply: z.object({ devices: z.array(deviceState) }),
    role: 'viewer',
  },
} as const;

/** What the boards of the live log are doing. A delta is one board's new state, at most four a second each. */
export const deviceStateStreams = {
  'logs.deviceStates': { request: z.object({}), snapshot: z.array(deviceState), delta: deviceState },
} as const;

export type DeviceState = z.infer<typeof deviceState>;
export type BringUpStep = z.infer<typeof bringUpStep>;
export type StepState = z.infer<typeof stepState>;
export type LoggedTurn = z.infer<typeof loggedTurn>;
export type HealthNotice = z.infer<typeof healthNotice>;
