import type { PipelineEvent, StageName, TurnInitiator, TurnOutcome, TurnStateName } from '../../../preload/contract/events.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';

export interface ToolCall {
  callId: string;
  name: string;
  arguments: unknown;
  /** Null while the answer is outstanding. */
  isOk: boolean | null;
  result: unknown;
  elapsedUs: number | null;
}

export interface TranscriptTurn {
  turnId: number;
  initiator: TurnInitiator;
  userText: string;
  /** What the agent has said so far, sentence by sentence. */
  replyText: string;
  /** What the model has written so far, part of it not said yet. */
  generatedText: string;
  /** What the model thought; never said. */
  reasoning: string;
  heardText: string | null;
  outcome: TurnOutcome | null;
  /** The answer that was asked for ahead: used or thrown away, and why. */
  preempted: { isUsed: boolean; reason: string } | null;
  tools: readonly ToolCall[];
}

/** What went wrong, with all that a report of it should quote. */
export interface Failure {
  kind: 'error';
  stage: StageName;
  error: TalkErrorValue;
  productCode: number | null;
  requestId: string | null;
  isBlocking: boolean | null;
}

/** What is no turn, and stands after the turn it followed (0: before the first). */
export type Notice = { afterTurn: number; key: string; turnId: number | null } & NoticeContent;
type NoticeContent =
  | Failure
  | { kind: 'idle'; retry: number; text: string }
  | { kind: 'changed'; names: readonly string[] }
  | { kind: 'false-interruption'; resumed: boolean };

/** A live conversation as it is read: the turns so far, and what the user is saying now. */
export interface Transcript {
  state: TurnStateName;
  turns: readonly TranscriptTurn[];
  notices: readonly Notice[];
  /** Interim recognition of speech that is no turn yet; each replaces the one before. */
  partial: string | null;
  /** The user cut the last reply short, and no other has begun. */
  isInterrupted: boolean;
}

export const emptyTranscript: Transcript = { state: 'idle', turns: [], notices: [], partial: null, isInterrupted: false };

function changeTurn(transcript: Transcript, turnId: number, change: (turn: TranscriptTurn) => TranscriptTurn): Transcript {
  const known = transcript.turns.find((turn) => turn.turnId === turnId);
  const turn: TranscriptTurn = known ?? {
    turnId,
    initiator: 'user-speech',
    userText: '',
    replyText: '',
    generatedText: '',
    reasoning: '',
    heardText: null,
    outcome: null,
    preempted: null,
    tools: [],
  };
  const changed = change(turn);
  const turns = known === undefined ? [...transcript.turns, changed] : transcript.turns.map((each) => (each === known ? changed : each));
  return { ...transcript, turns };
}

/** Times of a recording are not those of the live stream: a notice is the same when it says the same after the same turn. */
function withNotice(transcript: Transcript, turnId: number | undefined, content: NoticeContent): Transcript {
  const afterTurn = turnId ?? transcript.turns.at(-1)?.turnId ?? 0;
  const key = `${afterTurn} ${JSON.stringify(content)}`;
  if (transcript.notices.some((each) => each.key === key)) return transcript;
  const notice: Notice = { ...content, afterTurn, key, turnId: turnId ?? null };
  return { ...transcript, notices: [...transcript.notices, notice] };
}

/** Sentences of a language that writes spaces have one between them. */
function joined(text: string, sentence: string): string {
  return /[.!?,;:]$/.test(text) ? `${text} ${sentence}` : text + sentence;
}

/** Folding the same event of a finished turn twice changes nothing, so a history may be read again under live events. */
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
      return { ...changeTurn(transcript, event.turnId, (turn) => ({ ...turn, initiator: event.initiator })), isInterrupted: false };
    case 'turn.preempted':
      return changeTurn(transcript, event.turnId, (turn) => ({ ...turn, preempted: { isUsed: event.isUsed, reason: event.reason } }));
    case 'llm.text':
      return changeTurn(transcript, event.turnId, (turn) =>
        turn.outcome === null ? { ...turn, generatedText: turn.generatedText + event.text } : turn,
      );
    case 'llm.reasoning':
      return changeTurn(transcript, event.turnId, (turn) =>
        turn.outcome === null ? { ...turn, reasoning: turn.reasoning + event.text } : turn,
      );
    case 'downlink.sentence-started':
      return changeTurn(transcript, event.turnId, (turn) => ({
        ...turn,
        replyText: turn.outcome !== null || turn.replyText.endsWith(event.text) ? turn.replyText : joined(turn.replyText, event.text),
      }));
    case 'tool.call':
      return changeTurn(transcript, event.turnId, (turn) =>
        turn.tools.some((tool) => tool.callId === event.callId) ? turn : { ...turn, tools: [...turn.tools, outstanding(event)] },
      );
    case 'tool.result':
      return changeTurn(transcript, event.turnId, (turn) => ({
        ...turn,
        tools: turn.tools.map((tool) =>
          tool.callId === event.callId ? { ...tool, isOk: event.isOk, result: event.result, elapsedUs: event.elapsedUs } : tool,
        ),
      }));
    case 'turn.ended':
      return {
        ...changeTurn(transcript, event.turnId, (turn) => ({
          ...turn,
          userText: event.userText,
          replyText: event.replyText,
          heardText: event.heardText,
          outcome: event.outcome,
        })),
        isInterrupted: event.outcome === 'interrupted',
      };
    case 'conversation.idle':
      return withNotice(transcript, undefined, { kind: 'idle', retry: event.retry, text: event.text });
    case 'conversation.changed':
      return withNotice(transcript, undefined, { kind: 'changed', names: Object.keys(event.changes) });
    case 'interruption.false':
      return withNotice(transcript, event.turnId, { kind: 'false-interruption', resumed: event.resumed });
    case 'engine.error':
      return withNotice(transcript, event.turnId, {
        kind: 'error',
        stage: event.stage,
        error: event.error,
        productCode: event.productCode ?? null,
        requestId: event.requestId ?? null,
        isBlocking: event.isBlocking ?? null,
      });
    default:
      return transcript;
  }
}

function outstanding(event: Extract<PipelineEvent, { kind: 'tool.call' }>): ToolCall {
  return { callId: event.callId, name: event.name, arguments: event.arguments, isOk: null, result: null, elapsedUs: null };
}

/** What happens in `later`, and before it what only `earlier` has: of a turn in both, the one that knows more. */
export function joinTranscripts(earlier: Transcript, later: Transcript): Transcript {
  const ids = [...new Set([...earlier.turns, ...later.turns].map((turn) => turn.turnId))].sort((a, b) => a - b);
  const knowsMore = (a: TranscriptTurn | undefined, b: TranscriptTurn | undefined): TranscriptTurn[] => {
    if (a === undefined || b === undefined) return [a ?? b].filter((turn) => turn !== undefined);
    const hasEnded = b.outcome !== null && a.outcome === null;
    return [hasEnded && b.userText + b.replyText !== '' ? { ...b, reasoning: a.reasoning || b.reasoning } : a.outcome === null ? b : a];
  };
  const notices = [...earlier.notices, ...later.notices.filter((notice) => earlier.notices.every((each) => each.key !== notice.key))];
  const newest = later.turns.length > 0 || later.state !== 'idle' ? later : earlier;
  return {
    state: newest.state,
    partial: newest.partial,
    isInterrupted: newest.isInterrupted,
    notices,
    turns: ids.flatMap((id) =>
      knowsMore(
        earlier.turns.find((turn) => turn.turnId === id),
        later.turns.find((turn) => turn.turnId === id),
      ),
    ),
  };
}
