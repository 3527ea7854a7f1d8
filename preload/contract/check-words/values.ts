import type { CheckValue } from '../checks.ts';
import type { InBoth } from './words.ts';

type Words = Readonly<Record<string, InBoth>>;

/** Steps of the AT chain by their ids. */
const atSteps: Words = {
  answers: { en: 'the modem answers', zh: '模组应答' },
  identity: { en: 'which modem', zh: '模组型号' },
  firmware: { en: 'firmware revision', zh: '固件版本' },
  imei: { en: 'IMEI', zh: 'IMEI' },
  sim: { en: 'SIM card', zh: 'SIM 卡' },
  iccid: { en: 'ICCID', zh: 'ICCID' },
  imsi: { en: 'IMSI', zh: 'IMSI' },
  csq: { en: 'signal (CSQ)', zh: '信号（CSQ）' },
  cesq: { en: 'signal (CESQ)', zh: '信号（CESQ）' },
  radio: { en: 'radio on', zh: '射频开启' },
  registration: { en: 'registration', zh: '网络注册' },
  operator: { en: 'operator', zh: '运营商' },
  attach: { en: 'packet data', zh: '数据附着' },
  bearer: { en: 'bearer and address', zh: '承载与地址' },
  ping: { en: 'ping', zh: 'ping' },
};

/** Why a device was not let in, of cloud/refusals.ts; the screens say more of it. */
const refusals: Words = {
  'unknown-device': { en: 'not registered on this bench', zh: '本工作台没有登记这台设备' },
  'too-many-unknown': { en: 'not registered, and too many are that', zh: '未登记，而未知设备的名额已满' },
  malformed: { en: 'what it sent is none of this protocol', zh: '发来的不是本协议的消息' },
  'malformed-client-id': { en: 'its client id is malformed', zh: 'client id 格式不符' },
  'malformed-username': { en: 'its user name is malformed', zh: 'MQTT 用户名格式不符' },
  'no-device-id': { en: 'it did not say which device it is', zh: '没有说明是哪台设备' },
  'username-of-another': { en: 'its user name is another device’s', zh: '用户名属于另一台设备' },
  'client-id-of-another': { en: 'its client id is another device’s', zh: 'client id 属于另一台设备' },
  'password-missing': { en: 'no password', zh: '没有密码' },
  'bad-password': { en: 'password not made with this device’s secret', zh: '密码不是用本设备的密钥生成的' },
  'bad-signature': { en: 'not signed with this device’s secret', zh: '签名不是用本设备的密钥生成的' },
  'bad-token': { en: 'a token that it was not given', zh: '令牌不是下发的那个' },
  'bad-activation': { en: 'activation not made with this device’s secret', zh: '激活信息不是用本设备的密钥生成的' },
  'wrong-certificate': { en: 'not the certificate issued to it last', zh: '证书不是最近签发的那张' },
  'wrong-method': { en: 'another way to prove itself than its product asks', zh: '认证方式与产品要求的不同' },
  'no-secret': { en: 'the bench has no secret of it', zh: '本工作台没有它的密钥' },
  expired: { en: 'its sign-in has expired', zh: '登录凭据已过期' },
  'unknown-product': { en: 'the bench has no key of its product', zh: '本工作台没有该产品的密钥' },
  'bad-product-signature': { en: 'not signed with the product’s key', zh: '不是用产品密钥签名的' },
  'token-unknown': { en: 'a voice token that this bench did not issue', zh: '语音令牌不是本工作台签发的' },
  'token-expired': { en: 'its voice token has expired', zh: '语音令牌已过期' },
  'token-of-another-device': { en: 'a voice token of another device', zh: '语音令牌签发给了另一台设备' },
};

/** By whom or what something was heard. */
const hearers: Words = {
  ear: { en: 'the microphone at its speaker', zh: '扬声器旁的麦克风' },
  uplink: { en: 'the board’s own microphone', zh: '板子自身的麦克风' },
  board: { en: 'what the board reported', zh: '板子的上报' },
  estimate: { en: 'an estimate', zh: '估算' },
  person: { en: 'a person', zh: '人工' },
};

