import { createLogParser } from '../../main/core/logs/parser.ts';
import { systemClock } from '../../pipeline/clock.ts';

/** What eight boards at full chatter print, lines a second. */
const NEEDED_LINES_PER_SECOND = 8 * 1500;
const CHUNK_BYTES = 512;

const sample = [
  '\x1b[0;32mI (22594) ESP_GMF_TASK: One times job is complete, del[wk:0x3c3fc7ac, ctx:0x3c3fc198, label:aud_dec_open]\x1b[0m\r\n',
  'INF|26204|twetalk_app.c|_twetalk_recv_event_cb(308): bot: 它游啊游，遇到了许多有趣的朋友。\\n\r\n',
  'DBG|5803|mqtt_client_publish.c|qcloud_iot_mqtt_publish(264): publish qos=0|packet_id=0|topic_name=$thing/up/property/P/D|payload={"method":"report","params":{"volume":80},"clientToken":"c-5"}\r\n',
  'load:0x3fce3818,len:0x109c\r\n',
  'a line of an application that no grammar knows\r\n',
].join('');

function linesPerSecond(bytes: Uint8Array): number {
  const parser = createLogParser({ port: 'bench' });
  const startedUs = systemClock.nowUs();
  let rows = 0;
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    rows += parser.push(bytes.subarray(offset, offset + CHUNK_BYTES), systemClock.nowUs(), offset).length;
  }
  return (rows * 1e6) / (systemClock.nowUs() - startedUs);
}

/** Speed of the log parser on a mixed log that comes in serial-sized chunks, against what eight boards need. */
export function run(): void {
  const bytes = Buffer.from(sample.repeat(4_000));
  const runs = Array.from({ length: 7 }, () => linesPerSecond(bytes)).sort((a, b) => a - b);
  const median = runs[3] ?? 0;
  console.log(
    `log parser: ${Math.round(median)} lines/s, ${(median / NEEDED_LINES_PER_SECOND).toFixed(1)} times what 8 boards at 1500 lines/s need`,
  );
}
