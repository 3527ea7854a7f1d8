import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { TalkError, type TalkErrorValue } from '../../preload/contract/talk-error.ts';
import { type WifiFailure, wifiFailure } from '../../preload/contract/wifi-failures.ts';
import { flashStep } from './flash-steps.ts';
import { withoutControls } from './terminal-text.ts';

/** Exit codes every command keeps to. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** Bytes become base64 in JSON output; everything else is as the contract has it. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof Uint8Array ? Buffer.from(item).toString('base64') : item), indent);
}

/** Standard output carries results only: with `--json` JSON and nothing else; words for people go to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** The result: one JSON value, or what `format` makes of it. Names in it may be anyone's: no control character of theirs goes out. */
  result<T>(value: T, format: (value: T) => string): void;
  /** One line of a stream of results. */
  line<T>(value: T, format: (value: T) => string): void;
  /** Resolves when the reader has caught up: a command that makes lines faster than they are read waits for this. */
  caughtUp(): Promise<void>;
  /** Progress and remarks for a person; silent with `--json`. */
  say(text: string): void;
  /** What a script must hear of too (a loss): to standard error, also with `--json`. */
  warn(text: string): void;
}

export function createOutput(isJson: boolean): Output {
  function write<T>(value: T, format: (value: T) => string): void {
    process.stdout.write(`${isJson ? toJson(value) : format(value)}\n`);
  }
  return {
    isJson,
    result: (value, format) => write(value, (shown) => withoutControls(format(shown))),
    line: write,
    async caughtUp() {
      // A reader that went away is heard of by the stream's own listener.
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain').catch(() => {});
    },
    say: (text) => {
      if (!isJson) tell(text);
    },
    warn: tell,
  };
}

