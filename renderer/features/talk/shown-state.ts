import type { Transcript } from './transcript.ts';

/** What a glance must tell of a conversation. */
export type ShownState = 'idle' | 'listening' | 'hearing' | 'thinking' | 'speaking' | 'interrupted' | 'paused' | 'closed';

/** By what the conversation last said of itself; the list of conversations knows it where no event was seen yet. */
export function shownState(transcript: Transcript, listed: string): ShownState {
  if (listed === 'closed') return 'closed';
  const state = transcript.state === 'idle' ? listed : transcript.state;
  switch (state) {
    case 'user-speaking':
    case 'committing':
      return 'hearing';
    case 'thinking':
    case 'speaking':
    case 'paused':
      return state;
    default:
      return transcript.isInterrupted ? 'interrupted' : state === 'listening' ? 'listening' : 'idle';
  }
}
