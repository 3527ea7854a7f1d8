import type { LlmTool } from '../../../../../../../pipeline/engines/llm/engine.ts';
import type { Script } from '../../../../../../../pipeline/engines/llm/script-file.ts';
import type { TurnInitiator, TurnOutcome } from '../../../../../../../preload/contract/events.ts';
import type { DeviceRecord } from '../../../../../../../preload/contract/pipeline.ts';
import { FakeBench, type FakeBenchOptions } from '../../../../../../fakes/fake-bench.ts';

const SAMPLE_RATE = 16_000;
const GREETING_MS = 900;
/** From the end of speech to the commit, to the first frame, to the first sound. */
const [COMMIT_MS, SENT_MS, SOUND_MS] = [500, 300, 100];
const SPEECH_MS = 1000;
const HANGS_MS = 18_000;

export interface TalkingBoardOptions extends FakeBenchOptions {
  /** From its waking to its connection; null: it does not come. */
  wakeMs?: number | null;
  /** What the bench understands of what was said; null: it notices nothing. */
  understands?: (text: string) => string | null;
  /** The bench's answer to this fails. */
  fails?: (text: string) => boolean;
  /** It comes to nothing, and only after long. */
  hangs?: (text: string) => boolean;
  isMute?: boolean;
  /** It says itself when its speaker sounds. */
  reports?: boolean;
  /** Speech into a reply ends it so much later; null: it is not heard. */
  stopMs?: number | null;
  /** How long its short answers are. */
  answerMs?: number;
  tools?: LlmTool[];
  act?: (name: string, given: Record<string, unknown>) => { isOk: boolean; result: unknown; properties?: Record<string, unknown> };
}

/** A board with its cloud around it: what is said to it becomes turns, with the events and the sound that a real one has. */
export class TalkingBoard extends FakeBench {
  readonly given: TalkingBoardOptions;
  script: Script = { replies: [], otherwise: 'well' };
  settings: Record<string, Record<string, unknown>> = {};
  answerMs: number;
  #conversations = 0;
  #turnId = 0;
  #playing: { turnId: number; fromUs: number; toUs: number; end: (outcome: TurnOutcome) => void } | null = null;
  readonly #sounds: { fromUs: number; toUs: number }[] = [];

  constructor(options: TalkingBoardOptions = {}) {
    super({ language: 'en', ...options });
    this.given = options;
    this.answerMs = options.answerMs ?? 1500;
    this.board.conversation = null;
    this.board.offeredTools = options.tools ?? [];
    this.board.deviceRecord = { isOnline: true, firmwareVersion: '1.2.0', properties: this.board.properties } as unknown as DeviceRecord;
    this.talk.onSay = () => speech(SPEECH_MS);
    this.talk.afterSaying = ({ text = '' }) => this.#spoken(text);
    this.talk.onHeard = (fromUs) => this.#heard(fromUs);
    Object.assign(this.board.on, {
      configure: (over: { settings?: TalkingBoard['settings']; script?: Script }) => {
        this.script = over.script ?? this.script;
        this.settings = over.settings ?? {};
      },
      text: (text: string) => this.#turn('injected', text),
      hangUp: () => this.close('operator'),
      interrupt: () => this.#playing?.end('interrupted'),
    });
    this.board.over.connected = (timeoutMs) => this.#wake(timeoutMs);
  }

  close(reason: string): void {
    if (this.board.conversation === null) return;
    this.#playing?.end('interrupted');
    this.board.tell({ kind: 'conversation.closed', reason });
    this.board.conversation = null;
  }

