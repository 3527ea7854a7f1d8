import type { TalkErrorValue } from '../talk-error.ts';
import { filled, type InBoth } from './words.ts';

/** Why a check could not be carried out, for reports and the command line; the screens have whole sentences for every code. */
const errorWords: Partial<Readonly<Record<TalkErrorValue['code'], InBoth>>> = {
  internal: { en: 'internal error {id}', zh: '内部错误 {id}' },
  timeout: { en: 'it did not end within {timeoutMs} ms', zh: '未在 {timeoutMs} ms 内结束' },
  disconnected: { en: 'the connection ended', zh: '连接已断开' },
  'not-found': { en: 'there is no {what} “{id}”', zh: '找不到 {what}“{id}”' },
  unsupported: { en: 'not supported here: {feature}', zh: '此处不支持：{feature}' },
  'port/not-found': { en: 'there is no port {address}', zh: '没有串口 {address}' },
  'port/lost': { en: 'the port {address} went away', zh: '串口 {address} 已断开' },
  'port/closed': { en: 'the port {address} was closed', zh: '串口 {address} 已关闭' },
  'port/busy': { en: 'another program holds the port {address}', zh: '串口 {address} 被其他程序占用' },
  'port/permission': { en: 'this user may not open {address}', zh: '当前用户无权打开 {address}' },
  'board/not-running': { en: 'the board in software does not run', zh: '虚拟板未在运行' },
  'check/busy': {
    en: 'this board, or another with the same device, is in another run',
    zh: '该板（或写有同一设备身份的另一块板）正在另一次检查中',
  },
  'check/board-left': { en: 'the board restarted or left in the middle', zh: '板子中途重启或断开' },
  'flash/sync-timeout': { en: 'the chip’s loader did not answer on {address}', zh: '{address} 上的芯片下载程序无应答' },
  'flash/busy': { en: 'a flash job holds the port {address}', zh: '烧录任务占用串口 {address}' },
  'flash/protocol': { en: 'the chip’s loader answered wrongly', zh: '芯片下载程序应答有误' },
  'at/timeout': {
    en: 'the module did not end its answer to {command} within {timeoutMs} ms',
    zh: '模组未在 {timeoutMs} ms 内完成对 {command} 的应答',
  },
  'at/module-reset': { en: 'the module restarted in the middle', zh: '模组中途重启' },
  'at/not-answering': { en: 'the module on {address} does not answer', zh: '{address} 上的模组无应答' },
  'device/offline': { en: 'the device {deviceName} is offline', zh: '设备 {deviceName} 不在线' },
  'engine/unavailable': { en: 'the {stage} engine is not available: {missing}', zh: '{stage} 引擎不可用：{missing}' },
  'engine/failed': { en: 'the {stage} engine failed: {reason}', zh: '{stage} 引擎出错：{reason}' },
  'engine/timeout': { en: 'the {stage} engine did not answer in time', zh: '{stage} 引擎应答超时' },
  'audio/unavailable': { en: 'this machine has no usable sound card', zh: '本机没有可用的声卡' },
  'audio/no-device': { en: 'no sound device for {direction}', zh: '没有可用的声音设备（{direction}）' },
  'audio/device-failed': { en: 'the sound device {device} failed', zh: '声音设备 {device} 出错' },
};

/** The code stays beside the words: it is what a search finds. */
export function errorText({ code, data }: Pick<TalkErrorValue, 'code' | 'data'>, language: keyof InBoth): string {
  const words = errorWords[code]?.[language];
  const told = Object.fromEntries(Object.entries(data).flatMap(([name, fact]) => (isPlain(fact) ? [[name, fact]] : [])));
  if (words === undefined) return `${code} ${JSON.stringify(data)}`;
  return language === 'zh' ? `${filled(words, told)}（${code}）` : `${filled(words, told)} (${code})`;
}

function isPlain(fact: unknown): fact is string | number | boolean {
  return typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean';
}
