import type { BringUpStep, HealthNotice, StepState } from '../../../../preload/contract/device-state.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';

/** What a row says about its board, whoever made the board. */
export type Signal =
  /** The chip has left reset. `reason` when the row tells; a ROM's banner does not, and the line after it does. */
  | { kind: 'boot'; reason?: string }
  | { kind: 'step'; step: BringUpStep; state: StepState['state'] }
  | { kind: 'lost'; what: 'mqtt' | 'wifi' | 'websocket' }
  | { kind: 'facts'; facts: Record<string, string | number> }
  | { kind: 'heap'; freeBytes: number }
  | { kind: 'speech'; of: 'user' | 'bot'; is: 'started' | 'ended' }
  | { kind: 'interrupted' }
  | { kind: 'words'; of: 'user' | 'bot'; text: string }
  | { kind: 'condition'; condition: 'crashed' | 'download' }
  | { kind: 'notice'; notice: HealthNotice['kind']; severity: HealthNotice['severity']; data: Record<string, string | number> };

type Payload = Record<string, unknown>;
type Reading = (payload: Payload, row: LogRow) => Signal[];

const done = (step: BringUpStep): Signal => ({ kind: 'step', step, state: 'done' });
const active = (step: BringUpStep): Signal => ({ kind: 'step', step, state: 'active' });
const crashed: Signal = { kind: 'condition', condition: 'crashed' };
const speech = (of: 'user' | 'bot', is: 'started' | 'ended'): Signal[] => [{ kind: 'speech', of, is }];
const words = (of: 'user' | 'bot', text: unknown): Signal[] => [{ kind: 'words', of, text: textOf(text) ?? '' }];
const failed = (step: BringUpStep): Signal => ({ kind: 'step', step, state: 'failed' });
const notice = (
  name: HealthNotice['kind'],
  severity: HealthNotice['severity'],
  data: Record<string, string | number | undefined> = {},
): Signal => ({ kind: 'notice', notice: name, severity, data: defined(data) });

/** The SDK's own error numbers that mean its licence (reference/twetalk.md §7). */
const licenceCodes: readonly number[] = [-914, -915];
/** Facts that the application prints of itself, under the names they are shown by. */
const appFacts: Record<string, string> = {
  'project name': 'project',
  'app version': 'appVersion',
  'elf file sha256': 'elfSha256',
  'esp-idf': 'idfVersion',
  'compile time': 'compileTime',
  'chip rev': 'chipRevision',
};