  async #wake(timeoutMs: number): Promise<string | null> {
    if (this.board.conversation !== null) return this.board.conversation;
    const { wakeMs = 400 } = this.given;
    if (wakeMs === null) {
      await this.sleep(timeoutMs);
      return null;
    }
    const wire = { kind: 'wire.message', gateway: 'twetalk', channel: 'mqtt', direction: 'up', name: '$twecall' } as const;
    this.board.tell({ ...wire, text: '{"method":"query_websocket_url"}' });
    await this.sleep(wakeMs);
    this.board.conversation = `c${++this.#conversations}`;
    this.#turnId = 0;
    const audio = { codec: 'opus', sampleRate: 16_000, frameMs: 60 } as const;
    this.board.tell({
      ...{ kind: 'conversation.opened', gateway: 'twetalk', language: 'en', uplink: audio, downlink: audio, query: {}, settings: {} },
      engines: { vad: 'e', stt: 'e', llm: 'e', tts: 'e' },
    });
    const greeting = this.settings.agent?.greetingEn ?? 'hello';
    if (greeting !== '')
      this.#reply('greeting', ++this.#turnId, { userText: '', replyText: String(greeting), playMs: GREETING_MS, inMs: 0 });
    return this.board.conversation;
  }

  #spoken(text: string): void {
    const playing = this.#playing;
    if (playing !== null && this.given.stopMs === null) return;
    if (playing !== null) {
      const { turnId } = playing;
      const silentUs = this.clock.nowUs() - SPEECH_MS * 1000 + (this.given.stopMs ?? 700) * 1000;
      this.board.tell({ kind: 'interruption.onset', turnId, atUs: this.clock.nowUs() - SPEECH_MS * 1000 });
      this.board.tell({ kind: 'interruption.decided', turnId, reason: 'duration' });
      this.#cut(silentUs);
      playing.end('interrupted');
      this.board.tell({ kind: 'interruption.server-stopped', turnId, atUs: silentUs - 150_000 });
      this.board.tell({
        kind: 'interruption.silent',
        turnId,
        source: this.given.reports === false ? 'estimate' : 'device',
        atUs: silentUs,
      });
    }
    const understood = this.given.understands === undefined ? text : this.given.understands(text);
    if (understood === null || this.board.conversation === null) return;
    this.board.tell({ kind: 'user.speech-ended', mediaUs: 0, declaredUs: this.clock.nowUs(), turnId: this.#turnId + 1 });
    this.#turn('user-speech', understood);
  }

  #turn(initiator: TurnInitiator, userText: string): void {
    const turnId = ++this.#turnId;
    this.board.tell({ kind: 'turn.started', turnId, initiator });
    if (userText === '') {
      this.at(COMMIT_MS, () => this.#ended(turnId, 'unanswered', '', ''));
      return;
    }
    this.at(COMMIT_MS, () => {
      this.board.tell({ kind: 'turn.committed', turnId, reason: initiator, text: userText });
      if (this.given.hangs?.(userText) === true) {
        this.at(HANGS_MS, () => this.#ended(turnId, 'unanswered', userText, ''));
        return;
      }
      if (this.given.fails?.(userText) === true) {
        this.#ended(turnId, 'failed', userText, '');
        return;
      }
      const found = this.script.replies.find(({ when }) => when !== undefined && new RegExp(when, 'iu').test(userText));
      const call = [found?.call ?? []].flat()[0];
      const replyText = found === undefined ? this.script.otherwise : (found.say ?? found.sayAfter ?? '');
      if (call !== undefined) this.#call(turnId, call);
      if (replyText === '') this.#ended(turnId, 'no-reply', userText, '');
      else this.#reply(initiator, turnId, { userText, replyText, playMs: replyText.length > 100 ? 20_000 : this.answerMs, inMs: SENT_MS });
    });
  }

  #call(turnId: number, call: { name: string; arguments: Record<string, unknown> }): void {
    const callId = `call-${turnId}`;
    this.board.tell({ kind: 'tool.call', turnId, callId, ...call });
    const done = this.given.act?.(call.name, call.arguments) ?? { isOk: true, result: {} };
    this.board.tell({ kind: 'tool.result', turnId, callId, name: call.name, isOk: done.isOk, result: done.result, elapsedUs: 80_000 });
    if (done.properties === undefined) return;
    Object.assign(this.board.properties, done.properties);
    this.board.tell({ kind: 'device.property', properties: done.properties });
  }

  #reply(initiator: TurnInitiator, turnId: number, how: { userText: string; replyText: string; playMs: number; inMs: number }): void {
    const { userText, replyText, playMs, inMs } = how;
    const conversationId = this.board.conversation ?? '';
    if (initiator === 'greeting') this.board.tell({ kind: 'turn.started', turnId, initiator });
    this.at(inMs, () => {
      if (this.board.conversation !== conversationId) return;
      this.board.tell({ kind: 'downlink.first-frame', turnId });
      const fromUs = this.clock.nowUs() + SOUND_MS * 1000;
      const sound = { fromUs, toUs: fromUs + playMs * 1000 };
      if (this.given.isMute !== true) this.#sounds.push(sound);
      let isOver = false;
      const end = (outcome: TurnOutcome) => {
        if (isOver) return;
        isOver = true;
        this.#playing = null;
        this.#ended(turnId, outcome, userText, replyText, conversationId);
      };
      this.#playing = { turnId, ...sound, end };
      const source = this.given.reports === false ? 'estimate' : 'device';
      this.at(SOUND_MS, () => this.board.tell({ kind: 'downlink.audible', turnId, source, conversationId }));
      this.at(SOUND_MS + playMs, () => end('completed'));
    });
  }

  #ended(turnId: number, outcome: TurnOutcome, userText: string, replyText: string, conversationId?: string): void {
    const id = conversationId ?? this.board.conversation ?? '';
    this.board.tell({ kind: 'turn.ended', turnId, outcome, userText, replyText, heardText: replyText, conversationId: id });
  }

  #cut(atUs: number): void {
    const last = this.#sounds.at(-1);
    if (last !== undefined) last.toUs = Math.min(last.toUs, atUs);
  }

  #heard(fromUs: number): { pcm: Int16Array; fromUs: number } {
    const at = (us: number) => Math.max(0, Math.round(((us - fromUs) * SAMPLE_RATE) / 1_000_000));
    const pcm = new Int16Array(at(this.clock.nowUs()));
    for (const sound of this.#sounds) tone(pcm, at(sound.fromUs), Math.min(at(sound.toUs), pcm.length));
    return { pcm, fromUs };
  }
}

/** Something that sounds, from its first sample on. */
export function speech(ms: number): Int16Array {
  const pcm = new Int16Array((ms * SAMPLE_RATE) / 1000);
  tone(pcm, 0, pcm.length);
  return pcm;
}

function tone(pcm: Int16Array, from: number, to: number): void {
  for (let i = from; i < to; i++) pcm[i] = Math.round(6000 * Math.sin((2 * Math.PI * 300 * i) / SAMPLE_RATE));
}

/** Values as a check gave them; throws where it skipped or wants a person. */
export function valuesOf(measured: object): Record<string, unknown> {
  if (!('values' in measured)) throw new Error(`no values: ${JSON.stringify(measured)}`);
  return measured.values as Record<string, unknown>;
}
