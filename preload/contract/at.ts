import { z } from 'zod';
import { talkErrorSchema } from './errors.ts';
import { portAddress } from './ports.ts';

/** What a decoded value says about the board. `unknown`: the modem did not know, or nothing follows from it. */
export const atVerdict = z.enum(['good', 'weak', 'bad', 'unknown']);

/** Whose firmware answers: shapes of answers and the meaning of error codes differ. */
export const atFamily = z.enum(['unknown', 'eigencomm', 'airm2m', 'quectel']);

// biome-ignore format: a list of words
export const atValueNames = [
  'rssi', 'ber', 'rsrp', 'rsrq', 'snr', 'registration', 'reports', 'tac', 'cellId', 'access', 'operator', 'operatorMode', 'operators',
  'attached', 'context', 'active', 'pdpType', 'apn', 'ip', 'ipv6', 'sim', 'iccid', 'imsi', 'imei', 'serialNumber', 'manufacturer',
  'model', 'firmware', 'sdk', 'hardware', 'compiled', 'functionality', 'clock', 'batteryState', 'batteryPercent', 'batteryVoltage', 'earfcn', 'pci',
  'band', 'bands', 'emm', 'plmnState', 'txPower', 'cell', 'rtt', 'lost', 'host', 'pinRetries', 'rate', 'event', 'service', 'address', 'error',
] as const;

// biome-ignore format: a list of words
/** What a value means, where its number does not say: the page has the words. */
export const atNotes = [
  // SIM
  'ready', 'pin-wanted', 'puk-wanted', 'pin2-wanted', 'locked-to-network', 'sim-removed',
  // registration
  'not-searching', 'home', 'searching', 'denied', 'unknown', 'roaming', 'sms-home', 'sms-roaming', 'emergency-only', 'csfb-home', 'csfb-roaming',
  // identities
  'check-digit-wrong', 'not-written', 'wrong-length', 'as-given',
  // signal
  'unusable', 'unstable', 'not-detectable',
  // radio, service, bearer
  'minimum', 'full', 'flight-mode', 'attached', 'detached', 'activated', 'deactivated', 'no-address', 'not-registered', 'no-service', 'lte-service',
  'automatic', 'manual', 'deregistered', 'manual-automatic', 'format-only',
  // ping
  'answered', 'no-answer', 'failed', 'done',
  // other
  'charging', 'not-charging', 'clock-not-set', 'off', 'on',
] as const;

/** A fact decoded from an answer, free of language. A missing number (99, 255) is null with verdict `unknown`. */
export const atValue = z.object({
  name: z.enum(atValueNames),
  value: z.union([z.string(), z.number(), z.null()]),
  unit: z.enum(['dBm', 'dB', '%', 'mV', 'ms', 'baud']).optional(),
  verdict: atVerdict,
  note: z.enum(atNotes).optional(),
});

/** How a command ended, as the modem put it. `meaning` names the error where this family's table has it. */
export const atFinal = z.object({
  kind: z.enum(['ok', 'error', 'cme-error', 'cms-error', 'socket-error', 'connect', 'no-carrier', 'busy', 'no-answer', 'no-dialtone']),
  code: z.number().int().optional(),
  text: z.string().optional(),
  meaning: z.string().optional(),
});

const atUs = z.number();

export const atExchange = z.object({
  id: z.number().int(),
  /** As sent, without the carriage return. */
  command: z.string(),
  /** user: `at.send` · bring-up: a step · sync: the engine finding its place again. */
  source: z.enum(['user', 'bring-up', 'sync']),
  state: z.enum(['queued', 'running', 'prompted', 'done', 'failed']),
  timeoutMs: z.number(),
  /** Microseconds on the core's clock. */
  sentAtUs: atUs.optional(),
  endedAtUs: atUs.optional(),
  lines: z.array(z.string()),
  final: atFinal.optional(),
  values: z.array(atValue),
  /** No final came: timed out, cancelled, the module was reset, the port went away. */
  error: talkErrorSchema.optional(),
});

/** A line nobody asked for. */
export const atUrc = z.object({
  id: z.number().int(),
  atUs,
  text: z.string(),
  /** 'stray' is a final or an answer that came when nothing waited for it. */
  kind: z.enum(['known', 'unknown', 'stray']),
  values: z.array(atValue),
});

// biome-ignore format: a list of words
export const bringUpIds = [
  'answers', 'identity', 'firmware', 'imei', 'sim', 'iccid', 'imsi', 'csq', 'cesq', 'radio', 'registration', 'operator', 'attach', 'bearer', 'ping',
] as const;

// biome-ignore format: a list of words
export const bringUpNexts = [
  'check-port', 'update-firmware', 'write-imei', 'insert-sim', 'enter-pin', 'enter-puk', 'replace-sim', 'check-antenna', 'move-antenna', 'turn-radio-on',
  'wait-for-network', 'check-subscription', 'check-band', 'attach', 'check-apn', 'check-route', 'repeat', 'read-error',
] as const;

