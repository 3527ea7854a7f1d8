import { createLogParser } from '../../main/core/logs/parser.ts';
import { systemClock } from '../../pipeline/clock.ts';

/** What eight boards at full chatter print, lines a second. */
const NEEDED_LINES_PER_SECOND = 8 * 1500;
const CHUNK_BYTES = 512;

/** What boards of every family print, no two lines alike; JSON, Chinese and colours as often as in real logs. */
const sample = [
  '\x1b[0;32mI (22594) ESP_GMF_TASK: One times job is complete, del[wk:0x3c3fc7ac, ctx:0x3c3fc198, label:aud_dec_open]\x1b[0m\r\n',
  '\x1b[0;33mW (22608) ESP_GMF_ASMP_DEC: Not enough memory for out, need:4096, old: 1024, new: 4096\x1b[0m\r\n',
  '\x1b[0;32mI (7345) wifi:connected with bench-ap, aid = 1, channel 6, BW20, bssid = 00:11:22:33:44:55\x1b[0m\r\n',
  'INF|26204|twetalk_app.c|_twetalk_recv_event_cb(308): bot: 它游啊游，遇到了许多有趣的朋友。\\n\r\n',
  '\x1b[32mINF|26204|twetalk_call.c|tc_twetalk_call_event_type_print(127): 🎤 [00] BOT_START_SPEAKING - 机器人开始说话\r\n\x1b[0m',
  'DBG|5803|mqtt_client_publish.c|qcloud_iot_mqtt_publish(264): publish qos=0|packet_id=0|topic_name=$thing/up/property/P/D|payload={"method":"report","params":{"volume":80},"clientToken":"c-5"}\r\n',
  'DBG|5901|data_template_property.c|data_template_property_message_handler(211): receive property message:{"method":"report_reply","clientToken":"c-5","code":0,"status":"success"}\r\n',
  'INF|4637|twetalk_app.c|_mqtt_event_handler(212): subscribe success, packet-id=59485\r\n',
  'rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n',
  'load:0x3fce3818,len:0x109c\r\n',
  'a line of an application that no grammar knows\r\n',
  '{"temperature": 21.5, "humidity": 40, "uptime": 12345}\r\n',
  '[01-01 00:00:03 ty D][tal_kv.c:269] key:timezone fp:0x3c3d2f50 is ok\r\n',
  '[01-01 00:00:05 ty I][mqtt_service.c:443] mqtt connected, client id tuyalink_abc\r\n',
  '[2026-03-02 15:58:31.141][000000012.361] I/user.mqtt conack true\t/sub/topic\t12\r\n',
  '[2026-03-02 15:58:31.150][000000012.370] D/mobile cid1, state0\r\n',
  'D (311) hello_world: debug1\r\n',
  '+CSQ: 27,0\r\n',
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
  const bytes = Buffer.from(sample.repeat(1_000));
  const runs = Array.from({ length: 7 }, () => linesPerSecond(bytes)).sort((a, b) => a - b);
  const median = runs[3] ?? 0;
  console.log(
    `log parser: ${Math.round(median)} lines/s, ${(median / NEEDED_LINES_PER_SECOND).toFixed(1)} times what 8 boards at 1500 lines/s need`,
  );
}
