import type { browserAudio as en } from '../en/browser-audio.ts';

export const browserAudio = {
  title: '用本浏览器通话',
  start: '用本浏览器通话',
  stop: '结束通话',
  mode: '麦克风何时打开',
  open: '始终打开',
  pushToTalk: '按住说话',
  hold: '按住说话',
  talking: '正在说话…',
  input: '麦克风',
  level: '麦克风电平',
  held: '音频已暂停或静音：点击继续',
  dropped: '丢失 {{ms}} 毫秒：页面或核心处理不及',
  trouble: {
    insecure: '浏览器只把麦克风交给 https 页面或本机页面。请通过 localhost 打开本页（SSH 隧道即可）。',
    denied: '本页未获准使用麦克风。请在浏览器地址栏（以及系统隐私设置）中允许，然后重试。',
    'no-device': '浏览器没有发现麦克风。请接上一个再试。',
    'in-use': '麦克风无法打开：可能被其他程序占用。请在那里关闭后重试。',
    unsupported: '本浏览器不支持通话。请使用新版 Chrome、Edge 或 Safari，或使用 talkbench talk --mic。',
    ended: '通话已结束：麦克风被拔出或开发板已停止。请重新开始。',
  },
} satisfies typeof en;
