import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { ConversationState } from '../../../preload/contract/pipeline.ts';
import { inNextFrame } from '../../lib/idle.ts';
import { type Lab, useLab } from '../../lib/lab.ts';
import { allEvents } from '../../lib/session-events.ts';
import { emptyTranscript, foldEvent, joinTranscripts, type Transcript } from './transcript.ts';

export type WireMessage = Extract<PipelineEvent, { kind: 'wire.message' }> & { number: number };

/** Messages kept for the panel; the session has them all. */
const keptMessages = 500;
const transcriptKinds = [
  'turn.state',
  'stt.partial',
  'stt.final',
  'turn.committed',
  'turn.started',
  'turn.preempted',
  'llm.text',
  'llm.reasoning',
  'downlink.sentence-started',
  'tool.call',
  'tool.result',
  'turn.ended',
  'conversation.idle',
  'conversation.changed',
  'interruption.false',
  'engine.error',
];

/** What the pipeline tells, folded as it comes and shown once a frame. */
class LiveConversations {
  readonly #listeners = new Set<() => void>();
  readonly #transcripts = new Map<string, Transcript>();
  #messages: readonly WireMessage[] = [];
  #lastNumber = 0;
  #endedTurns = 0;
  #isFrameAsked = false;

  take(events: readonly PipelineEvent[]): void {
    const messages: WireMessage[] = [];
    for (const event of events) {
      if (event.kind === 'wire.message') {
        this.#lastNumber++;
        messages.push({ ...event, number: this.#lastNumber });
      } else if ('conversationId' in event && event.conversationId !== undefined) {
        const known = this.#transcripts.get(event.conversationId) ?? emptyTranscript;
        this.#transcripts.set(event.conversationId, foldEvent(known, event));
        if (event.kind === 'turn.ended') this.#endedTurns++;
      }
    }
    if (messages.length > 0) this.#messages = [...this.#messages, ...messages].slice(-keptMessages);
    this.#tellInNextFrame();
  }

  #tellInNextFrame(): void {
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    inNextFrame(() => {
      this.#isFrameAsked = false;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Reads what a conversation has said before this page was opened. */
  async readHistory(lab: Lab, sessionId: string, conversationId: string, signal: AbortSignal): Promise<void> {
    const events = await allEvents(lab, { id: sessionId, kinds: transcriptKinds }, signal);
    const earlier = events
      .map(({ event }) => event)
      .filter((event) => 'conversationId' in event && event.conversationId === conversationId)
      .reduce(foldEvent, emptyTranscript);
    this.#transcripts.set(conversationId, joinTranscripts(earlier, this.transcript(conversationId)));
    this.#tellInNextFrame();
  }

  transcript(conversationId: string): Transcript {
    return this.#transcripts.get(conversationId) ?? emptyTranscript;
  }

  get messages(): readonly WireMessage[] {
    return this.#messages;
  }

  get endedTurns(): number {
    return this.#endedTurns;
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export function useLiveConversations(): LiveConversations {
  const lab = useLab();
  const live = useMemo(() => new LiveConversations(), []);
  useEffect(() => lab.subscribe('pipeline.events', {}, { onSnapshot: () => {}, onDelta: (events) => live.take(events) }), [lab, live]);
  return live;
}

export function useTranscript(live: LiveConversations, conversation: ConversationState): Transcript {
  const lab = useLab();
  const { conversationId, sessionId } = conversation;
  useEffect(() => {
    if (sessionId === null) return;
    const abort = new AbortController();
    live.readHistory(lab, sessionId, conversationId, abort.signal).catch(() => undefined); // without it, it begins with what comes
    return () => abort.abort();
  }, [lab, live, sessionId, conversationId]);
  return useSyncExternalStore(live.listen, () => live.transcript(conversationId));
}

export function useWireMessages(live: LiveConversations): readonly WireMessage[] {
  return useSyncExternalStore(live.listen, () => live.messages);
}

/** Counts turns that ended while this page looked: the signal to ask for their breakdown. */
export function useEndedTurns(live: LiveConversations): number {
  return useSyncExternalStore(live.listen, () => live.endedTurns);
}

export type { LiveConversations };
