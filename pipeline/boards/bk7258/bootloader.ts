import { crc32 } from 'node:zlib';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { LoaderFault, LoaderFaults } from '../cat1/loader-faults.ts';
import type { FlashMemory } from '../esp/flash-memory.ts';
import { type BootRequest, flashAnswer, shortAnswer } from './boot-frames.ts';
import type { StatusRegisters } from './status-registers.ts';

/**
 * silence: not heard · lost-answer: done, the answer is lost · late-answer: it comes after everybody has given up on it · nak ·
 * bad-check: an answer of which a byte is spoiled · wrong-address: an answer that names another · noise: before the answer · ignored:
 * answered, and not done · spoiled-data: what arrives differs in a byte · wrong-value: what is answered differs in a bit · vanish: the
 * power goes.
 */
export type BootFault = LoaderFault<
  | 'silence'
  | 'lost-answer'
  | 'late-answer'
  | 'nak'
  | 'bad-check'
  | 'wrong-address'
  | 'noise'
  | 'ignored'
  | 'spoiled-data'
  | 'wrong-value'
  | 'vanish'
>;

export interface BootloaderOptions {
  clock: Clock;
  flash: FlashMemory;
  status: StatusRegisters;
  faults: LoaderFaults<BootFault['does']>;
  /** Answers the identification with a length that is one short, and names a register one too high. */
  hasShortId: boolean;
  chipId: number;
  send(bytes: Uint8Array): void;
  setRate(rate: number): void;
  restart(): void;
  losePower(): void;
  /** What a careful flasher would never have asked for. */
  complain(what: string): void;
}

const SECTOR_BYTES = 0x1000;
const LATE_US = 20_000_000;
const UNKNOWN_SHORT_COMMAND = 0x55;
const BUSY = 0x01;
const WRONG_LENGTH = 0x04;
const UNKNOWN_COMMAND = 0x07;
const CHIP_ID_REGISTER = 0x44010004;
/** What a request has to have; one of which the line lost a part is refused. */
const leastBytes: Readonly<Record<string, number>> = {
  READ_REGISTER: 4,
  SET_BAUD: 5,
  CRC: 8,
  READ_STATUS: 1,
  WRITE_STATUS: 2,
  ERASE: 5,
  WRITE_SECTOR: 4,
};
/** How long each takes; meanwhile nothing is heard. */
const busyUs: Readonly<Record<string, number>> = { ERASE_SECTOR: 30_000, ERASE_BLOCK: 150_000, WRITE_SECTOR: 6000, CRC: 4000 };

const names: Readonly<Record<string, string>> = {
  'short 0': 'LINK_CHECK',
  'short 3': 'READ_REGISTER',
  'short 14': 'REBOOT',
  'short 15': 'SET_BAUD',
  'short 16': 'CRC',
  'flash 7': 'WRITE_SECTOR',
  'flash 12': 'READ_STATUS',
  'flash 13': 'WRITE_STATUS',
  'flash 14': 'READ_ID',
  'flash 15': 'ERASE',
};

/** The bootloader as soon as it was linked: does one request after the other. */
export class Bootloader {
  readonly #options: BootloaderOptions;
  #isBusy = false;
  #cancels = new Set<() => void>();

  constructor(options: BootloaderOptions) {
    this.#options = options;
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }

  take(request: BootRequest): void {
    const { faults, complain, losePower } = this.#options;
    const name = names[`${request.isFlash ? 'flash' : 'short'} ${request.code}`] ?? 'unknown';
    if (this.#isBusy) {
      if (name !== 'LINK_CHECK') complain(`${name} before the answer to what came before`);
      return;
    }
    const fault = faults.with(name);
    if (fault === 'silence') return;
    if (fault === 'vanish') {
      losePower();
      return;
    }
    if (fault === 'spoiled-data' && request.data.length > 100) request.data[99] = (request.data[99] ?? 0) ^ 0x10;
    const answer = fault === 'nak' && request.isFlash ? flashAnswer(request.code, BUSY, []) : this.#do(name, request, fault === 'ignored');
    if (answer === null) return;
    this.#answer(answer.subarray(), this.#timeOf(name, request), fault);
  }

