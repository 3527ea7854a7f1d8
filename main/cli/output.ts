import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { TalkError, type TalkErrorValue } from '../../preload/contract/talk-error.ts';
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
  'flash/wrong-chip': 'the image was built for another chip; nothing was written',
  'flash/overlap': 'two files cover the same addresses; nothing was written',
  'flash/too-big': 'the flash ends before the file does; nothing was written',
  'flash/bad-file': 'build the file again, or give its right path; nothing was written',
  'flash/protocol': 'the board left its loader or the line is bad: try again, another cable, or a lower --baud',
  'flash/verify-mismatch': 'write it again; if the same place differs again, the flash chip is worn or protected',
  'flash/no-offset': 'give it as ADDR=FILE; nothing was written',
  'flash/does-not-fit': 'make the partition larger in partitions.csv, or the image smaller; --force writes it anyway; nothing was written',
  'flash/secured': 'the chip boots only what was signed or encrypted for it; --force writes all the same; nothing was written',
  'flash/no-partition': 'see `talkbench flash-info` for the partitions there are',
  'flash/vendor-tool': 'only the vendor’s tool flashes this chip; monitor, AT console and logs work here',
  'flash/no-agentboot': 'give --agentboot: agentboot.bin of the vendor’s FlashToolCLI or Luatools, for this chip and transport',
  'flash/wrong-agentboot': 'give the agentboot.bin that belongs to the chip named in the package; nothing was written',
  'flash/no-download-port': 'hold BOOT and press the power key, then try again; check the USB cable',
  'flash/protected': 'calibration data is never written; nothing was written',
  'nvs/missing-variable': 'give it: --var NAME=VALUE, or TALKBENCH_VAR_NAME in the environment',
  'nvs/too-big': 'the partition is too small for these values: make it larger or leave some out',
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
  'session/not-found': 'see `talkbench sessions list`',
  'engine/unavailable': 'see `talkbench pipeline --engines` for what is installed',
};

/** What is not there is found in a list of its kind. */
const lists: Partial<Record<string, string>> = {
  recipe: 'talkbench recipes list',
  'list of devices': 'talkbench nvs lists',
  'device of a list': 'talkbench nvs lists show NAME',
  command: 'talkbench ports',
};

function nextStep({ code, data }: TalkErrorValue): string | undefined {
  const list = code === 'not-found' && typeof data.what === 'string' ? lists[data.what] : undefined;
  return list === undefined ? nextSteps[code] : `see \`${list}\` for what is there`;
}

/** File names, labels and what a board said may move a terminal's cursor. */
function tell(text: string): void {
  process.stderr.write(`${withoutControls(text)}\n`);
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
      .map(([key, fact]) => `${key}=${typeof fact === 'string' ? fact : toJson(fact)}`)
      .join(' ');
    tell(`error ${value.code}${facts === '' ? '' : ` (${facts})`}`);
    const next = nextStep(value);
    if (next !== undefined) tell(`  next: ${next}`);
  }
  if (!isExpected) tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return isMisuse ? exitCodes.usage : exitCodes.failed;
}
