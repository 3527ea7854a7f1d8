import { type DeviceName, deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { FlashJob } from '../../../../preload/contract/flash.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { beginsBoot } from '../kinds/power/boots.ts';
import type { BenchSubject } from '../run-bench.ts';
import { saidDevice } from './find-device.ts';
import { otherBoard, otherDevice, otherImei, otherMac } from './other-board.ts';
import type { Told } from './told.ts';

export interface OneBoardDeps {
  clock: Clock;
  told: Pick<Told, 'of' | 'times' | 'at'>;
  /** The newest job that may have made another device of the board on the port. */
  lastWrite(): FlashJob | undefined;
  /** Which device the board is, as far as its log or its connection tells now. */
  conclude(): { device: DeviceName | null; facts: DeviceState['facts'] };
  /** It has a name, or another one than before. */
  onNamed(device: DeviceName): void;
}

/** A board that was asked for its MAC names itself within this time, or nobody vouches for that name. */
const VOUCHED_US = 60_000_000;
/** With each of these another board may be there. */
const partings: readonly (string | undefined)[] = ['port.lost', 'port.closed'];

/**
 * Which board a run is about, and whether the one on the port is still that one. Its log's name says so, or its chip's MAC. From a start or a
 * parting of its port on until either says it again it may be another one: what was measured meanwhile is disowned when it turns out to be.
 */
export class OneBoard {
  readonly #subject: BenchSubject;
  readonly #sinceUs: number;
  readonly #deps: OneBoardDeps;
  #name: DeviceName | null = null;
  /** Its log or the operator named it; otherwise it was only concluded. */
  #isNamed = false;
  #writtenBy: string | undefined;
  #stranger = new AbortController();
  /** What its chip or module told, where that was another's: holds whatever its log says, until either tells that the right one is back. */
  #told: TalkError | null = null;
  /** As a log names it that nobody has vouched for yet. */
  #doubted: DeviceName | null = null;
  /** Since when the board on the port may be another; null: it is the run's. */
  #unsureUs: number | null;
  #provenUs = -1;
  /** A run of another day knows its board's MAC, and this is another day's board until it has told it. */
  #isChipAsked: boolean;
  /** It is being asked for its MAC: starts and partings are of the asking. */
  #isAsked = false;
  /** Its chip has told that it is the run's board: as its log names it next, so it is called, whatever it was called before. */
  #vouchedUntilUs = -1;

  /** `sinceUs`: what the log told before may be of another board. */
  constructor(subject: BenchSubject, sinceUs: number, deps: OneBoardDeps) {
    this.#subject = subject;
    this.#sinceUs = sinceUs;
    this.#deps = deps;
    this.#unsureUs = sinceUs;
    this.#writtenBy = deps.lastWrite()?.jobId;
    this.#isChipAsked = typeof this.#mac !== 'string';
  }

  /** Aborted with 'check/other-board' while another board than the run's is on the port; another signal as soon as that is over. */
  get stranger(): AbortSignal {
    return this.#stranger.signal;
  }

  /** Whether its chip has to say who it is before anything is done, or can say that it is the run's after all. */
  get hasToBeAsked(): boolean {
    if (typeof this.#mac !== 'string') return false;
    return !this.#isChipAsked || this.#told !== null || (this.#doubted !== null && !this.#subject.isClaimed);
  }

  /** As it was called when somebody last asked. */
  get known(): DeviceName | null {
    return this.#name;
  }

  /** As it is called now. */
  name(): DeviceName | null {
    if (this.#name !== null && this.#isNamed) return this.#name;
    const { device } = this.#subject;
    const { device: concluded, facts } = this.#deps.conclude();
    const named = device ?? saidDevice(facts);
    const found = named ?? this.#name ?? concluded;
    if (found !== null) this.#is(found);
    this.#isNamed = named !== null || (found !== null && found.deviceName === facts.deviceName);
    return this.#name;
  }

  /** A row of its port. */
  row(row: LogRow): void {
    const isBreak = row.direction === 'notice' ? partings.includes(row.event) : row.direction === 'received' && beginsBoot(row);
    if (!isBreak || this.#isAsked || row.atUs <= this.#provenUs) return;
    this.#unsureUs ??= row.atUs;
    this.#vouchedUntilUs = -1;
  }

  /** Its log has told something. */
  compare(): void {
    const { told } = this.#deps;
    const { port, facts: known, isClaimed } = this.#subject;
    this.name();
    if (port === null) return;
    const facts = told.of(port, this.#sinceUs);
    this.#seeWrite(facts);
    const named = this.#isNamed ? this.#name : null;
    let renamed = named && otherDevice(named, this.#subject.device === null, facts, (fact) => told.times(port, fact));
    this.#doubted = renamed && saidDevice({ ...named, ...facts });
    if (this.#isVouched && !isClaimed && this.#doubted !== null) {
      this.#is(this.#doubted);
      this.#doubted = renamed = null;
    }
    const namedUs = told.at(port, 'deviceName');
    if (renamed === null && facts.deviceName === this.#name?.deviceName && namedUs > this.#provenUs) {
      this.#vouchedUntilUs = -1;
      this.#told = null;
      this.#prove(namedUs);
    }
    this.#judge(renamed ?? otherImei(known.get('imei'), facts.imei) ?? this.#told);
  }

  /** Until it is called again: its chip is asked, and starts for it. */
  asking(): () => void {
    this.#isAsked = true;
    return () => {
      this.#isAsked = false;
      const nowUs = this.#deps.clock.nowUs();
      if (!this.#isVouched) return;
      this.#vouchedUntilUs = nowUs + VOUCHED_US;
      this.#prove(nowUs);
    };
  }

  /** As its loader told it. Throws 'check/other-board'; also when it told none, where the run waits for one. */
  chipIs(mac: string | null | undefined): void {
    const known = this.#mac;
    const other = otherMac(known, mac);
    if (other === null && typeof known === 'string' && mac?.toLowerCase() === known.toLowerCase()) {
      this.#isChipAsked = true;
      this.#told = null;
      this.#vouchedUntilUs = this.#deps.clock.nowUs() + VOUCHED_US;
      // By now the log of before is forgotten; the name that it gave is this board's.
      if (this.#doubted !== null && !this.#subject.isClaimed) this.#is(this.#doubted);
      this.#prove(this.#deps.clock.nowUs());
      this.compare();
    } else if (other !== null) this.#isOther(other);
    else if (this.#isAsked) {
      this.#stranger.signal.throwIfAborted();
      throw otherBoard('mac', String(known), '?');
    }
  }

  /** As its module told it. Throws 'check/other-board'. */
  moduleIs(imei: unknown): void {
    const other = otherImei(this.#subject.facts.get('imei'), imei);
    if (other !== null) this.#isOther(other);
  }

  /** It has no chip that could be asked. */
  cannotBeAsked(): void {
    this.#isChipAsked = true;
  }

  get #isVouched(): boolean {
    return this.#deps.clock.nowUs() < this.#vouchedUntilUs;
  }

  get #mac(): unknown {
    return this.#subject.facts.get('mac');
  }

  /** One that was written meanwhile may be another device and the same board. */
  #seeWrite(facts: DeviceState['facts']): void {
    const write = this.#deps.lastWrite();
    const said = saidDevice(facts);
    if (said === null || write === undefined || write.jobId === this.#writtenBy) return;
    this.#writtenBy = write.jobId;
    const other = otherMac(this.#mac, write.chip?.mac);
    if (other === null) this.#is(said);
    else this.#told = other;
  }

  #isOther(error: TalkError): never {
    this.#told = error;
    this.#vouchedUntilUs = -1;
    this.#judge(error);
    throw error;
  }

  #judge(error: TalkError | null): void {
    if (error === null) {
      if (this.#stranger.signal.aborted) this.#stranger = new AbortController();
      return;
    }
    if (this.#stranger.signal.aborted) return;
    this.#subject.onStranger?.(error, this.#unsureUs ?? this.#deps.clock.nowUs());
    this.#stranger.abort(error);
  }

  /** At that time it was the run's. */
  #prove(atUs: number): void {
    if (atUs <= this.#provenUs) return;
    this.#provenUs = atUs;
    if (this.#unsureUs !== null && this.#unsureUs <= atUs) this.#unsureUs = null;
  }

  #is(device: DeviceName): void {
    const before = this.#name;
    this.#name = device;
    if (before === null || deviceId(before) !== deviceId(device)) this.#deps.onNamed(device);
  }
}
