import type { CheckWords, InBoth } from './words.ts';

const turns: InBoth = { en: 'Phrases said', zh: '说出的句数' };
const unanswered: InBoth = { en: 'Not answered', zh: '没有回答' };
const latencyMs: InBoth = { en: 'Until the answer is heard, median', zh: '回答用时（中位数）' };
const addedMs: InBoth = { en: 'More than on a good link', zh: '比正常网络增加' };
const underruns: InBoth = { en: 'The player ran dry (log)', zh: '播放缓冲取空（日志）' };
const reconnects: InBoth = { en: 'Voice connections opened anew', zh: '语音重新连接次数' };
const restarts: InBoth = { en: 'Restarts of the board', zh: '板子重启次数' };
const isRecovered: InBoth = { en: 'Back to normal afterwards, by itself', zh: '恢复后自动恢复正常' };
const recoveryMs: InBoth = { en: 'Back after', zh: '恢复用时' };
const ofConversation = { turns, unanswered, latencyMs, addedMs, underruns, reconnects, restarts, isRecovered, recoveryMs };

const checkTimeouts: InBoth = {
  en: 'The board gave up a connection that was only slow. Raise its socket and WebSocket timeouts (10 s and more), do not close on a late pong, and look in the log at what it printed before it closed.',
  zh: '连接只是变慢，板子却放弃了。请加大 Socket 和 WebSocket 超时（10 秒以上），不要因 pong 迟到就断开，并查看断开前的日志。',
};
const bufferMore: InBoth = {
  en: 'The player ran dry {underruns} times. Let it gather two or three frames before it starts, and again after it ran dry; a deeper receive buffer costs nothing while the network is good.',
  zh: '播放缓冲取空 {underruns} 次。请在起播前及取空后先缓冲 2～3 帧；网络良好时加大接收缓冲没有代价。',
};
const noRestart: InBoth = {
  en: 'The board restarted {restarts} times because its network was bad. Find the watchdog or panic in its log: network calls with a timeout must not run in a task that the watchdog watches.',
  zh: '网络变差时板子重启了 {restarts} 次。在日志中查找看门狗或 panic：带超时的网络调用不要放在看门狗监视的任务里。',
};
const neverBack: InBoth = {
  en: 'The network was good again and the board did not come back. Look in its log for what it waits for; it has to notice a dead connection (keep-alive, ping) and open MQTT and the WebSocket anew.',
  zh: '网络恢复后板子没有恢复。在日志中查看它在等什么；固件应能发现失效连接（保活、ping）并重新建立 MQTT 和 WebSocket。',
};
const slowRecovery: InBoth = {
  en: 'It took {recoveryMs} ms until the board was there again. Shorten the keep-alive and the first steps of the reconnect back-off (1, 2, 4 s), and try at once when the network interface comes back.',
  zh: '恢复用了 {recoveryMs} ms。请缩短保活间隔和重连退避的前几步（1、2、4 秒），并在网络接口恢复时立即重连。',
};
const nexts = {
  'check-timeouts': checkTimeouts,
  'buffer-more': bufferMore,
  'no-restart': noRestart,
  'never-back': neverBack,
  'slow-recovery': slowRecovery,
};

/** Words of the checks that make the board's link bad. */
export const linkWords: Readonly<Record<string, CheckWords>> = {
  'link.delay': {
    title: { en: 'Delay and jitter', zh: '延迟与抖动' },
    what: {
      en: 'Delays all that goes between the board and the bench, unevenly, and talks to it meanwhile: nothing may break, it may only take longer.',
      zh: '给板子与工作台之间的数据加上不均匀的延迟并持续对话：不应中断，只应变慢。',
    },
    values: ofConversation,
    nexts,
  },
  'link.loss': {
    title: { en: 'Packet loss', zh: '丢包' },
    what: {
      en: 'Loses packets as radio does at its edge; TCP repeats them, and what comes after them waits: the board has to bear the gaps.',
      zh: '模拟弱信号丢包；TCP 重传会让后续数据等待：板子应能承受这些间断。',
    },
    values: ofConversation,
    nexts,
  },
  'link.rate': {
    title: { en: 'Narrow link', zh: '限速' },
    what: {
      en: 'Lets no more through than the vendor asks of a network: a conversation has to fit.',
      zh: '把带宽限制到厂商要求的下限：对话应能正常进行。',
    },
    values: ofConversation,
    nexts,
  },
  'link.stall': {
    title: { en: 'Dead spot', zh: '断网盲区' },
    what: {
      en: 'For some seconds nothing passes and nothing closes, as in a lift; afterwards the board has to be there again without help.',
      zh: '数秒内数据不通但连接不断（如进电梯）；之后板子应无需人工自动恢复。',
    },
    values: {
      stallS: { en: 'Nothing passed for', zh: '断网时长' },
      ...{ isRecovered, recoveryMs, turns, unanswered, latencyMs, reconnects, underruns, restarts },
    },
    nexts,
  },
};