/** Each event that tells something of the board's state; the rest tell nothing. */
const readings: Record<string, Reading> = {
  'boot.rom': ({ rom }) => [{ kind: 'boot' }, active('boot'), factsOf({ rom })],
  'boot.reset': ({ reason, cause }) => [
    { kind: 'boot', reason: textOf(reason) ?? textOf(cause) ?? 'unknown' },
    active('boot'),
    // Where the detector's own line was lost with the supply, or the watchdog is the hardware's, the reset is all that tells.
    ...(cause === 'brownout' ? [notice('brownout', 'error')] : []),
    ...(cause === 'watchdog' ? [notice('watchdog', 'error', { kind: textOf(reason) })] : []),
  ],
  'boot.bootloader': ({ idfVersion }) => [active('boot'), factsOf({ idfVersion })],
  'boot.app-info': ({ key, value }) => [factsOf({ [appFacts[String(key).toLowerCase()] ?? String(key)]: value })],
  'boot.app-started': ({ project, version }) => [done('boot'), factsOf({ project, appVersion: version })],
  'boot.waiting-for-download': () => [{ kind: 'condition', condition: 'download' }, notice('waiting-for-download', 'info')],
  'boot.invalid-image': ({ detail }) => [failed('boot'), notice('invalid-image', 'error', { detail: textOf(detail) })],

  panic: ({ reason, task }) => {
    const name = textOf(reason) ?? 'panic';
    if (name === 'stack-overflow') return [crashed, notice('stack-overflow', 'error', { task: textOf(task) })];
    return [crashed, notice('panic', 'error', { reason: name })];
  },
  'panic.assert': ({ expression, function: name, file, line }) => [
    crashed,
    notice('panic', 'error', {
      reason: `assert ${textOf(expression) ?? ''} ${textOf(name) ?? textOf(file) ?? ''}:${textOf(line) ?? ''}`.trim(),
    }),
  ],
  watchdog: ({ kind }) => [notice('watchdog', 'error', { kind: textOf(kind) })],
  brownout: () => [crashed, notice('brownout', 'error')],
  // Told twice, the second time without its place.
  'lua.error': ({ file, line, detail }) =>
    file === undefined
      ? [crashed]
      : [crashed, notice('panic', 'error', { reason: `Lua: ${textOf(detail) ?? ''} ${textOf(file) ?? ''}:${textOf(line) ?? ''}` })],
  'heap-corrupt': ({ detail }) => [notice('heap-corrupt', 'error', { detail: textOf(detail) })],
  'elf-sha': ({ sha256 }) => [factsOf({ elfSha256: sha256 })],
  heap: ({ freeBytes, minimumBytes }) => [
    ...(typeof freeBytes === 'number' ? [{ kind: 'heap', freeBytes } as const] : []),
    factsOf({ heapFree: freeBytes, heapMinimum: minimumBytes }),
  ],
  'out-of-memory': ({ bytes, freeBytes }) => [notice('out-of-memory', 'error', { bytes: numberOf(bytes), freeBytes: numberOf(freeBytes) })],
  'text.undecodable': () => [notice('garbled', 'warning')],

  'wifi.connected': ({ ssid, channel }) => [active('network'), factsOf({ ssid, channel })],
  'wifi.got-ip': ({ ip }) => [done('network'), factsOf({ ip })],
  'wifi.disconnected': ({ reason }) => [
    { kind: 'lost', what: 'wifi' },
    failed('network'),
    ...(isRefusal(reason) ? [notice('wifi-refused', 'error', { reason: textOf(reason) })] : []),
  ],
  // A module that has a bearer has a SIM, whatever it said of it before; LuatOS says nothing when it recovers.
  'net.up': ({ ip, bearer }) => [done('network'), factsOf({ ip, bearer, sim: bearer === 'cellular' ? 'ready' : undefined })],
  'net.down': ({ reason }) => [{ kind: 'lost', what: 'wifi' }, failed('network'), factsOf({ lossReason: reason })],
  'net.connecting': () => [active('network')],
  'cellular.registration': ({ isRegistered, state, technology }) => [
    isRegistered === true ? active('network') : { kind: 'facts', facts: {} },
    factsOf({ registration: state, technology }),
  ],
  'cellular.operator': ({ operator }) => [factsOf({ operator })],
  'cellular.cell': ({ mcc, mnc, cell }) => [factsOf({ plmn: mcc === undefined ? undefined : `${String(mcc)}-${String(mnc)}`, cell })],
  'net.connected': ({ host, port }) => [
    done('network'),
    factsOf({ server: host === undefined ? undefined : `${String(host)}:${String(port)}` }),
  ],
  sim: ({ state }) => [factsOf({ sim: state }), ...(isSimFault(state) ? [notice('sim', 'error', { state: String(state) })] : [])],
  signal: ({ rssiDbm, rsrpDbm, rsrqDb, snrDb, csq }) => [factsOf({ rssiDbm, rsrpDbm, rsrqDb, snrDb, csq })],
  identity: ({ imei, iccid, imsi, model, firmware, mac, deviceId }) => [factsOf({ imei, iccid, imsi, model, firmware, mac, deviceId })],

  'mqtt.connecting': () => [active('mqtt')],
  'mqtt.connected': () => [done('network'), done('mqtt')],
  'mqtt.disconnected': () => [{ kind: 'lost', what: 'mqtt' }, failed('mqtt')],
  'mqtt.reconnecting': () => [{ kind: 'lost', what: 'mqtt' }, active('mqtt')],
  'mqtt.buffer-too-small': ({ bufferBytes, neededBytes }) => [
    notice('mqtt-buffer-small', 'error', { bufferBytes: numberOf(bufferBytes), neededBytes: numberOf(neededBytes) }),
  ],
  licence: ({ detail }, row) => [notice('licence', 'error', { detail: textOf(detail) ?? row.message })],

  'voice.connecting': () => [active('websocket')],
  'voice.connected': () => [done('websocket')],
  'voice.failed': () => [failed('websocket'), { kind: 'lost', what: 'websocket' }],
  'voice.disconnected': () => [{ kind: 'lost', what: 'websocket' }],

  'twetalk.sdk': ({ version, productId, deviceName }) => [factsOf({ sdkVersion: version, productId, deviceName })],
  'twetalk.banner': ({ key, value }) => [factsOf(bannerFacts(textOf(key) ?? '', textOf(value)))],
  'twetalk.ws-connected': ({ result }) => [result === 0 || result === undefined ? done('websocket') : failed('websocket')],
  'twetalk.ready': ({ code }) => [code === 0 ? done('websocket') : failed('websocket')],
  'twetalk.RECV_DISCONNECT': () => [{ kind: 'lost', what: 'websocket' }],
  'twetalk.RECV_CLOSE': () => [{ kind: 'lost', what: 'websocket' }],
  'twetalk.error': ({ code, who }) => {
    const number = numberOf(code);
    if (number !== undefined && licenceCodes.includes(number)) return [notice('licence', 'error', { detail: String(number) })];
    return [notice('sdk-error', 'warning', { code: number, where: textOf(who) })];
  },
  'twetalk.BOT_START_SPEAKING': () => speech('bot', 'started'),
  'twetalk.BOT_STOP_SPEAKING': () => speech('bot', 'ended'),
  'twetalk.USR_START_SPEAKING': () => speech('user', 'started'),
  'twetalk.USR_STOP_SPEAKING': () => speech('user', 'ended'),
  'twetalk.speaking': ({ who, isSpeaking }) => speech(who === 'bot' ? 'bot' : 'user', isSpeaking === true ? 'started' : 'ended'),
  'twetalk.caption': ({ who, text }) => words(who === 'bot' ? 'bot' : 'user', text),
  'twetalk.vad-start': () => speech('user', 'started'),
  'twetalk.vad-end': () => speech('user', 'ended'),

  'turn.user-started': () => speech('user', 'started'),
  'turn.user-ended': () => speech('user', 'ended'),
  'turn.bot-started': () => speech('bot', 'started'),
  'turn.bot-ended': () => speech('bot', 'ended'),
  'turn.interrupted': () => [{ kind: 'interrupted' }],
  'turn.user-text': ({ text }) => words('user', text),
  'turn.bot-text': ({ text }) => words('bot', text),
};

