import type {
  CheckGroup,
  CheckInfo,
  CheckLimit,
  CheckQuestion,
  CheckReason,
  CheckState,
  CheckUnit,
  CheckValue,
  checkRunState,
} from '../checks.ts';
import { wordOf } from './values.ts';
import type { InBoth } from './words.ts';

type Language = keyof InBoth;
type RunState = (typeof checkRunState.options)[number];

/** What all checks have in common, in words: for reports, the command line and screens. */
export const groupWords: Readonly<Record<CheckGroup, InBoth>> = {
  power: { en: 'Power and boot', zh: '上电与启动' },
  identity: { en: 'Identity', zh: '身份信息' },
  network: { en: 'Network', zh: '网络' },
  uplink: { en: 'Uplink audio', zh: '上行音频' },
  downlink: { en: 'Downlink audio', zh: '下行音频' },
  echo: { en: 'Echo cancellation', zh: '回声消除' },
  memory: { en: 'Memory', zh: '内存' },
  conversation: { en: 'Conversation', zh: '对话' },
  link: { en: 'Weak network', zh: '弱网' },
};

export const stateWords: Readonly<Record<CheckState, InBoth>> = {
  waiting: { en: 'not run', zh: '未执行' },
  running: { en: 'running', zh: '执行中' },
  asking: { en: 'asking', zh: '等待人工' },
  passed: { en: 'passed', zh: '通过' },
  failed: { en: 'failed', zh: '不通过' },
  skipped: { en: 'skipped', zh: '跳过' },
  person: { en: 'needs a person', zh: '待人工确认' },
  error: { en: 'could not be carried out', zh: '未能执行' },
};

export const runStateWords: Readonly<Record<RunState, InBoth>> = {
  running: { en: 'RUNNING', zh: '进行中' },
  passed: { en: 'PASSED', zh: '合格' },
  failed: { en: 'FAILED', zh: '不合格' },
  incomplete: { en: 'INCOMPLETE', zh: '未完成' },
  cancelled: { en: 'CANCELLED', zh: '已取消' },
};

export const reasonWords: Readonly<Record<CheckReason, InBoth>> = {
  'no-port': { en: 'the run had no serial port', zh: '本次检查没有串口' },
  'no-device': { en: 'the board was not found as a device of this bench', zh: '没有发现该板作为设备连接到本工作台' },
  'no-conversation': { en: 'no conversation came about', zh: '没有建立对话' },
  'not-cat1': { en: 'for cat.1 modules only', zh: '仅适用于 Cat.1 模组' },
  'not-esp': { en: 'for ESP32 boards only', zh: '仅适用于 ESP32 开发板' },
  'unknown-board': {
    en: 'what kind of board it is nobody knows: say its chip where the run is begun (--board: esp32s3, cat1, or other for neither), and begin it again',
    zh: '不知道这是哪种板子：请在开始检查时选定芯片（--board：esp32s3、cat1，都不是则填 other）后重新检查',
  },
  'not-in-log': { en: 'the board’s log does not tell it', zh: '设备日志中没有相应内容' },
  'no-speech-source': { en: 'nothing and nobody could speak to the board', zh: '没有可对板子说话的声源或人员' },
  'no-ear': { en: 'nothing hears the board’s speaker', zh: '没有可收听板子扬声器的设备' },
  'not-supported-by-board': { en: 'the board cannot do this', zh: '该板不支持' },
  'needs-earlier': { en: 'rests on an earlier check that gave no result', zh: '依赖的前一项检查没有结果' },
  'no-image': { en: 'there is no firmware to update it with', zh: '没有可用于升级的固件' },
  'not-wanted': { en: 'not asked for in this run', zh: '本次未选择' },
  cancelled: { en: 'cancelled', zh: '已取消' },
  'nobody-there': { en: 'nobody was there, or nobody answered', zh: '无人在场或无人应答' },
  'person-skipped': { en: 'the person who was asked skipped it', zh: '被询问的人员跳过了此项' },
  'no-baseline': {
    en: 'no good board’s start-up log to compare with yet; this one becomes it when the run passes',
    zh: '尚无合格板的启动日志可供比较；本次检查合格后将以该日志为基线',
  },
  'not-used': { en: 'the board does not use this', zh: '该板未使用此功能' },
  'cannot-tell': {
    en: 'with this board there is no way to measure it that would prove anything',
    zh: '对该板没有可靠的测量方法，无法得出结论',
  },
  'bench-busy': {
    en: 'the computer itself was too busy while it measured, twice; close what else runs on it, check fewer boards at once, and do this one again',
    zh: '测量时电脑自身过忙（已重测一次）；请关闭其他程序或减少同时检查的板子，再重做此项',
  },
  'too-short': { en: 'too little was recorded to measure it', zh: '录到的内容太短，无法测量' },
};

