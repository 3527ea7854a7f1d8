import type { ApiCaller } from '../cloud/action.ts';
import type { Parameters } from '../cloud/parameters.ts';
import type { BracketKind } from './answer-filter.ts';
import type { RoomName } from './room.ts';

/** StartAIConversation as this gateway reads it; what the agent and its engines are told stands in `parameters`. */
export interface TaskRequest {
  room: RoomName;
  sessionId: string;
  robot: { userId: string; userSig: string };
  targetUserId: string;
  maxIdleS: number;
  subtitleMode: 0 | 1;
  /** 1: recognised speech is told and not answered; the client asks with 20000. */
  turnDetectionMode: number;
  isOneWordFiltered: boolean;
  brackets: BracketKind | null;
  /** Whether the services it names may be asked; otherwise those of the bench stand in. */
  mayNameServices: boolean;
  parameters: Record<string, unknown>;
}

const DEFAULT_IDLE_S = 60;
const userId = { type: 'string', isRequired: true, min: 1, max: 32 } as const;

/** AgentConfig of trtc 2019-07-22; seed 002 and the official SDK's types. */
const agentConfig: Parameters = {
  UserId: userId,
  UserSig: { type: 'string', isRequired: true, max: 4096 },
  TargetUserId: userId,
  MaxIdleTime: { type: 'integer', min: 1, max: 86_400 },
  WelcomeMessage: { type: 'string', max: 500 },
  InterruptMode: { type: 'integer', oneOf: [0, 1] },
  InterruptSpeechDuration: { type: 'integer', min: 300, max: 5000 },
  TurnDetectionMode: { type: 'integer', oneOf: [0, 1, 2, 3] },
  FilterOneWord: { type: 'boolean' },
  WelcomeMessagePriority: { type: 'integer', oneOf: [0, 1] },
  FilterBracketsContent: { type: 'integer', min: 0, max: 5 },
  AmbientSound: { type: 'object' },
  VoicePrint: { type: 'object' },
  TurnDetection: { type: 'object', fields: { SemanticEagerness: { type: 'string', oneOf: ['low', 'medium', 'high', 'auto'] } } },
  SubtitleMode: { type: 'integer', oneOf: [0, 1] },
  InterruptWordList: { type: 'array', max: 50, item: { type: 'string', max: 40 } },
};

const sttConfig: Parameters = {
  Language: { type: 'string', max: 40 },
  AlternativeLanguage: { type: 'array', max: 3, item: { type: 'string', max: 40 } },
  CustomParam: { type: 'string' },
  VadSilenceTime: { type: 'integer', min: 240, max: 2000 },
  HotWordList: { type: 'string' },
  VadLevel: { type: 'integer', min: 0, max: 5 },
};

export const startParameters: Parameters = {
  SdkAppId: { type: 'integer', isRequired: true, min: 1, max: 4_294_967_295 },
  RoomId: { type: 'string', isRequired: true, max: 64 },
  AgentConfig: { type: 'object', isRequired: true, fields: agentConfig },
  SessionId: { type: 'string', max: 128 },
  RoomIdType: { type: 'integer', oneOf: [0, 1] },
  STTConfig: { type: 'object', fields: sttConfig },
  LLMConfig: { type: 'string' },
  TTSConfig: { type: 'string' },
  AvatarConfig: { type: 'string' },
  ExperimentalParams: { type: 'string' },
};

export const updateParameters: Parameters = {
  TaskId: { type: 'string', isRequired: true, max: 256 },
  WelcomeMessage: { type: 'string', max: 500 },
  InterruptMode: { type: 'integer', oneOf: [0, 1] },
  InterruptSpeechDuration: { type: 'integer', min: 300, max: 5000 },
  LLMConfig: { type: 'string' },
  TTSConfig: { type: 'string' },
};

export const controlParameters: Parameters = {
  TaskId: { type: 'string', isRequired: true, max: 256 },
  Command: { type: 'string', isRequired: true, oneOf: ['ServerPushText', 'InvokeLLM', 'TransparentData'] },
  ServerPushText: {
    type: 'object',
    fields: {
      Text: { type: 'string', max: 2000 },
      Interrupt: { type: 'boolean' },
      StopAfterPlay: { type: 'boolean' },
      Audio: { type: 'string' },
      DropMode: { type: 'integer', oneOf: [0, 1] },
      // 1 is by request at the real service.
      Priority: { type: 'integer', oneOf: [0] },
      AddHistory: { type: 'boolean' },
      MetaInfo: { type: 'string' },
    },
  },
  InvokeLLM: {
    type: 'object',
    fields: { Content: { type: 'string', max: 4096 }, Interrupt: { type: 'boolean' }, ExperimentalParams: { type: 'string' } },
  },
  TransparentData: { type: 'object', fields: { Data: { type: 'string', isRequired: true, max: 4096 } } },
};

/** Of parameters that fit `startParameters`. */
export function readTaskRequest(parameters: Record<string, unknown>, { mayNameServices }: Pick<ApiCaller, 'mayNameServices'>): TaskRequest {
  const agent = parameters.AgentConfig as {
    UserId: string;
    UserSig: string;
    TargetUserId: string;
    MaxIdleTime?: number;
    SubtitleMode?: 0 | 1;
    TurnDetectionMode?: number;
    FilterOneWord?: boolean;
    FilterBracketsContent?: number;
  };
  const brackets = agent.FilterBracketsContent ?? 0;
  return {
    room: {
      sdkAppId: parameters.SdkAppId as number,
      roomId: parameters.RoomId as string,
      roomIdType: parameters.RoomIdType === 1 ? 1 : 0,
    },
    sessionId: typeof parameters.SessionId === 'string' ? parameters.SessionId : '',
    robot: { userId: agent.UserId, userSig: agent.UserSig },
    targetUserId: agent.TargetUserId,
    maxIdleS: agent.MaxIdleTime ?? DEFAULT_IDLE_S,
    subtitleMode: agent.SubtitleMode ?? 0,
    turnDetectionMode: agent.TurnDetectionMode ?? 0,
    isOneWordFiltered: agent.FilterOneWord ?? true,
    brackets: brackets === 0 ? null : (brackets as BracketKind),
    mayNameServices,
    parameters,
  };
}
