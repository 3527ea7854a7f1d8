/**
 * The serial output of a board that runs the TWeTalk C SDK on ESP-IDF (reference/twetalk.md §10). Two loggers share the
 * line: the SDK's, whose colour reset follows the line break and so stands at the start of the next line, and ESP-IDF's,
 * whose clock runs a little ahead. Text goes out as it stands on the wire, CR LF and colours included.
 */
export interface SdkLog {
  sdk(level: SdkLevel, place: SdkPlace, message: string): void;
  idf(level: 'E' | 'W' | 'I', tag: string, message: string): void;
  /** A line without any prefix. */
  plain(line: string): void;
}

export type SdkLevel = 'ERR' | 'WRN' | 'INF' | 'DBG';
/** File, function and line the message claims to come from: `mqtt_client.c|IOT_MQTT_Construct(325)`. */
export type SdkPlace = `${string}|${string}(${number})`;

const colours: Record<SdkLevel, number> = { ERR: 31, WRN: 33, INF: 32, DBG: 0 };
const idfColours = { E: 31, W: 33, I: 32 } as const;
/** Seen 0.1 to 1 s apart in published logs. */
const IDF_AHEAD_MS = 340;

/** `ticksMs` is the time since boot as the SDK counts it. */
export function createSdkLog(options: { ticksMs: () => number; print: (text: string) => void }): SdkLog {
  const { ticksMs, print } = options;
  return {
    sdk: (level, place, message) => print(`\u001b[${colours[level]}m${level}|${ticksMs()}|${place}: ${message}\r\n\u001b[0m`),
    idf: (level, tag, message) =>
      print(`\u001b[0;${idfColours[level]}m${level} (${ticksMs() + IDF_AHEAD_MS}) ${tag}: ${message}\u001b[0m\r\n`),
    plain: (line) => print(`${line}\r\n`),
  };
}

/** Events of SDK 1.1.8 with the number, emoji and names its log gives them. */
export const sdkEvents = {
  'bot-started-speaking': '🎤 [00] BOT_START_SPEAKING - 机器人开始说话',
  'bot-stopped-speaking': '🔇 [01] BOT_STOP_SPEAKING - 机器人停止说话',
  'user-started-speaking': '[02] USR_START_SPEAKING - 用户开始说话',
  'user-stopped-speaking': '[03] USR_STOP_SPEAKING - 用户停止说话',
  'bot-transcription': '🤖 [04] BOT_TRANSCRIPTION - 机器人字幕',
  'user-transcription': '👤 [05] USR_TRANSCRIPTION - 用户字幕',
  metrics: '[06] METRICS_REPORT - 指标上报',
  'idle-detection': '[07] IDLE_DETECTION - 空闲检测',
  'user-answer': '✓ [10] RECV_USR_ANSWER - 小程序接听',
  'user-reject': '[11] RECV_USR_REJECT - 小程序拒接',
  'user-hangup': '[12] RECV_USR_HANGUP - 小程序挂断',
  'user-error': '[13] RECV_USR_ERROR - 呼叫错误',
  'start-call': '[20] RECV_START_CALL - 开始呼叫',
  'call-timeout': '[22] RECV_CALL_TIMEOUT - 呼叫超时',
  'call-busy': '[23] RECV_CALL_BUSY - 呼叫忙',
  calling: '[30] RECV_USR_CALLING - 收到呼叫',
  cancel: '[31] RECV_USR_CANCEL - 取消呼叫',
  disconnect: '[35] RECV_DISCONNECT - 连接断开',
  error: '[36] RECV_ERROR - 错误',
  'request-image': '[60] REQUEST_IMAGE - 请求图片',
  'play-music': '[61] PLAY_MUSIC - 播放音乐',
  'ptt-force-stop': '[70] PTT_FORCE_STOP - 强制停止',
} as const;

/** An event is two lines: its name, then what the application makes of it. */
export function logEvent(log: SdkLog, event: keyof typeof sdkEvents, text: string): void {
  log.sdk('INF', 'twetalk_call.c|tc_twetalk_call_event_type_print(127)', sdkEvents[event]);
  log.sdk('INF', 'twetalk_app.c|_twetalk_recv_event_cb(298)', text);
}