/** What the run learnt of the board; a fact without words is called by its name. */
export const factWords: Readonly<Record<string, InBoth>> = {
  mac: { en: 'MAC', zh: 'MAC 地址' },
  chip: { en: 'Chip', zh: '芯片' },
  revision: { en: 'Chip revision', zh: '芯片版本' },
  imei: { en: 'IMEI', zh: 'IMEI' },
  iccid: { en: 'ICCID', zh: 'ICCID' },
  imsi: { en: 'IMSI', zh: 'IMSI' },
  module: { en: 'Module', zh: '模组' },
  operator: { en: 'Mobile operator', zh: '运营商' },
  flashBytes: { en: 'Flash, bytes', zh: 'Flash 容量（字节）' },
  psramBytes: { en: 'PSRAM, bytes', zh: 'PSRAM 容量（字节）' },
  appVersion: { en: 'Firmware version', zh: '固件版本' },
  appName: { en: 'Firmware', zh: '固件名称' },
  idfVersion: { en: 'ESP-IDF', zh: 'ESP-IDF 版本' },
  sdkVersion: { en: 'SDK', zh: 'SDK 版本' },
  firmwareSha256: { en: 'Firmware SHA-256', zh: '固件 SHA-256' },
  duplex: { en: 'Duplex', zh: '双工方式' },
  'turns.isHalfDuplex': { en: 'Agent to be set to half duplex', zh: '智能体应设为半双工' },
};

/** What a check needs to be done at all. */
export const needWords: Readonly<Record<CheckInfo['needs'][number], InBoth>> = {
  port: { en: 'a serial port', zh: '串口' },
  device: { en: 'a device known to the bench', zh: '已接入的设备' },
  conversation: { en: 'a voice connection', zh: '语音连接' },
  esp: { en: 'an ESP32 board', zh: 'ESP32 开发板' },
  cat1: { en: 'a cat.1 module', zh: 'Cat.1 模组' },
  voice: { en: 'something or somebody that speaks to the board', zh: '可对板子说话的声源或人员' },
  ear: { en: 'something that hears the board’s speaker', zh: '可收听板子扬声器的设备' },
};

/** Labels of sounds and curves, and the names of axes. */
export const labelWords: Readonly<Record<string, InBoth>> = {
  uplink: { en: 'What the board sent', zh: '板子上行的声音' },
  reference: { en: 'Reference', zh: '参考' },
  heard: { en: 'What was heard of the board', zh: '收听到的板子播放' },
  downlink: { en: 'What was sent to the board', zh: '下发给板子的声音' },
  near: { en: 'Near end', zh: '近端' },
  far: { en: 'Far end', zh: '远端' },
  benchLate: { en: 'The bench itself was late', zh: '工作台自身的延迟' },
  spectrum: { en: 'Spectrum', zh: '频谱' },
  level: { en: 'Level', zh: '电平' },
  difference: { en: 'Against the baseline: + new, − missing', zh: '与基线相比：+ 新增，− 缺少' },
  at: { en: 'AT commands', zh: 'AT 命令' },
  partitions: { en: 'Partition table', zh: '分区表' },
  connections: { en: 'Connections', zh: '连接过程' },
  rateUp: { en: 'Rate, up', zh: '上行速率' },
  rateDown: { en: 'Rate, down', zh: '下行速率' },
  roundTrip: { en: 'Round trip', zh: '往返时延' },
  heap: { en: 'Free heap', zh: '剩余堆内存' },
  arrival: { en: 'Arrival', zh: '到达' },
  response: { en: 'Response against what was said', zh: '相对所说内容的响应' },
  echoLoss: { en: 'Echo loss', zh: '回声衰减' },
  drift: { en: 'Clock drift', zh: '时钟漂移' },
  latency: { en: 'Latency', zh: '时延' },
  device: { en: 'The device as its cloud saw it', zh: '云端所见的设备' },
  tools: { en: 'Tool calls', zh: '工具调用' },
  ota: { en: 'Update', zh: '升级过程' },
  timeS: { en: 'time, s', zh: '时间（s）' },
  timeMs: { en: 'time, ms', zh: '时间（ms）' },
  freeBytes: { en: 'free, bytes', zh: '剩余（字节）' },
  frequencyHz: { en: 'frequency, Hz', zh: '频率（Hz）' },
  levelDb: { en: 'level, dB', zh: '电平（dB）' },
  levelDbfs: { en: 'level, dBFS', zh: '电平（dBFS）' },
  driftMs: { en: 'drift, ms', zh: '漂移（ms）' },
  latencyMs: { en: 'latency, ms', zh: '时延（ms）' },
  turn: { en: 'turn', zh: '轮次' },
  lateMs: { en: 'late, ms', zh: '迟到（ms）' },
  gapMs: { en: 'gap, ms', zh: '间隔（ms）' },
  kbitS: { en: 'kbit/s', zh: 'kbit/s' },
};

