import { type DeviceName, deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import type { FlashJob } from '../../../../preload/contract/flash.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { beginsBoot, isApplication } from '../kinds/power/boots.ts';
import type { BenchSubject } from '../run-bench.ts';
import { saidDevice } from './find-device.ts';
import { isImei, lostImei, otherBoard, otherDevice, otherImei, otherMac } from './other-board.ts';
import { type Proof, Proofs } from './proofs.ts';
import type { Told } from './told.ts';

export interface OneBoardDeps {
  clock: Clock;
  told: Pick<Told, 'of' | 'times' | 'at'>;
  /** The newest job that may have made another device of the board on the port. */
  lastWrite(): FlashJob | undefined;
  /** Which device the board is, as far as its log or its connection tells now. */
  conclude(): DeviceName | null;
  /** It has a name, or another one than before. */
  onNamed(device: DeviceName, before: DeviceName | null): void;
}

/** A board that was asked for its MAC names itself within this time, or nobody vouches for that name. */
const VOUCHED_US = 60_000_000;
/** Native USB leaves with the reset that the bench has just made: the ROM's, and once more for the application's own. */
const OWN_PARTINGS = 2;
const OWN_PARTING_US = 5_000_000;
/** A start has one of each at most, before all that its application says. */
const lowStarts: readonly (string | undefined)[] = ['boot.rom', 'boot.reset', 'boot.app-started'];
/** With each of these another board may be there. */
const partings: readonly (string | undefined)[] = ['port.lost', 'port.closed'];

/** A name that cannot stand as it is. */
interface Doubt {
  name: DeviceName;
  atUs: number;
}

/**
 * Which board a run is about, and whether the one on the port is still that one. Its log's name says so, or what its hardware is called: its chip's
 * MAC, its module's IMEI. What either says against the run's stands until either says that the right one is back. From a start or a parting of the
 * port on until then it may be another one: what was measured meanwhile is disowned when it turns out to be.
 */
export class OneBoard {
  readonly #subject: BenchSubject;
  readonly #sinceUs: number;
  readonly #openedUs: number;
  readonly #deps: OneBoardDeps;
  readonly #proofs: Proofs;
  /** As the operator or an earlier day named it; null once it has been written anew. */
  #given: DeviceName | null;
  #name: DeviceName | null = null;
  /** Its log or the operator named it; otherwise it was only concluded. */
  #isNamed = false;
  /** By its connection, and nothing has named it yet. */
  #isConcluded = false;
  #writtenBy: string | undefined;
  #stranger = new AbortController();
  #strangerUs = -1;
  #strangerBy: Proof = 'name';
  /** Its hardware has told that it is the one, and that does not settle it: only its log can. */
  #isAnswered = false;
  #answersAt = false;
  /** As a log names a board that nobody has vouched for yet: not the run's, or not yet. */
  #doubt: Doubt | null = null;
  /** Measured in this run, and no fact of it yet. */
  readonly #seen = new Map<'mac' | 'imei', { value: string; atUs: number }>();
  /** A run of another day knows its board's MAC, and this is another day's board until it has told it. */
  #isHardwareAsked: boolean;
  /** Its port parted, and nothing has told since that it is the same one. */
  #hasParted = false;
  /** Until then a start and one parting are of the bench's own making. */
  #own = { partedUs: -1, untilUs: -1, partings: 0, hasBegun: false, hasStarted: false };
  /** Its chip has told that it is the run's board: as its log names it next, so it is called, whatever it was called before. */
  #vouchedUntilUs = -1;
  #vouchedUs = -1;

  /** `sinceUs`: what the log told before may be of another board. */
  constructor(subject: BenchSubject, sinceUs: number, deps: OneBoardDeps) {
    this.#subject = subject;
    this.#sinceUs = sinceUs;
    this.#openedUs = deps.clock.nowUs();
    this.#deps = deps;
    // Of a run of another day name and hardware were one board's.
    this.#proofs = new Proofs(sinceUs, !subject.isClaimed && subject.device !== null);
    this.#given = subject.device;
    this.#writtenBy = deps.lastWrite()?.jobId;
    this.#isHardwareAsked = this.#mac === null && this.#imei === null;
  }

  /** Aborted with 'check/other-board' while another board than the run's is on the port; another signal as soon as that is over. */
  get stranger(): AbortSignal {
    return this.#stranger.signal;
  }

  /** Whether its hardware has to say who it is before anything else is done: it can tell that it is the run's, or that it is not. */
  get hasToBeAsked(): boolean {
    if (this.#mac === null && this.#imei === null) return false;
    return !this.#isHardwareAsked || this.#hasParted || (!this.#isAnswered && (this.#doubt !== null || this.#stranger.signal.aborted));
  }

  /** What is asked for. */
  get hardware(): 'mac' | 'imei' {
    return this.#mac === null ? 'imei' : 'mac';
  }

  /** Since when another one may have taken its place unheard, whose hardware would tell; µs of the clock. */
  get doubtedSinceUs(): number | null {
    if (this.#mac === null && this.#imei === null) return null;
    if ((!this.#hasParted && this.#doubt === null) || this.#stranger.signal.aborted) return null;
    return Math.max(this.#openedUs + 1, this.#proofs.unsureSince('hardware') ?? this.#deps.clock.nowUs());
  }

  /** As it was called when somebody last asked. */
  get known(): DeviceName | null {
    return this.#name;
  }

  /** As it is called now. */
  name(): DeviceName | null {
    if (this.#name !== null && this.#isNamed) return this.#name;
    const { port } = this.#subject;
    const facts = port === null ? {} : this.#deps.told.of(port, this.#sinceUs);
    const said = saidDevice(facts);
    if (this.#given === null && said !== null && this.#isOfAnother(said)) return this.#name;
    const named = this.#given ?? said;
    const found = named ?? this.#name ?? this.#deps.conclude();
    if (found !== null && this.#name === null && named === null) {
      this.#isConcluded = true;
      this.#proofs.prove('name', this.#deps.clock.nowUs());
    } else if (named !== null) this.#isConcluded = false;
    if (found !== null) this.#is(found);
    this.#isNamed = named !== null || (found !== null && found.deviceName === facts.deviceName);
    return this.#name;
  }

  /** A row of its port. */
  row(row: LogRow): void {
    const isParting = row.direction === 'notice' && partings.includes(row.event);
    const isOwn = this.#isOwn(row, isParting);
    if (isOwn || (!isParting && !(row.direction === 'received' && beginsBoot(row)))) return;
    if (!this.#proofs.part(row.atUs)) return;
    this.#isAnswered = false;
    if (isParting) this.#hasParted = true;
    this.#vouchedUntilUs = -1;
  }

  /** The bench starts it, or (`hasBegun`) has just done so: what comes of that within this time is no parting. 0: that is over. */
  startsByUs(withinMs: number, hasBegun = false): void {
    const sinceUs = this.#deps.clock.nowUs();
    this.#own = { partedUs: sinceUs, untilUs: sinceUs + withinMs * 1000, partings: 0, hasBegun, hasStarted: false };
  }

  /** Its log has told something. */
  compare(): void {
    const { told } = this.#deps;
    const { port } = this.#subject;
    if (port !== null && this.#hasBeenWritten()) {
      this.#given = null;
      this.#isNamed = this.#isConcluded = false;
    }
    this.name();
    if (port === null) return;
    const facts = told.of(port, this.#sinceUs);
    const namedUs = told.at(port, 'deviceName');
    // What was told before its hardware proved itself is of a board before; a name, where another may have come since.
    const isStale = (atUs: number) => atUs < this.#proofs.provenUs('hardware');
    const isOfBefore = isStale(namedUs) && this.#proofs.hasPartedSince(namedUs);
    const renamed = this.#isNamed && this.#name !== null && !isOfBefore ? this.#otherName(this.#name, facts) : null;
    if (renamed !== null) this.#contradict('name', renamed.error, { name: renamed.name, atUs: namedUs });
    else if (this.#isNamed && facts.deviceName === this.#name?.deviceName) this.#match('name', namedUs);
    const [imei, imeiUs] = [String(facts.imei ?? ''), told.at(port, 'imei')];
    if (imei === '' || isStale(imeiUs)) return;
    const other = otherImei(this.#imei, imei);
    if (other !== null) this.#contradict('hardware', other);
    else if (imei === this.#imei) this.#match('hardware', imeiUs);
    else if (!this.#stranger.signal.aborted && imeiUs >= this.#openedUs && isImei(imei)) this.#see('imei', imei, imeiUs);
  }

  /** As its loader told it. Throws 'check/other-board'; also when it told none (`isAsked`: for that alone), where the run waits for one. */
  chipIs(mac: string | null | undefined, isAsked = false): void {
    const told = mac?.toLowerCase() ?? null;
    this.#hardwareIs('mac', told, otherMac(this.#mac, told), isAsked);
  }

  /** As its module told it. Throws 'check/other-board'. */
  moduleIs(imei: unknown): void {
    const told = typeof imei === 'string' ? imei : null;
    if (told !== null) this.#answersAt = true;
    this.#hardwareIs('imei', told, otherImei(this.#imei, told) ?? lostImei(this.#imei, told));
  }

  #hardwareIs(name: 'mac' | 'imei', told: string | null, other: TalkError | null, isAsked = false): void {
    const known = this.#known(name);
    const nowUs = this.#deps.clock.nowUs();
    if (other !== null) {
      this.#contradict('hardware', other);
      throw other;
    }
    if (known !== null && told === known) this.#vouch(nowUs);
    else if (known === null && told !== null) {
      // What is told for the first time brings nobody back.
      this.#stranger.signal.throwIfAborted();
      this.#see(name, told, nowUs);
    } else if (isAsked) {
      this.#stranger.signal.throwIfAborted();
      throw otherBoard(name, String(known), '?');
    }
  }

  /** It has answered by AT in this run. */
  get answersAt(): boolean {
    return this.#answersAt;
  }

  /** It has nothing that could be asked: it is what its log says. */
  cannotBeAsked(): void {
    this.#isHardwareAsked = true;
    this.#hasParted = false;
    const doubt = this.#doubt;
    this.#doubt = null;
    if (doubt !== null && !this.#stranger.signal.aborted) this.#rename(doubt.name);
  }

  get #isVouched(): boolean {
    return this.#deps.clock.nowUs() < this.#vouchedUntilUs;
  }

  #isOwnParting(atUs: number): boolean {
    const own = this.#own;
    if (own.partings++ >= OWN_PARTINGS || atUs > own.partedUs + OWN_PARTING_US) return false;
    own.partedUs = atUs;
    return true;
  }

  /** After the first line of its application another parting, or ROM's banner, is of another start. */
  #isOwn(row: LogRow, isParting: boolean): boolean {
    const own = this.#own;
    if (row.atUs > own.untilUs) return false;
    const { hasStarted } = own;
    if (own.hasBegun && isApplication(row)) own.hasStarted = true;
    if (!isParting && !lowStarts.includes(row.event)) return true;
    own.hasBegun = true;
    return !hasStarted && (!isParting || this.#isOwnParting(row.atUs));
  }

  #known(name: 'mac' | 'imei'): string | null {
    const fact = this.#subject.facts.get(name) ?? this.#seen.get(name)?.value;
    return typeof fact === 'string' ? fact.toLowerCase() : null;
  }

  /** The first that it is known by; what it has besides says nothing of that. */
  #see(name: 'mac' | 'imei', value: string, atUs: number): void {
    if (this.#mac !== null || (this.#imei !== null && (name === 'imei' || this.#proofs.isUnsure('hardware')))) return;
    this.#seen.set(name, { value, atUs });
    this.#match('hardware', atUs);
  }

  get #mac(): string | null {
    return this.#known('mac');
  }

  get #imei(): string | null {
    return this.#known('imei');
  }

  #otherName(named: DeviceName, facts: DeviceState['facts']): { error: TalkError; name: DeviceName } | null {
    const { port } = this.#subject;
    const error = otherDevice(named, this.#given === null, facts, (fact) => (port === null ? 0 : this.#deps.told.times(port, fact)));
    const name = saidDevice({ ...named, ...facts });
    return error === null || name === null ? null : { error, name };
  }

  /** A first name, or one instead of what was only concluded, from a board that may have come since: its hardware has to tell. */
  #isOfAnother(said: DeviceName): boolean {
    if (this.#name !== null && deviceId(this.#name) === deviceId(said)) return false;
    const { port } = this.#subject;
    const atUs = port === null ? -1 : this.#deps.told.at(port, 'deviceName');
    if (this.#isVouched) return false;
    if (this.#mac === null && this.#imei === null) {
      // Nothing else can tell: as it was concluded before it stays.
      this.#isNamed = this.#isConcluded && this.#proofs.isUnsure('name');
      return this.#isNamed;
    }
    if (!this.#proofs.isUnsure('hardware')) return false;
    this.#doubt = { name: said, atUs };
    return true;
  }

  /** One that was written meanwhile may be another device and the same board. */
  #hasBeenWritten(): boolean {
    const { port } = this.#subject;
    const write = this.#deps.lastWrite();
    if (port === null || write === undefined || write.jobId === this.#writtenBy || this.#deps.told.at(port, 'deviceName') < 0) return false;
    this.#writtenBy = write.jobId;
    const other = otherMac(this.#mac, write.chip?.mac);
    if (other !== null) this.#contradict('hardware', other);
    return other === null;
  }

  /** Its hardware is the run's. */
  #vouch(atUs: number): void {
    this.#isHardwareAsked = true;
    this.#vouchedUs = atUs;
    this.#vouchedUntilUs = atUs + VOUCHED_US;
    const doubt = this.#doubt;
    // The name that was told since the newest start or parting is this board's, and not that of one before.
    const isItsOwn = doubt !== null && !this.#proofs.hasPartedSince(doubt.atUs);
    if (isItsOwn && this.#subject.isClaimed) {
      this.#isAnswered = true;
      this.#hasParted = false;
      return;
    }
    this.#doubt = null;
    this.#match('hardware', atUs);
    if (isItsOwn) this.#rename(doubt.name);
  }

  #rename(name: DeviceName): void {
    this.#is(name);
    this.#isNamed = true;
    this.#proofs.prove('name', this.#deps.clock.nowUs());
  }

  #match(kind: Proof, atUs: number): void {
    // A name may be given to two boards; hardware is one's own.
    if (kind === 'name' && this.#stranger.signal.aborted && this.#strangerBy === 'hardware') return;
    if (kind === 'hardware') this.#isHardwareAsked = true;
    const isNews = this.#proofs.prove(kind, atUs);
    const isBack = this.#stranger.signal.aborted && atUs >= this.#strangerUs;
    if (!isNews && !isBack) return;
    if (kind === 'name') this.#vouchedUntilUs = -1;
    this.#hasParted = false;
    this.#doubt = null;
    if (isBack) this.#stranger = new AbortController();
  }

  #contradict(kind: Proof, error: TalkError, doubt: Doubt | null = null): void {
    if (doubt !== null && this.#isVouched && !this.#subject.isClaimed) {
      // What was found since was found of the name that it has no more.
      this.#subject.onStranger(error, Math.max(this.#openedUs + 1, this.#vouchedUs));
      this.#rename(doubt.name);
      return;
    }
    this.#doubt = doubt;
    this.#vouchedUntilUs = -1;
    const nowUs = this.#deps.clock.nowUs();
    if (kind === 'hardware') this.#strangerBy = kind;
    if (this.#stranger.signal.aborted) return;
    const sinceUs = Math.max(this.#openedUs + 1, this.#proofs.unsureSince(kind) ?? nowUs);
    for (const [name, { atUs }] of this.#seen) if (atUs >= sinceUs) this.#seen.delete(name);
    this.#strangerBy = kind;
    this.#strangerUs = nowUs;
    this.#subject.onStranger(error, sinceUs);
    this.#stranger.abort(error);
  }

  #is(device: DeviceName): void {
    const before = this.#name;
    this.#name = device;
    if (before === null || deviceId(before) !== deviceId(device)) this.#deps.onNamed(device, before);
  }
}
