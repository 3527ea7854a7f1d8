import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, FlashOptions } from '../../../../preload/contract/flash.ts';
import { kindOf } from '../../devices/open.ts';
import { type ResetName, resetSequences, runReset } from '../../devices/reset.ts';
import { type Chip, chipByImageId, chips, flashBytesOf, MAGIC_ADDRESS, readMac, readRevision, WATCHDOG_KEY } from './chips.ts';
import { dataBlock, words } from './commands.ts';
import { connectLoader, synchronise } from './connect.ts';
import { DEFAULT_TIMEOUT_MS, type LoaderLink } from './link.ts';
import { loadStub } from './stub.ts';

export const ROM_BAUD_RATE = 115200;
const RAM_BLOCK_BYTES = 0x1800;
const USB_OTG_BLOCK_BYTES = 0x800;
const MEGABYTE = 1024 * 1024;
const SPI_COMMAND_USER = 1 << 18;
const READ_JEDEC_ID = 0x9f;

/** The fixed part of a chip's SPI_SET_PARAMS: block, sector, page, status mask. */
const FLASH_GEOMETRY = [0x10000, 0x1000, 0x100, 0xffff] as const;

/**
 * A chip in its serial loader. `connect`, then `identify`, then perhaps `runStub` and `changeBaudRate`, then writing, then
 * `finish`. Errors: `flash/…` and the port's own; the link's signal ends any of it.
 */
export class EspLoader {
  readonly link: LoaderLink;
  readonly #before: FlashOptions['before'];
  #reset: ResetName | null = null;
  #isStub = false;
  #baudRate = ROM_BAUD_RATE;
  #chip: Chip | null = null;
  #revision = { major: 0, minor: 0 };

  constructor(link: LoaderLink, before: FlashOptions['before']) {
    this.link = link;
    this.#before = before;
  }

  get isConnected(): boolean {
    return this.#chip !== null;
  }

  get isStub(): boolean {
    return this.#isStub;
  }