  #answer(answer: Buffer, takesUs: number, fault: BootFault['does'] | null): void {
    const { send } = this.#options;
    if (fault === 'bad-check') answer[4] = (answer[4] ?? 0) ^ 0x40;
    if (fault === 'wrong-address') answer[answer.length - 3] = (answer[answer.length - 3] ?? 0) ^ 0x01;
    if (fault === 'wrong-value') answer[answer.length - 1] = (answer[answer.length - 1] ?? 0) ^ 0x08;
    this.#isBusy = true;
    this.#after(takesUs, () => {
      this.#isBusy = false;
      if (fault === 'noise') send(Uint8Array.from([0x00, 0x04, 0x0e, 0xff, 0x37, 0x04, 0x0e, 0x05]));
      if (fault === 'late-answer') this.#after(LATE_US, () => send(answer));
      else if (fault !== 'lost-answer') send(answer);
    });
  }

  /** Null: it never answers that. */
  #do(name: string, { code, data, isFlash }: BootRequest, isIgnored: boolean): Buffer | null {
    const { flash, status, hasShortId, chipId, setRate, restart } = this.#options;
    if (data.length < (leastBytes[name] ?? 0)) return isFlash ? flashAnswer(code, WRONG_LENGTH, []) : null;
    switch (name) {
      case 'LINK_CHECK':
        return shortAnswer(code + 1, [0]);
      case 'READ_REGISTER': {
        const value = Buffer.alloc(4);
        value.writeUInt32LE(data.readUInt32LE(0) === CHIP_ID_REGISTER ? chipId : 0);
        const [low = 0, ...others] = data.subarray(0, 4);
        return shortAnswer(code, [hasShortId ? low + 1 : low, ...others, ...value]);
      }
      case 'REBOOT':
        if (data[0] !== 0xa5) return shortAnswer(code, data);
        restart();
        return null;
      case 'SET_BAUD':
        if (!isIgnored) setRate(data.readUInt32LE(0));
        return shortAnswer(code, data.subarray(0, 5));
      case 'CRC': {
        const [from, to] = [data.readUInt32LE(0), data.readUInt32LE(4)];
        if (to < from || to >= flash.sizeBytes) return null;
        const value = Buffer.alloc(4);
        value.writeUInt32LE(~crc32(flash.read(from, to - from + 1)) >>> 0);
        return shortAnswer(code, value);
      }
      case 'READ_ID':
        return flashAnswer(code, 0, [0xff, status.id & 0xff, (status.id >> 8) & 0xff, status.id >>> 16], hasShortId ? 1 : 0);
      case 'READ_STATUS':
        return flashAnswer(code, 0, [data[0] ?? 0, status.read(data[0] ?? 0)]);
      case 'WRITE_STATUS':
        if (!isIgnored) status.write(data[0] ?? 0, data.subarray(1));
        return flashAnswer(code, 0, data);
      case 'ERASE':
        return this.#erase(code, data, isIgnored);
      case 'WRITE_SECTOR':
        return this.#write(code, data, isIgnored);
    }
    return isFlash ? flashAnswer(code, UNKNOWN_COMMAND, []) : shortAnswer(code, [UNKNOWN_SHORT_COMMAND]);
  }

  #erase(code: number, data: Buffer, isIgnored: boolean): Buffer | null {
    const { flash, status, complain } = this.#options;
    const [kind = 0] = data;
    const address = data.readUInt32LE(1);
    const sizeBytes = kind === 0xd8 ? 0x10000 : kind === 0x20 ? SECTOR_BYTES : 0;
    if (sizeBytes === 0 || address % sizeBytes !== 0 || address + sizeBytes > flash.sizeBytes) {
      complain(`ERASE of ${kind.toString(16)} at ${address.toString(16)}`);
      return null;
    }
    // A protected flash says nothing and keeps what it has.
    if (status.isProtected) complain('ERASE of a protected flash');
    else if (!isIgnored) flash.erase(address, sizeBytes);
    return flashAnswer(code, 0, data);
  }

  #write(code: number, data: Buffer, isIgnored: boolean): Buffer | null {
    const { flash, status, complain } = this.#options;
    const address = data.readUInt32LE(0);
    if (data.length !== 4 + SECTOR_BYTES) return flashAnswer(code, WRONG_LENGTH, data.subarray(0, 4));
    if (address % SECTOR_BYTES !== 0 || address + SECTOR_BYTES > flash.sizeBytes) {
      complain(`WRITE_SECTOR at ${address.toString(16)}`);
      return null;
    }
    if (flash.read(address, SECTOR_BYTES).some((byte) => byte !== 0xff))
      complain(`WRITE_SECTOR at ${address.toString(16)} which is not erased`);
    if (status.isProtected) complain('WRITE_SECTOR of a protected flash');
    else if (!isIgnored) flash.program(address, data.subarray(4));
    return flashAnswer(code, 0, data.subarray(0, 4));
  }

  #timeOf(name: string, { data }: BootRequest): number {
    if (name === 'SET_BAUD') return (data[4] ?? 0) * 1000;
    if (name === 'ERASE') return busyUs[data[0] === 0xd8 ? 'ERASE_BLOCK' : 'ERASE_SECTOR'] ?? 0;
    return busyUs[name] ?? 300;
  }

  #after(us: number, callback: () => void): void {
    const { clock } = this.#options;
    const cancel = clock.at((clock.nowUs() + us) as MonoUs, () => {
      this.#cancels.delete(cancel);
      callback();
    });
    this.#cancels.add(cancel);
  }
}
