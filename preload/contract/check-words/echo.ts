import type { CheckWords } from './words.ts';

const duplex = { en: 'Verdict so far', zh: '目前结论' };
const noPackets = {
  en: 'No audio came up. See that the board is connected and recording (uplink.frames).',
  zh: '没有收到上行音频。请确认板子已连接并在录音（参见 uplink.frames）。',
};

/** Words of the echo group's checks. */
export const echoWords: Readonly<Record<string, CheckWords>> = {
  'echo.return': {
    title: { en: 'Echo while the far end speaks', zh: '远端说话时的回声' },
    what: {
      en: 'Plays speech to the board while nobody speaks and measures how much of it comes back up.',
      zh: '在无人说话时向板子播放语音，测量有多少返回到上行。',
    },
    values: {
      lossDb: { en: 'Echo loss, far end to uplink', zh: '回声衰减（远端到上行）' },
      isAtLeast: { en: 'Echo is lost in the noise (loss is at least that)', zh: '回声已淹没在噪声中（衰减不低于该值）' },
      residualDbFs: { en: 'Echo left', zh: '残余回声' },
      noiseDbFs: { en: 'Noise', zh: '噪声' },
      echoDelayMs: { en: 'Delay of the echo', zh: '回声时延' },
      convergedMs: { en: 'Until it has settled', zh: '收敛时间' },
      duplex,
    },
    nexts: {
      echo: {
        en: 'Only {lossDb} dB stand between speaker and uplink. Give the canceller its reference from the playback path after the volume control (or the codec’s loopback channel), line it up with the microphone to within its tail, take the volume down until the speaker does not rattle, and part speaker and microphone in the case. Without a canceller set the agent to half duplex.',
        zh: '扬声器到上行的衰减仅 {lossDb} dB。请让回声消除取音量调节之后的播放信号（或编解码器回采通道）作参考，与麦克风对齐到滤波器长度以内，降低音量至扬声器不失真，并在结构上隔离扬声器与麦克风。若没有回声消除，请将智能体设为半双工。',
      },
      'no-packets': noPackets,
    },
  },
  'echo.doubletalk': {
    title: { en: 'Both speak at once', zh: '双讲' },
    what: {
      en: 'Speaks to the board first alone and then into its own playback, and compares what is left of the voice: full duplex or half.',
      zh: '先单独对板子说话，再在其播放时说话，比较人声还剩多少，判断全双工还是半双工。',
    },
    values: {
      nearLossDb: { en: 'Near end weaker by', zh: '近端衰减' },
      nearHeardPercent: { en: 'Near end still recognisable', zh: '近端仍可辨的比例' },
      duplexType: { en: 'Type (ITU-T P.340)', zh: '类型（ITU-T P.340）' },
      similarityAlone: { en: 'Similarity alone (0–1)', zh: '单讲相似度（0–1）' },
      similarityBoth: { en: 'Similarity while both speak (0–1)', zh: '双讲相似度（0–1）' },
      duplex,
    },
    nexts: {
      'half-duplex': {
        en: 'Who speaks while the board plays is not heard ({nearLossDb} dB weaker). Soften the canceller’s residual suppression (ESP-SR AEC mode, NLP level), keep the microphone open while playing, and turn the speaker down so that it stays linear. If the board is half duplex by design, set the agent to half duplex and relax this limit in the list.',
        zh: '板子播放时听不到人声（衰减 {nearLossDb} dB）。请减弱回声消除的残余抑制（ESP-SR AEC 模式、NLP 等级），播放时不要关闭麦克风，并降低音量以保持线性。若产品本就是单双工，请将智能体设为半双工，并在检查清单中放宽此项。',
      },
      'no-packets': noPackets,
    },
  },
  'echo.selfinterrupt': {
    title: { en: 'Interrupting itself', zh: '自我打断' },
    what: {
      en: 'Lets the agent speak for ten seconds while nobody else does: does it take its own voice for somebody’s?',
      zh: '让智能体连续说十秒且无人插话：它会不会把自己的声音当成用户？',
    },
    values: {
      isInterrupted: { en: 'Interrupted itself', zh: '打断了自己' },
      afterMs: { en: 'After', zh: '发生于' },
      holds: { en: 'Times it stopped to listen', zh: '停下来倾听的次数' },
      understood: { en: 'What it understood', zh: '识别到的内容' },
      duplex,
    },
    nexts: {
      'interrupts-itself': {
        en: 'The agent heard itself and stopped after {afterMs} ms. Repair the echo path (echo.return says how much comes back); until then set the agent to half duplex, or let its canceller settle first (aecWarmupMs) and ask for more words to interrupt.',
        zh: '智能体听到自己的声音并在 {afterMs} ms 后停下。请修复回声通路（返回多少见 echo.return）；在此之前将智能体设为半双工，或设置回声消除预热时间（aecWarmupMs）并提高打断所需字数。',
      },
      'no-reply': {
        en: 'The agent said nothing: check its voice engine.',
        zh: '智能体没有说话：请检查语音合成引擎。',
      },
    },
  },
};