  get chip(): Chip {
    if (this.#chip === null) throw new Error('identify() comes first');
    return this.#chip;
  }

  /** May be called again, to start over with a loader that was lost: the ROM's, at its rate. Fails with `flash/sync-timeout`. */
  async connect(): Promise<void> {
    await this.link.port.setBaudRate(ROM_BAUD_RATE);
    this.#baudRate = ROM_BAUD_RATE;
    const { isStub, reset } = await connectLoader(this.link, this.#before);
    this.#isStub = isStub;
    this.#reset = reset;
    this.#chip = await this.#detect();
    if (this.#isUsbReset && !isStub) await this.#silenceWatchdogs(this.#chip);
  }

  /** Chip, MAC and flash, which is attached from here on. `flashId` is the JEDEC id, manufacturer first; null for both when the flash did not answer. */
  async identify(): Promise<ChipIdentity> {
    const { chip } = this;
    this.#revision = await readRevision(chip, this.readRegister);
    const mac = await readMac(chip, this.readRegister);
    await this.#attachFlash();
    const id = await this.#readFlashId();
    const flashBytes = flashBytesOf(id);
    const { major, minor } = this.#revision;
    return {
      chip: chip.name,
      description: `${chip.label} (revision v${major}.${minor})`,
      mac,
      flashBytes,
      flashId: flashBytes === null ? null : [id, id >>> 8, id >>> 16].map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join(''),
    };
  }

  /** Before writing: the ROM and the stub each have their own idea of the size, and refuse what lies beyond it. */
  async setFlashBytes(flashBytes: number): Promise<void> {
    await this.link.command('spiSetParameters', words(0, flashBytes, ...FLASH_GEOMETRY));
  }

  /** Puts Espressif's stub into RAM and starts it. Fails with `flash/no-stub` when there is none for this chip. */
  async runStub(): Promise<void> {
    if (this.#isStub) return;
    const stub = await loadStub(this.chip.name, this.#revision);
    const blockBytes = (await this.#isUsbOtg()) ? USB_OTG_BLOCK_BYTES : RAM_BLOCK_BYTES;
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
    for (;;) {
      const packet = await this.link.packet(DEFAULT_TIMEOUT_MS);
      if (packet === null) throw new TalkError('flash/protocol', { command: 'memoryEnd', status: null, reason: 'the stub did not start' });
      if (Buffer.from(packet).toString('latin1') === 'OHAI') break;
    }
    this.#isStub = true;
    await this.#attachFlash();
  }

  /** In place, never by closing: that would drop DTR and RTS and reset the board. Nothing to do where the far end owns the rate. */
  async changeBaudRate(baudRate: number): Promise<void> {
    if (baudRate === this.#baudRate || kindOf(this.link.port.address) === 'socket') return;
    await this.link.command('changeBaudRate', words(baudRate, this.#isStub ? this.#baudRate : 0));
    await this.link.port.setBaudRate(baudRate);
    this.#baudRate = baudRate;
    // What the adapter made of the change is thrown away, and the new rate proven, before flash depends on it.
    await this.link.sleep(50);
    this.link.discard();
    for (let count = 0; count < 5; count++) if ((await synchronise(this.link)) !== null) return;
    throw new TalkError(
      'flash/protocol',
      { command: 'changeBaudRate', status: null, reason: `no answer at ${baudRate} baud` },
      { retryable: true },
    );
  }

  /**
   * Into the application: through the lines, or, where the port has none, by the loader's own reboot command. False for the
   * latter. The port is at the ROM's rate then, so that the boot log can be read.
   */
  async hardReset(): Promise<boolean> {
    if (await this.resetByLines()) return true;
    await this.link.command('flashBegin', this.beginWords(0, 0, this.#isStub ? 0x4000 : 0x400, 0));
    await this.link.command('flashEnd', words(0)).catch(ignoreSilence);
    await this.link.port.setBaudRate(ROM_BAUD_RATE);
    return false;
  }

  /** False, and nothing moved, on a port without lines. */
  async resetByLines(): Promise<boolean> {
    const { port, clock, signal } = this.link;
    // Asked with both released, which no board notices.
    if (!(await port.setSignals({ dtr: false, rts: false }))) return false;
    await port.setBaudRate(ROM_BAUD_RATE);
    return runReset(port, this.#isUsbReset ? resetSequences.hardUsb : resetSequences.hard, clock, signal);
  }

  /** The next program that asks finds the loader at the rate a ROM speaks. */
  async stay(): Promise<void> {
    await this.changeBaudRate(ROM_BAUD_RATE);
  }

  readonly readRegister = async (address: number): Promise<number> => {
    return (await this.link.command('readRegister', words(address))).value;
  };

  async writeRegister(address: number, value: number): Promise<void> {
    await this.link.command('writeRegister', words(address, value, 0xffffffff, 0));
  }

  /** Words of FLASH_BEGIN and DEFL_BEGIN; the last says "not encrypted" to those who ask. */
  beginWords(eraseBytes: number, blocks: number, blockBytes: number, offset: number): Uint8Array {
    const isAsked = this.#isStub || this.chip.hasEncryptWord;
    return isAsked ? words(eraseBytes, blocks, blockBytes, offset, 0) : words(eraseBytes, blocks, blockBytes, offset);
  }

  /** 32 hex digits, from the chip's own reading of its flash. */
  async md5(offset: number, sizeBytes: number): Promise<string> {
    const timeoutMs = Math.max(DEFAULT_TIMEOUT_MS, (8000 * sizeBytes) / MEGABYTE);
    const { data } = await this.link.command('flashMd5', words(offset, sizeBytes, 0, 0), { timeoutMs, replyBytes: this.#isStub ? 16 : 32 });
    return this.#isStub ? Buffer.from(data).toString('hex') : Buffer.from(data).toString('latin1').toLowerCase();
  }

  get #isUsbReset(): boolean {
    return this.#before === 'usb-reset' || this.#reset === 'usbJtag';
  }

  /** The ESP32 answers unknown commands under another command's number, so the magic word is asked for first. */
  async #detect(): Promise<Chip> {
    const magic = await this.readRegister(MAGIC_ADDRESS).catch(nullOnRefusal);
    const byMagic = chips.find((chip) => chip.magic !== undefined && chip.magic === magic);
    if (byMagic !== undefined) return byMagic;
    const info = await this.link.command('securityInfo', undefined, { replyBytes: 20 });
    const id = new DataView(info.data.buffer, info.data.byteOffset, info.data.byteLength).getUint32(12, true);
    const byId = chipByImageId(id);
    if (byId === undefined) throw new TalkError('flash/wrong-chip', { expected: 'esp32 family', actual: `chip id ${id}` });
    return byId;
  }

  async #attachFlash(): Promise<void> {
    await this.link.command('spiAttach', this.#isStub ? words(0) : words(0, 0));
  }

  /** Runs the flash's own "read identification" through the SPI controller's registers, and puts those back. */
  async #readFlashId(): Promise<number> {
    const { base, user, user2, misoBits, word0 } = this.chip.spi;
    const before = { user: await this.readRegister(base + user), user2: await this.readRegister(base + user2) };
    await this.writeRegister(base + misoBits, 24 - 1);
    await this.writeRegister(base + user, 2 ** 31 + 2 ** 28); // a command, and an answer
    await this.writeRegister(base + user2, 7 * 2 ** 28 + READ_JEDEC_ID); // of 8 bits
    await this.writeRegister(base + word0, 0);
    await this.writeRegister(base, SPI_COMMAND_USER);
    for (let count = 0; count < 10; count++) if (((await this.readRegister(base)) & SPI_COMMAND_USER) === 0) break;
    const id = await this.readRegister(base + word0);
    await this.writeRegister(base + user, before.user);
    await this.writeRegister(base + user2, before.user2);
    return id & 0xffffff;
  }

  async #isUsbOtg(): Promise<boolean> {
    const { usbOtg } = this.chip;
    return usbOtg !== undefined && ((await this.readRegister(usbOtg.address)) & 0xff) === usbOtg.value;
  }

  async #silenceWatchdogs(chip: Chip): Promise<void> {
    const { watchdogs } = chip;
    if (watchdogs === undefined) return;
    await this.writeRegister(watchdogs.protect, WATCHDOG_KEY);
    await this.writeRegister(watchdogs.config, 0);
    await this.writeRegister(watchdogs.protect, 0);
    await this.writeRegister(watchdogs.superProtect, watchdogs.superKey);
    const config = await this.readRegister(watchdogs.superConfig);
    await this.writeRegister(watchdogs.superConfig, (config | watchdogs.superAutoFeed) >>> 0);
    await this.writeRegister(watchdogs.superProtect, 0);
  }
}

function ignoreSilence(error: unknown): void {
  if (!isTalkError(error, 'flash/protocol') || error.value.data.status !== null) throw error;
}

function nullOnRefusal(error: unknown): null {
  if (isTalkError(error, 'flash/protocol')) return null;
  throw error;
}