export const atBringUpStep = z.object({
  number: z.number().int(),
  id: z.enum(bringUpIds),
  commands: z.array(z.string()),
  state: z.enum(['waiting', 'running', 'passed', 'warning', 'failed', 'skipped']),
  values: z.array(atValue),
  /** What it is judged by, in signs: {name:'rssi', good:'> 10', bad:'≤ 7'}. */
  limits: z.array(z.object({ name: z.string(), good: z.string(), bad: z.string().optional() })),
  /** The lines of the modem that the judgement rests on, finals included. */
  evidence: z.array(z.string()),
  /** The number of the step without which this one makes no sense, where it was skipped for that. */
  needs: z.number().int().optional(),
  next: z.enum(bringUpNexts).optional(),
  elapsedMs: z.number().optional(),
  error: talkErrorSchema.optional(),
});

export const atBringUp = z.object({
  address: portAddress,
  state: z.enum(['running', 'passed', 'failed', 'cancelled']),
  family: atFamily,
  model: z.string().nullable(),
  startedAtUs: atUs,
  elapsedMs: z.number(),
  steps: z.array(atBringUpStep),
  /** The first step that failed: the cause of what fails after it. */
  firstFailed: z.number().int().nullable(),
  passed: z.number().int(),
  warnings: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
});

export const atConsoleState = z.object({
  address: portAddress,
  family: atFamily,
  model: z.string().nullable(),
  /** closed: the port is not open · resyncing: an answer did not come, the engine looks for the modem · data: bytes are the peer's, not the modem's. */
  mode: z.enum(['closed', 'ready', 'busy', 'resyncing', 'data']),
  queued: z.number().int(),
});

export const atConsole = z.object({
  state: atConsoleState,
  /** Newest 200, oldest first; likewise the newest 500 lines nobody asked for. */
  exchanges: z.array(atExchange),
  urcs: z.array(atUrc),
  bringUp: atBringUp.nullable(),
});

/** One thing that changed; an exchange comes whole each time. */
export const atConsoleDelta = z.object({
  state: atConsoleState.optional(),
  exchange: atExchange.optional(),
  urc: atUrc.optional(),
  bringUp: atBringUp.optional(),
});

export const atCommandInfo = z.object({
  /** As typed: 'AT+CSQ', 'ATI'. */
  command: z.string(),
  /** Of the page's words: 'CSQ'. */
  id: z.string(),
  group: z.enum(['module', 'sim', 'signal', 'network', 'data', 'sms', 'power', 'diagnosis']),
  /** What may be sent, ready to be typed: 'AT+CEREG?', 'AT+CEREG='. */
  forms: z.array(z.string()),
  timeoutMs: z.number(),
  /** Answers with something that tells one person's board or SIM from all others. */
  isIdentity: z.boolean(),
});

export const atCalls = {
  /**
   * One command, in its turn, on a port that is open. Replies when the modem's final result came, an ERROR included. Fails with
   * 'at/…' or 'port/…' when none came. `data` is what follows a prompt; it is ended with Ctrl-Z.
   */
  'at.send': {
    request: z.object({
      address: portAddress,
      command: z
        .string()
        .min(1)
        .max(2000)
        .regex(/^[^\r\n\0]+$/),
      data: z.string().max(20_000).optional(),
      timeoutMs: z.number().int().min(100).max(600_000).optional(),
    }),
    reply: atExchange,
    role: 'operator',
  },
  /** Ends what runs and waits on this port: commands, a bring-up, data mode. */
  'at.cancel': { request: z.object({ address: portAddress }), reply: z.object({}), role: 'operator' },
  /** The fifteen steps. Replies with the whole when it ended; `at.console` tells of each step. `waitMs`: for the SIM and the network. */
  'at.bringUp': {
    request: z.object({
      address: portAddress,
      /** Null: the last step is skipped. */
      pingHost: z
        .string()
        .regex(/^[\w.:-]{1,253}$/)
        .nullable()
        .default('www.baidu.com'),
      waitMs: z.number().int().min(0).max(300_000).default(30_000),
    }),
    reply: atBringUp,
    role: 'operator',
  },
  'at.catalogue': { request: z.object({}), reply: z.object({ commands: z.array(atCommandInfo) }), role: 'viewer' },
} as const;

export const atStreams = {
  'at.console': { request: z.object({ address: portAddress }), snapshot: atConsole, delta: atConsoleDelta },
} as const;

export type AtVerdict = z.infer<typeof atVerdict>;
export type AtFamily = z.infer<typeof atFamily>;
export type AtValue = z.infer<typeof atValue>;
export type AtNote = (typeof atNotes)[number];
export type AtFinal = z.infer<typeof atFinal>;
export type AtExchange = z.infer<typeof atExchange>;
export type AtUrc = z.infer<typeof atUrc>;
export type AtBringUpStep = z.infer<typeof atBringUpStep>;
export type AtBringUp = z.infer<typeof atBringUp>;
export type AtConsole = z.infer<typeof atConsole>;
export type AtConsoleState = z.infer<typeof atConsoleState>;
export type AtConsoleDelta = z.infer<typeof atConsoleDelta>;
export type AtCommandInfo = z.infer<typeof atCommandInfo>;