/** What an operator can do about a failure, one short English line a code; the UI has the full sentences in both languages. */
const nextSteps: Partial<Record<TalkErrorValue['code'], string>> = {
  'device/unknown': 'see `talkbench devices list`; register it with `talkbench devices add PRODUCT NAME`',
  'audio/bad-wav': 'give a WAV file of PCM samples, as `talkbench export --format wav` writes them',
  'tuya/no-debug-port': 'the firmware needs ENABLE_AI_MONITOR; its port is 5055 unless it was built with another',
  'talk/refused': 'check the address and the token, and that the server runs',
  'replay/no-uplink': 'choose a conversation with an uplink: see `talkbench sessions show`',
  'replay/no-device': 'conversations of TWeTalk, TRTC, Tuya and xiaozhi can be run again',
  'replay/bad-address': 'give an address like the one that is wanted',
  'replay/credentials': 'set TALKBENCH_REPLAY_SECRET, and --device, --product, --room as the far end wants them',
  'replay/device-online': 'disconnect it, or leave --as-recorded out',
  'replay/no-log': 'choose a session with ports, or a file with something in it',
  'device/offline': 'power the board; its MQTT host must be this bench, its secret the registered one',
  'device/not-subscribed': 'the firmware has to subscribe that topic after each connect',
  'device/no-action': 'define it in the thing model, or use an identifier it has',
  'device/no-property': 'define it in the thing model as one that may be written',
  'ota/no-listener': 'open the gateway or the OTA port: see `talkbench pipeline`',
  'listen/privileged': 'allow it once: sudo sysctl net.ipv4.ip_unprivileged_port_start=80; or take another port',
  'tool/timeout': 'the board did not answer: see whether the message came there, and that it knows the name',
  'call/busy': 'end the call it is in first',
  'port/not-found': 'see `talkbench ports` for what is there',
  'port/busy': 'close the other program that holds the port',
  'port/permission': 'join the dialout group (or add a udev rule) and log in again',
  'port/bad-address': 'want /dev/…, COM7, socket://HOST:PORT, rfc2217://HOST:PORT, virtual://NAME or command://NAME',
  'port/refused': 'check the address, and that what answers there runs',
  'port/not-approved': 'approve it: `talkbench ports add NAME -- PROGRAM …`',
  'port/lost': 'the board or program went away: check the cable and its supply',
  'port/closed': 'open the port first, or try again',
  'port/unsupported': 'this kind of port cannot do that: leave the option out',
  'port/list-unavailable': 'install the system package named in "missing"',
  'flash/sync-timeout': 'hold BOOT, tap RESET (EN), release BOOT, and try again; check the cable and the baud rate',
  'flash/wrong-chip':
    'build it for the chip that the board has (idf.py set-target CHIP), or give the other board’s --port; nothing was written',
  'flash/overlap': 'both want the same addresses, a partition or a file: correct an offset, or leave one of them out; nothing was written',
  'flash/too-big': 'the flash ends before the file does; nothing was written',
  'flash/bad-file': 'build the file again, or give its right path; nothing was written',
  'flash/protocol': 'the board left its loader or the line is bad: try again, another cable, or a lower --baud',
  'flash/verify-mismatch': 'write it again; if the same place differs again, the flash chip is worn or protected',
  'flash/no-offset': 'give it as ADDR=FILE; nothing was written',
  'flash/does-not-fit': 'make the partition larger in partitions.csv, or the image smaller; --force writes it anyway; nothing was written',
  'flash/no-image':
    'give the .bin that the build makes for that place, or the right ADDR; --force writes it anyway, such as one encrypted beforehand; nothing was written',
  'flash/not-booting': 'flash all of the build: bootloader, partition table and application; more of what it says: `talkbench monitor`',
  'flash/files-changed': 'they were written again meanwhile: look at the plan (--dry-run), then run it again; nothing was written',
  'flash/wrong-port': 'give the port of the right board (`talkbench ports`); --force uses this one all the same; nothing was sent',
  'flash/secured': 'the chip boots only what was signed or encrypted for it; --force writes all the same; nothing was written',
  'flash/no-partition': 'see `talkbench flash-info` for the partitions there are',
  'flash/vendor-tool': 'only the vendor’s tool flashes this chip; monitor, AT console and logs work here',
  'flash/no-agentboot': 'give --agentboot: agentboot.bin of the vendor’s FlashToolCLI or Luatools, for this chip and transport',
  'flash/wrong-agentboot': 'give the agentboot.bin that belongs to the chip named in the package; nothing was written',
  'flash/no-download-port': 'hold BOOT and press the power key, then try again; check the USB cable',
  'flash/protected': 'calibration data is never written; nothing was written',
  'nvs/missing-variable': 'give it: --var NAME=VALUE, or TALKBENCH_VAR_NAME in the environment',
  'nvs/not-an-image': 'give the image of an NVS partition alone, as `talkbench read-flash FILE --partition nvs` saves it',
  'nvs/too-big': 'the partition is too small for these values: make it larger or leave some out',
  'provisioning/header-unknown':
    'name the columns ProductId, DeviceName and DeviceSecret; or, if that line is a device, give --no-header; nothing was taken',
  'provisioning/unnamed': 'give --template, or a value with ${device_secret} in it, or no device; nothing was written',
  'provisioning/several-boards': 'save the recipe with --device-list, or flash one board',
  'provisioning/list-empty': 'every device of the list is used: import more with `talkbench nvs lists import`',
  'recipe/bad-file': 'export it again with `talkbench recipes export`',
  'flash/bad-offset': 'want ADDR=FILE with ADDR like 0x10000, a multiple of 0x1000; nothing was written',
  'flash/cancelled': 'see "boardState": a board partially written wants flashing again',
  'wifi/no-radio': 'use a machine whose Wi-Fi can join the board’s network (SoftAP), the app with Bluetooth, or a phone with 腾讯连连',
  'wifi/no-answer': 'check that the board is in setup mode and that this machine is in its network',
  'wifi/refused': 'check the network’s name and password, and that it is a 2.4 GHz network',
  'wifi/not-seen': 'check the password; look at the board’s log (`talkbench monitor`); is it registered here, with this bench’s address?',
  'wifi/busy': 'wait for the other setup, or cancel it',
  'wifi/radio-lost': 'keep the window open and the board near, and choose it again',
  'saving/failed': 'choose another place for the file, or make room',
  'symbols/bad-elf': 'give the .elf file of the build (build/PROJECT.elf), not the .bin image',
  'at/timeout': 'check the port, the baud rate, and whether the module sleeps; --timeout waits longer',
  'at/module-reset': 'the module started anew: look at its supply',
  'at/not-answering': 'check that this is the AT port and the module is awake',
  'at/data-mode': 'the modem is in data mode: end it with Cancel in the app, or restart the module',
  'at/no-data': 'it asked for data: give them with --prompt',
  'store/locked': 'another Talkbench uses this data directory: attach to it, or give --data another folder',
  'listen/in-use': 'another program listens on that port: choose another',
  'session/not-found': 'see `talkbench sessions list`; a file or folder has to be there under the path given',
  'session/bad-file': 'give a .talkbench file, as `talkbench export` writes it, or one of Pipecat’s .whisk files',
  'settings/invalid': 'settings are named as in the app, such as turns.vadSilenceMs; docs/pipeline.md has them with their ranges',
  'suite/no-file': 'paths are relative to the suite’s file and stay in its folder',
  'check/bad-list': 'see docs/checks.md; `talkbench check --inspect FILE` lists every problem with its line',
  'check/list-differs': 'give the file another version to replace that list, or another name to have both',
  'check/built-in': 'write it to a file with `talkbench check --list-text ID`, and use that',
  'check/busy': 'wait for the other run, or cancel it on the screen',
  'check/other-board': 'put the board of this run back, or begin a run of its own for the one that is there',
  'check/board-left': 'see why in the log (talkbench monitor --port …), then check again',
  'check/sound-removed': 'keep the session of a run whose sounds are to stay: `talkbench sessions keep ID`',
  'check/link-impaired': 'take the impairment off on the screen (Checks, Weak network), then begin again',
  'check/no-serial-number': 'give --serial NUMBER; it looks like the example',
  'check/serial-number': 'scan the right label, choose the list for this board, or correct serialNumber in the list; nothing was begun',
  'check/bad-opus': 'record at least a second of the SDK’s own packets: raw, length-prefixed or Ogg',
  'report/no-printer': 'use --report FILE.html, or install Chromium, Chrome or Edge',
  'suite/bad-file': 'see docs/suites.md; `talkbench suite check FILE` lists every problem with its line',
  'suite/nothing-to-run': 'name a case of the suite with --only, or leave it out',
  'replay/needs-rerun': 'that acts on what engines answer: run the speech again with it (--rerun)',
  'replay/no-conversation': 'choose a session with a conversation recorded from its beginning; see `talkbench sessions list`',
  'export/collector': 'check its address (OTLP over HTTP, usually port 4318) and the key it wants',
  'engine/unavailable': 'see `talkbench engines` for what there is',
  'engine/unauthorized': 'check the key: `talkbench engines put ID --secret FIELD` takes a new one',
  'engine/unreachable': 'check the address, that the service runs, and this machine’s network',
  'engine/rate-limited': 'wait a moment, or raise the account’s limit',
  'engine/timeout': 'try again, or choose a faster engine',
  'engine/cut': 'try again; if it repeats, look at the network and the service’s limits',
  'engine/bad-config': 'see `talkbench engines kinds` for the fields and what they take',
  'engine/in-use': 'choose another engine there first',
  'audio/unavailable': 'install what "missing" names (Debian: apt-get install libasound2)',
  'audio/no-device': 'see `talkbench talk --devices` for what there is',
  'audio/device-failed': 'choose another with --input or --output; see `talkbench talk --devices`',
  'audio/process-ended': 'try again, or choose another device; see `talkbench talk --devices`',
  'model/no-space': 'make room, then the same command goes on where it stopped',
  'model/mismatch': 'try again, or another mirror (setting engines.modelMirror)',
  'model/download-failed': 'try again later, set engines.modelMirror, or `talkbench models import MODEL FOLDER`',
  'cloud/refused': 'correct what the message names; see the API’s document',
  'scenario/bad-file': 'correct the file: docs/scenarios.md says what may stand in it',
  'model/incomplete': 'choose the folder that holds all of the model’s files',
};

