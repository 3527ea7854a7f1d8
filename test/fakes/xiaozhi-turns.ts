import { systemClock } from '../../pipeline/clock.ts';
import type { StartConversation } from '../../pipeline/conversation.ts';
import { createStartConversation } from '../../pipeline/turn/start.ts';
import { FakeLlm, type FakeReply, FakeStt, FakeTts, type FakeUtterance, FakeVad } from './engines.ts';
import { RecordingObserver } from './observer.ts';

/** The real turn-taking on fake engines, in real time. */
export function createTurnConversations(options: {
  utterances: readonly FakeUtterance[];
  replies: readonly FakeReply[];
}): StartConversation {
  const clock = systemClock;
  const engines = {
    vad: new FakeVad(),
    stt: new FakeStt(clock, options.utterances),
    llm: new FakeLlm(clock, options.replies),
    tts: new FakeTts(clock),
  };
  return createStartConversation({ clock, observer: new RecordingObserver(), engines: () => engines });
}
