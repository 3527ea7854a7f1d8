import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogParser, parseFile } from '../../main/core/logs/parser.ts';
import { systemClock } from '../../pipeline/clock.ts';

/** What eight boards at full chatter print, lines a second. */
const NEEDED_LINES_PER_SECOND = 8 * 1500;
const AIM_LINES_PER_SECOND = 500_000;
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

const sampleLines = sample.split('\n').length - 1;
const REPEATS = 5_000;
/** Many, for a machine that others share: the best tells what the code does, the median what it got. */
const RUNS = 15;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Lines that came in serial-sized chunks, a second; `cpu` counts only the time this process had of a processor. */
function liveSpeed(bytes: Uint8Array): { wall: number; cpu: number } {
  const parser = createLogParser({ port: 'bench' });
  const cpuBefore = process.cpuUsage();
  const startedUs = systemClock.nowUs();
  let rows = 0;
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    rows += parser.push(bytes.subarray(offset, offset + CHUNK_BYTES), systemClock.nowUs(), offset).length;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall: (rows * 1e6) / (systemClock.nowUs() - startedUs), cpu: (rows * 1e6) / (user + system) };
}

/** The two kinds of lines of the sample that have a clock lnav can read. */
const lnavFormat = {
  $schema: 'https://lnav.org/schemas/format-v1.schema.json',
  boards: {
    title: 'boards',
    description: 'ESP-IDF and the TWeTalk SDK',
    'timestamp-format': ['%i'],
    'level-field': 'level',
    level: { error: '^(E|ERR)$', warning: '^(W|WRN)$', info: '^(I|INF)$', debug: '^(D|V|DBG|DIS)$' },
    regex: {
      idf: { pattern: '^(?:\\x1b\\[[\\d;]*m)?(?<level>[EWIDV]) \\((?<timestamp>\\d+)\\) (?<tag>[^:]{1,64}): ?(?<body>.*)$' },
      sdk: {
        pattern:
          '^(?:\\x1b\\[[\\d;]*m)*(?<level>DIS|ERR|WRN|INF|DBG)\\|(?<timestamp>\\d+)\\|(?<file>[^|]*)\\|(?<function>[^(]*)\\((?<line>\\d+)\\): ?(?<body>.*)$',
      },
    },
    value: { tag: { kind: 'string' }, file: { kind: 'string' }, function: { kind: 'string' }, line: { kind: 'integer' } },
    sample: [{ line: 'I (123) wifi: hello' }],
  },
};

/** Seconds that lnav takes to open the file and read these fields of every line it knows; null where lnav is not installed. */
function lnavSeconds(folder: string, file: string, query: string): number | null {
  const startedUs = systemClock.nowUs();
  const done = spawnSync('lnav', ['-n', '-q', '-I', folder, '-c', `;${query}`, '-c', ':write-csv-to -', file], {
    env: { ...process.env, HOME: folder, TERM: 'dumb' },
  });
  return done.status === 0 ? (systemClock.nowUs() - startedUs) / 1e6 : null;
}

function fileSeconds(bytes: Uint8Array): number {
  const startedUs = systemClock.nowUs();
  let rows = 0;
  for (const row of parseFile(bytes)) rows += row.seq >= 0 ? 1 : 0;
  if (rows !== sampleLines * REPEATS) throw new Error(`${rows} rows`);
  return (systemClock.nowUs() - startedUs) / 1e6;
}

function compareWithLnav(bytes: Uint8Array): void {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-bench-'));
  try {
    mkdirSync(join(folder, 'formats', 'bench'), { recursive: true });
    writeFileSync(join(folder, 'formats', 'bench', 'bench.json'), JSON.stringify(lnavFormat));
    const file = join(folder, 'boards.log');
    writeFileSync(file, bytes);
    const ours = median(Array.from({ length: 3 }, () => fileSeconds(bytes)));
    const queries = {
      'to index it': 'SELECT 1',
      'to read level, tag, file, line and text of the lines it knows (10 of 18)':
        'SELECT sum(length(log_level)), sum(length(tag)), sum(length(file)), sum(line), sum(length(log_body)) FROM boards',
    };
    console.log(`a file of ${sampleLines * REPEATS} lines: ${ours.toFixed(2)} s to parse all of it, JSON and events too`);
    for (const [what, query] of Object.entries(queries)) {
      const seconds = Array.from({ length: 3 }, () => lnavSeconds(folder, file, query)).filter((value) => value !== null);
      console.log(seconds.length === 0 ? '  lnav is not installed' : `  lnav takes ${median(seconds).toFixed(2)} s ${what}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Speed of the log parser on a mixed log: in serial-sized chunks against what eight boards need, and as a file against lnav. */
export function run(): void {
  const bytes = Buffer.from(sample.repeat(REPEATS));
  const runs = Array.from({ length: RUNS }, () => liveSpeed(bytes));
  const wall = median(runs.map((speed) => speed.wall));
  const cpu = median(runs.map((speed) => speed.cpu));
  const best = Math.max(...runs.map((speed) => speed.wall));
  console.log(
    `log parser: ${Math.round(wall)} lines/s, ${(wall / NEEDED_LINES_PER_SECOND).toFixed(1)} times what 8 boards at 1500 lines/s need; ${Math.round(cpu)} a second of processor time; the best run ${Math.round(best)}, ${(best / AIM_LINES_PER_SECOND).toFixed(2)} × the aim`,
  );
  compareWithLnav(bytes);
}
