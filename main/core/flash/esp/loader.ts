import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity } from '../../../../preload/contract/flash.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import { kindOf } from '../../devices/open.ts';
import { type Chip, chipByImageId, chips, flashBytesOf, MAGIC_ADDRESS, readMac, readRevision, WATCHDOG_KEY } from './chips.ts';
import { type CommandName, dataBlock, words } from './commands.ts';
import { type Connected, type ConnectOptions, connectLoader, isAnswering } from './connect.ts';
import { flashIdName, readFlashId } from './flash-id.ts';
import { powerFlash } from './flash-power.ts';
import { DEFAULT_TIMEOUT_MS, type LoaderLink, type Reply, type ReplyOptions } from './link.ts';
import {
  parseSecurityInfo,
  readSecurityFuses,
  SECURITY_INFO_BYTES,
  type Security,
  type SecurityInfo,
  SHORT_SECURITY_INFO_BYTES,
} from './security.ts';
import { loadStub } from './stub.ts';
import { isUsbOtg } from './usb-jtag.ts';

export const ROM_BAUD_RATE = 115200;
/** Why `runStub` fails when all was sent and nothing began to run. */
export const STUB_SILENT = 'the stub did not start';
const RAM_BLOCK_BYTES = 0x1800;
/** All that fits the receive buffer of a loader on USB-OTG. */
export const USB_OTG_BLOCK_BYTES = 0x800;
const CAREFUL_BLOCK_BYTES = 0x400;
const MEGABYTE = 1024 * 1024;
const MD5_MS_PER_MEGABYTE = 8000;
const TRIES = 3;
/** The stub answers CHANGE_BAUDRATE at the old rate, and takes a moment to turn. */
const RATE_CHANGE_MS = 20;
const RATE_ANSWER_MS = 1000;
const BAD_DATA_LENGTH = '0xc000';
/** It has no security info to ask for. */
const MAGIC_OF_ESP8266 = 0xfff0c101;
/** As far as three bytes of address go. */
const ROM_REACH_BYTES = 16 * MEGABYTE;

/** The fixed part of a chip's SPI_SET_PARAMS: block, sector, page, status mask. */
const FLASH_GEOMETRY = [0x10000, 0x1000, 0x100, 0xffff] as const;

export interface BeginOptions {
  eraseBytes: number;
  blocks: number;
  blockBytes: number;
  offset: number;
  /** The chip encrypts what it writes. */
  isEncrypted?: boolean;
  timeoutMs?: number;
}

/**
 * A chip in its serial loader, command by command. `connect`, then `identify`, then perhaps `runStub` and `changeBaudRate`, then
 * `setFlashBytes`. Errors: `flash/…` and the port's own; the link's signal ends any of it.
 */
export class EspLoader {
  readonly link: LoaderLink;
  #connected: Connected = { isStub: false, reset: null, baudRate: ROM_BAUD_RATE };
  #isStub = false;
  #baudRate = ROM_BAUD_RATE;
  #chip: Chip | null = null;
  #securityInfo: SecurityInfo | null = null;
  #isUsbOtg = false;
  #hasShortBegin = false;
  /** Of a chip whose flash power depends on it. */
  #revision: number | null = null;

  constructor(link: LoaderLink) {
    this.link = link;
  }

  get isStub(): boolean {
    return this.#isStub;
  }

  get baudRate(): number {
    return this.#baudRate;
  }

  /** Blocks are to be of `USB_OTG_BLOCK_BYTES` at most. */
  get isUsbOtg(): boolean {
    return this.#isUsbOtg;
  }

  /** The board was last reset through the chip's own USB. */
  get isUsbReset(): boolean {
    return this.#connected.reset === 'usbJtag';
  }

