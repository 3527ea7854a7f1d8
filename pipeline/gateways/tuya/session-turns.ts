import { randomUUID } from 'node:crypto';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { ConversationMessage } from '../../conversation.ts';
import { type DownPath, DownTurn } from './down-turn.ts';
import { emotionReply } from './replies.ts';
import type { UpEvent } from './up-event.ts';

export interface SessionTurnsDeps {
  path: DownPath;
  isApp: boolean;
  /** The device's event under way. */
  event: () => UpEvent | null;
  isServerVad: () => boolean;
  /** Whether sound after ServerVAD is heard on an event that may be interrupted. */
  isHeardAfterVad: () => boolean;
  /** Nothing but the words is asked for. */
  isTranscriptAll: (event: UpEvent | null) => boolean;
  /** The conversation is to leave the turn: no answer to it is made. */
  leave: (reason: string) => void;
  /** The turn of that event has come to its end. */
  onAnswered: (event: UpEvent) => void;
}

/**
 * What a conversation says, as the turns of one session on their way down: the user's turn that is being heard, and the one that is being
 * answered. What was broken is over for good: nothing of it is said again, whenever it comes.
 */
export class SessionTurns {
  readonly #deps: SessionTurnsDeps;
  #asked: DownTurn | null = null;
  #answer: DownTurn | null = null;
  readonly #turns = new Map<number, DownTurn>();
  #usedIds: string[] = [];
  /** The answer comes from a model, in its own words. */
  #hasModel = false;

  constructor(deps: SessionTurnsDeps) {
    this.#deps = deps;
  }

  get isAnswering(): boolean {
    return this.#answer !== null;
  }

  /** Something of a turn has gone down. */
  get hasBegun(): boolean {
    return this.#asked?.hasBegun === true || this.#answer?.hasBegun === true;
  }

  audio(packet: Uint8Array): void {
    this.#answer?.audio(packet);
  }