/** Parts of a turn's latency. */
const latencyParts: Words = {
  vad_silence: { en: 'silence that ends an utterance', zh: '断句静音' },
  asr_final_wait: { en: 'final transcript', zh: '最终识别' },
  eou_wait: { en: 'deciding that the turn is over', zh: '判定说完' },
  llm_ttft: { en: 'language model', zh: '大模型首字' },
  text_agg: { en: 'text to the first sentence', zh: '首句聚合' },
  tts_ttfb: { en: 'speech synthesis', zh: '合成首帧' },
  send_wait: { en: 'wait before sending', zh: '发送等待' },
  transport_device: { en: 'network and board', zh: '传输与设备' },
  tts_lead_silence: { en: 'silence at the reply’s beginning', zh: '回复开头的静音' },
};

/**
 * Words for texts that are one of a few, by the value's or fact's name. What a board says of itself (a reset reason, a version) stays as it said it,
 * and so do names that are the same in every language (opus, silk).
 */
const valueWords: Readonly<Record<string, Words>> = {
  duplex: { full: { en: 'full duplex', zh: '全双工' }, half: { en: 'half duplex', zh: '半双工' } },
  proof: {
    password: { en: 'password', zh: '密码' },
    psk: { en: 'pre-shared key', zh: '预共享密钥' },
    certificate: { en: 'certificate', zh: '证书' },
    none: { en: 'none', zh: '无' },
  },
  bandwidth: {
    narrow: { en: 'narrow (4 kHz)', zh: '窄带（4 kHz）' },
    medium: { en: 'medium (6 kHz)', zh: '中带（6 kHz）' },
    wide: { en: 'wide (8 kHz)', zh: '宽带（8 kHz）' },
    'super-wide': { en: 'super-wide (12 kHz)', zh: '超宽带（12 kHz）' },
    full: { en: 'full (20 kHz)', zh: '全带（20 kHz）' },
  },
  heardBy: hearers,
  silenceBy: hearers,
  slowestPart: latencyParts,
  by: { voice: { en: 'voice', zh: '语音' }, text: { en: 'text', zh: '文本' } },
  method: {
    at: { en: 'AT ping', zh: 'AT ping' },
    websocket: { en: 'WebSocket ping', zh: 'WebSocket ping' },
    pcm: { en: 'its PCM voice stream', zh: 'PCM 语音流' },
    echo: { en: 'echoed pings', zh: '回显报文' },
  },
  state: {
    sent: { en: 'offered', zh: '已下发' },
    downloading: { en: 'downloading', zh: '下载中' },
    burning: { en: 'being written', zh: '写入中' },
    done: { en: 'done', zh: '完成' },
    fail: { en: 'failed', zh: '失败' },
  },
  container: {
    ogg: { en: 'Ogg', zh: 'Ogg 容器' },
    fixed: { en: 'packets of one size', zh: '等长的裸包' },
    'length-prefixed': { en: 'packets with their length before them', zh: '带长度前缀的包' },
  },
  firstFailed: atSteps,
  refusal: refusals,
};

/** Of a text value, where it is one of a few, or several of them with commas; else as it is. */
export function wordOf(name: string, text: string, language: keyof InBoth): string {
  const words = Object.hasOwn(valueWords, name) ? valueWords[name] : undefined;
  if (words === undefined) return text;
  const told = text.split(', ').map((each) => (Object.hasOwn(words, each) ? words[each]?.[language] : undefined));
  return told.every((word) => word !== undefined) ? told.join(language === 'zh' ? '、' : ', ') : text;
}

/** Of what could not be measured and of which nothing was asked there is nothing to tell. */
export function isTold({ value, limit }: Pick<CheckValue, 'value' | 'limit'>): boolean {
  return value !== null || limit !== null;
}