const readingOf: ReadonlyMap<string, Reading> = new Map(Object.entries(readings));
const none: readonly Signal[] = [];

export function signalsOf(row: LogRow): readonly Signal[] {
  const reading = row.event === undefined ? undefined : readingOf.get(row.event);
  if (reading === undefined) return none;
  return reading(typeof row.payload === 'object' && row.payload !== null ? (row.payload as Payload) : {}, row);
}

function factsOf(facts: Payload): Signal {
  return { kind: 'facts', facts: defined(facts) };
}

/** Only what is text or a number, and not empty. */
function defined(values: Payload): Record<string, string | number> {
  const known: Record<string, string | number> = {};
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (typeof value === 'number' || (typeof value === 'string' && value !== '')) known[name] = value;
  }
  return known;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** `auth`, `assoc` and the numbers of a handshake that failed: a wrong password, not a weak signal. */
function isRefusal(reason: unknown): boolean {
  return /auth|handshake|^(?:2|15|202|204)$/i.test(textOf(reason) ?? '');
}

function isSimFault(state: unknown): boolean {
  return /removed|not inserted|failure|absent|wrong|\bpuk\b|\bpin\b/i.test(textOf(state) ?? '');
}

function bannerFacts(key: string, value: string | undefined): Payload {
  const name = key.toLowerCase().replaceAll('_', ' ');
  if (name === 'current version' || name === 'version') return { sdkVersion: value };
  // `device_id : PRODUCT_NAME`: the first underscore parts them, the name may hold more.
  if (name === 'device id' && value?.includes('_'))
    return { productId: value.slice(0, value.indexOf('_')), deviceName: value.slice(value.indexOf('_') + 1) };
  if (name === 'product') return { productId: value };
  if (name === 'device') return { deviceName: value };
  return { [name]: value };
}
