import { createHmac, randomInt, randomUUID } from 'node:crypto';
import type { XiaozhiActivation } from '../../../preload/contract/cloud/xiaozhi.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { isSame } from './credentials.ts';

/** Boards that wait for their code; the one that has waited longest makes room. */
const MOST_WAITING = 64;
/** Boards that were let in; the one that was first is asked again where there are more. */
const MOST_CONFIRMED = 1000;
/** How long a board shows the code before it asks again. */
const TIMEOUT_MS = 30_000;

interface Waiting {
  code: string;
  challenge: string;
  sinceWallMs: number;
}

/** Boards that show a code, or were given a challenge, and wait to be let in (reference/voice.md §4.1). */
export class Activations {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Waiting>();
  readonly #confirmed = new Set<string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  isActivated(deviceName: string): boolean {
    return this.#confirmed.has(deviceName);
  }

  /** The OTA answer's section; the same code and challenge until the board is let in. */
  section(deviceName: string, language: 'zh' | 'en', hasCode: boolean): Record<string, unknown> {
    const { code, challenge } = this.#waiting.get(deviceName) ?? this.#add(deviceName);
    const message = language === 'zh' ? `请在 Talkbench 中输入验证码\n${code}` : `Enter this code in Talkbench\n${code}`;
    return { ...(hasCode && { message, code }), challenge, timeout_ms: TIMEOUT_MS };
  }

  list(): XiaozhiActivation[] {
    return [...this.#waiting].map(([deviceName, { code, sinceWallMs }]) => ({ deviceName, code, sinceWallMs }));
  }

  /** The board whose code it is. */
  confirm(code: string): string | undefined {
    const deviceName = [...this.#waiting].find(([, waiting]) => waiting.code === code)?.[0];
    if (deviceName !== undefined) this.accept(deviceName);
    return deviceName;
  }

  accept(deviceName: string): void {
    this.#waiting.delete(deviceName);
    this.#confirmed.add(deviceName);
    const oldest = this.#confirmed.size > MOST_CONFIRMED ? this.#confirmed.keys().next().value : undefined;
    if (oldest !== undefined) this.#confirmed.delete(oldest);
  }

  /** It is to be let in again. */
  forget(deviceName: string): void {
    this.#confirmed.delete(deviceName);
  }

  /** Whether the answer is the HMAC of the board's challenge under its own secret (base64). */
  isAnswer(deviceName: string, secret: string, body: Record<string, unknown>): boolean {
    const waiting = this.#waiting.get(deviceName);
    if (waiting === undefined || body.challenge !== waiting.challenge || typeof body.hmac !== 'string') return false;
    const expected = createHmac('sha256', Buffer.from(secret, 'base64')).update(waiting.challenge).digest('hex');
    return isSame(body.hmac.toLowerCase(), expected);
  }

  #add(deviceName: string): Waiting {
    const codes = new Set([...this.#waiting.values()].map(({ code }) => code));
    let code = '';
    do code = String(randomInt(1_000_000)).padStart(6, '0');
    while (codes.has(code));
    const waiting = { code, challenge: randomUUID(), sinceWallMs: this.#clock.wallMs() };
    const oldest = this.#waiting.size >= MOST_WAITING ? this.#waiting.keys().next().value : undefined;
    if (oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(deviceName, waiting);
    return waiting;
  }
}