/** What is not there is found in a list of its kind. */
const lists: Partial<Record<string, string>> = {
  recipe: 'talkbench recipes list',
  engine: 'talkbench engines',
  'engine profile': 'talkbench engines',
  preset: 'talkbench engines kinds',
  'check list': 'talkbench check --lists',
  'check run': 'talkbench check --history',
  model: 'talkbench models',
  'list of devices': 'talkbench nvs lists',
  'device of a list': 'talkbench nvs lists show NAME',
  command: 'talkbench ports',
};

/** A file is in no list of ours. */
const noFile = 'check the path: it is taken from the folder the command is run in, and the file has to be readable';

/** What a Wi-Fi setup wants next depends on which way it went, and how far it had come. */
const wifiSteps: Record<WifiFailure, string> = {
  noWifiRadio:
    'use a machine with Wi-Fi, Bluetooth in the app, or a phone with 腾讯连连; --joined if this one is in the board’s network all the same',
  notJoined:
    'is the board still in setup mode, and its network in this machine’s list? Begin again and join it; --joined if that is not noticed',
  silentBle: 'restart the board into setup mode and choose it again; its firmware may have no Wi-Fi setup by Bluetooth: use SoftAP',
  noWifiNews: 'it did not say whether it joined: check for a 2.4 GHz network in its reach, restart it into setup mode, try again',
  noLog: 'check that this machine is in the board’s network and the port is right (9876, in setup mode 8266); a log is given once',
  tokenRefused: 'it is in the network, but not bound: check its registration, its secret, and that a token is neither used nor expired',
  notSeenBle: 'it is in the network: check that its firmware has this bench’s address, and that it is registered here',
};

