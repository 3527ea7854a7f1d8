/** Numbers of Tuya's AI channel (reference/tuya.md §2). */
export const packetTypes = {
  clientHello: 1,
  authReq: 2,
  authResp: 3,
  ping: 4,
  pong: 5,
  connectionClose: 6,
  sessionNew: 7,
  sessionClose: 8,
  refreshReq: 9,
  refreshResp: 10,
  sessionStateChange: 11,
  delayDisconnect: 12,
  video: 30,
  audio: 31,
  image: 32,
  file: 33,
  text: 34,
  event: 35,
  /** Debug port only. */
  deviceLog: 60,
} as const;

const typeNames = new Map<number, string>([
  [1, 'ClientHello'],
  [2, 'AuthReq'],
  [3, 'AuthResp'],
  [4, 'Ping'],
  [5, 'Pong'],
  [6, 'ConnectionClose'],
  [7, 'SessionNew'],
  [8, 'SessionClose'],
  [9, 'ConnectionRefreshReq'],
  [10, 'ConnectionRefreshResp'],
  [11, 'SessionStateChange'],
  [12, 'DelayDisconnect'],
  [30, 'Video'],
  [31, 'Audio'],
  [32, 'Image'],
  [33, 'File'],
  [34, 'Text'],
  [35, 'Event'],
  [60, 'DeviceLog'],
]);

export function packetTypeName(type: number): string {
  return typeNames.get(type) ?? `packet ${type}`;
}

export const streamFlags = { one: 0, start: 1, ing: 2, end: 3 } as const;
export type StreamFlag = (typeof streamFlags)[keyof typeof streamFlags];
export const streamFlagNames = ['ONE', 'START', 'ING', 'END'] as const;

export const eventTypes = {
  start: 0,
  payloadsEnd: 1,
  end: 2,
  oneShot: 3,
  chatBreak: 4,
  serverVad: 5,
  /** Of the newest TuyaOpen; the debug port's document calls 6 AgentTokenExpired. */
  clearDataCache: 6,
  mcp: 1000,
  serverTimeover: 1001,
  updateContext: 1002,
  /** On the debug port: which packets to mirror. Between the parts of a device: ChatExit. */
  monitorFilter: 0xf000,
  monitorAlgorithm: 0xf001,
} as const;

const eventNames = new Map<number, string>([
  [0, 'EventStart'],
  [1, 'EventPayloadsEnd'],
  [2, 'EventEnd'],
  [3, 'OneShot'],
  [4, 'ChatBreak'],
  [5, 'ServerVAD'],
  [6, 'ClearDataCache'],
  [1000, 'MCP'],
  [1001, 'ServerTimeover'],
  [1002, 'UpdateContext'],
  [0xf000, 'MonitorFilter'],
  [0xf001, 'MonitorAlgorithm'],
]);

export function eventTypeName(type: number): string {
  return eventNames.get(type) ?? `event ${type}`;
}

export function isKnownEvent(type: number): boolean {
  return eventNames.has(type);
}

/** Of AuthResp, ConnectionClose and SessionClose. */
export const statuses = {
  ok: 200,
  badRequest: 400,
  unauthenticated: 401,
  notFound: 404,
  timeout: 408,
  failed: 500,
  closedByClient: 601,
  closedByReuse: 602,
  closedByIo: 603,
  closedByKeepAlive: 604,
  closedByExpiry: 605,
} as const;
export type Status = (typeof statuses)[keyof typeof statuses];

/** Of SessionStateChange. */
export const AGENT_TOKEN_EXPIRED = 1001;

export const clientTypes = { device: 1, app: 2 } as const;

export const audioCodecs = { pcm: 101, speex: 108, mp3: 109, opus: 111 } as const;
const audioCodecNames = new Map<number, string>([
  [100, 'ADPCM'],
  [101, 'PCM'],
  [102, 'AAC'],
  [103, 'AAC ADTS'],
  [104, 'AAC LATM'],
  [105, 'G.711 µ-law'],
  [106, 'G.711 A-law'],
  [107, 'G.726'],
  [108, 'Speex'],
  [109, 'MP3'],
  [110, 'G.722'],
  [111, 'Opus'],
]);

export function audioCodecName(codec: number): string {
  return audioCodecNames.get(codec) ?? `codec ${codec}`;
}

/** Media types of image formats; H.264 and H.265 key frames are none that a language model reads. */
export const imageMediaTypes = new Map([
  [1, 'image/jpeg'],
  [2, 'image/png'],
]);
export const payloadForms = { raw: 0, base64: 1, url: 2 } as const;