  /** Events of this conversation, for what its peer is not told: whose turn it is, when it ends, what the model thinks. */
  observe(event: PipelineEvent): void {
    if (event.kind === 'turn.started') {
      const isUsers = event.initiator === 'user-speech' || event.initiator === 'user-text';
      const turn = new DownTurn(this.#deps.path, isUsers ? this.#nextEventId() : randomUUID());
      this.#turns.set(event.turnId, turn);
      if (isUsers) this.#asked = turn;
      else this.#answer = turn;
    } else if (event.kind === 'llm.reasoning') {
      this.#turns.get(event.turnId)?.text({ bizType: 'NLG', eof: 0, content: '', reasoningContent: event.text });
    } else if (event.kind === 'turn.ended') this.#turnEnded(event.turnId);
  }

  /** Nothing of the event can be heard: the device is told to leave it. */
  refuse(event: UpEvent): void {
    new DownTurn(this.#deps.path, event.id).break(true);
    this.use(event.id);
  }

  /** An empty transcript is what a device knows as "please say it again". */
  answerNothing(event: UpEvent): void {
    const turn = this.#asked ?? new DownTurn(this.#deps.path, this.#nextEventId());
    if (event.hasAudio) turn.text({ bizType: 'ASR', eof: 1, text: '' });
    turn.end();
  }

  /** The device broke it, or with no id everything: nothing of it goes out any more. */
  break(eventId: string): void {
    for (const turn of [this.#answer, this.#asked])
      if (eventId === '' || turn?.eventId === eventId || turn === this.#answer) turn?.break(false);
  }

  breakAsked(): void {
    this.#asked?.break(false);
  }

  forgetAnswer(): void {
    this.#answer = null;
  }

  /** No turn has this id any more. */
  use(eventId: string): void {
    this.#usedIds = [...this.#usedIds.slice(-31), eventId];
  }

  /** The device's, once: what follows on a long event has an id of its own, for nothing may come after its end. */
  #nextEventId(): string {
    const id = this.#deps.event()?.id;
    if (id === undefined || this.#usedIds.includes(id)) return randomUUID();
    this.use(id);
    return id;
  }

  #askedTurn(): DownTurn {
    this.#asked ??= new DownTurn(this.#deps.path, this.#nextEventId());
    return this.#asked;
  }

  #answerTurn(): DownTurn {
    this.#answer ??= new DownTurn(this.#deps.path, randomUUID());
    return this.#answer;
  }

  tell(message: ConversationMessage): void {
    switch (message.kind) {
      case 'user-transcript':
        if (message.text !== '') this.#askedTurn().text({ bizType: 'ASR', eof: 0, text: message.text });
        return;
      case 'user-turn':
        this.#userTurn(message.text);
        return;
      case 'bot-text':
        this.#answerTurn().text({ bizType: 'NLG', eof: 0, content: message.text, reasoningContent: '' });
        return;
      case 'bot-sentence':
        // A given text (greeting, reminder) is in no model's words: the caption is all there is of it.
        if (this.#answer !== null && !this.#hasModel)
          this.#answer.text({ bizType: 'NLG', eof: 0, content: message.text, reasoningContent: '' });
        return;
      case 'bot-thinking-started':
        this.#hasModel = true;
        return;
      case 'bot-stopped-speaking':
        if (message.wasInterrupted) this.#answer?.break(true);
        else this.#answer?.audioEnded();
        return;
      case 'emotion':
        this.#answerTurn().text(emotionReply(message.emotion, this.#deps.isApp));
        return;
      case 'intent':
        this.#intent(message.intent);
        return;
      default:
    }
  }

  #userTurn(text: string): void {
    const event = this.#deps.event();
    const turn = this.#askedTurn();
    this.#asked = null;
    this.#answer = turn;
    this.#hasModel = false;
    if (event?.hasAudio === true && !turn.isOver) {
      if (this.#deps.isServerVad()) {
        turn.serverVad();
        const isHeard = this.#deps.isHeardAfterVad() && event.options.isInterruptible === true;
        event.isHeard = isHeard && !event.isOver;
      }
      turn.text({ bizType: 'ASR', eof: 1, text });
    }
    const isTranscriptAll = this.#deps.isTranscriptAll(event);
    if (turn.isOver || isTranscriptAll) {
      // Broken by the device meanwhile, or nothing but the words was asked for: no answer is made.
      turn.end();
      this.#answer = null;
      this.#deps.leave(isTranscriptAll ? 'only-asr' : 'chat-break');
    }
  }

  #intent(intent: Extract<ConversationMessage, { kind: 'intent' }>['intent']): void {
    if (intent.kind === 'hang-up') {
      this.#answerTurn().text({ bizType: 'SKILL', eof: 1, code: 'speechControl', content: { general: { action: 'exit' } } });
    } else if (intent.kind === 'music') {
      const general = { action: 'play', data: { audios: [], keyword: intent.query } };
      this.#answerTurn().text({ bizType: 'SKILL', eof: 1, code: 'music', content: { general } });
    }
  }

  #turnEnded(turnId: number): void {
    const turn = this.#turns.get(turnId);
    this.#turns.delete(turnId);
    if (turn === undefined) return;
    const current = this.#deps.event();
    const event = current?.id === turn.eventId ? current : null;
    if (turn === this.#asked) {
      this.#asked = null;
      // Nothing was recognised: on an event that goes on and on it was a noise; else the device waits for its answer.
      if (event !== null && !event.isOver && event.options.isInterruptible === true && !turn.hasBegun) {
        this.#usedIds = this.#usedIds.filter((id) => id !== turn.eventId);
        return;
      }
      if (!turn.hasFinalTranscript && event?.hasAudio === true) {
        if (!event.isOver) turn.serverVad();
        event.isHeard = false;
        turn.text({ bizType: 'ASR', eof: 1, text: '' });
      }
    }
    turn.end();
    if (turn === this.#answer) this.#answer = null;
    if (event === null) return;
    event.isAnswered = true;
    this.#deps.onAnswered(event);
  }
}
