import type { PipelineEvent, TurnInitiator, TurnOutcome, TurnStateName } from '../../../preload/contract/events.ts';

export interface TranscriptTurn {
  turnId: number;
  initiator: TurnInitiator;
  userText: string;
  /** What the agent has said so far, sentence by sentence. */
  replyText: string;
  heardText: string | null;
  outcome: TurnOutcome | null;
  tools: readonly { callId: string; name: string; arguments: unknown; isOk: boolean | null; result: unknown }[];
}

/** A live conversation as it is read: the turns so far, and what the user is saying now. */
export interface Transcript {
  state: TurnStateName;
  turns: readonly TranscriptTurn[];
  /** Interim recognition of speech that is no turn yet; each replaces the one before. */
  partial: string | null;
}

export const emptyTranscript: Transcript = { state: 'idle', turns: [], partial: null };

function changeTurn(transcript: Transcript, turnId: number, change: (turn: TranscriptTurn) => TranscriptTurn): Transcript {
  const known = transcript.turns.find((turn) => turn.turnId === turnId);
  const turn: TranscriptTurn = known ?? {
    turnId,
    initiator: 'user-speech',
    userText: '',
    replyText: '',
    heardText: null,
    outcome: null,
    tools: [],
  };
  const changed = change(turn);
  const turns = known === undefined ? [...transcript.turns, changed] : transcript.turns.map((each) => (each === known ? changed : each));
  return { ...transcript, turns };
}

/** Sentences of a language that writes spaces have one between them. */
function joined(text: string, sentence: string): string {
  return /[.!?,;:]$/.test(text) ? `${text} ${sentence}` : text + sentence;
}

/** Folding the same event twice changes nothing, so a history may be read again under live events. */
export function foldEvent(transcript: Transcript, event: PipelineEvent): Transcript {
  switch (event.kind) {
    case 'turn.state':
      return { ...transcript, state: event.state };
    case 'stt.partial':
      return { ...transcript, partial: event.text };
    case 'stt.final':
      return { ...transcript, partial: event.text === '' ? null : event.text };
    case 'turn.committed':
      return { ...changeTurn(transcript, event.turnId, (turn) => ({ ...turn, userText: event.text })), partial: null };
    case 'turn.started':
      return changeTurn(transcript, event.turnId, (turn) => ({ ...turn, initiator: event.initiator }));
    case 'downlink.sentence-started':
      return changeTurn(transcript, event.turnId, (turn) => ({
        ...turn,
        replyText: turn.outcome !== null || turn.replyText.endsWith(event.text) ? turn.replyText : joined(turn.replyText, event.text),
      }));
    case 'tool.call':
      return changeTurn(transcript, event.turnId, (turn) =>
        turn.tools.some((tool) => tool.callId === event.callId)
          ? turn
          : {
              ...turn,
              tools: [...turn.tools, { callId: event.callId, name: event.name, arguments: event.arguments, isOk: null, result: null }],
            },
      );
    case 'tool.result':
      return changeTurn(transcript, event.turnId, (turn) => ({
        ...turn,
        tools: turn.tools.map((tool) => (tool.callId === event.callId ? { ...tool, isOk: event.isOk, result: event.result } : tool)),
      }));
    case 'turn.ended':
      return changeTurn(transcript, event.turnId, (turn) => ({
        ...turn,
        userText: event.userText,
        replyText: event.replyText,
        heardText: event.heardText,
        outcome: event.outcome,
      }));
    default:
      return transcript;
  }
}
