import type { TalkErrorValue } from '../talk-error.ts';
import { filled, type InBoth } from './words.ts';

interface ErrorWords {
  why: InBoth;
  /** What to do about it. */
  next: InBoth;
}

/**
 * Why a check could not be carried out, and what to do, for reports and the command line; the screens have whole sentences for every code.
 * A test holds that every code that checks throw is here.
 */
const errorWords: Partial<Readonly<Record<TalkErrorValue['code'], ErrorWords>>> = {
  internal: {
    why: { en: 'internal error {id}', zh: '内部错误 {id}' },
    next: {
      en: 'A fault of Talkbench: the log has it under this id; please report it.',
      zh: '这是 Talkbench 的缺陷：日志中此编号下有详情，请反馈。',
    },
  },
  timeout: {
    why: { en: 'it did not end within {timeoutMs} ms', zh: '未在 {timeoutMs} ms 内结束' },
    next: {
      en: 'Do this check again; if it repeats, see the log, or give it more time in the list (timeoutS).',
      zh: '请重做此项；若反复出现，请查看日志，或在清单中放宽其 timeoutS。',
    },
  },
  cancelled: {
    why: { en: 'it was cancelled', zh: '已取消' },
    next: { en: 'Begin it again when you like.', zh: '需要时可重新开始。' },
  },
  disconnected: {
    why: { en: 'the connection ended', zh: '连接已断开' },
    next: { en: 'Do this check again; if it repeats, see the log.', zh: '请重做此项；若反复出现，请查看日志。' },
  },
  'bad-request': {
    why: { en: 'the request was malformed', zh: '请求格式不正确' },
    next: { en: 'Check what was entered or given on the command line.', zh: '请检查填写的值或命令行参数。' },
  },
  'not-found': {
    why: { en: 'there is no {what} “{id}”', zh: '找不到 {what}“{id}”' },
    next: { en: 'It may have ended or been removed meanwhile: do this check again.', zh: '它可能已结束或被删除，请重做此项。' },
  },
  unsupported: {
    why: { en: 'not supported here: {feature}', zh: '此处不支持：{feature}' },
    next: { en: 'Use another way to do it, or another machine.', zh: '请换一种方式，或换一台机器。' },
  },
  'port/not-found': {
    why: { en: 'there is no port {address}', zh: '没有串口 {address}' },
    next: { en: 'Plug the board in, and do this check again.', zh: '请插好开发板，然后重做此项。' },
  },
  'port/lost': {
    why: { en: 'the port {address} went away', zh: '串口 {address} 已断开' },
    next: { en: 'Check the cable and the supply, and do this check again.', zh: '请检查线缆和供电，然后重做此项。' },
  },
  'port/closed': {
    why: { en: 'the port {address} was closed', zh: '串口 {address} 已关闭' },
    next: { en: 'Leave it open during a run, and do this check again.', zh: '检查期间请勿关闭串口，然后重做此项。' },
  },
  'port/busy': {
    why: { en: 'another program holds the port {address}', zh: '串口 {address} 被其他程序占用' },
    next: { en: 'Close it there, and do this check again.', zh: '请在该程序中关闭它，然后重做此项。' },
  },
  'port/permission': {
    why: { en: 'this user may not open {address}', zh: '当前用户无权打开 {address}' },
    next: {
      en: 'Give this user the right to (on Linux: its group), and log in again.',
      zh: '请授予该用户权限（Linux 下为端口所属的用户组），然后重新登录。',
    },
  },
  'board/not-running': {
    why: { en: 'the board in software does not run', zh: '虚拟板未在运行' },
    next: { en: 'Start it, and do this check again.', zh: '请启动它，然后重做此项。' },
  },
  'check/bad-list': {
    why: { en: 'the check list cannot be read: {reason}', zh: '无法读取该检查清单：{reason}' },
    next: {
      en: 'Mend it at the line named; docs/checks.md says what may be written.',
      zh: '请修改所指的行；可用的写法见 docs/checks.md。',
    },
  },
  'check/built-in': {
    why: { en: 'a check list that comes with Talkbench is not changed', zh: '随 Talkbench 提供的检查清单不可修改' },
    next: { en: 'Save it as a list of your own and change that.', zh: '请另存为自己的清单后再修改。' },
  },
  'check/list-differs': {
    why: {
      en: 'there is a list “{name}” {version} already, and it says something else',
      zh: '已有名为“{name}”、版本为 {version} 的清单，且内容不同',
    },
    next: {
      en: 'Give the file another version to replace that list, or another name to have both.',
      zh: '请改用新的版本号以替换该清单，或改用其他名称以同时保留两份。',
    },
  },
  'check/busy': {
    why: {
      en: 'this board, or another with the same device, is in another run',
      zh: '该板（或写有同一设备身份的另一块板）正在另一次检查中',
    },
    next: {
      en: 'Wait for that run or cancel it; if these are two boards, give each a device of its own.',
      zh: '请等待该次检查结束或取消它；如果是两块板子，请分别写入设备身份。',
    },
  },
  'check/link-impaired': {
    why: { en: 'the network of {deviceName} is impaired on purpose', zh: '{deviceName} 的网络正被有意劣化' },
    next: {
      en: 'Take the impairment off (Checks › Weak network), and do this check again.',
      zh: '请先在“检查 › 弱网”中取消劣化，然后重做此项。',
    },
  },
  'check/bad-opus': {
    why: { en: 'no Opus packets can be read from this file: {reason}', zh: '无法从该文件中读出 Opus 包：{reason}' },
    next: {
      en: 'Record at least a second with the SDK’s own packets, raw, length-prefixed or in Ogg.',
      zh: '请用 SDK 的原始包录制至少一秒：裸包、带长度前缀或 Ogg 均可。',
    },
  },
  'check/sound-removed': {
    why: { en: 'this sound was kept and has been removed', zh: '这段声音曾保存，现已删除' },
    next: {
      en: 'What was measured of it stays; do the check again for another sound.',
      zh: '由它得出的测量结果仍在；如需声音，请重做此项。',
    },
  },
  'check/no-serial-number': {
    why: { en: 'this list wants the board’s serial number, and none was given', zh: '该清单要求填写板子的序列号，但没有给出' },
    next: { en: 'Scan it or type it; it looks like {example}.', zh: '请扫描或输入序列号，格式如 {example}。' },
  },
  'check/serial-number': {
    why: { en: '“{serialNumber}” is no serial number of this list’s boards', zh: '“{serialNumber}”不是该清单所适用板子的序列号' },
    next: {
      en: 'Scan the right label (it looks like {example}), or choose the list for this board.',
      zh: '请扫描正确的标签（格式如 {example}），或改选适用于该板的清单。',
    },
  },
  'check/other-board': {
    why: {
      en: 'another board is on the port: this run is of {expected}, and it says that it is {actual}',
      zh: '串口上是另一块板子：本次检查的是 {expected}，而它自称 {actual}',
    },
    next: {
      en: 'Put that board back and do this check again; begin a run of its own for another board, or one that was given a new identity.',
      zh: '请换回原来的板子并重做此项；换了板子或重写过身份，请为它新开一次检查。',
    },
  },
  'check/board-left': {
    why: { en: 'the board restarted or left in the middle', zh: '板子中途重启或断开' },
    next: {
      en: 'See power.loop and the log for the reason, and do this check again.',
      zh: '请先在“运行稳定性”和日志中查明原因，然后重做此项。',
    },
  },
  'flash/sync-timeout': {
    why: { en: 'the chip’s loader did not answer on {address}', zh: '{address} 上的芯片下载程序无应答' },
    next: {
      en: 'Hold BOOT, press and release EN, release BOOT, and do this check again.',
      zh: '请按住 BOOT，按一下 EN，松开 BOOT，然后重做此项。',
    },
  },
  'flash/busy': {
    why: { en: 'a flash job holds the port {address}', zh: '烧录任务占用串口 {address}' },
    next: { en: 'Wait for it or cancel it, and do this check again.', zh: '请等待其完成或取消它，然后重做此项。' },
  },
  'flash/protocol': {
    why: { en: 'the chip’s loader answered wrongly', zh: '芯片下载程序应答有误' },
    next: {
      en: 'Check the cable, the USB hub and the supply, and do this check again.',
      zh: '请检查线缆、USB 集线器和供电，然后重做此项。',
    },
  },
  'at/timeout': {
    why: {
      en: 'the module did not end its answer to {command} within {timeoutMs} ms',
      zh: '模组未在 {timeoutMs} ms 内完成对 {command} 的应答',
    },
    next: { en: 'Check the port, the baud rate and whether the module sleeps.', zh: '请检查端口、波特率以及模组是否休眠。' },
  },
  'at/module-reset': {
    why: { en: 'the module restarted in the middle', zh: '模组中途重启' },
    next: { en: 'Look at its supply (peaks of 2 A), and do this check again.', zh: '请检查供电（峰值 2 A），然后重做此项。' },
  },
  'at/not-answering': {
    why: { en: 'the module on {address} does not answer', zh: '{address} 上的模组无应答' },
    next: { en: 'Check that this is its AT port, the baud rate, and that it is awake.', zh: '请确认这是 AT 口、波特率正确、模组已唤醒。' },
  },
  'device/offline': {
    why: { en: 'the device {deviceName} is offline', zh: '设备 {deviceName} 不在线' },
    next: { en: 'Power the board, and check that its MQTT host is this bench.', zh: '请给开发板上电，并确认其 MQTT 地址指向本机。' },
  },
  'engine/unavailable': {
    why: { en: 'the {stage} engine is not available: {missing}', zh: '{stage} 引擎不可用：{missing}' },
    next: { en: 'Install what is missing, or choose another engine.', zh: '请安装所缺部分，或换一个引擎。' },
  },
  'engine/failed': {
    why: { en: 'the {stage} engine failed: {reason}', zh: '{stage} 引擎出错：{reason}' },
    next: { en: 'Do this check again, or choose another engine.', zh: '请重做此项，或换一个引擎。' },
  },
  'engine/timeout': {
    why: { en: 'the {stage} engine did not answer in time', zh: '{stage} 引擎应答超时' },
    next: { en: 'Do this check again, or choose a faster engine.', zh: '请重做此项，或换更快的引擎。' },
  },
  'audio/unavailable': {
    why: { en: 'this machine has no usable sound card', zh: '本机没有可用的声卡' },
    next: { en: 'Install what is missing, or let a person speak (voice: person).', zh: '请安装所缺部分，或改由人员说话（声音选“人员”）。' },
  },
  'audio/no-device': {
    why: { en: 'no sound device for {direction}', zh: '没有可用的声音设备（{direction}）' },
    next: { en: 'Plug one in, and do this check again.', zh: '请接上设备，然后重做此项。' },
  },
  'audio/device-failed': {
    why: { en: 'the sound device {device} failed', zh: '声音设备 {device} 出错' },
    next: { en: 'See that no other program holds it, and do this check again.', zh: '请确认没有其他程序占用它，然后重做此项。' },
  },
  'report/no-printer': {
    why: { en: 'nothing on this machine can print the report to a PDF', zh: '本机没有可将报告打印为 PDF 的程序' },
    next: {
      en: 'Save it as HTML and print that from a browser, or install Chromium, Chrome or Edge.',
      zh: '请保存为 HTML 后用浏览器打印，或安装 Chromium、Chrome 或 Edge。',
    },
  },
};

/** The code stays beside the words: it is what a search finds. */
export function errorText({ code, data }: Pick<TalkErrorValue, 'code' | 'data'>, language: keyof InBoth): string {
  const words = errorWords[code];
  if (words === undefined) return `${code} ${JSON.stringify(data)}`;
  const told = Object.fromEntries(Object.entries(data).flatMap(([name, fact]) => (isPlain(fact) ? [[name, fact]] : [])));
  const [why, next] = [filled(words.why[language], told), filled(words.next[language], told)];
  return language === 'zh' ? `${why}（${code}）。${next}` : `${why} (${code}). ${next}`;
}

function isPlain(fact: unknown): fact is string | number | boolean {
  return typeof fact === 'string' || typeof fact === 'number' || typeof fact === 'boolean';
}