function nextStep({ code, data, retryable }: TalkErrorValue): string | undefined {
  const flashing = flashStep({ code, data, retryable });
  if (flashing !== undefined) return flashing;
  const failure = wifiFailure({ code, data });
  if (failure !== null) return wifiSteps[failure];
  if (code === 'not-found' && data.what === 'file') return noFile;
  const list = code === 'not-found' && typeof data.what === 'string' ? lists[data.what] : undefined;
  if (list === undefined) return nextSteps[code];
  const near = Array.isArray(data.near) && data.near.length > 0 ? `did you mean ${data.near.join(', ')}? ` : '';
  return `${near}see \`${list}\` for what is there`;
}

/** File names, labels and what a board said may move a terminal's cursor. */
function tell(text: string): void {
  process.stderr.write(`${withoutControls(text)}\n`);
}

/** A place in flash as it is typed and as a partition table has it. */
function factText(key: string, fact: unknown): string {
  if (key === 'offset' && typeof fact === 'number') return `0x${fact.toString(16)}`;
  return typeof fact === 'string' ? fact : toJson(fact);
}

/** Prints the failure in the form the caller asked for and returns the exit code. */
export function reportFailure(error: unknown, isJson: boolean): number {
  const isExpected = error instanceof TalkError;
  const value: TalkErrorValue = isExpected ? error.value : { code: 'internal', data: { id: randomUUID() }, retryable: false };
  const isMisuse = value.code === 'bad-request';
  if (isJson) process.stdout.write(`${toJson({ error: value })}\n`);
  else if (isMisuse && Array.isArray(value.data.issues)) {
    for (const { path, message } of value.data.issues) tell(`error ${value.code} ${path}: ${message}`);
  } else {
    const facts = Object.entries(value.data)
      .map(([key, fact]) => `${key}=${factText(key, fact)}`)
      .join(' ');
    tell(`error ${value.code}${facts === '' ? '' : ` (${facts})`}`);
    const next = nextStep(value);
    if (next !== undefined) tell(`  next: ${next}`);
  }
  if (!isExpected) tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return isMisuse ? exitCodes.usage : exitCodes.failed;
}