  get chip(): Chip {
    if (this.#chip === null) throw new Error('connect() comes first');
    return this.#chip;
  }

  /** May be called again, to start over with a loader that was lost. Fails with `flash/sync-timeout` and `flash/wrong-chip`. */
  async connect(options: ConnectOptions): Promise<Connected> {
    this.#connected = await connectLoader(this.link, options);
    this.#isStub = this.#connected.isStub;
    this.#baudRate = this.#connected.baudRate;
    this.#securityInfo = null;
    this.#revision = null;
    this.#chip = await this.#detect();
    this.#isUsbOtg = await this.#speaksUsbOtg(this.#chip, options.portInfo ?? null);
    // Whichever way it was reset: what runs on under its own USB is the same.
    if ((this.isUsbReset || options.isUsbJtag === true) && !this.#isStub) await this.#silenceWatchdogs(this.#chip);
    return this.#connected;
  }

  /** Chip, MAC, security and flash, which is attached from here on. A secure download mode tells the chip and its security only. */
  async identify(): Promise<ChipIdentity> {
    const { chip } = this;
    const security = await this.#readSecurity();
    if (security?.secureDownload === true) {
      await this.attachFlash();
      const nothing = { revision: null, mac: null, flashBytes: null, flashId: null };
      return { chip: chip.name, description: chip.label, ...nothing, security };
    }
    const revision = await readRevision(chip, this.readRegister);
    const mac = await this.readMac();
    await this.attachFlash();
    const id = await readFlashId(chip.spi, this);
    return {
      chip: chip.name,
      description: `${chip.label} (revision v${revision.major}.${revision.minor})`,
      revision: revisionNumber(revision),
      mac: isGiven(mac) ? mac : null,
      flashBytes: flashBytesOf(id),
      flashId: flashIdName(id),
      security,
    };
  }

  /** A board is known by its MAC. */
  readMac(): Promise<string> {
    return certainly(() => readMac(this.chip, this.readRegister));
  }

  /** The stub has attached it by itself; power it may need all the same. */
  async attachFlash(): Promise<void> {
    await this.#powerFlash();
    if (!this.#isStub) await this.ask('spiAttach', words(0, 0));
  }

  /** The ROM and the stub each have their own idea of the size, and refuse what lies beyond it. */
  async setFlashBytes(flashBytes: number): Promise<void> {
    await this.ask('spiSetParameters', words(0, flashBytes, ...FLASH_GEOMETRY));
  }

  /**
   * Puts Espressif's stub for a chip of that revision into RAM and starts it: in small pieces for a line that has failed. Fails with
   * `flash/no-stub` when there is none for this chip.
   */
  async runStub(revision: number | null, { isCareful = false } = {}): Promise<void> {
    if (this.#isStub) return;
    const stub = await loadStub(this.chip.name, revision);
    const usualBytes = this.#isUsbOtg ? USB_OTG_BLOCK_BYTES : RAM_BLOCK_BYTES;
    const blockBytes = isCareful ? CAREFUL_BLOCK_BYTES : usualBytes;
    for (const { address, data } of stub.segments) {
      const blocks = Math.ceil(data.length / blockBytes);
      await this.link.command('memoryBegin', words(data.length, blocks, blockBytes, address));
      for (let sequence = 0; sequence < blocks; sequence++) {
        const block = dataBlock(data.subarray(sequence * blockBytes, (sequence + 1) * blockBytes), sequence);
        await this.link.command('memoryData', block.data, { checksum: block.checksum });
      }
    }
    // Its answer may be lost to the jump; OHAI is the stub's own word.
    await this.link.command('memoryEnd', words(0, stub.entry), { timeoutMs: 200 }).catch(ignoreSilence);
    const isHello = (packet: Uint8Array) => Buffer.from(packet).toString('latin1') === 'OHAI';
    if ((await this.link.packetThat(isHello, DEFAULT_TIMEOUT_MS)) === null)
      throw new TalkError('flash/protocol', { command: 'memoryEnd', status: null, reason: STUB_SILENT });
    this.link.trace.received('OHAI: the stub runs');
    this.#isStub = true;
    this.#hasShortBegin = false;
  }

  /** In place, never by closing: that would drop DTR and RTS and reset the board. Nothing to do where the far end owns the rate. */
  async changeBaudRate(baudRate: number): Promise<void> {
    if (baudRate === this.#baudRate || kindOf(this.link.port.address) === 'socket') return;
    // An answer that is lost to the change says nothing: what counts is whether it answers at the new rate.
    const rates = words(baudRate, this.#isStub ? this.#baudRate : 0);
    await this.link.command('changeBaudRate', rates, { timeoutMs: RATE_ANSWER_MS }).catch(ignoreSilence);
    await this.link.port.setBaudRate(baudRate);
    this.#baudRate = baudRate;
    // What the adapter made of the change is thrown away, and the new rate proven, before flash depends on it.
    await this.link.sleep(RATE_CHANGE_MS);
    if (await isAnswering(this.link)) return;
    const data = { command: 'changeBaudRate', status: null, reason: `no answer at ${baudRate} baud` };
    throw new TalkError('flash/protocol', data, { retryable: true });
  }

  readonly readRegister = async (address: number): Promise<number> => {
    return (await this.ask('readRegister', words(address))).value;
  };

  async writeRegister(address: number, value: number): Promise<void> {
    await this.ask('writeRegister', words(address, value, 0xffffffff, 0));
  }

  /** A ROM addresses flash with three bytes: what lies beyond 16 MiB would wrap around onto the bootloader. Fails with `unsupported`. */
  requireReach(offset: number, sizeBytes: number): void {
    if (this.#isStub || offset + sizeBytes <= ROM_REACH_BYTES) return;
    throw new TalkError('unsupported', { feature: 'flash beyond 16 MB', why: `the ROM of the ${this.chip.label} does not reach it` });
  }

  /** Opens a write. Older stubs do not know the word that says whether to encrypt. */
  async begin(name: 'flashBegin' | 'deflateBegin', options: BeginOptions): Promise<void> {
    const { eraseBytes, blocks, blockBytes, offset, isEncrypted = false, timeoutMs } = options;
    this.requireReach(offset, eraseBytes);
    const usual = [eraseBytes, blocks, blockBytes, offset] as const;
    const hasWord = this.#isStub ? !this.#hasShortBegin : this.chip.hasEncryptWord;
    if (isEncrypted && !hasWord)
      throw new TalkError('unsupported', { feature: 'encrypting while writing', why: `${this.chip.label}: not by its loader` });
    try {
      await this.link.command(
        name,
        hasWord ? words(...usual, isEncrypted ? 1 : 0) : words(...usual),
        timeoutMs === undefined ? {} : { timeoutMs },
      );
    } catch (error) {
      if (!hasWord || !this.#isStub || isEncrypted || !isTalkError(error, 'flash/protocol') || error.value.data.status !== BAD_DATA_LENGTH)
        throw error;
      this.#hasShortBegin = true;
      await this.begin(name, options);
    }
  }

  /** 32 hex digits, from the chip's own reading of its flash: as bytes from the stub, as text from the ROM. */
  async md5(offset: number, sizeBytes: number): Promise<string> {
    this.requireReach(offset, sizeBytes);
    const timeoutMs = Math.max(DEFAULT_TIMEOUT_MS, (MD5_MS_PER_MEGABYTE * sizeBytes) / MEGABYTE);
    const { data } = await this.ask('flashMd5', words(offset, sizeBytes, 0, 0), { timeoutMs, replyBytes: [16, 32] });
    return data.length === 16 ? Buffer.from(data).toString('hex') : Buffer.from(data).toString('latin1').toLowerCase();
  }

  /** For commands that may be given twice: one that was lost or damaged on the way, or whose answer was, is given again. */
  async ask(name: CommandName, data?: Uint8Array, options?: ReplyOptions): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.link.command(name, data, options);
      } catch (error) {
        if (!isTalkError(error, 'flash/protocol') || attempt === TRIES) throw error;
        const wasLost = error.value.data.status === null;
        if (wasLost && !(await isAnswering(this.link))) throw error;
      }
    }
  }

  /** The ESP32 answers unknown commands under another command's number, so the magic word is asked for first. */
  async #detect(): Promise<Chip> {
    const magic = await this.readRegister(MAGIC_ADDRESS).catch(nullOnRefusal);
    const byMagic = chips.find((chip) => chip.magic !== undefined && chip.magic === magic);
    if (byMagic !== undefined) return byMagic;
    if (magic === MAGIC_OF_ESP8266) throw new TalkError('flash/wrong-chip', { expected: 'esp32 family', actual: 'esp8266' });
    this.#securityInfo = await this.#askSecurityInfo();
    const { imageChipId } = this.#securityInfo;
    // Only the ESP32-S2 does not say which it is.
    const byId = imageChipId === null ? chips.find(({ name }) => name === 'esp32s2') : chipByImageId(imageChipId);
    if (byId === undefined) throw new TalkError('flash/wrong-chip', { expected: 'esp32 family', actual: `chip id ${imageChipId}` });
    return byId;
  }

  async #readSecurity(): Promise<Security | null> {
    const { securityFuses, name } = this.chip;
    if (name !== 'esp32') this.#securityInfo ??= await this.#askSecurityInfo().catch(nullOnRefusal);
    if (this.#securityInfo !== null) return this.#securityInfo.security;
    return securityFuses === undefined ? null : await readSecurityFuses(securityFuses, this.readRegister);
  }

  async #askSecurityInfo(): Promise<SecurityInfo> {
    const { data } = await this.ask('securityInfo', undefined, { replyBytes: [SECURITY_INFO_BYTES, SHORT_SECURITY_INFO_BYTES] });
    return parseSecurityInfo(data);
  }

  /** A secure download mode lets nobody, and tells no revision. */
  async #powerFlash(): Promise<void> {
    const { flashPower } = this.chip;
    if (flashPower === undefined || this.#securityInfo?.security.secureDownload === true) return;
    this.#revision ??= await certainly(async () => revisionNumber(await readRevision(this.chip, this.readRegister)));
    await powerFlash(flashPower, this.#revision, {
      readCertainly: (address) => certainly(() => this.readRegister(address)),
      writeRegister: (address, value) => this.writeRegister(address, value),
      pause: (ms) => this.link.sleep(ms),
    });
  }

  /** By its USB ids, or by what its ROM keeps of the port in use: not where it may not be asked. */
  async #speaksUsbOtg(chip: Chip, portInfo: PortInfo | null): Promise<boolean> {
    if (isUsbOtg(portInfo, chip)) return true;
    if (chip.usbOtg === undefined || this.#securityInfo?.security.secureDownload === true) return false;
    const port = await this.readRegister(chip.usbOtg.address).catch(nullOnRefusal);
    return port !== null && (port & 0xff) === chip.usbOtg.value;
  }

  async #silenceWatchdogs(chip: Chip): Promise<void> {
    const { watchdogs } = chip;
    if (watchdogs === undefined || this.#securityInfo?.security.secureDownload === true) return;
    await this.writeRegister(watchdogs.protect, WATCHDOG_KEY);
    await this.writeRegister(watchdogs.config, 0);
    await this.writeRegister(watchdogs.protect, 0);
    await this.writeRegister(watchdogs.superProtect, watchdogs.superKey);
    const config = await this.readRegister(watchdogs.superConfig);
    await this.writeRegister(watchdogs.superConfig, (config | watchdogs.superAutoFeed) >>> 0);
    await this.writeRegister(watchdogs.superProtect, 0);
  }
}

/** Two boards whose eFuses hold none (an emulator's, a sample's) would be taken for one, and be made the same device. */
function isGiven(mac: string): boolean {
  return !['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff'].includes(mac);
}

export function ignoreSilence(error: unknown): void {
  if (!isTalkError(error, 'flash/protocol') || error.value.data.status !== null) throw error;
}

/** Answers have no checksum: asked until it is the same twice. */
async function certainly<T>(read: () => Promise<T>): Promise<T> {
  let value = await read();
  for (let count = 1; count < TRIES; count++) {
    const again = await read();
    if (again === value) return value;
    value = again;
  }
  throw new TalkError('flash/protocol', { command: 'readRegister', status: null, reason: 'never the same answer' }, { retryable: true });
}

function revisionNumber({ major, minor }: { major: number; minor: number }): number {
  return major * 100 + minor;
}

function nullOnRefusal(error: unknown): null {
  if (isTalkError(error, 'flash/protocol')) return null;
  throw error;
}
