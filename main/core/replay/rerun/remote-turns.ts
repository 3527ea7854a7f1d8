import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import type { RecordedConversation } from './recording.ts';

type Told = PipelineEvent extends infer Each ? (Each extends PipelineEvent ? Omit<Each, 'conversationId'> : never) : never;

/**
 * A far end that is not this bench tells nothing of its turns: they are made of what the device says and hears. The user's instants are
 * those of the recorded speech as it goes out, D1 is the speaker's; of what is between nothing is known.
 */
export class RemoteTurns {
  readonly #conversationId: string;
  readonly #tell: (event: PipelineEvent) => void;
  #turn: {
    id: number;
    userText: string;
    replyText: string;
    hasSound: boolean;
    isAudible: boolean;
    isCommitted: boolean;
    silentUs: MonoUs | null;
  } | null = null;
  #turns = 0;
  #calls = 0;

  constructor(conversationId: string, tell: (event: PipelineEvent) => void) {
    this.#conversationId = conversationId;
    this.#tell = tell;
  }

  opened(
    recorded: RecordedConversation,
    about: { productId: string; deviceName: string; address: string; language: string },
    atUs: MonoUs,
  ): void {
    const { gateway, uplink, downlink } = recorded;
    const { productId, deviceName, address, language } = about;
    const engine = 'remote';
    this.#event({
      ...{ kind: 'conversation.opened', atUs, gateway, productId, deviceName, language, query: { remote: address }, settings: {} },
      uplink: { ...uplink, sampleRate: 16_000 },
      downlink: { ...downlink, sampleRate: 16_000 },
      engines: { vad: engine, stt: engine, llm: engine, tts: engine },
    });
  }

  closed(reason: string, atUs: MonoUs): void {
    this.#end(atUs);
    this.#event({ kind: 'conversation.closed', atUs, reason });
  }

  speech(kind: 'started' | 'ended', atUs: MonoUs): void {
    if (kind === 'started') {
      this.#end(atUs);
      const { id: turnId } = this.#begin('user-speech', atUs);
      this.#event({ kind: 'user.speech-started', atUs, mediaUs: 0, turnId });
    } else if (this.#turn !== null) this.#event({ kind: 'user.speech-ended', atUs, mediaUs: 0, declaredUs: atUs, turnId: this.#turn.id });
  }

  text(who: 'user' | 'agent', text: string, atUs: MonoUs): void {
    if (who === 'user') {
      if (this.#turn === null) return;
      this.#turn.userText = joined(this.#turn.userText, text);
      this.#event({ kind: 'stt.final', atUs, text, engine: 'remote', turnId: this.#turn.id });
      return;
    }
    const turn = this.#turn ?? this.#begin('greeting', atUs);
    turn.replyText = joined(turn.replyText, text);
    this.#commit(atUs);
    this.#event({ kind: 'llm.text', atUs, text, turnId: turn.id });
  }

  sounding(isSounding: boolean, atUs: MonoUs): void {
    const turn = this.#turn ?? (isSounding ? this.#begin('greeting', atUs) : null);
    if (turn === null) return;
    turn.silentUs = isSounding ? null : atUs;
    if (!isSounding || turn.hasSound) return;
    turn.hasSound = true;
    this.#commit(atUs);
    this.#event({ kind: 'downlink.first-frame', atUs, turnId: turn.id });
  }

  /** D1. */
  audible(atUs: MonoUs): void {
    const turn = this.#turn;
    if (turn === null || turn.isAudible) return;
    turn.isAudible = true;
    this.#event({ kind: 'downlink.audible', atUs, turnId: turn.id, source: 'device' });
  }

  tool(name: string, parameters: unknown, answer: { isOk: boolean; result: unknown } | null, atUs: MonoUs): void {
    const turnId = (this.#turn ?? this.#begin('injected', atUs)).id;
    this.#calls += 1;
    const callId = `call-${this.#calls}`;
    this.#event({ kind: 'tool.call', atUs, turnId, callId, name, arguments: parameters });
    if (answer !== null) this.#event({ kind: 'tool.result', atUs, turnId, callId, name, ...answer, elapsedUs: 0 });
  }

  message(direction: 'up' | 'down', name: string, text: string, gateway: string, atUs: MonoUs): void {
    this.#event({ kind: 'wire.message', atUs, gateway, channel: gateway === 'tuya' ? 'tcp' : 'websocket', direction, name, text });
  }

  /** When the far end took the user's turn for ended nobody tells: at its first sign of an answer at the latest. */
  #commit(atUs: MonoUs): void {
    const turn = this.#turn;
    if (turn === null || turn.isCommitted) return;
    turn.isCommitted = true;
    this.#event({ kind: 'turn.committed', atUs, turnId: turn.id, reason: 'remote', text: turn.userText });
  }

  #begin(initiator: 'user-speech' | 'greeting' | 'injected', atUs: MonoUs) {
    this.#turns += 1;
    this.#turn = {
      id: this.#turns,
      userText: '',
      replyText: '',
      hasSound: false,
      isAudible: false,
      isCommitted: initiator !== 'user-speech',
      silentUs: null,
    };
    this.#event({ kind: 'turn.started', atUs, turnId: this.#turn.id, initiator });
    return this.#turn;
  }

  #end(atUs: MonoUs): void {
    const turn = this.#turn;
    if (turn === null) return;
    this.#turn = null;
    const { id: turnId, userText, replyText, isAudible, silentUs } = turn;
    const outcome = isAudible ? 'completed' : 'unanswered';
    this.#event({
      kind: 'turn.ended',
      atUs: silentUs ?? atUs,
      turnId,
      outcome,
      userText,
      replyText,
      heardText: isAudible ? replyText : '',
    });
  }

  #event(told: Told): void {
    this.#tell({ ...told, conversationId: this.#conversationId } as PipelineEvent);
  }
}

/** Transcripts come sentence by sentence, or the whole again. */
function joined(text: string, more: string): string {
  if (text === '' || more.startsWith(text)) return more;
  return /[\p{Script=Han}，。！？]$/u.test(text) ? `${text}${more}` : `${text} ${more}`;
}
