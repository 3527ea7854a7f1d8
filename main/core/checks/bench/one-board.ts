import { type DeviceName, deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { FlashJob } from '../../../../preload/contract/flash.ts';
import type { LogRow } from '../../../../preload/contract/logs.ts';
import type { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { BenchSubject } from '../run-bench.ts';
import { saidDevice } from './find-device.ts';
import { NAMED_MS, NamingHabit } from './habit.ts';
import { isImei, isMac, lostImei, otherBoard, otherDevice, otherImei, otherMac } from './other-board.ts';
import { OwnStarts } from './own-starts.ts';
import { Starts } from './starts.ts';
import { EXCHANGE_US, isProven, type Proof, type Stay, Stays } from './stays.ts';
import { type Facts, factsIn } from './told.ts';
import { Writes } from './writes.ts';

export interface OneBoardDeps {
  clock: Clock;
  /** The newest job that may have made another device of the board on the port. */
  lastWrite(): FlashJob | undefined;
  /** Which device the board is, as far as its connection tells now. */
  guess(): DeviceName | null;
  /** It has a name, or another one than before; null: that was not its own. */
  onNamed(device: DeviceName | null, before: DeviceName | null): void;
  /** It is back: what its log told between these (µs of the clock) was another's. */
  onBack(fromUs: number, untilUs: number): void;
}

type Hardware = 'mac' | 'imei';

/** Where its name is from. What the operator said stands against all that is told. */
interface Name {
  device: DeviceName;
  by: 'operator' | 'earlier' | 'log' | 'guess';
  /** When it was told, and how it was called before. */
  sinceUs: number;
  before: Name | null;
}

/** A board that was asked for its MAC names itself within this time, or nobody vouches for that name. */
const VOUCHED_US = 60_000_000;
/** A board is exchanged, and names itself, in this time; what was found before is the run's, and not lost to a name with a wrong character. */
const UNSEEN_US = 20_000_000;
const partings: readonly (string | undefined)[] = ['port.lost', 'port.closed', 'port.lent'];

/**
 * Which board a run is about, and whether the one on the port is still that one. Who is there is told stay by stay (stays.ts): by its log's name, or by
 * what its hardware is called. A stay that turns out to be another board's takes with it what was measured since the run's own was last known to be
 * there. Docs: docs/checks.md.
 */
export class OneBoard {
  readonly #subject: BenchSubject;
  readonly #deps: OneBoardDeps;
  readonly #openedUs: number;
  readonly #stays: Stays;
  readonly #starts = new Starts();
  readonly #own: OwnStarts;
  #name: Name | null = null;
  readonly #writes: Writes;
  readonly #habit = new NamingHabit();
  #stranger = new AbortController();
  /** Of the stranger that is there, or was last. */
  #strangerBy: Proof = 'name';
  #strangerSinceUs = -1;
  #answersAt = false;

  /** `before`: what the log has told of the board that is on the port already. */
  constructor(subject: BenchSubject, before: Facts, deps: OneBoardDeps) {
    this.#subject = subject;
    this.#deps = deps;
    this.#openedUs = deps.clock.nowUs();
    this.#stays = new Stays(this.#openedUs);
    this.#own = new OwnStarts(deps.clock);
    this.#writes = new Writes(() => deps.lastWrite());
    if (subject.device !== null) this.#is(subject.device, subject.isClaimed ? 'operator' : 'earlier');
    // An IMEI that was told earlier may be of a modem that was there then.
    const { imei: _, ...names } = before;
    if (subject.port !== null) this.#tells(names, this.#openedUs);
  }

  /** Aborted with 'check/other-board' while another board than the run's is on the port; another signal as soon as that is over. */
  get stranger(): AbortSignal {
    return this.#stranger.signal;
  }

  /** What is asked for; null: the run knows of none. */
  get hardware(): Hardware | null {
    if (this.#known('mac') !== null) return 'mac';
    return this.#known('imei') === null ? null : 'imei';
  }

  get imei(): string | null {
    return this.#known('imei');
  }

  /** Its IMEI was measured by AT, which an ESP knows nothing of. */
  get isModule(): boolean {
    return this.hardware === 'imei' && this.#subject.facts.has('imei');
  }

  /** Whether its hardware has to say who it is before a check, or (`isLast`) before what was found counts. */
  hasToBeAsked(isLast = false): boolean {
    const { hardware, by, isNamed } = this.#stays.now;
    if (this.hardware === null) return false;
    if (this.#isStranger) return hardware !== 'same' && hardware !== 'none';
    // A start alone is seldom another board: its name lets it go on until the end.
    return hardware === null && (isLast || by !== 'start' || !isNamed);
  }

  /** Its log has told its name before, and not since another may have come: that may be worth waiting for. */
  get hasToNameItself(): boolean {
    const { isAwaited, hardware } = this.#stays.now;
    return !this.#isStranger && this.#hasLostItsName && hardware !== 'same' && !isAwaited;
  }

  /** It has just started, and the name that it goes by is not from this log: its log may be about to tell another. */
  get mayNameItself(): boolean {
    const { by, beganUs, isNamed, isAwaited } = this.#stays.now;
    if (this.#isStranger || this.hardware !== null || this.#name === null || by === 'run' || isNamed || isAwaited) return false;
    return this.#deps.clock.nowUs() < beganUs + NAMED_MS * 1000;
  }

  /** Its name has not come in time: nobody waits again. Throws 'check/other-board' where nothing else tells that it came back to its port. */
  isAwaited(): void {
    const { now } = this.#stays;
    now.isAwaited = true;
    this.#compareName();
    this.#settle();
    if (now.by === 'port' && this.#hasLostItsName && this.hardware === null) this.#isNameless();
  }

  /** The stay that is under way. */
  get stay(): Readonly<Stay> {
    return this.#stays.now;
  }

  /** Since when another one may have been there unheard; µs of the clock. Null: it was the run's own. */
  get doubtedSinceUs(): number | null {
    if (this.#isStranger || !(this.hasToBeAsked(true) || this.hasToNameItself || this.mayNameItself)) return null;
    if (this.hardware !== null) return this.#sinceUs('hardware');
    return this.hasToNameItself ? this.#sinceUs('name') : this.#after(this.#stays.now.beganUs);
  }

  /** As it was called when somebody last asked. */
  get known(): DeviceName | null {
    return this.#name?.device ?? null;
  }

  /** As it is called now, or taken to be where nothing calls it. */
  name(): DeviceName | null {
    if (this.#name === null && !this.#isStranger && !this.#isInDoubt) {
      const device = this.#deps.guess();
      if (device !== null) this.#isNamed(device, 'guess');
    }
    return this.known;
  }

  /** The next row of its port. */
  row(row: LogRow): void {
    const isParting = row.direction === 'notice' && partings.includes(row.event);
    const isStart = this.#starts.begins(row);
    if (isStart) this.#habit.started(row.atUs);
    const begins = isParting ? 'port' : isStart ? 'start' : null;
    if (begins !== null || row.direction === 'notice') this.#writes.note(row.atUs);
    const isOwn = this.#own.isOwn(row, begins);
    // A module is away for long after its reset, and easily asked again.
    const isModuleAway = begins === 'port' && this.hardware === 'imei';
    if (begins !== null && (!isOwn || isModuleAway)) this.#begin(begins, row.atUs);
    this.#tells(factsIn(row), row.atUs);
  }

  /** The bench starts it, or (`hasBegun`) has just done so: what comes of that within this time is no parting. 0: that is over. */
  startsByUs(withinMs: number, hasBegun = false): void {
    this.#own.begin(withinMs, hasBegun);
  }

  /** As its loader told it. Throws 'check/other-board'; also when it told none (`isAsked`: for that alone), where the run waits for one. */
  chipIs(mac: string | null | undefined, isAsked = false): void {
    const told = mac?.toLowerCase() ?? '';
    this.#hardwareIs('mac', told, otherMac(this.#known('mac'), told), isAsked);
  }

  /** As its module told it. Throws 'check/other-board'. */
  moduleIs(imei: unknown): void {
    const told = typeof imei === 'string' ? imei : '';
    if (told !== '') this.#answersAt = true;
    this.#hardwareIs('imei', told, otherImei(this.#known('imei'), told) ?? lostImei(this.#known('imei'), told), false);
  }

  /** It has answered by AT in this run. */
  get answersAt(): boolean {
    return this.#answersAt;
  }

  /** It has nothing that could be asked: it is what its log says. */
  cannotBeAsked(): void {
    const { now } = this.#stays;
    // A module that a check has asked by AT is no board that knows none.
    now.hardware ??= 'none';
    this.#compareName();
    this.#settle();
  }

  #begin(by: 'start' | 'port', atUs: number): void {
    const { now } = this.#stays;
    const isUntold = (this.#isInDoubt || this.#hasLostItsName) && !this.#isStranger && now.by !== 'run' && !isProven(now);
    const isLeft = this.#stays.begin(by, atUs) !== now;
    // Whoever was there could have told who it was, and has not.
    if (isLeft && isUntold) this.#subject.onStranger(this.#untold(), this.#after(now.beganUs), true);
  }

  get #hasLostItsName(): boolean {
    const { now, hasBeenNamed } = this.#stays;
    return this.#habit.isKnown && this.#name !== null && this.#name.by !== 'guess' && hasBeenNamed && !now.isNamed;
  }

  get #isStranger(): boolean {
    return this.#stranger.signal.aborted;
  }

  /** Its hardware is known, and the one on the port has not told that it is the one. */
  get #isInDoubt(): boolean {
    return this.hardware !== null && this.#stays.now.hardware === null;
  }

  #known(name: Hardware): string | null {
    const fact = this.#subject.facts.get(name) ?? this.#stays.learned(name);
    const value = typeof fact === 'string' ? fact.toLowerCase() : '';
    return (name === 'mac' ? isMac(value) : isImei(value)) ? value : null;
  }

  #sinceUs(by: Proof): number {
    return this.#after(this.#stays.unsureSinceUs(by));
  }

  /** What was found before this run was begun, or taken up, is not in question. */
  #after(sinceUs: number): number {
    return Math.max(this.#openedUs + 1, sinceUs);
  }

  /** Its log does. */
  #tells(facts: Facts, atUs: number): void {
    if (!this.#stays.tell(facts, atUs)) return;
    const imei = String(facts.imei ?? '');
    // A modem's says nothing of a board that is known by its MAC.
    if (isImei(imei) && this.hardware !== 'mac') {
      const known = this.#known('imei');
      const other = otherImei(known, imei);
      if (other !== null) this.#isOtherHardware(other);
      else if (known !== null) this.#isSameHardware(atUs);
      else if (!this.#isStranger) this.#learn('imei', imei, atUs);
    }
    this.#compareName();
    this.#settle();
  }

  /** As its log has named it in this stay. */
  #compareName(): void {
    const { now } = this.#stays;
    const facts = Object.fromEntries([...now.facts].map(([name, { value }]) => [name, value]));
    const atUs = now.facts.get('deviceName')?.atUs ?? -1;
    if (this.#name === null) {
      const device = saidDevice(facts);
      if (device !== null) this.#isFirstNamed(device, atUs);
      return;
    }
    const { device, by } = this.#name;
    // A name that stood alone while another was waited for has lost no characters.
    const times = (fact: string) => (now.facts.get(fact)?.times ?? 0) + (now.isAwaited && !now.isNamed ? 1 : 0);
    const error = otherDevice(device, by === 'log', facts, times);
    if (error === null) {
      if (facts.deviceName !== device.deviceName) return;
      // If it was written, it has kept its name.
      if (!this.#isStranger) this.#writes.spend();
      if (by === 'guess') this.#name.by = 'log';
      this.#habit.named(atUs);
      Object.assign(now, { isNamed: true, provenUs: Math.max(now.provenUs, atUs) });
      return;
    }
    const told = saidDevice({ ...device, ...facts });
    const isCorrected = by === 'guess' && now.isNamed;
    if (told !== null && (isCorrected || this.#mayBeRenamed(atUs))) this.#isNamed(told, 'log');
    else this.#isOtherName(error, atUs);
  }

  #isFirstNamed(device: DeviceName, atUs: number): void {
    const { now } = this.#stays;
    // Long after its hardware has told who it is, it may be another that calls itself so: it has to tell again.
    const isLate = now.hardware === 'same' && atUs > now.hardwareUs + NAMED_MS * 1000;
    if (isLate) this.#isExchangedUnseen(atUs);
    if (this.#isStranger || (this.#isInDoubt && !isLate)) return;
    // What was there before its port parted had started, and had no name.
    if (now.by === 'port' && now.hardware !== 'same' && this.#habit.hasStartedBefore(now.beganUs))
      this.#subject.onStranger(otherBoard('device', '?', deviceText(device)), this.#openedUs + 1, true);
    this.#habit.named(atUs);
    this.#isNamed(device, 'log');
  }

  /** The same board under another name: its hardware has just told so, or it has been written since and has none that tells. */
  #mayBeRenamed(atUs: number): boolean {
    this.#writes.note(atUs);
    const { hardware, hardwareUs, isNamed, provenUs } = this.#stays.now;
    if (hardware === 'other') return false;
    const written = this.#writes.at(atUs);
    if (written !== null) {
      const other = otherMac(this.#known('mac'), written.mac);
      if (other !== null) {
        this.#isOtherHardware(other);
        return false;
      }
      // No writer asks a module for its IMEI.
      if (this.hardware === null || written.mac === this.#known('mac')) return true;
    }
    // Named since its hardware told, another name is another board's.
    const wasNamed = isNamed && provenUs > hardwareUs;
    return this.#name?.by !== 'operator' && hardware === 'same' && atUs <= hardwareUs + VOUCHED_US && !wasNamed;
  }

  #isOtherName(error: TalkError, atUs: number): void {
    const { now } = this.#stays;
    // What has been the run's in this stay was exchanged unseen.
    const wasOurs = now.isNamed || (now.hardware === 'same' && this.#name?.by !== 'operator' && atUs > now.hardwareUs + VOUCHED_US);
    if (wasOurs) this.#isExchangedUnseen(atUs);
    this.#isOther('name', error);
  }

  /** With what this stay's log tells now. */
  #isExchangedUnseen(atUs: number): void {
    const { now } = this.#stays;
    const next = this.#stays.begin('unseen', Math.max(now.provenUs + 1, atUs - UNSEEN_US));
    for (const [name, fact] of now.facts) next.facts.set(name, fact);
  }

  /** It has had a name, and since another may have come nobody has told it. Throws. */
  #isNameless(): void {
    const error = this.#untold();
    this.#isOther('name', error);
    throw error;
  }

  #untold(): TalkError {
    const { hardware } = this;
    if (this.#name !== null) return otherBoard('device', deviceText(this.#name.device), '?');
    return hardware === null ? otherBoard('device', '?', '?') : otherBoard(hardware, String(this.#known(hardware)), '?');
  }

  #hardwareIs(name: Hardware, told: string, other: TalkError | null, isAsked: boolean): void {
    const known = this.#known(name);
    const nowUs = this.#deps.clock.nowUs();
    if (other !== null) {
      this.#isOtherHardware(other);
      throw other;
    }
    if (known !== null && told === known) this.#isSameHardware(nowUs);
    else if (known === null && (name === 'mac' ? isMac(told) : isImei(told))) {
      // What is told for the first time brings nobody back, and stands for no board that has not told the run's name.
      this.#stranger.signal.throwIfAborted();
      if (this.#hasLostItsName) this.#isNameless();
      this.#learn(name, told, nowUs);
    } else if (isAsked) {
      this.#stranger.signal.throwIfAborted();
      throw otherBoard(name, String(known), '?');
    }
    this.#compareName();
    this.#settle();
  }

  #isSameHardware(atUs: number): void {
    const { now } = this.#stays;
    const stay = now.hardware === 'other' ? this.#stays.begin('unseen', atUs) : now;
    Object.assign(stay, { hardware: 'same', hardwareUs: atUs, provenUs: Math.max(stay.provenUs, atUs) });
  }

  #isOtherHardware(error: TalkError): void {
    const { now } = this.#stays;
    const beganUs = Math.min(now.hardwareUs + EXCHANGE_US, this.#deps.clock.nowUs());
    const stay = now.hardware === 'same' ? this.#stays.begin('unseen', beganUs) : now;
    stay.hardware = 'other';
    this.#isOther('hardware', error);
  }

  /** The first that it is known by; what it has besides says nothing of that. */
  #learn(name: Hardware, value: string, atUs: number): void {
    const { now } = this.#stays;
    if (this.hardware === 'mac' || (this.hardware === 'imei' && (name === 'imei' || now.hardware !== 'same'))) return;
    if (this.#hasLostItsName) return;
    now.learned[name] = value;
    this.#isSameHardware(atUs);
  }

  #isOther(by: Proof, error: TalkError): void {
    if (by === 'hardware' || !this.#isStranger) this.#strangerBy = by;
    const sinceUs = this.#sinceUs(by);
    this.#stays.unlearn(sinceUs);
    this.#unname(sinceUs);
    // Hardware may tell that it has been another for longer than its name has.
    this.#subject.onStranger(error, sinceUs);
    this.#strangerSinceUs = this.#isStranger ? Math.min(sinceUs, this.#strangerSinceUs) : sinceUs;
    if (!this.#isStranger) this.#stranger.abort(error);
  }

  /** A name that was told since is another's. */
  #unname(sinceUs: number): void {
    const before = this.known;
    while (this.#name !== null && this.#name.sinceUs >= sinceUs) this.#name = this.#name.before;
    if (before !== null && this.known !== before) this.#deps.onNamed(this.known, before);
  }

  /** Whether it is the run's board after all. A name may be given to two boards; hardware is one's own. */
  #settle(): void {
    const { now } = this.#stays;
    const isOurs = this.#strangerBy === 'hardware' ? now.hardware === 'same' : isProven(now);
    if (!this.#isStranger || !isOurs || this.#isCalledOtherwise(now)) return;
    this.#stranger = new AbortController();
    this.#deps.onBack(this.#strangerSinceUs, now.by === 'unseen' ? this.#deps.clock.nowUs() : now.beganUs);
  }

  /** By its log, in this stay: the operator's name is another. */
  #isCalledOtherwise(now: Stay): boolean {
    const called = now.facts.get('deviceName')?.value;
    return this.#name?.by === 'operator' && called !== undefined && called !== this.#name.device.deviceName;
  }

  /** From now on. What was found in this stay under another name was found of that. */
  #isNamed(device: DeviceName, by: Name['by']): void {
    const { now } = this.#stays;
    const before = this.known;
    this.#writes.spend();
    Object.assign(now, { isNamed: true, provenUs: Math.max(now.provenUs, this.#deps.clock.nowUs()) });
    if (before !== null && deviceId(before) !== deviceId(device)) {
      const error = otherBoard('device', deviceText(before), deviceText(device));
      this.#subject.onStranger(error, this.#after(now.beganUs));
    }
    this.#is(device, by);
  }

  #is(device: DeviceName, by: Name['by']): void {
    const before = this.known;
    const sinceUs = before === null || deviceId(before) !== deviceId(device) ? this.#deps.clock.nowUs() : (this.#name?.sinceUs ?? -1);
    this.#name = { device, by, sinceUs: by === 'log' || by === 'guess' ? sinceUs : -1, before: this.#name };
    if (before === null || deviceId(before) !== deviceId(device)) this.#deps.onNamed(device, before);
  }
}

const deviceText = ({ productId, deviceName }: DeviceName) => `${productId}/${deviceName}`;
