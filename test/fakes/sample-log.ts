import type { LogRow } from '../../preload/contract/logs.ts';
import type { MonoUs } from '../../preload/contract/time.ts';

type Partial = Omit<LogRow, 'seq' | 'port' | 'atUs' | 'raw' | 'direction' | 'text'> & { text?: string; direction?: LogRow['direction'] };

function idf(letter: 'E' | 'W' | 'I' | 'D' | 'V', deviceMs: number, tag: string, message: string, extra: object = {}): Partial {
  const level = ({ E: 'error', W: 'warn', I: 'info', D: 'debug', V: 'verbose' } as const)[letter];
  return { grammar: 'esp-idf', level, deviceMs, tag, message, text: `${letter} (${deviceMs}) ${tag}: ${message}`, ...extra };
}

function sdk(deviceMs: number, file: string, fn: string, line: number, message: string, extra: object = {}): Partial {
  return {
    grammar: 'twetalk',
    level: 'info',
    deviceMs,
    file,
    function: fn,
    line,
    message,
    text: `INF|${deviceMs}|${file}|${fn}(${line}): ${message}`,
    ...extra,
  };
}

const boot: readonly Partial[] = [
  { grammar: 'esp-rom', message: 'ESP-ROM:esp32s3-20210327', event: 'boot', payload: { chip: 'esp32s3' } },
  {
    grammar: 'esp-rom',
    message: 'rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)',
    event: 'reset',
    payload: { reason: 'POWERON', code: 1 },
  },
  { grammar: 'esp-rom', message: 'SPIWP:0xee' },
  idf('I', 24, 'boot', 'ESP-IDF v5.4.1 2nd stage bootloader'),
  idf('I', 28, 'boot.esp32s3', 'SPI Flash Size : 16MB'),
  idf('I', 43, 'boot', 'Partition Table:'),
  idf('I', 312, 'cpu_start', 'Pro cpu start user code'),
  idf('W', 344, 'spi_flash', 'Detected size(16384k) larger than the size in the binary image header(8192k).'),
  idf('I', 690, 'wifi:', 'mode : sta (f4:12:fa:e1:0c:9c)'),
  idf('I', 2114, 'wifi', 'got ip: 192.168.4.23'),
  idf('D', 2140, 'AUDIO_PROCESSOR', 'ringbuf 8192, frame 60 ms'),
  sdk(2401, 'mqtt_client.c', 'mqtt_connect', 311, 'mqtt connect with id: 3Reh3 success', {
    event: 'mqtt.connected',
    payload: { connid: '3Reh3' },
  }),
  sdk(
    3888,
    'mqtt_client_publish.c',
    'qcloud_iot_mqtt_publish',
    340,
    'publish topic seq=2|topicName=$twecall/up/service/SAMPLE0001/bench-01|payload={"method":"query_websocket_url","clientToken":"ws-4","params":{}}',
    { event: 'mqtt.publish', payload: { method: 'query_websocket_url', clientToken: 'ws-4', params: {} } },
  ),
  sdk(4201, 'twetalk_ws.c', 'ws_connect', 97, 'ws url ws://127.0.0.1/ws:8787 connect : 0', { event: 'twetalk.connected' }),
];

const talking: readonly Partial[] = [
  idf('I', 7348, 'ESP_GMF_TASK', 'One times job is complete, del[wk:0x3c30df3c, ctx:0x3c30da68, label:aud_bit_cvt_open]'),
  idf('I', 9150, 'TWETALK', 'vad start', { event: 'device.vad-start' }),
  idf('I', 10870, 'TWETALK', 'vad end', { event: 'device.vad-end' }),
  sdk(11440, 'twetalk_call.c', 'tc_twetalk_call_event_type_print', 127, '[05] USR_TRANSCRIPTION - 用户语音转文字：今天深圳的天气怎么样', {
    event: 'twetalk.USR_TRANSCRIPTION',
    payload: { text: '今天深圳的天气怎么样' },
  }),
  sdk(11921, 'twetalk_call.c', 'tc_twetalk_call_event_type_print', 127, '🎤 [00] BOT_START_SPEAKING - 机器人开始说话', {
    event: 'twetalk.BOT_START_SPEAKING',
  }),
  sdk(11930, 'twetalk_call.c', 'tc_twetalk_call_event_type_print', 127, '[04] BOT_TRANSCRIPTION - 深圳今天多云转晴，气温二十二到二十八度', {
    event: 'twetalk.BOT_TRANSCRIPTION',
    payload: { text: '深圳今天多云转晴，气温二十二到二十八度' },
  }),
  idf('V', 12010, 'AUDIO_PROCESSOR', 'pull 240 bytes, level 0x1f'),
  idf('W', 12400, 'AUDIO_PROCESSOR', 'playback buffer low: 3 frames'),
  {
    grammar: 'plain',
    message: 'colour from the application without a prefix',
    text: 'colour from the application without a prefix',
  },
  idf('E', 12950, 'i2c.master', 'I2C transaction timeout detected'),
];

/** Rows of a board that boots and then talks, `count` of them over `durationUs`. */
export function sampleLog(port: string, count: number, durationUs: number): LogRow[] {
  const encoder = new TextEncoder();
  return Array.from({ length: count }, (_, seq) => {
    const row = boot[seq] ?? talking[(seq - boot.length) % talking.length];
    const { direction = 'received', ...facts } = row ?? { grammar: 'plain', message: '' };
    const text = facts.text ?? facts.message;
    const atUs = (seq < boot.length ? 300_000 + seq * 260_000 : 4_300_000 + ((seq - boot.length) * (durationUs - 5_000_000)) / count) | 0;
    return {
      ...facts,
      seq,
      port,
      atUs: atUs as MonoUs,
      direction,
      text,
      raw: encoder.encode(`${text}\r\n`),
      ...(facts.event === 'twetalk.BOT_START_SPEAKING' ? { colours: [[0, 3, 32] as [number, number, number]] } : {}),
    };
  });
}