/** What a person is asked; filled from the question's data. */
export const questionWords: Readonly<Record<CheckQuestion['ask'], InBoth>> = {
  'press-reset': { en: 'Press the board’s reset button.', zh: '请按一下板子上的复位键。' },
  'power-cycle': { en: 'Take the board’s power away and give it back.', zh: '请给板子断电后重新上电。' },
  say: { en: 'Say to the board: “{text}”', zh: '请对板子说：“{text}”' },
  'stay-quiet': { en: 'Stay quiet for {seconds} seconds.', zh: '请保持安静 {seconds} 秒。' },
  wake: { en: 'Wake the board: say its wake word or press its talk button.', zh: '请唤醒板子：说唤醒词或按对话键。' },
  'press-talk': { en: 'Hold the talk button, say “{text}”, let go.', zh: '请按住对话键，说“{text}”，然后松开。' },
  heard: {
    en: 'Did the board play {what} as the sample has it: complete, and without crackle?',
    zh: '板子播放的{what}是否与样音一致：完整、无杂音？',
  },
  'heard-call': { en: 'Could both sides of the call hear each other?', zh: '通话双方能否互相听清？' },
  'take-out-sim': { en: 'Take the SIM card out.', zh: '请取出 SIM 卡。' },
  other: { en: '{text}', zh: '{text}' },
};

const unitTexts: Readonly<Record<CheckUnit, InBoth>> = {
  ms: same('ms'),
  s: same('s'),
  us: same('µs'),
  '%': same('%'),
  dB: same('dB'),
  dBFS: same('dBFS'),
  dBm: same('dBm'),
  ppm: same('ppm'),
  Hz: same('Hz'),
  bytes: { en: 'bytes', zh: '字节' },
  'bytes/min': { en: 'bytes/min', zh: '字节/分' },
  'kbit/s': same('kbit/s'),
  count: same(''),
  samples: { en: 'samples', zh: '采样' },
  mV: same('mV'),
};

interface Named {
  name?: string | undefined;
}
type Shown = Pick<CheckValue, 'value' | 'unit'> & Named;

const yesNo: Readonly<Record<'true' | 'false', InBoth>> = { true: { en: 'yes', zh: '是' }, false: { en: 'no', zh: '否' } };
const notMeasured: InBoth = { en: 'not measured', zh: '未测得' };

/** A measured value as people read it: '60.2 ms', '是', 'not measured'. By its name a text may have words. */
export function valueText({ name, value, unit }: Shown, language: Language): string {
  if (value === null) return notMeasured[language];
  if (typeof value === 'boolean') return yesNo[value ? 'true' : 'false'][language];
  if (typeof value === 'string') return name === undefined ? value : wordOf(name, value, language);
  return withUnit(numberText(value, language), unit, language);
}

/** What it had to be: '40 … 80 ms', '≥ 100 kbit/s', '是'; empty where nothing was asked. */
export function limitText({ name, limit, unit }: Pick<CheckValue, 'limit' | 'unit'> & Named, language: Language): string {
  if (limit === null) return '';
  const plain = (value: string | number | boolean) => valueText({ name, value }, language);
  const or = language === 'zh' ? ' 或 ' : ' or ';
  const parts = [
    rangeText(limit, language),
    limit.equals === undefined ? '' : plain(limit.equals),
    limit.oneOf === undefined ? '' : limit.oneOf.map(plain).join(or),
  ].filter((part) => part !== '');
  const matches = limit.matches === undefined ? [] : [`/${limit.matches}/`];
  const isQuantity = parts.length > 0 && typeof limit.equals !== 'boolean' && typeof limit.equals !== 'string';
  return [...(isQuantity ? [withUnit(parts.join(', '), unit, language)] : parts), ...matches].join(', ');
}

function rangeText({ min, max }: CheckLimit, language: Language): string {
  if (min !== undefined && max !== undefined) return `${numberText(min, language)} … ${numberText(max, language)}`;
  if (min !== undefined) return `≥ ${numberText(min, language)}`;
  return max === undefined ? '' : `≤ ${numberText(max, language)}`;
}

/** As many digits as tell something: 4 of what is small; all before the point. */
function numberText(value: number, language: Language): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 1000 ? { maximumFractionDigits: 1 } : { maximumSignificantDigits: 4 };
  return value.toLocaleString(language === 'zh' ? 'zh-CN' : 'en', digits);
}

function withUnit(text: string, unit: CheckUnit | undefined, language: Language): string {
  const words = unit === undefined ? '' : unitTexts[unit][language];
  return words === '' ? text : `${text} ${words}`;
}

function same(text: string): InBoth {
  return { en: text, zh: text };
}
