import type {
  HeardMessage,
  HeardMessageKind,
  SpokenMessage,
  SpokenMessageKind,
  TwetalkSettings,
} from '../../../../preload/contract/cloud/twetalk.ts';

/**
 * Tencent's own messages beside RTVI. Their fields are documented by name, their JSON is not (reference/twetalk.md §6 and §11): every shape
 * here is a guess, kept in this one table, and a setting may put another in its place. What goes out is a template: a value `$name` is what
 * the gateway has under that name; a member without one is left out.
 */
export const spokenMessages: Record<SpokenMessageKind, SpokenMessage> = {
  idle: { type: 'server-message', data: { type: 'idle-detection', retry_count: '$retry' } },
  emotion: { type: 'server-message', data: { type: 'emotion', emotion: '$emotion' } },
  music: {
    type: 'server-message',
    data: { type: 'play-music', song_name: '$query', artist_name: '', music_genre: '', music_language: '', id: '$id' },
  },
  'hang-up': { type: 'server-message', data: { type: 'hang-up' } },
  'request-image': { type: 'server-message', data: { type: 'request-image', transcription: '$transcription' } },
  'ptt-force-stop': {
    type: 'server-message',
    data: { type: 'ptt-force-stop', reason: '$reason', max_duration_secs: '$max_duration_secs' },
  },
  call: {
    type: 'server-message',
    data: {
      type: 'twecall',
      stream: '$stream',
      sub_type: '$event',
      called: '$called',
      openid: '$openid',
      room_id: '$room_id',
      device_id: '$device_id',
      code: '$code',
    },
  },
};

/** A name is looked for in `type`, and one level down in `t`, `type`, `subType`, `action`, `event`, `method`; fields in the same places. */
export const heardMessages: Record<HeardMessageKind, HeardMessage> = {
  'idle-detect': {
    names: ['enable-idle-detect', 'idle-detect', 'idle-detection', 'set-idle-detect', 'enable-idle-detection'],
    fields: { enable: ['enable', 'enabled', 'on', 'is_enable', 'value', 'd'] },
  },
  'push-to-talk': {
    names: ['ptt', 'ptt-control', 'push-to-talk', 'user-turn', 'ptt-action'],
    fields: { action: ['action', 'ptt_action', 'control', 'state', 'value', 'd'] },
  },
  image: {
    names: ['image', 'send-image', 'user-image', 'image-message', 'append-image'],
    fields: {
      data: ['image', 'data', 'bytes', 'base64', 'image_data', 'image_base64', 'content', 'url', 'd'],
      text: ['text', 'question', 'prompt', 'transcription'],
    },
  },
  interrupt: { names: ['interrupt', 'user-interrupt', 'bot-interrupt', 'interruption'], fields: {} },
  'call-basic': {
    names: ['twecall-basic', 'call-basic', 'basic', 'tw-call-basic', 'device-basic'],
    fields: {
      app_id: ['wxa_appid', 'wxaAppId', 'app_id', 'appid'],
      model_id: ['wxa_modelid', 'wxaModelId', 'model_id', 'modelid'],
      device_id: ['device_id', 'deviceid', 'sn'],
    },
  },
  'call-contacts': {
    names: ['call-sync-openids', 'sync-openids', 'openids', 'twecall-openids', 'call-openids', 'contacts'],
    fields: { contacts: ['openids', 'openid_list', 'contacts', 'list', 'd', 'data'] },
  },
  'call-answer': {
    names: ['device-answer', 'call-answer', 'twecall-device-answer', 'answer', 'device-answered'],
    fields: { room_id: ['room_id', 'roomid', 'room'] },
  },
  'call-reject': {
    names: ['device-reject', 'call-reject', 'twecall-device-reject', 'reject', 'device-rejected'],
    fields: { room_id: ['room_id', 'roomid', 'room'] },
  },
  'call-hang-up': {
    names: [
      'device-hangup',
      'call-hangup',
      'twecall-device-hangup',
      'device-hangup-for-incoming',
      'device-hangup-for-outgoing',
      'hangup',
      'device-hang-up',
    ],
    fields: { room_id: ['room_id', 'roomid', 'room'] },
  },
};

export interface MessageTable {
  spoken: Record<SpokenMessageKind, SpokenMessage>;
  heard: Record<HeardMessageKind, HeardMessage>;
}

/** The table with what the settings put in place of guesses. */
export function messageTable(overrides: TwetalkSettings['messages']): MessageTable {
  return { spoken: { ...spokenMessages, ...overrides.spoken }, heard: { ...heardMessages, ...overrides.heard } };
}
